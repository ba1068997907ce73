"""Where the provider tells us what happened."""

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from marketplace.checkout import jobs
from marketplace.core.web import access
from marketplace.payments import gateway

blueprint = Blueprint("payments", __name__)
log = structlog.get_logger()

LARGEST_MESSAGE = 1024 * 1024


@blueprint.post("/webhooks/stripe")
@access("public")
def webhook() -> Response:
    """Take a signed message; answered well also where its kind is nothing to us.

    The signature is checked over the bytes as they came. Anything but a 2xx makes the provider
    send it again, which is right when we could not keep it.
    """
    request.max_content_length = LARGEST_MESSAGE
    body = request.get_data(cache=False)
    try:
        event = gateway.current().read_event(body, request.headers.get("Stripe-Signature", ""))
    except gateway.BadSignature as error:
        log.warning("webhook_refused", reason=str(error))
        raise BadRequest from None
    jobs.take_event(event)
    return Response(status=200, content_type="text/plain; charset=utf-8")
