"""A guest who buys three things, opening every page that a person sees on the way."""

import http.client
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from bench import forms
from bench.load import Rate

ADDRESS = {
    "email": "guest@bench.example",
    "name": "G. Guest",
    "street": "Via Po 1",
    "postal_code": "10123",
    "city": "Torino",
    "country": "IT",
    "phone": "",
}
CARD = {
    "card_number": "4242424242424242",
    "card_expiry": "12 / 40",
    "card_cvc": "123",
    "cardholder_name": "G. Guest",
}
THINGS = 3
CONFLICT = 409
GUESTS = 8

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    location: str
    text: str


class Browser(Protocol):
    """Somebody who asks and remembers cookies, over HTTP or inside the process."""

    def ask(self, method: str, url: str, fields: Fields | None = None) -> Answer:
        """Send one request."""


class Disappointed(RuntimeError):
    """A page was not what it should be; the text says which."""


class HttpBrowser:
    """A browser of our own: kept connections, cookies, no images."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._connections: dict[str, http.client.HTTPConnection] = {}
        self._cookies: dict[str, dict[str, str]] = {}

    def ask(self, method: str, url: str, fields: Fields | None = None) -> Answer:
        """Send one request; an address without a host is ours."""
        parts = urlsplit(url)
        host = parts.netloc or urlsplit(self._home).netloc
        if host not in self._connections:
            self._connections[host] = http.client.HTTPConnection(host, timeout=60)
        jar = self._cookies.setdefault(host, {})
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://{host}",
            }
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = self._connections[host]
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            jar[name] = value
        return Answer(answer.status, answer.headers.get("Location") or "", text)

    def close(self) -> None:
        """Let the connections go."""
        for connection in self._connections.values():
            connection.close()


def buy(browser: Browser, products: Sequence[str]) -> str:
    """Buy these products, one of each; return the receipt's page.

    :raises Disappointed: a step did not lead to the next.
    """
    _see(browser, "/")
    _see(browser, "/products?sort=price")
    for product in products:
        page = _see(browser, f"/products/{product}")
        _see(browser, _send(browser, page, "variant_id"))
    page = _see(browser, "/checkout/delivery")
    page = _see(browser, _send(browser, page, "postal_code", ADDRESS))
    page = _see(browser, _send(browser, page, "project", {"do": "continue"}))
    payment_url = _send(browser, page, "checkout_key")
    page = _see(browser, payment_url)
    back = _send(browser, page, "card_number", CARD, url=payment_url)
    receipt = browser.ask("GET", back)
    for _ in range(3):
        if receipt.status != 303:
            break
        receipt = browser.ask("GET", receipt.location)
    if receipt.status != 200 or "CW-" not in receipt.text:
        raise Disappointed(f"no receipt: {receipt.status}")
    return receipt.text


def _see(browser: Browser, url: str) -> str:
    answer = browser.ask("GET", url)
    if answer.status != 200:
        raise Disappointed(f"{url}: {answer.status} {answer.location}")
    return answer.text


def _send(
    browser: Browser,
    page: str,
    holding: str,
    said: Mapping[str, str] | None = None,
    url: str = "",
    *,
    tries: int = 5,
) -> str:
    """Fill in the form that has a field of this name and send it; return where it leads.

    Where the order has changed meanwhile, the page says so and is sent once more: the other guests
    use a sponsor's pool up at the same time.
    """
    form = forms.read(page, holding)
    said = said or {}
    fields = [(name, value) for name, value in form.fields if name not in said]
    action = form.action
    if url and not urlsplit(action).netloc:
        action = "{0.scheme}://{0.netloc}{1}".format(urlsplit(url), action)
    answer = browser.ask("POST", action, [*fields, *said.items()])
    if answer.status == CONFLICT and tries > 1:
        return _send(browser, answer.text, holding, said, url, tries=tries - 1)
    if answer.status not in (302, 303):
        wrong = re.findall(r'class="[^"]*error[^"]*"[^>]*>([^<]{3,90})', answer.text)
        raise Disappointed(f"{form.action}: {answer.status} {wrong}")
    return answer.location


def crowd(home: str, products: Sequence[str], seconds: float) -> Rate:
    """Let eight guests at once buy for some seconds; count the purchases that ended well."""
    started = time.monotonic()
    counts, failures = [0] * GUESTS, [0] * GUESTS

    def shop(place: int) -> None:
        dice = random.Random(place)  # not for secrets
        while time.monotonic() < started + seconds:
            browser = HttpBrowser(home)
            try:
                buy(browser, dice.sample(products, THINGS))
                counts[place] += 1
            except (Disappointed, LookupError, OSError, http.client.HTTPException) as error:
                failures[place] += 1
                print(f"  purchase failed: {error}")
            finally:
                browser.close()

    _together(shop)
    return Rate(sum(counts), time.monotonic() - started, sum(failures))


def _together(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(place,)) for place in range(GUESTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
