"""Every page, wide and narrow, light and dark: it answers, fits, and shuts nobody out."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from marketplace.demo import world
from tests.browser import people
from tests.browser.accessibility import violations
from tests.browser.addresses import (
    COMPANY,
    DESK,
    LEFT_OUT,
    PAGES,
    PRODUCT,
    is_for_programs,
    routes,
)
from tests.browser.conftest import PATIENCE_MS, SCREENS
from tests.browser.site import Site

LARGEST = 100_000
"""Bytes of a first visit: the page, styles, script and fonts; photos and drawings come on top."""

UNWEIGHED = ("/api/v1/docs/try", "/look")
"""A library for programmers who ask for it; and a page with everything that there is."""

NARROWEST = {"width": 360, "height": 780}
TRANSLATED = ("/", f"/products/{PRODUCT[0]}", "/projects/riwa-springs", "/ledger", "/sign-in")
MEASURE = """() => ({
  title: document.title,
  language: document.documentElement.lang,
  width: document.documentElement.scrollWidth,
})"""
WEIGH = """async () => {
  await document.fonts.ready;
  const own = /\\.(css|js|woff2)$/;
  const parts = [...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource").filter((one) => own.test(one.name))];
  return parts.map((one) => [one.name, one.encodedBodySize]);
}"""


class Windows:
    """One window for each person, opened once and used for every page of theirs."""

    def __init__(self, chromium: Browser, site: Site, cookies: Callable[[str], Any]) -> None:
        self.chromium, self.site, self.cookies = chromium, site, cookies
        self.pages: dict[str, Page] = {}
        self.errors: list[str] = []

    def of(self, email: str = "", *, is_apart: bool = False) -> Page:
        """Return somebody's window, wide and light; "" is a guest.

        `is_apart`: another one, since a window keeps the fonts that a page once wanted.
        """
        key = f"{email} apart" if is_apart else email
        if key not in self.pages:
            state = self.cookies(email) if email else None
            context = self.chromium.new_context(
                base_url=self.site.url,
                locale="en",
                storage_state=state,
                reduced_motion="reduce",  # no colour is looked at on its way to another
            )
            page = self.pages[key] = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            nothing_kept = {"cacheDisabled": True}  # each visit weighs what a first one does
            context.new_cdp_session(page).send("Network.setCacheDisabled", nothing_kept)
            page.on("pageerror", lambda error: self.errors.append(str(error)))
            page.on("console", self._note)
        self.errors.clear()
        page = self.pages[key]
        page.set_viewport_size(SCREENS["desktop"])
        page.emulate_media(color_scheme="light")
        return page

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


def _assert_fits(page: Page, screen: Any) -> None:  # Any: Playwright's
    page.set_viewport_size(screen)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= screen["width"], f"{wide} px wide on {screen['width']}"


def _assert_sound(page: Page, windows: Windows) -> None:
    """Look at a page in its guises: wide and narrow, light and dark."""
    page.wait_for_load_state()
    told = page.evaluate(MEASURE)
    assert re.search(r"\w.* – Causeway$", told["title"])
    assert told["language"] == "en"
    assert told["width"] <= SCREENS["desktop"]["width"]
    if not page.url.endswith(UNWEIGHED):
        weights = page.evaluate(WEIGH)
        assert len(weights) >= 5  # page, style, script, two fonts
        assert sum(size for _name, size in weights) < LARGEST, weights
    expect(page.locator("h1").first).to_be_visible()
    assert violations(page) == ""
    _assert_fits(page, NARROWEST)
    _assert_fits(page, SCREENS["phone"])
    page.emulate_media(color_scheme="dark")
    assert violations(page, only="color-contrast") == ""
    assert windows.errors == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(SCREENS["desktop"])


class TestListOfPages:
    def test_names_every_address_or_says_why_not(self):
        asked = {page.route for page in PAGES}
        programs = {route for route in routes() if is_for_programs(route)}
        assert asked | LEFT_OUT.keys() | programs == routes()
        assert asked & LEFT_OUT.keys() == set()


class TestEveryPage:
    @pytest.mark.parametrize("address", PAGES, ids=str)
    def test_is_sound(self, windows, address):
        page = windows.of(address.who, is_apart=address.route in UNWEIGHED)
        assert page.goto(address.start).status == 200
        if address.link:
            people.press(page, page.locator(address.link).first)
        pattern = re.sub(r"<[^>]+>", "[^/]+", address.route)
        assert re.search(rf"{pattern}(\?.*)?(#.*)?$", page.url), page.url
        _assert_sound(page, windows)

    @pytest.mark.parametrize(("who", "path"), [("", "/not-there"), (world.SHOPPER, "/staff")])
    def test_that_is_not_for_this_person_says_so(self, windows, who, path):
        page = windows.of(who)
        assert page.goto(path).status in {403, 404}
        windows.errors.clear()
        _assert_sound(page, windows)

    @pytest.mark.parametrize("language", ["fr", "it"])
    @pytest.mark.parametrize("path", TRANSLATED)
    def test_speaks_the_language_of_its_address_and_fits(self, windows, language, path):
        page = windows.of()
        assert page.goto(f"/{language}{path}".rstrip("/")).status == 200
        assert page.locator("html").get_attribute("lang") == language
        for screen in (SCREENS["desktop"], SCREENS["phone"], NARROWEST):
            _assert_fits(page, screen)


class TestCheckout:
    def test_is_sound_at_each_step_to_the_receipt(self, windows):
        page = windows.of()

        def look_at(path: str) -> None:
            page.wait_for_url(f"**{path}")
            _assert_sound(page, windows)

        people.fill_basket(page)
        look_at("/basket")
        people.press(page, page.get_by_role("link", name="Go to delivery"))
        look_at("/checkout/delivery")
        people.tell_address(page)
        look_at("/checkout/projects")
        people.press(page, page.get_by_role("button", name="Add another project"))
        look_at("/checkout/projects/more*")
        people.press(page, page.get_by_role("link", name="Back to the amounts"))
        people.choose_three(page)
        look_at("/checkout/payment")
        people.go_and_pay(page)
        people.press(page, page.locator("form ~ p a"))
        look_at("/checkout/back/*")
        people.press(page, page.get_by_role("link", name=re.compile("^Pay .+ now$")))
        people.show_card(page, people.GOOD_CARD)
        people.read_receipt(page)
        look_at("/receipt/*")

    def test_that_lacks_something_is_sound(self, windows):
        page = windows.of(world.OWNER)
        page.goto(f"/products/{PRODUCT[0]}")
        people.press(page, page.get_by_role("button", name="Add to basket"))
        page.goto("/checkout/delivery")
        page.locator("main form").evaluate_all("all => all.forEach(one => one.noValidate = true)")
        page.get_by_label("Name", exact=True).fill("")
        people.press(page, page.get_by_role("button", name="Go on to the projects"))
        expect(page.get_by_role("alert").first).to_be_visible()
        windows.errors.clear()  # the browser notes that the answer was 422
        _assert_sound(page, windows)


class TestReport:
    def test_is_sound_before_and_after_it_is_published(self, windows):
        desk = windows.of(world.MEMBER)
        people.begin_report(desk, COMPANY["slug"], "What our cloth gave")
        _assert_sound(desk, windows)
        second = windows.of(people.SECOND_MEMBER)
        address = people.publish_report(desk, second, COMPANY["slug"])
        desk.goto(address.replace("/companies/", "/company/"))
        _assert_sound(desk, windows)
        reader = windows.of()
        assert reader.goto(address).status == 200
        _assert_sound(reader, windows)
        assert reader.goto(f"{address}/entries").status == 200
        _assert_sound(reader, windows)


class TestImport:
    def test_is_sound_with_rows_that_are_refused(self, windows):
        page = windows.of(world.MEMBER)
        page.goto(f"{DESK}/import")
        table = b"Handle,Title,Variant Price\nmat,Linen mat,12.00\nbad,Bad mat,twelve\n"
        page.locator("input[type=file]").set_input_files(
            {"name": "products.csv", "mimeType": "text/csv", "buffer": table}
        )
        page.get_by_role("button", name="Look at it").click()
        expect(page).to_have_url(re.compile(f"{DESK}/import/[^/]+$"))
        _assert_sound(page, windows)


class TestSecondStep:
    def test_is_sound(self, windows, visit):
        page = visit(reduced_motion="reduce")
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(world.OPERATOR)
        page.get_by_label("Password").fill(world.PASSWORD)
        page.locator("main").get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile("/sign-in/code"))
        windows.errors.clear()
        _assert_sound(page, windows)


class TestLetter:
    @pytest.mark.parametrize(
        ("path", "email"),
        [("/sign-up", "somebody-new@example.org"), ("/reset-password", world.OWNER)],
    )
    def test_leads_to_a_sound_page(self, windows, site, path, email):
        page = windows.of()
        page.goto(path)
        if path == "/sign-up":
            page.get_by_label("Your name").fill("Somebody New")
        page.get_by_label("E-mail").fill(email)
        people.press(page, page.get_by_role("button", name="Send me the letter"))
        assert page.goto(site.link_in_letter(email, f"{path}/")).status == 200
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
        seen = sum(people.sees_focus(page) for _ in range(15))
        assert seen > 10

    def test_sees_where_it_is_within_a_date(self, windows):
        """Day, month, year and the button of the calendar are stops of their own."""
        page = windows.of("giulia@demo.example")
        page.goto("/staff/audit")
        page.get_by_label("From").focus()
        while page.evaluate("() => document.activeElement.type") == "date":
            assert people.sees_focus(page)


class TestMenuOfADesk:
    DRAFTS = "/project-desk/riwa-springs/drafts"

    def test_opens_by_keys_on_phones_and_says_where_one_is(self, windows):
        page = windows.of(world.OWNER)
        page.set_viewport_size(SCREENS["phone"])
        page.goto(self.DRAFTS)
        button = page.get_by_role("button", name=re.compile("^Your project.*Drafts$"))
        receipts = page.get_by_role("list", name="Money").get_by_role("link", name="Receipts")
        expect(receipts).to_be_hidden()
        button.focus()
        page.keyboard.press("Enter")
        expect(receipts).to_be_visible()
        here = page.get_by_role("list", name="Telling").get_by_role("link", name="Drafts")
        expect(here).to_have_attribute("aria-current", "page")
        assert violations(page) == ""
        page.keyboard.press("Escape")
        expect(receipts).to_be_hidden()
        expect(button).to_be_focused()

    def test_stands_beside_the_page_where_there_is_room(self, windows):
        page = windows.of(world.OWNER)
        page.goto(self.DRAFTS)
        expect(page.get_by_role("button", name="Your project")).to_be_hidden()
        page.get_by_role("link", name="Receipts").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.url.endswith("/spending")


class TestFiltersOfProjects:
    def test_leave_the_first_screen_of_a_phone_to_the_list(self, windows):
        page = windows.of()
        page.set_viewport_size(SCREENS["phone"])
        page.goto("/projects?sdg=6")
        assert page.locator(".pcard").first.bounding_box()["y"] < SCREENS["phone"]["height"]
        country = page.get_by_label("Country")
        expect(country).to_be_hidden()
        page.get_by_role("button", name="Filter, 1 on").click()
        assert violations(page) == ""
        country.select_option("KE")
        page.get_by_role("button", name="Show projects").last.click()
        page.wait_for_url("**country=KE**")
        assert "sdg=6" in page.url
        page.get_by_role("link", name=re.compile("^Kenya.*remove filter$")).click()
        expect(page.get_by_role("button", name="Filter, 1 on")).to_be_visible()

    def test_stand_in_a_row_where_there_is_room(self, windows):
        page = windows.of()
        page.goto("/projects")
        expect(page.get_by_label("Country")).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^Filter"))).to_be_hidden()
