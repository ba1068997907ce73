"""Checking a receipt: its proof, and a page that says whether it holds."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, jsonify, request

from marketplace.core.addresses import public_url
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, render, tokenless
from marketplace.core.web.texts import plain_money
from marketplace.orders import queries as orders
from marketplace.proofs.queries import log, receipts
from marketplace.proofs.verify import (
    Checkpoint,
    Finding,
    Key,
    Wrong,
    check_consistency,
    check_receipt,
)
from marketplace.proofs.views.routes import blueprint


@blueprint.get("/receipt/<token>/proof.json")
@access("public")
def proof(token: str) -> Response:
    """Answer the proof of a receipt alone; the receipt's own JSON has it, too."""
    found = proof_of(orders.get_by_token(token).id)
    if found is None:
        raise NotFound
    response = jsonify(found)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def proof_of(order_id: uuid.UUID) -> dict[str, object] | None:
    """Return the proof of an order with the address of this log."""
    key = str(current_app.config["LOG_SIGNER"].key)
    return receipts.receipt_proof(order_id, key=key, url=public_url("/log"))


@blueprint.get("/verify")
@access("public")
def verify() -> tuple[str, int]:
    """Offer to check a receipt: in the browser where it runs scripts, else here."""
    return _page(Form(), [])


@blueprint.post("/verify")
@access("public")
@tokenless
def check() -> tuple[str, int]:
    """Check what was pasted or uploaded; it is not kept."""
    form = Form(values={name: request.form.get(name, "") for name in ("receipt", "key", "older")})
    upload = request.files.get("file")
    text = upload.read().decode(errors="replace") if upload else form.values["receipt"]
    findings: list[Finding] = []
    try:
        key = Key.read(form.values["key"])
    except Wrong:
        form.refuse({"key": _("This is no key: it is written NAME+ID+KEY.")})
        return _page(form, findings, 422)
    if text.strip() or not form.values["older"].strip():
        findings += _checked(form, text, key, "file" if upload else "receipt")
    if form.values["older"].strip():
        findings.append(_grown(form.values["older"], key))
    return _page(form, findings, 200 if form.ok else 422)


def _checked(form: Form, text: str, key: Key, where: str) -> list[Finding]:
    try:
        document = json.loads(text)
        json.dumps(document, ensure_ascii=False).encode()  # half a character cannot be shown
        if isinstance(document, dict) and (document.get("proof") or "checkpoint" in document):
            names = (document.get("proof") or document).get("names", {})
            return [_named(one, names) for one in check_receipt(document, key)]
    except (ValueError, AttributeError, RecursionError):
        pass
    form.refuse({where: _("This is no receipt with a proof. Paste the whole JSON.")})
    return []


def _named(finding: Finding, names: object) -> Finding:
    """Call a project by its name instead of its number, for those who read it."""
    pairs = names.items() if isinstance(names, dict) else ()
    about = dict(finding.about)
    for name, number in pairs:
        if about.get("project") == number:
            about["project"] = str(name)
    return Finding(finding.is_good, finding.what, about)


def _grown(note: str, key: Key) -> Finding:
    """Check that the log has only grown since a checkpoint that somebody kept."""
    head = log.get_head()
    about: dict[str, str | int] = {"to": head.size}
    try:
        older = Checkpoint.read(note.replace("\r\n", "\n").strip() + "\n")
        about["from"] = older.size
        older.check(key)
        path = log.list_growth(older.size, head.size)
        check_consistency(older.size, older.root, head.size, head.root, path)
    except (Wrong, ValueError) as reason:
        return Finding(False, "consistency", about | {"reason": str(reason)})
    return Finding(True, "consistency", about)


def _page(form: Form, findings: list[Finding], status: int = 200) -> tuple[str, int]:
    own = str(current_app.config["LOG_SIGNER"].key)
    return render(
        "proofs/verify.html",
        status,
        form=form,
        own_key=own,
        sentences=sentences(),
        findings=[(one.is_good, said(one), one.about.get("reason", "")) for one in findings],
        all_good=bool(findings) and all(one.is_good for one in findings),
    )


def sentences() -> dict[str, str]:
    """Return what a finding says when it is good; {names} stand for what it is about."""
    return {
        "signature": _("Signed by {key}: a log of {leaves} entries."),
        "event": _("{money} for {project} {move}, {day}. Entry {leaf} of the log."),
        "counted": _(
            "{money} for {project} {move}, {day}. Entry {leaf} of the log, and counted in what is "
            "published for that day."
        ),
        "waiting": _("{events} more will be in the log within minutes; look again then."),
        "sums": _("The receipt says as much for {project} as its entries in the log do."),
        "consistency": _("From {from} to {to} entries, the log has only grown."),
        "wrong": _("This does not hold."),
        "format": _("This cannot be read as a proof."),
        "unsigned": _(
            "Your browser does not know this kind of signature (Ed25519), so it could not check "
            "that the log is really ours."
        ),
        "all_good": _("Everything holds."),
        "but_signature": _("Everything but the signature was checked, and holds."),
        "not_good": _("Something does not hold."),
        **{f"move {move}": words for move, words in moves().items()},
    }


def moves() -> dict[str, str]:
    """Return in words where money went."""
    return {
        "outside>pending": _("given, and held"),
        "outside>confirmed": _("given"),
        "pending>confirmed": _("confirmed"),
        "pending>outside": _("given back before it was confirmed"),
        "confirmed>outside": _("given back after it was confirmed"),
        "confirmed>underway": _("put on its way to the bank"),
        "underway>outside": _("paid out"),
        "underway>confirmed": _("come back from the bank"),
    }


def said(finding: Finding) -> str:
    """Return a finding as a sentence."""
    known = sentences()
    if not finding.is_good:
        return known["format" if finding.what == "format" else "wrong"]
    about: dict[str, Any] = dict(finding.about)  # Any: text and numbers
    move = str(about.get("move", ""))
    about |= {"move": known.get(f"move {move}", move), "money": _money(about)}
    return known[finding.what].format_map(about)


def _money(about: Mapping[str, Any]) -> str:  # Any: text and numbers
    """Return an amount as people read it, whatever currency it claims to be in."""
    try:
        return plain_money(int(about["amount"]), str(about["currency"]))
    except (LookupError, ValueError):
        return f"{about.get('amount')} {about.get('currency')}"
