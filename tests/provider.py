"""The shopper at the provider's page, and the provider's messages to us."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask

from sandbox import journal
from sandbox.app import deliver_pending, store_of
from sandbox.journal import Entry

WEBHOOK_SECRET = "whsec_test"
GOOD_CARD = "4242424242424242"


@dataclass
class Provider:
    """Stripe's double, seen from a test."""

    double: Flask
    app: Flask

    def pay(self, payment_url: str, card: str = GOOD_CARD) -> str:
        """Fill in the hosted page; return where it sends the browser, or the page's text."""
        browser = self.double.test_client()
        path = urlsplit(payment_url).path
        page = browser.get(path)
        assert page.status_code == 200, page.text
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        sent = {
            "email": "buyer@example.org",
            "card_number": card,
            "card_expiry": "12 / 40",
            "card_cvc": "123",
            "cardholder_name": "B. Buyer",
        }
        answer = browser.post(path, data=hidden | sent)
        return answer.headers.get("Location") or answer.text

    def dispute(self, charge_id: str, **said: object) -> str:
        """Let a bank dispute a charge, or an `amount` of it; return the dispute's id."""
        answer = self.double.test_client().post(f"/_sandbox/charges/{charge_id}/dispute", json=said)
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["id"])

    def decide(self, dispute_id: str, status: str) -> None:
        """Let the bank decide: won or lost."""
        about = {"status": status}
        answer = self.double.test_client().post(f"/_sandbox/disputes/{dispute_id}", json=about)
        assert answer.status_code == 200, answer.text

    def deliver(self, times: int = 1) -> list[int]:
        """Hand over the messages that wait, each `times` times; return our answers."""
        answers: list[int] = []

        def send(_url: str, body: bytes, headers: dict[str, str]) -> int:
            for _ in range(times):
                answer = self.app.test_client().post(
                    "/webhooks/stripe", data=body, headers=headers, content_type="application/json"
                )
                answers.append(answer.status_code)
            return answers[-1]

        while deliver_pending(self.double, send):
            pass
        return answers

    def forget(self) -> None:
        """Tell nobody what waits to be told: another test's purchases mean nothing to the next."""
        with store_of(self.double).connection() as connection:
            connection.execute(
                "update sandbox.delivery set state = 'delivered' where state = 'pending'"
            )

    def journal(self) -> list[Entry]:
        """Return every request that the provider got; it tells them page by page."""
        told: list[Entry] = []
        while page := journal.read(store_of(self.double), after=told[-1].seq if told else 0):
            told += page
        return told
