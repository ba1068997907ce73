"""The only door to Stripe. Nothing here touches the database; nothing else imports `stripe`.

Separate charges and transfers: the shopper pays the platform on Stripe's hosted page; refunds go
back from the platform. Every change carries the command's id as its idempotency key.
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import stripe

from marketplace.payments.rules import (
    AccountSeen,
    Ambiguous,
    BankPayoutSeen,
    CommandKind,
    DisputeMovement,
    DisputeNews,
    DisputeSeen,
    Done,
    EventSeen,
    MovementSeen,
    Outcome,
    PaymentSeen,
    RefundSeen,
    Refused,
    Sending,
    SessionSeen,
    TransferSeen,
)

TIMEOUT_SECONDS = 10
CLOCK_SKEW_SECONDS = 300

# The provider answered, and the answer is no: nothing happened.
REFUSALS = (
    stripe.InvalidRequestError,
    stripe.CardError,
    stripe.AuthenticationError,
    stripe.PermissionError,
    stripe.IdempotencyError,
)


_NOTHING = stripe.StripeObject()


class BadSignature(Exception):
    """A message that is not the provider's, or is too old, or from the future."""


class Unreachable(Exception):
    """The provider did not answer a question; nothing was changed by asking."""


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        raise Unreachable(type(error).__name__) from error


class Gateway:
    """Talks to Stripe, or to anything that speaks its protocol."""

    def __init__(self, client: stripe.StripeClient, webhook_secret: str) -> None:
        self._client = client
        self._webhook_secret = webhook_secret

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
                session = v1.checkout.sessions.create(params, options)
                return Done(session.id, {"url": session.url})
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

    def fetch_session(self, session_id: str) -> SessionSeen:
        """Return what a checkout session is now.

        :raises Unreachable: the provider did not say.
        """
        with _asking():
            session = self._client.v1.checkout.sessions.retrieve(
                session_id, {"expand": [f"payment_intent.{FEE}"]}
            )
        intent = session.payment_intent
        seen = _payment_seen(intent) if isinstance(intent, stripe.PaymentIntent) else None
        return SessionSeen(session.id, session.status or "", seen)

    def fetch_payment(self, payment_id: str) -> PaymentSeen:
        """Return what a payment is now, with its charge and the provider's fee.

        :raises Unreachable: the provider did not say.
        """
        with _asking():
            intent = self._client.v1.payment_intents.retrieve(payment_id, {"expand": [FEE]})
        return _payment_seen(intent)

    def fetch_account(self, account_id: str) -> AccountSeen:
        """Return what a payee's account is now.

        :raises Unreachable: the provider did not say.
        """
        with _asking():
            account = self._client.v1.accounts.retrieve(account_id)
        return AccountSeen.from_json(account.to_dict())

    def open_account_link(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        """Return the page on which a payee answers the provider's questions; good for minutes.

        It is an address, not an effect: a new key each time, as each is used once.

        :raises Unreachable: the provider did not say.
        """
        with _asking():
            link = self._client.v1.account_links.create(
                {
                    "account": account_id,
                    "return_url": return_url,
                    "refresh_url": refresh_url,
                    "type": "account_onboarding",
                },
                {"idempotency_key": str(uuid.uuid4())},
            )
        return link.url

    def fetch_transfer(self, transfer_id: str) -> TransferSeen:
        """Return what a transfer is now.

        :raises Unreachable: the provider did not say.
        """
        with _asking():
            transfer = self._client.v1.transfers.retrieve(transfer_id)
            page = self._client.v1.transfers.reversals.list(transfer_id, {"limit": 100})
            back = list(page.auto_paging_iter())
        of_itself = [
            one.amount for one in back if "command" not in (one.metadata or _NOTHING).to_dict()
        ]
        payout_id = _uuid_in(transfer.metadata, "payout")
        return TransferSeen(transfer.id, payout_id, transfer.amount, sum(of_itself))

    def fetch_dispute(self, dispute_id: str) -> DisputeSeen:
        """Return what a dispute is now, with what it took from our balance and gave back.

        :raises Unreachable: the provider did not say.
        """
        with _asking():
            dispute = self._client.v1.disputes.retrieve(dispute_id)
        details = dispute.evidence_details
        return DisputeSeen(
            dispute_id=dispute.id,
            payment_id=_id_of(dispute.payment_intent) or "",
            status=dispute.status,
            reason=dispute.reason,
            currency=dispute.currency.upper(),
            amount_minor=dispute.amount,
            due_at=datetime.fromtimestamp(details.due_by, UTC) if details.due_by else None,
            opened_at=datetime.fromtimestamp(dispute.created, UTC),
            is_submitted=details.submission_count > 0,
            movements=tuple(
                DisputeMovement(row.id, row.amount, row.fee) for row in dispute.balance_transactions
            ),
        )

    def list_disputes_since(self, since: datetime) -> list[str]:
        """Return the disputes that were opened since then.

        :raises Unreachable: the provider did not say.
        """
        with _asking():
            found = self._client.v1.disputes.list(
                {"created": {"gte": int(since.timestamp())}, "limit": 100}
            )
            return [dispute.id for dispute in found.auto_paging_iter()]

    def fetch_dispute_news(self, dispute_id: str) -> DisputeNews:
        """Return a dispute, its payment and that payment's refunds as they are now.

        :raises Unreachable: the provider did not say.
        """
        dispute = self.fetch_dispute(dispute_id)
        return DisputeNews(
            dispute,
            self.fetch_payment(dispute.payment_id),
            tuple(self.fetch_refunds(dispute.payment_id)),
        )

    def fetch_refunds(self, payment_id: str) -> list[RefundSeen]:
        """Return what of a payment was given back, or is on its way.

        :raises Unreachable: the provider did not say.
        """
        with _asking():
            found = self._client.v1.refunds.list({"payment_intent": payment_id, "limit": 100})
            rows = list(found.auto_paging_iter())
        return [
            RefundSeen(row.id, _uuid_in(row.metadata, "refund"), row.status or "") for row in rows
        ]

    def read_event(self, body: bytes, signature: str) -> EventSeen:
        """Return a message whose signature and time hold.

        :raises BadSignature: they do not.
        """
        try:
            self._client.construct_event(body, signature, self._webhook_secret)
        except (ValueError, stripe.SignatureVerificationError) as error:
            raise BadSignature(type(error).__name__) from None
        _refuse_the_future(signature)
        return self.reread_event(body.decode())

    def reread_event(self, payload: str) -> EventSeen:
        """Return a message that was verified when it came."""
        event = json.loads(payload)
        subject = event["data"]["object"]
        is_refund = subject.get("object") == "refund"
        return EventSeen(
            id=event["id"],
            type=event["type"],
            created_at=datetime.fromtimestamp(event["created"], UTC),
            payload=payload,
            payment_id=_payment_in(subject),
            refund_id=(subject.get("metadata") or {}).get("refund"),
            provider_refund_id=subject["id"] if is_refund else None,
            refund_state=subject.get("status") if is_refund else None,
            object_id=subject.get("id") or "",
            account_id=event.get("account"),
            dispute_id=subject["id"] if subject.get("object") == "dispute" else None,
        )

    def list_movements(
        self, *, since: datetime | None, after: str | None
    ) -> tuple[list[MovementSeen], str | None]:
        """Return a page of our statement, the newest first, and where the next begins.

        :raises Unreachable: the provider did not say.
        """
        with _asking():
            page = self._client.v1.balance_transactions.list(
                cast(
                    "Any", _page_after(since, after) | {"expand": ["data.source"]}
                )  # Any: as above
            )
        seen = [
            MovementSeen(
                *(row.id, row.type, _about(row.source), row.currency.upper()),
                *(row.amount, row.fee, row.net, datetime.fromtimestamp(row.created, UTC)),
            )
            for row in page.data
        ]
        return seen, seen[-1].id if page.has_more and seen else None

    def list_bank_payouts(
        self, *, since: datetime | None, after: str | None
    ) -> tuple[list[BankPayoutSeen], str | None]:
        """Return a page of what went from our balance to our bank, the newest first.

        :raises Unreachable: the provider did not say.
        """
        with _asking():
            page = self._client.v1.payouts.list(
                cast("Any", _page_after(since, after))  # Any: checked by Stripe
            )
        seen = [
            BankPayoutSeen(
                *(row.id, row.currency.upper(), row.amount, row.status),
                datetime.fromtimestamp(row.created, UTC),
            )
            for row in page.data
        ]
        return seen, seen[-1].id if page.has_more and seen else None

    def balance(self) -> dict[str, int]:
        """Return what the provider holds for us by currency, pending and available together."""
        balance = self._client.v1.balance.retrieve()
        held: dict[str, int] = {}
        parts = [(part.currency, part.amount) for part in balance.available]
        parts += [(part.currency, part.amount) for part in balance.pending]
        for currency, amount in parts:
            held[currency.upper()] = held.get(currency.upper(), 0) + amount
        return held


FEE = "latest_charge.balance_transaction"
"""What is asked for with a payment: its charge, and what the provider kept of it."""


def _payment_seen(intent: stripe.PaymentIntent) -> PaymentSeen:
    charge = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    booked = charge.balance_transaction if charge else None
    fee = booked.fee if isinstance(booked, stripe.BalanceTransaction) else None
    return PaymentSeen(
        payment_id=intent.id,
        order_id=_uuid_in(intent.metadata, "order"),
        is_captured=intent.status == "succeeded",
        currency=intent.currency.upper(),
        amount_minor=intent.amount_received,
        charge_id=charge.id if charge else None,
        fee_minor=fee,
        captured_at=datetime.fromtimestamp(charge.created, UTC) if charge else None,
    )


def _about(source: object) -> str | None:
    """Return what a row of the statement is about: of a transfer that came back, the transfer."""
    if getattr(source, "object", "") == "transfer_reversal":
        return _id_of(getattr(source, "transfer"))  # noqa: B009  # mypy: object
    return _id_of(source)


def _page_after(since: datetime | None, after: str | None) -> dict[str, object]:
    """Return what asks for a page of a list: what was made since then, after one of its rows."""
    asked: dict[str, object] = {"limit": 100}
    if since is not None:
        asked["created"] = {"gte": int(since.timestamp())}
    if after is not None:
        asked["starting_after"] = after
    return asked


def _refuse_the_future(signature: str) -> None:
    """The library refuses old messages only; a stolen secret must not sign for next year."""
    stamps = [part[2:] for part in signature.split(",") if part.startswith("t=")]
    if not stamps or int(stamps[0]) > time.time() + CLOCK_SKEW_SECONDS:
        raise BadSignature("timestamp in the future")


def _id_of(thing: object) -> str | None:
    return thing if isinstance(thing, str) or thing is None else cast("str", getattr(thing, "id"))  # noqa: B009  # mypy: object


def _uuid_in(metadata: Any, name: str) -> uuid.UUID | None:  # Any: a StripeObject or None
    try:
        return uuid.UUID(metadata[name])
    except (KeyError, TypeError, ValueError):
        return None


def _payment_in(subject: Mapping[str, Any]) -> str | None:  # Any: the provider's JSON
    if subject.get("object") == "payment_intent":
        return cast("str", subject["id"])
    found = subject.get("payment_intent")
    return found if isinstance(found, str) else None


_gateway: Gateway | None = None


def bind(gateway: Gateway) -> None:
    """Let this process use a gateway."""
    global _gateway  # noqa: PLW0603  # one gateway a process, set by create_app
    _gateway = gateway


def current() -> Gateway:
    """Return the process's gateway."""
    if _gateway is None:
        raise RuntimeError("no payment gateway was bound")
    return _gateway


def over_http(*, secret_key: str, webhook_secret: str, api_base: str | None) -> Gateway:
    """Return a gateway to Stripe itself, or to what answers at `api_base`."""
    client = stripe.StripeClient(
        secret_key,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        base_addresses={"api": api_base} if api_base else {},
        max_network_retries=2,
    )
    return Gateway(client, webhook_secret)


def in_process(*, transport: stripe.HTTPClient, webhook_secret: str) -> Gateway:
    """Return a gateway to a double of Stripe that is called without a network."""
    client = stripe.StripeClient("sk_test_sandbox", http_client=transport)
    return Gateway(client, webhook_secret)
