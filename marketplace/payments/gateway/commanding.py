"""Commands: each is sent with its own key, or looked up; a refusal is told from a silence."""

from collections.abc import Mapping
from typing import Any, cast

import stripe

from marketplace.payments.rules import (
    Ambiguous,
    CommandKind,
    Done,
    Outcome,
    Refused,
    Sending,
)

# The provider answered, and the answer is no: nothing happened.
REFUSALS = (
    stripe.InvalidRequestError,
    stripe.CardError,
    stripe.AuthenticationError,
    stripe.PermissionError,
    stripe.IdempotencyError,
)


class Commands:
    """What changes something at the provider."""

    _client: stripe.StripeClient

    def execute(self, sending: Sending) -> Outcome:
        """Send a command, or look up what became of it; never raises for what the provider says."""
        try:
            return self._look_up(sending) if sending.only_look_up else self._send(sending)
        except REFUSALS as error:
            if isinstance(error, stripe.InvalidRequestError) and error.http_status == 409:
                return Ambiguous(str(error))
            return Refused(error.user_message or str(error))
        except stripe.StripeError as error:
            return Ambiguous(f"{type(error).__name__}: {error}")

    def _send(self, sending: Sending) -> Outcome:
        v1, params = self._client.v1, cast("Any", dict(sending.params))  # Any: checked by Stripe
        options: stripe.RequestOptions = {"idempotency_key": str(sending.id)}
        match sending.kind:
            case CommandKind.CREATE_CHECKOUT:
                made = self._open_page(params, options)
                return Done(made["id"], {"url": made.get("url")})
            case CommandKind.EXPIRE_CHECKOUT:
                session_id = str(sending.params["session_id"])
                expired = v1.checkout.sessions.expire(session_id, {}, options)
                return Done(f"expire:{expired.id}", {"status": expired.status})
            case CommandKind.REFUND:
                refund = v1.refunds.create(params, options)
                return Done(refund.id, {"status": refund.status, "amount": refund.amount})
            case CommandKind.TRANSFER:
                transfer = v1.transfers.create(params, options)
                return Done(transfer.id, {"amount": transfer.amount})
            case CommandKind.CREATE_ACCOUNT:
                return Done(v1.accounts.create(params, options).id, {})
            case CommandKind.REVERSE_TRANSFER | CommandKind.SUBMIT_EVIDENCE:
                return self._send_about(sending, options)

    def _open_page(
        self, params: Mapping[str, Any], options: stripe.RequestOptions
    ) -> Mapping[str, Any]:  # Any: checked by Stripe, and its JSON
        """Open a payment page; the answer stays as it came, of whose many parts we want two."""
        answer = self._client.raw_request("post", "/v1/checkout/sessions", **params, **options)
        return cast("Mapping[str, Any]", answer.data)

    def _send_about(self, sending: Sending, options: stripe.RequestOptions) -> Done:
        """Send a command about an object that is there already."""
        about = {name: value for name, value in sending.params.items() if name != "about"}
        params = cast("Any", about)  # Any: checked by Stripe
        about_id = str(sending.params["about"])
        if sending.kind is CommandKind.REVERSE_TRANSFER:
            back = self._client.v1.transfers.reversals.create(about_id, params, options)
            return Done(back.id, {"amount": back.amount})
        dispute = self._client.v1.disputes.update(about_id, params, options)
        return Done(f"{dispute.id}:{sending.id}", {"status": dispute.status})

    def _look_up(self, sending: Sending) -> Outcome:
        """Find what a command made by the command's id that it carries in its metadata."""
        match sending.kind:
            case CommandKind.REFUND:
                found = self._client.v1.refunds.list(
                    {"payment_intent": str(sending.params["payment_intent"]), "limit": 100}
                )
                made: list[Any] = list(found.auto_paging_iter())  # Any: StripeObject
            case CommandKind.TRANSFER:
                group = str(sending.params["transfer_group"])
                transfers = self._client.v1.transfers.list({"transfer_group": group, "limit": 100})
                made = list(transfers.auto_paging_iter())
            case CommandKind.REVERSE_TRANSFER:
                transfer_id = str(sending.params["about"])
                reversals = self._client.v1.transfers.reversals.list(transfer_id, {"limit": 100})
                made = list(reversals.auto_paging_iter())
            case CommandKind.SUBMIT_EVIDENCE:
                dispute = self._client.v1.disputes.retrieve(str(sending.params["about"]))
                if dispute.metadata.to_dict().get("command") == str(sending.id):
                    return Done(f"{dispute.id}:{sending.id}", {"status": dispute.status})
                made = []
            case _:
                return Refused("It is too late to send this again.")
        for candidate in made:
            told = candidate.metadata.to_dict() if candidate.metadata else {}
            if told.get("command") == str(sending.id):
                return Done(candidate.id, {"amount": candidate.amount})
        return Refused("The provider does not know of it.")
