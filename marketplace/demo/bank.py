"""The payment double as the demo world uses it: in process, its clock going through a year."""

import uuid
from datetime import datetime
from typing import Any

from flask import Flask

from sandbox.app import store_of
from sandbox.control import advance_clock


class Bank:
    """Pays with test cards and opens accounts, at whatever time it is told."""

    def __init__(self, double: Flask) -> None:
        self._double = double
        self._client = double.test_client()

    def set_clock(self, at: datetime) -> None:
        """Let it be some moment at the provider."""
        store = store_of(self._double)
        with store.transaction() as unit:
            ahead = int(at.timestamp()) - unit.now
        advance_clock(store, ahead)

    def open_account(self) -> str:
        """Open an account that can be paid."""
        account = self._post(
            "/v1/accounts",
            type="express",
            **{"capabilities[transfers][requested]": "true"},
        )
        self.onboard(str(account["id"]))
        return str(account["id"])

    def onboard(self, account_id: str) -> None:
        """Answer all that is asked of an account, as its owner would on the provider's page."""
        self._post(f"/_sandbox/accounts/{account_id}/onboard")

    def pay(
        self,
        order_id: uuid.UUID,
        amount_minor: int,
        currency: str,
        card: str = "pm_card_bypassPending",
        about: str = "order",
    ) -> str:
        """Pay an order with a card, mostly one whose money is there at once; return the payment.

        :param about: what it is paid for, where it is no order
        """
        intent = self._post(
            "/v1/payment_intents",
            amount=str(amount_minor),
            currency=currency.lower(),
            payment_method=card,
            confirm="true",
            return_url="http://localhost/",
            transfer_group=str(order_id),
            **{f"metadata[{about}]": str(order_id)},
        )
        return str(intent["id"])

    def dispute(self, charge_id: str, reason: str) -> str:
        """Let a bank dispute a charge; return the dispute."""
        return str(self._post(f"/_sandbox/charges/{charge_id}/dispute", reason=reason)["id"])

    def decide(self, dispute_id: str, status: str) -> None:
        """Let the bank decide: won or lost."""
        self._post(f"/_sandbox/disputes/{dispute_id}", status=status)

    def pay_out(self, amount_minor: int, currency: str) -> None:
        """Send some of our balance to our own bank."""
        self._post("/v1/payouts", amount=str(amount_minor), currency=currency.lower())

    def _post(self, path: str, **sent: str) -> dict[str, Any]:  # Any: the double's JSON
        as_json = path.startswith("/_sandbox/")
        answer = self._client.post(
            path,
            json=sent if as_json else None,
            data=None if as_json else sent,
            headers={"Authorization": "Bearer sk_test_sandbox"},
        )
        if answer.status_code != 200:
            raise RuntimeError(f"the payment double refused {path}: {answer.text[:300]}")
        told: dict[str, Any] = answer.get_json()  # Any: the double's JSON
        return told
