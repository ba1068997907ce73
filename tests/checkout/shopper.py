"""A shopper in a browser without JavaScript: fills the basket and goes through the checkout."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

ADDRESS = {
    "email": "elena@example.org",
    "name": "Elena Rossi",
    "street": "Via Po 1",
    "postal_code": "10123",
    "city": "Torino",
    "country": "IT",
    "phone": "",
}


class Shopper:
    """Does what the pages offer; `at` is the language prefix of the address."""

    def __init__(self, client: FlaskClient, at: str = "") -> None:
        self.client = client
        self.at = at

    def get(self, path: str, **kwargs: Any) -> TestResponse:  # Any: Werkzeug's
        return self.client.get(self.at + path, **kwargs)

    def post(self, path: str, **data: object) -> TestResponse:
        return self.client.post(self.at + path, data=data)

    def puts(self, product: Any, quantity: int = 1) -> TestResponse:  # Any: a Product
        return self.post("/basket", variant_id=str(product.variants[0].id), quantity=quantity)

    def says_address(self, **changes: str) -> TestResponse:
        return self.post("/checkout/delivery", **(ADDRESS | changes))

    def chooses(self, split: dict[Any, str], do: str = "continue", **more: object) -> TestResponse:
        """Send the step of the projects: `split` maps projects to typed amounts."""
        return self.post(
            "/checkout/projects",
            project=[str(project.id) for project in split],
            amount=list(split.values()),
            do=do,
            **more,
        )

    def presses(self, split: dict[Any, str], **button: object) -> TestResponse:
        return self.post(
            "/checkout/projects",
            project=[str(project.id) for project in split],
            amount=list(split.values()),
            **button,
        )

    def amounts(self) -> list[str]:
        """Return what stands in the fields of the step of the projects."""
        page = self.get("/checkout/projects").text
        return re.findall(r'name="amount"[^>]* value="([^"]*)"', page)

    def last_page(self) -> dict[str, str]:
        """Return the hidden fields of the last step."""
        page = self.get("/checkout/payment")
        assert page.status_code == 200, page.headers.get("Location")
        fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        return {name: value for name, value in fields if name != "csrf_token"}

    def places(self, **changes: object) -> TestResponse:
        return self.post("/checkout/payment", **(self.last_page() | changes))
