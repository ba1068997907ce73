"""Every page, wide and narrow, light and dark: it answers, fits, and shuts nobody out."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from marketplace.demo import world
from tests.browser import people
from tests.browser.conftest import SCREENS
from tests.browser.site import Site

LARGEST = 100_000
"""Bytes of a first visit's page, styles, script and fonts; photos and drawings come on top."""

COMPANY = people.companies()[0]
PRODUCT = COMPANY["products"][0]
PUBLIC = (
    "/",
    "/products",
    "/products?q=linen&sort=price",
    "/products?q=nothing-like-this",
    f"/products/c/{PRODUCT[2]}",
    f"/products/{PRODUCT[0]}",
    "/projects",
    "/projects/riwa-springs",
    "/projects/riwa-springs/updates",
    "/projects/riwa-springs/money",
    "/companies",
    f"/companies/{COMPANY['slug']}",
    "/ledger",
    "/how-it-works",
    "/legal",
    "/privacy",
    "/accessibility",
    "/basket",
    "/sign-in",
    "/sign-up",
    "/reset-password",
    "/api/v1/docs",
)
OWN = (
    (world.SHOPPER, "/account"),
    (world.SHOPPER, "/account/orders"),
    (world.SHOPPER, "/account/impact"),
    (world.SHOPPER, "/account/following"),
    (world.SHOPPER, "/account/settings"),
    (world.SHOPPER, "/account/sessions"),
    (world.OWNER, "/project-desk"),
    (world.OWNER, "/project-desk/riwa-springs"),
    (world.OWNER, "/project-desk/riwa-springs/texts"),
    (world.OWNER, "/projects/propose"),
    (world.MEMBER, f"/company/{COMPANY['slug']}/orders"),
    (world.MEMBER, f"/company/{COMPANY['slug']}/products"),
    (world.MEMBER, f"/company/{COMPANY['slug']}/products/new"),
    (world.MEMBER, f"/company/{COMPANY['slug']}/import"),
    (world.MEMBER, f"/company/{COMPANY['slug']}/reports"),
    (world.OPERATOR, "/staff"),
    (world.OPERATOR, "/staff/companies"),
    (world.OPERATOR, "/staff/projects"),
    (world.OPERATOR, "/staff/orders"),
    (world.OPERATOR, "/staff/ledger"),
    (world.OPERATOR, "/staff/commands"),
    (world.OPERATOR, "/staff/people"),
)
TRANSLATED = ("/", f"/products/{PRODUCT[0]}", "/projects/riwa-springs", "/ledger", "/sign-in")
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


class Windows:
    """One window for each person, opened once and used for every page of theirs."""

    def __init__(self, chromium: Browser, site: Site, cookies: Callable[[str], Any]) -> None:
        self.chromium, self.site, self.cookies = chromium, site, cookies
        self.pages: dict[str, Page] = {}
        self.errors: list[str] = []

    def of(self, email: str = "") -> Page:
        """Return somebody's window, wide and light; "" is a guest."""
        if email not in self.pages:
            state = self.cookies(email) if email else None
            context = self._open(storage_state=state)
            page = self.pages[email] = context.new_page()
            page.on("pageerror", lambda error: self.errors.append(str(error)))
            page.on("console", self._note)
        self.errors.clear()
        page = self.pages[email]
        page.set_viewport_size(SCREENS["desktop"])
        page.emulate_media(color_scheme="light")
        return page

    def _open(self, **options: Any) -> BrowserContext:  # Any: Playwright's
        return self.chromium.new_context(base_url=self.site.url, locale="en", **options)

    def _note(self, message: Any) -> None:  # Any: Playwright's
        if message.type in {"error", "warning"}:
            self.errors.append(f"{message.type}: {message.text}")

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


@pytest.fixture(scope="module")
def windows(chromium: Browser, site: Site, cookies: Callable[[str], Any]) -> Iterator[Windows]:
    windows = Windows(chromium, site, cookies)
    yield windows
    windows.close()


def _assert_fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"], f"{wide} px wide"


def _assert_open_to_all(page: Page, options: Any = None) -> None:  # Any: axe's
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()


def _assert_sound(page: Page, windows: Windows) -> None:
    """Look at a page in its four guises: wide and narrow, light and dark."""
    assert re.search(r"\w.* – Causeway$", page.title())
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator("h1").first).to_be_visible()
    _assert_fits(page)
    _assert_open_to_all(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(SCREENS["phone"])
    _assert_fits(page)
    _assert_open_to_all(page, COLOURS)
    assert windows.errors == []


class TestEveryPage:
    @pytest.mark.parametrize("path", PUBLIC)
    def test_is_sound_for_a_guest(self, windows, path):
        page = windows.of()
        assert page.goto(path).status == 200
        _assert_sound(page, windows)

    @pytest.mark.parametrize(("email", "path"), OWN)
    def test_is_sound_for_whose_it_is(self, windows, email, path):
        page = windows.of(email)
        assert page.goto(path).status == 200
        assert page.url.endswith(path)
        _assert_sound(page, windows)

    def test_that_is_not_there_says_so(self, windows):
        page = windows.of()
        assert page.goto("/not-there").status == 404
        windows.errors.clear()
        _assert_sound(page, windows)

    @pytest.mark.parametrize("language", ["fr", "it"])
    @pytest.mark.parametrize("path", TRANSLATED)
    def test_speaks_the_language_of_its_address_and_fits(self, windows, language, path):
        page = windows.of()
        page.set_viewport_size(SCREENS["phone"])
        assert page.goto(f"/{language}{path}".rstrip("/")).status == 200
        assert page.locator("html").get_attribute("lang") == language
        _assert_fits(page)
        page.set_viewport_size(SCREENS["desktop"])
        _assert_fits(page)


class TestCheckout:
    def test_is_sound_at_each_step_to_the_receipt(self, windows):
        page = windows.of()
        people.fill_basket(page)
        _assert_sound(page, windows)
        people.say_delivery(page)
        _assert_sound(page, windows)
        page.get_by_role("button", name="Add another project").click()
        _assert_sound(page, windows)
        page.get_by_role("link", name="Back to the amounts").click()
        people.choose_three(page)
        _assert_sound(page, windows)
        people.go_and_pay(page)
        people.show_card(page, people.GOOD_CARD)
        people.read_receipt(page)
        _assert_sound(page, windows)


class TestKeyboard:
    def test_skips_to_the_content(self, windows):
        page = windows.of()
        page.goto("/products")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_sees_where_it_is(self, windows, scheme):
        page = windows.of()
        page.emulate_media(color_scheme=scheme)
        page.goto("/sign-in")
        seen = 0
        for _ in range(15):
            page.keyboard.press("Tab")
            outline = page.evaluate(
                "() => { const s = getComputedStyle(document.activeElement);"
                " return [document.activeElement.tagName, s.outlineStyle, s.outlineWidth]; }"
            )
            if outline[0] != "BODY":
                assert outline[1] != "none", outline
                assert float(outline[2].removesuffix("px")) >= 2, outline
                seen += 1
        assert seen > 10


class TestWeight:
    @pytest.mark.parametrize("path", ["/", f"/products/{PRODUCT[0]}", "/projects/riwa-springs"])
    def test_of_a_first_visit_is_small(self, visit, path):
        page = visit()
        requests: list[Any] = []  # Any: Playwright's
        page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108  # Playwright marks the function
        page.goto(path, wait_until="networkidle")
        sizes = {
            request.url: request.sizes()["responseBodySize"]
            for request in requests
            if request.resource_type in {"document", "stylesheet", "script", "font"}
        }
        assert len(sizes) >= 4
        assert sum(sizes.values()) < LARGEST, json.dumps(sizes, indent=2)
