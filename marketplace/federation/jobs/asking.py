"""Requests to other servers, signed."""

import uuid
from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app

from marketplace.core import outgoing
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic
from marketplace.core.outgoing import Answer, Limits, Target
from marketplace.federation import service
from marketplace.federation.rules import reading, signatures
from marketplace.federation.rules.addresses import Addresses
from marketplace.federation.rules.documents import LD_MEDIA_TYPE, MEDIA_TYPE
from marketplace.federation.rules.reading import NotUnderstood, Person
from marketplace.federation.rules.signatures import Request

GONE = (404, 410)
LIMITS = Limits(seconds=10, most_bytes=512 * 1024)
ANSWER_LIMITS = Limits(seconds=15, most_bytes=64 * 1024)


class Gone(Exception):
    """Their server says that there is nobody of that name any more."""


def is_on() -> bool:
    """Say whether projects can be followed from elsewhere."""
    return bool(current_app.config["FEDERATION"])


def addresses() -> Addresses:
    """Return the addresses of this site."""
    return Addresses(public_url())


def pair_of(project_id: uuid.UUID | None, *, now: datetime) -> service.Pair:
    """Return the key pair of a project or of the site, in a transaction of its own."""
    with atomic():
        return service.key_of(project_id, secret=str(current_app.secret_key), now=now)


def post(url: str, body: bytes, *, project_id: uuid.UUID, now: datetime) -> Answer:
    """Send a document to an inbox, signed by a project.

    :raises marketplace.core.outgoing.OutgoingError: it could not be sent.
    """
    to_private = current_app.config["OUTGOING_TO_PRIVATE"]
    target = outgoing.read_target(url, to_private=to_private)
    given = {"host": target.authority, "content-type": MEDIA_TYPE, "user-agent": _agent()}
    signed = signatures.sign(
        Request("POST", target.path, given),
        key_id=f"{addresses().project(project_id)}#main-key",
        key=pair_of(project_id, now=now).private,
        body=body,
        now=now,
    )
    headers = {**given, **signed, "accept": MEDIA_TYPE}
    return outgoing.send(
        "POST", url, headers=headers, body=body, limits=ANSWER_LIMITS, to_private=to_private
    )


def fetch_person(uri: str, *, now: datetime) -> Person:
    """Ask somebody's server who they are; in the name of the site, for those who want to know.

    :raises Gone: they are not there any more.
    :raises NotUnderstood: what came says nothing of them.
    :raises marketplace.core.outgoing.OutgoingError: nobody answered, or we do not ask there.
    """
    pair = pair_of(None, now=now)

    def headers_for(target: Target) -> dict[str, str]:
        given = {
            "host": target.authority,
            "accept": f"{MEDIA_TYPE}, {LD_MEDIA_TYPE}",
            "user-agent": _agent(),
        }
        signed = signatures.sign(
            Request("GET", target.path, given),
            key_id=f"{addresses().site}#main-key",
            key=pair.private,
            body=None,
            now=now,
        )
        return {**given, **signed}

    answer = outgoing.get(
        urlsplit(uri)._replace(fragment="").geturl(),
        headers_for=headers_for,
        limits=LIMITS,
        to_private=current_app.config["OUTGOING_TO_PRIVATE"],
    )
    if answer.status in GONE:
        raise Gone
    if answer.status != 200:
        raise outgoing.Unreachable(f"HTTP {answer.status}")
    kind = answer.headers.get("content-type", "").lower().replace(" ", "")
    if not kind.startswith((MEDIA_TYPE, "application/ld+json;profile=")):
        raise NotUnderstood("not ActivityPub")  # else who may upload files there could be anybody
    return reading.read_person(reading.load(answer.body), uri=uri)


def _agent() -> str:
    return f"Causeway (+{addresses().base}/)"
