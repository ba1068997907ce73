"""A receipt is checked by the browser, also on a saved page, and by the server without scripts."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import golden

KNOWN = json.loads((golden.CHECKOUT / "docs" / "proofs-vectors.json").read_text("utf-8"))
RECEIPT = json.dumps(KNOWN["receipt"])
FORGED = {
    "amount": RECEIPT.replace("amount 240", "amount 340"),
    "sums": RECEIPT.replace("sums outside>pending=340", "sums outside>pending=440"),
    "negative": RECEIPT.replace('"sums": "outside>pending=100"', '"sums": "outside>pending=-100"'),
    "root": RECEIPT.replace(KNOWN["checkpoint"].split("\n")[2], "A" * 43 + "="),
    "key": RECEIPT.replace("shop.example/log\\n14", "shop.example/log\\n15"),
    "nothing": json.dumps(KNOWN["receipt"] | {"events": []}),
}


def check(page: Page, receipt: str) -> None:
    if not page.locator("#f-key").is_visible():
        page.get_by_text("More to check").click()
    page.locator("#f-key").fill(KNOWN["key"]["public"])
    page.locator("#f-receipt").fill(receipt)
    page.get_by_role("button", name="Check", exact=True).click()


def verdict(page: Page) -> Locator:
    return page.locator("#findings h2")


class TestBrowser:
    def test_checks_a_receipt_and_asks_nobody(self, page: Page, accessible: Callable) -> None:
        page.goto("/verify", wait_until="networkidle")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        check(page, RECEIPT)
        expect(verdict(page)).to_have_text("Everything holds.")
        findings = page.locator("#findings .proof__row")
        expect(findings).to_have_count(6)
        expect(findings.nth(0)).to_contain_text("Signed by shop.example/log: a log of 14 entries.")
        expect(findings.nth(1)).to_contain_text("€2.40 for springs given, and held, 2026-03-11")
        assert asked == []
        accessible(page)

    @pytest.mark.parametrize("how", FORGED)
    def test_finds_what_was_forged(self, page: Page, how: str) -> None:
        assert FORGED[how] != RECEIPT
        page.goto("/verify")
        check(page, FORGED[how])
        expect(verdict(page)).to_have_text("Something does not hold.")

    def test_says_what_it_cannot_check_and_lets_the_server_do_it(self, page: Page) -> None:
        page.add_init_script(
            "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupported'))"
        )
        page.goto("/verify")
        check(page, RECEIPT)
        expect(verdict(page)).to_have_text("Everything but the signature was checked, and holds.")
        first = page.locator("#findings .proof__row").first
        expect(first).to_contain_text("Your browser does not know this kind of signature")
        page.get_by_role("button", name="Send it and have our server check").click()
        expect(verdict(page)).to_have_text("Everything holds.")
        check(page, FORGED["amount"])
        expect(verdict(page)).to_have_text("Something does not hold.")
        expect(page.get_by_role("button", name="Send it")).to_have_count(1)

    def test_does_so_on_a_saved_page(self, page: Page, chromium: Browser, tmp_path: Path) -> None:
        page.goto("/verify")
        address = page.locator("script[src*=verify]").get_attribute("src")
        (tmp_path / "verify.js").write_bytes(page.request.get(address).body())
        text = re.sub(r"<(link|script)[^>]*(stylesheet|icon|module)[^>]*>", "", page.content())
        (tmp_path / "verify.html").write_text(text.replace(address, "verify.js"))
        with chromium.new_context(offline=True, locale="en") as context:
            saved = context.new_page()
            saved.goto((tmp_path / "verify.html").as_uri())
            check(saved, RECEIPT)
            expect(verdict(saved)).to_have_text("Everything holds.")


class TestServer:
    def test_checks_for_those_without_scripts(self, visit: Callable[..., Page]) -> None:
        page = visit(java_script_enabled=False)
        page.goto("/verify")
        check(page, RECEIPT)
        expect(verdict(page)).to_have_text("Everything holds.")
        check(page, FORGED["amount"])
        expect(verdict(page)).to_have_text("Something does not hold.")
