"""The log as C2SP tlog-tiles wants it: files that never change, and a checkpoint that does."""

from flask import Response, current_app, request

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.web import access, render, tokenless
from marketplace.proofs import service
from marketplace.proofs.queries import log
from marketplace.proofs.rules import tree
from marketplace.proofs.rules.witness import Witness
from marketplace.proofs.verify import TILE, Checkpoint, Key, Wrong
from marketplace.proofs.views.routes import blueprint

FOR_EVER = "public, max-age=31536000, immutable"
NOTE_LIMIT = 16 * 1024


@blueprint.get("/log")
@access("public")
def public_log() -> tuple[str, int]:
    """Show the log's newest checkpoint, its key, and what each witness has signed last."""
    settings = current_app.config["SETTINGS"]
    return render(
        "proofs/public_log.html",
        head=log.find_head(),
        key=str(current_app.config["LOG_SIGNER"].key),
        cosigned=log.list_cosigned(),
        keys={
            key.name: str(key)
            for key in [
                *map(Key.read, settings.log_witnesses),
                *(Witness.read(text).key for text in settings.witnesses),
            ]
        },
    )


@blueprint.get("/log/checkpoint")
@access("public")
def checkpoint() -> Response:
    """Answer the newest signed head of the log, with the lines of its witnesses."""
    return _file(log.get_head().note.encode(), "text/plain; charset=utf-8", "public, max-age=5")


@blueprint.get("/log/tile/<level>/<path:place>")
@access("public")
def tile(level: str, place: str) -> Response:
    """Answer up to 256 hashes of the log's tree."""
    height = tree.read_level(level)
    index, width = _read(place, height)
    hashes = log.find_tile(height or 0, index, width)
    if hashes is None:
        raise NotFound
    return _file(hashes, "application/octet-stream", FOR_EVER)


@blueprint.get("/log/tile/entries/<path:place>")
@access("public")
def entries(place: str) -> Response:
    """Answer up to 256 entries, each after its length."""
    index, width = _read(place, 0)
    found = log.list_entries(index * TILE, index * TILE + width)
    raw = b"".join(len(entry).to_bytes(2, "big") + entry for entry in found)
    return _file(raw, "application/octet-stream", FOR_EVER)


def _read(place: str, level: int | None) -> tuple[int, int]:
    """Return index and width of a tile that the signed log has.

    :raises NotFound: it has none there, or the address is written otherwise than it should be.
    """
    meant = tree.read_place(place)
    if level is None or meant is None:
        raise NotFound
    if meant[1] > tree.widest(log.get_head().size, level, meant[0]):
        raise NotFound
    return meant


def _file(content: bytes, kind: str, kept: str) -> Response:
    response = Response(content, content_type=kind, headers={"Cache-Control": kept})
    response.headers["Access-Control-Allow-Origin"] = "*"  # others' pages check us, too
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.post("/log/cosignature")
@access("public")
@tokenless
def cosignature() -> tuple[str, int]:
    """Take a checkpoint with one more line, that of a witness whom the settings name."""
    request.max_content_length = NOTE_LIMIT
    settings = current_app.config["SETTINGS"]
    witnesses = [Key.read(text) for text in settings.log_witnesses]
    witnesses += [Witness.read(text).key for text in settings.witnesses]
    try:
        note = request.get_data().decode()
        size = Checkpoint.read(note).size
    except (Wrong, ValueError):
        raise Invalid(_l("This is no checkpoint.")) from None
    line = note.rstrip("\n").rpartition("\n")[2] + "\n"
    with atomic():
        name = service.cosign(size=size, line=line, witnesses=witnesses, now=clock.now())
    return f"{name}\n", 200
