"""Is this copy of a report ours? A PDF by its hash, JSON by its signature."""

import json
from hashlib import sha256

from flask import current_app, request

from marketplace.accounts.views import limits
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, render, tokenless
from marketplace.core.web.texts import long_date
from marketplace.proofs.verify import Wrong, decode
from marketplace.reports import queries
from marketplace.reports.models import ReportFile
from marketplace.reports.rules import address_of
from marketplace.reports.schemas import digest_of, signed_text
from marketplace.reports.views.public import blueprint

MOST_TRIES = 60
LANGUAGES = {"en": "English", "fr": "français", "it": "italiano"}

Said = tuple[bool, str, str]
"""Whether something holds, in a sentence, and what it is about."""


@blueprint.get("/verify/report")
@access("public")
def verify() -> tuple[str, int]:
    """Offer to check a copy of a report."""
    return _page(Form(), [])


@blueprint.post("/verify/report")
@access("public")
@tokenless
def check() -> tuple[str, int]:
    """Say whether an uploaded PDF or JSON is what was published here; it is not kept."""
    limits.try_as_stranger("report-check", MOST_TRIES, now=clock.now())
    form = Form()
    upload = request.files.get("file")
    copy = upload.read() if upload else b""
    if not copy:
        form.refuse({"file": _("Choose the PDF or the JSON of a report.")})
        return _page(form, [], 422)
    if copy.startswith(b"%PDF"):
        return _page(form, _file(copy))
    said = _document(copy)
    if not said:
        form.refuse({"file": _("This is neither a PDF nor the JSON of a report.")})
    return _page(form, said, 200 if form.ok else 422)


def _page(form: Form, findings: list[Said], status: int = 200) -> tuple[str, int]:
    return render(
        "reports/verify.html",
        status,
        form=form,
        findings=findings,
        all_good=bool(findings) and all(is_good for is_good, _said, _about in findings),
    )


def _file(copy: bytes) -> list[Said]:
    """Look a PDF up: byte for byte, it was made here or it was not."""
    digest = sha256(copy)
    found = queries.find_file(digest.digest())
    if found is None:
        sentence = _(
            "We have not made this file. It was changed, or is somebody else’s: read the report at "
            "the address that it should have come from."
        )
        return [(False, sentence, digest.hexdigest())]
    return [_made(found, digest.hexdigest()), *_standing(found)]


def _made(found: ReportFile, digest: str) -> Said:
    version = found.version
    sentence = _(
        "Byte for byte the file that we made of “%(title)s” of %(company)s, version %(number)s, "
        "published on %(day)s (%(language)s).",
        title=version.title,
        company=version.report.company.name,
        number=version.number,
        day=long_date(version.published_at),
        language=LANGUAGES.get(found.language, found.language),
    )
    return True, sentence, digest


def _standing(found: ReportFile) -> list[Said]:
    report = found.version.report
    newer = queries.list_newer(found.version)
    address = address_of(report.company.slug, report.slug, None)
    whole = public_url(address)
    if newer:
        sentence = _("It was restated since: version %(number)s is the newest.", number=newer[0])
    else:
        sentence = _("It is the newest version.")
    return [(True, sentence, whole)]


def _document(copy: bytes) -> list[Said]:
    """Check the signature of a report's JSON; nothing where it is no such thing."""
    try:
        told = json.loads(copy)
        signature = told["signature"]
        line, address = str(signature["signed"]), str(told["url"])
        digest = digest_of(told)
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    key = current_app.config["LOG_SIGNER"].key
    _dash, name, encoded = [*line.split(" "), "", ""][:3]
    try:
        raw = decode(encoded)
        if name != key.name or raw[:4] != key.id:
            raise Wrong("another key signed it")
        key.signed_at(signed_text(digest), raw[4:])
    except Wrong:
        sentence = _("This is not what we signed: something of it was changed, or is not ours.")
        return [(False, sentence, digest)]
    return [
        (True, _("Word for word what we published, signed by %(key)s.", key=key.name), digest),
        (True, _("It stands at this address."), address),
    ]
