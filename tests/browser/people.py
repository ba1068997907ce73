"""What people do in the browser: sign in, fill a basket, pay."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from playwright.sync_api import Locator, Page

from marketplace.demo import world
from tests import cluster

GOOD_CARD = "4242424242424242"
MOST_TABS = 60
DECLINED_CARD = "4000000000000002"
ADDRESS = {
    "E-mail": "guest@example.org",
    "Name": "Nora Ospite",
    "Street and number": "Via Po 1",
    "Postal code": "10123",
    "Town": "Torino",
}
SAID = json.loads((cluster.CHECKOUT / "marketplace/demo/world.json").read_text())


@dataclass(frozen=True)
class Purchase:
    """What a shopper keeps of a purchase: its number and the path of its receipt."""

    number: str
    receipt: str


def companies() -> list[Any]:  # Any: JSON
    """Return the demo world's companies, Marta Bonino's first."""
    rows: list[Any] = SAID["companies"]
    return sorted(rows, key=lambda row: "Marta Bonino" not in str(row["members"]))


def press(page: Page, what: Locator) -> None:
    """Press what leads to another page, and wait until that page is there."""
    with page.expect_navigation():
        what.click()


def sign_in(page: Page, email: str, *, has_second_factor: bool = False) -> None:
    """Sign in, with the second factor where it is asked for."""
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(world.PASSWORD)
    press(page, page.locator("main").get_by_role("button", name="Sign in"))
    if email == world.OPERATOR or has_second_factor:
        page.get_by_label("Six digits").fill(pyotp.TOTP(world.OPERATOR_SECRET).now())
        press(page, page.locator("main").get_by_role("button", name="Sign in"))


def fill_basket(page: Page) -> None:
    """Go from the front page into the listing, and find a product of each of two companies."""
    page.goto("/")
    press(page, page.locator("main a[href='/products']").first)
    for company in companies()[:2]:
        slug, title = company["products"][0][:2]
        page.goto("/products")
        page.locator("#q").fill(title)
        with page.expect_navigation():
            page.locator("#q").press("Enter")
        press(page, page.locator(f"main a[href='/products/{slug}']").first)
        press(page, page.get_by_role("button", name="Add to basket"))


def put_two_in_basket(page: Page) -> None:
    """Put a product of each of two companies into the basket, straight from their pages."""
    for company in companies()[:2]:
        page.goto(f"/products/{company['products'][0][0]}")
        press(page, page.get_by_role("button", name="Add to basket"))


def say_delivery(page: Page) -> None:
    """Go from the basket over the delivery to the choice of projects."""
    press(page, page.get_by_role("link", name="Go to delivery"))
    tell_address(page)


def tell_address(page: Page) -> None:
    """Fill in where the parcels go, and go on."""
    for label, text in ADDRESS.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Country").select_option("IT")
    press(page, page.get_by_role("button", name="Go on to the projects"))


def choose_three(page: Page) -> list[int]:
    """Choose three projects and unequal amounts; returns the amounts in cents."""
    while page.locator("[data-alloc]").count() < 3:
        press(page, page.get_by_role("button", name="Add another project"))
        press(page, page.get_by_role("button", name=re.compile("^Add .+")).first)
    total = int(page.locator("[data-split]").get_attribute("data-split") or 0)
    amounts = [total // 2, total // 3, total - total // 2 - total // 3]
    for place, amount in enumerate(amounts):
        page.locator(f"#f-amount-{place}").fill(f"{amount // 100}.{amount % 100:02}")
    press(page, page.get_by_role("button", name="Continue to payment"))
    return amounts


def go_and_pay(page: Page) -> None:
    """Order, and wait for the provider's page."""
    page.get_by_role("button", name="Order and pay").click()
    page.wait_for_url("**/pay/**")


def card(number: str) -> dict[str, str]:
    """Return what the provider's page wants to know of a card, by the names of its fields."""
    return {
        "email": ADDRESS["E-mail"],
        "card_number": number,
        "card_expiry": "12 / 40",
        "card_cvc": "123",
        "cardholder_name": ADDRESS["Name"],
    }


def show_card(page: Page, number: str) -> None:
    """Fill in the provider's page."""
    for name, text in card(number).items():
        page.locator(f"#{name}").fill(text)
    press(page, page.locator("form button[type=submit]"))


def buy(page: Page) -> Purchase:
    """Do all of it."""
    fill_basket(page)
    say_delivery(page)
    choose_three(page)
    go_and_pay(page)
    show_card(page, GOOD_CARD)
    return read_receipt(page)


def read_receipt(page: Page) -> Purchase:
    """Wait for the receipt and return what one would note of it."""
    page.wait_for_url("**/receipt/**")
    found = re.search(r"CW-\d+-\d+", page.locator("main").inner_text())
    assert found
    return Purchase(found[0], page.url)


SECOND_MEMBER = f"{companies()[0]['slug']}-1@demo.example"
"""Somebody else of the company that the demo's member works for."""


def begin_report(page: Page, slug: str, title: str) -> None:
    """Begin a company's report about the last months."""
    page.goto(f"/company/{slug}/reports")
    page.get_by_label("Title").fill(title)
    today = datetime.now(UTC).date()
    page.get_by_label("First day").fill((today - timedelta(days=200)).isoformat())
    page.get_by_label("Last day").fill((today - timedelta(days=1)).isoformat())
    press(page, page.get_by_role("button", name="Begin"))
    page.locator("#f-text_badly").wait_for()


def hand_in_report(page: Page) -> None:
    """Write the report that is open on the desk, and let a second person read it."""
    page.locator("#f-text_opening").fill("We wove, you chose.")
    page.locator("#f-text_badly").fill("Two parcels left a week late.")
    page.get_by_role("button", name="Hand in for review").click()
    page.wait_for_url("**/preview")


def publish_report(page: Page, second: Page, slug: str) -> str:
    """Finish the report that is open on the desk, read by a second one; return its address."""
    hand_in_report(page)
    second.goto(page.url)
    press(second, second.get_by_role("button", name="It is right"))
    page.reload()
    press(page, page.get_by_role("button", name="Publish and sign"))
    name = page.url.split("#")[0].split("?")[0].rsplit("/", 1)[1]
    return f"/companies/{slug}/reports/{name}"


def sees_focus(page: Page) -> bool:
    """Press Tab, and tell whether something of the page has the focus; it must show."""
    page.keyboard.press("Tab")
    name, style, width = page.evaluate(
        "() => { const one = document.activeElement, card = one.closest('.card, .pcard');"
        " const s = getComputedStyle(card ?? one);"
        " return [one.tagName, s.outlineStyle, s.outlineWidth]; }"
    )
    if name == "BODY":
        return False
    assert style != "none", f"{name} on {page.url} has the focus and does not show it"
    assert float(width.removesuffix("px")) >= 2, f"{name} on {page.url}: {width}"
    return True


def tab_to(page: Page, wanted: Locator, text: str = "", *, key: str = "Enter") -> None:
    """Press Tab until something has the focus, which must show all the way; type, press a key."""
    wanted.wait_for()
    handle = wanted.element_handle()
    for _ in range(MOST_TABS):
        sees_focus(page)
        if page.evaluate("one => document.activeElement === one", handle):
            break
    else:
        raise AssertionError(f"{MOST_TABS} times Tab did not lead to {wanted} on {page.url}")
    if text:
        if handle.evaluate("one => one.tagName === 'INPUT'"):
            page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(text)
    if key:
        with page.expect_navigation():
            page.keyboard.press(key)


def cents(text: str) -> int:
    """Return the one amount of euros in a text, in cents."""
    found = re.fullmatch(r"\D*([\d,]+)\.(\d\d)\D*", text.strip())
    assert found, text
    return int(found[1].replace(",", "") + found[2])
