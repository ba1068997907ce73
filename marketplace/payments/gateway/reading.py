"""Questions: what something is at the provider now. Nothing changes by asking."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote

import stripe

from marketplace.payments.gateway.asking import (
    NOTHING,
    asking,
    id_of,
    page_after,
    refund_seen,
    uuid_in,
)
from marketplace.payments.rules import (
    AccountSeen,
    BankPayoutSeen,
    DisputeMovement,
    DisputeNews,
    DisputeSeen,
    MovementSeen,
    PaymentSeen,
    RefundSeen,
    SessionSeen,
    TransferSeen,
)


class Reads:
    """What can be asked."""

    _client: stripe.StripeClient

    def fetch_session(self, session_id: str) -> SessionSeen:
        """Return what a checkout session is now.

        :raises Unreachable: the provider did not say.
        """
        path = f"/v1/checkout/sessions/{quote(session_id, safe='')}"
        session = self._ask(path, expand=[f"payment_intent.{FEE}"])
        intent = session.get("payment_intent")
        seen = _payment_seen(intent) if isinstance(intent, Mapping) else None
        return SessionSeen(session["id"], session.get("status") or "", seen)

    def fetch_payment(self, payment_id: str) -> PaymentSeen:
        """Return what a payment is now, with its charge and the provider's fee.

        :raises Unreachable: the provider did not say.
        """
        path = f"/v1/payment_intents/{quote(payment_id, safe='')}"
        return _payment_seen(self._ask(path, expand=[FEE]))

    def _ask(self, path: str, **params: object) -> Mapping[str, Any]:  # Any: the provider's JSON
        """Return an answer as it came: the library would make an object of each part of it.

        That costs as much as to ask, and of dozens of parts we look at two or three.

        :raises Unreachable: the provider did not say.
        """
        with asking():
            answer = self._client.raw_request("get", path, **params)
        return cast("Mapping[str, Any]", answer.data)

    def fetch_account(self, account_id: str) -> AccountSeen:
        """Return what a payee's account is now.

        :raises Unreachable: the provider did not say.
        """
        with asking():
            account = self._client.v1.accounts.retrieve(account_id)
        return AccountSeen.from_json(account.to_dict())

    def open_account_link(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        """Return the page on which a payee answers the provider's questions; good for minutes.

        It is an address, not an effect: a new key each time, as each is used once.

        :raises Unreachable: the provider did not say.
        """
        with asking():
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
        with asking():
            transfer = self._client.v1.transfers.retrieve(transfer_id)
            page = self._client.v1.transfers.reversals.list(transfer_id, {"limit": 100})
            back = list(page.auto_paging_iter())
        of_itself = [
            one.amount for one in back if "command" not in (one.metadata or NOTHING).to_dict()
        ]
        payout_id = uuid_in(transfer.metadata, "payout")
        return TransferSeen(
            *(transfer.id, payout_id, transfer.amount, sum(of_itself)),
            currency=transfer.currency.upper(),
            destination=id_of(transfer.destination) or "",
        )

    def list_events_since(self, since: datetime) -> list[str]:
        """Return every message of the provider since then, as it was sent, the oldest first.

        :raises Unreachable: the provider did not say.
        """
        with asking():
            page = self._client.v1.events.list(
                cast("Any", page_after(since, None))
            )  # Any: as above
            told = [json.dumps(event.to_dict()) for event in page.auto_paging_iter()]
        return told[::-1]

    def fetch_dispute(self, dispute_id: str) -> DisputeSeen:
        """Return what a dispute is now, with what it took from our balance and gave back.

        :raises Unreachable: the provider did not say.
        """
        with asking():
            dispute = self._client.v1.disputes.retrieve(dispute_id)
        details = dispute.evidence_details
        return DisputeSeen(
            dispute_id=dispute.id,
            payment_id=id_of(dispute.payment_intent) or "",
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
        with asking():
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
        with asking():
            found = self._client.v1.refunds.list({"payment_intent": payment_id, "limit": 100})
            rows = list(found.auto_paging_iter())
        return [refund_seen(row.to_dict()) for row in rows]

    def list_movements(
        self, *, since: datetime | None, after: str | None
    ) -> tuple[list[MovementSeen], str | None]:
        """Return a page of our statement, the newest first, and where the next begins.

        :raises Unreachable: the provider did not say.
        """
        with asking():
            page = self._client.v1.balance_transactions.list(
                cast("Any", page_after(since, after) | {"expand": ["data.source"]})  # Any: as above
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
        with asking():
            page = self._client.v1.payouts.list(
                cast("Any", page_after(since, after))  # Any: checked by Stripe
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


def _payment_seen(intent: Mapping[str, Any]) -> PaymentSeen:  # Any: the provider's JSON
    charge = _whole(intent.get("latest_charge"))
    booked = _whole(charge.get("balance_transaction"))
    return PaymentSeen(
        payment_id=intent["id"],
        order_id=uuid_in(intent.get("metadata"), "order"),
        pool_payment_id=uuid_in(intent.get("metadata"), "pool_payment"),
        is_captured=intent["status"] == "succeeded",
        currency=intent["currency"].upper(),
        amount_minor=intent["amount_received"],
        charge_id=charge.get("id"),
        fee_minor=booked.get("fee"),
        captured_at=datetime.fromtimestamp(charge["created"], UTC) if charge else None,
    )


def _whole(part: object) -> Mapping[str, Any]:  # Any: the provider's JSON
    """Return what was told whole; nothing of what was named by its id only, or not at all."""
    return part if isinstance(part, Mapping) else {}


def _about(source: object) -> str | None:
    """Return what a row of the statement is about: of a transfer that came back, the transfer."""
    if getattr(source, "object", "") == "transfer_reversal":
        return id_of(getattr(source, "transfer"))  # noqa: B009  # mypy: object
    return id_of(source)
