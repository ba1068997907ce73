"""Where other servers send: checked here as far as that is possible without asking them back."""

import uuid

import structlog
from flask import Response, request
from werkzeug.exceptions import BadRequest, Forbidden, Unauthorized, UnsupportedMediaType

from marketplace.accounts.views import limits
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.web import access, tokenless
from marketplace.federation import queries, service
from marketplace.federation.jobs.asking import addresses
from marketplace.federation.models import RemoteActor
from marketplace.federation.rules import checking, reading
from marketplace.federation.rules.addresses import host_of
from marketplace.federation.rules.checking import KEPT_HEADERS
from marketplace.federation.rules.reading import Activity, NotUnderstood
from marketplace.federation.rules.signatures import BadSignature, Request
from marketplace.federation.rules.waiting import PERSON_STAYS_KNOWN
from marketplace.federation.views.public import only_if_on
from marketplace.federation.views.routes import blueprint

log = structlog.get_logger()

LARGEST_ACTIVITY = 256 * 1024
MEDIA_TYPES = ("application/activity+json", "application/ld+json", "application/json")
FROM_ONE_ADDRESS = 1_200
"""Activities from one address in ten minutes: a large server sends a project's many replies."""
FROM_STRANGERS = 120
"""Of these so many for which their server has to be asked who they are."""


@blueprint.post("/federation/inbox")
@access("public")
@tokenless
def shared_inbox() -> Response:
    """Take what concerns any project."""
    return _take()


@blueprint.post("/federation/projects/<uuid:project_id>/inbox")
@access("public")
@tokenless
def inbox(project_id: uuid.UUID) -> Response:
    """Take what concerns one project; what it says itself decides which."""
    only_if_on()
    if queries.find_project(project_id) is None:
        raise NotFound
    return _take()


def _take() -> Response:
    only_if_on()
    now = clock.now()
    request.max_content_length = LARGEST_ACTIVITY
    limits.try_as_stranger("inbox", FROM_ONE_ADDRESS, now=now)
    if request.mimetype not in MEDIA_TYPES:
        raise UnsupportedMediaType
    body = request.get_data(cache=False)
    asked = _asked()
    try:
        signature = checking.check_request(asked, body, host=addresses().host, now=now)
        activity = reading.read_activity(reading.load(body))
        if host_of(signature.key_id) != host_of(activity.actor):
            raise BadSignature("signed by another than the actor")
        actor = queries.find_actor(activity.actor)
        if queries.find_block(activity.actor) is not None or addresses().is_ours(activity.actor):
            raise Forbidden
        if actor is not None and _is_signed_by(actor, asked, body):
            with atomic():
                service.apply(
                    activity=activity,
                    actor=actor,
                    signature=signature.signature,
                    at=addresses(),
                    now=now,
                )
        elif actor is not None or _concerns_us(activity):
            limits.try_as_stranger("inbox-unknown", FROM_STRANGERS, now=now)
            with atomic():
                service.keep_for_later(request=asked, body=body, now=now)
    except BadSignature as reason:
        log.info("inbox_refused", reason=str(reason))
        raise Unauthorized from None
    except NotUnderstood as reason:
        log.info("inbox_refused", reason=str(reason))
        raise BadRequest from None
    return Response(status=202, content_type="text/plain; charset=utf-8")


def _asked() -> Request:
    path = f"{request.script_root}{request.path}"
    if request.query_string:
        path += f"?{request.query_string.decode('latin-1')}"
    given = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
    return Request(request.method, path, given)


def _is_signed_by(actor: RemoteActor, asked: Request, body: bytes) -> bool:
    """Say whether somebody we know signed this; no: they may have another key by now.

    :raises BadSignature: they did not, and we asked for their key a short while ago.
    """
    now = clock.now()
    try:
        checking.check_signed(asked, body, actor.keys, base=addresses().base, now=now)
    except BadSignature:
        if now - actor.fetched_at < PERSON_STAYS_KNOWN:
            raise
        return False
    return True


def _concerns_us(activity: Activity) -> bool:
    """Say whether an activity of somebody unknown could do anything here.

    All servers are told of everybody who is gone, and of posts that answer to others: nobody is
    asked for the sake of these.
    """
    at = addresses()
    if activity.kind == "Follow":
        return at.project_id_of(activity.object_id) is not None
    if activity.kind == "Create":
        return bool(reading.id_of(activity.thing.get("inReplyTo")))
    return activity.kind == "Flag"
