"""A real browser and a real site; every page must stand it without an error or a stranger."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.accessibility import violations
from tests.browser.chromium import NoBrowser, find_or_install
from tests.browser.people import sign_in
from tests.browser.site import Site

SCREENS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
HERE = Path(__file__).parent
PATIENCE_MS = 60_000  # a machine may do much else meanwhile; who is quick waits no longer for it
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the browser's tests."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a whole marketplace that runs."""
    site = Site(tmp_path_factory.mktemp("site"))
    try:
        site.wait_up()
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return a browser."""
    try:
        path = find_or_install()
    except NoBrowser as problem:
        pytest.fail(str(problem), pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a window of a new visitor.

    `screen` is "desktop" or "phone"; other arguments are Playwright's, such as
    `color_scheme="dark"`, `java_script_enabled=False`, `locale="fr"`. Who visits wants little
    motion: a fading from page to page that a slow browser gives up would be an error of the page.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_window(screen: str = "desktop", **options: Any) -> Page:  # Any: Playwright's
        settings = {
            "viewport": SCREENS[screen],
            "locale": "en",
            "reduced_motion": "reduce",
            **options,
        }
        context = chromium.new_context(base_url=site.url, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _note(page, message, errors))
        page.on("request", lambda request: _refuse_strangers(request.url, site, errors))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def cookies(chromium: Browser, site: Site) -> Callable[[str], Any]:  # Any: Playwright's
    """Return a function that signs somebody in, once for all tests, and returns their cookies."""

    @cache
    def of(email: str) -> Any:  # Any: Playwright's
        context = chromium.new_context(base_url=site.url, locale="en")
        sign_in(context.new_page(), email)
        kept = context.storage_state()
        context.close()
        return kept

    return of


@pytest.fixture
def signed_in(visit: Callable[..., Page], cookies: Callable[[str], Any]) -> Callable[..., Page]:
    """Return a function that opens a window of somebody who has signed in."""
    return lambda email, screen="desktop", **options: visit(
        screen, storage_state=cookies(email), **options
    )


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """Return the window of a new visitor at a desk."""
    return visit()


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Return a function that fails if axe finds a violation on a page."""

    def check(page: Page) -> None:
        assert violations(page) == ""

    return check


def _note(page: Page, message: Any, errors: list[str]) -> None:  # Any: Playwright's
    refused = "the server responded with a status of 4" in message.text
    if message.type == "error" and not refused:
        errors.append(f"{page.url}: {message.text}")


def _refuse_strangers(url: str, site: Site, errors: list[str]) -> None:
    ours = (f"{site.url}/", f"http://127.0.0.1:{site.sandbox_port}/", "data:", "blob:", "about:")
    if not url.startswith(ours):
        errors.append(f"a request to a stranger: {url}")
