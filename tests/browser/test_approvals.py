"""The operators' queue of payouts above the limit, with rows in it: two persons, or a reason."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from marketplace.demo import world
from tests import cluster
from tests.browser.people import sign_in
from tests.browser.site import Site

SECOND = "shopper1@demo.example"
"""A shopper of the demo who is made an operator, so that there are two."""

FILL = f"""
import os
import sqlalchemy as sa
from config import Settings
from marketplace import create_app
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.payouts import service
from marketplace.payouts.models import PayeeKind
from marketplace.payouts.rules import Run

with create_app(Settings.from_env(os.environ)).app_context():
    with atomic():
        session.execute(sa.text(
            "update user_account set is_operator = true, totp_confirmed_at = now(), totp_secret = "
            "(select totp_secret from user_account where email = '{world.OPERATOR}') "
            "where email = '{SECOND}'"))
    payees = [
        (kind, one)
        for kind in (PayeeKind.COMPANY, PayeeKind.PROJECT)
        for one in session.scalars(sa.text(f"select id from {{kind.value}}"))
    ]
    made = session.scalar(sa.text("select count(*) from payout where state = 'to_approve'"))
    session.rollback()
    for kind, payee in payees:
        if made == 2:
            break
        with atomic():
            made += service.command(
                payee_kind=kind, payee_id=payee, currency="EUR", minimum_minor=1,
                now=clock.now(), run=Run(approval_from_minor=1)) is not None
    print(made)
"""


@pytest.fixture
def queue(site: Site) -> None:
    """Let two payouts be in the queue, and let there be a second operator."""
    done = subprocess.run(
        [sys.executable, "-c", FILL],
        cwd=cluster.CHECKOUT, env=site.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split()[-1:] == ["2"], done.stdout + done.stderr


def rows(page: Page) -> Locator:
    return page.locator("section[aria-labelledby=approve] tbody tr")


class TestQueue:
    @pytest.mark.parametrize("screen", ["desktop", "phone"])
    def test_can_be_read_by_everybody(
        self,
        queue: None,
        signed_in: Callable[..., Page],
        accessible: Callable[[Page], None],
        tmp_path: Path,
        screen: str,
    ) -> None:
        page = signed_in(world.OPERATOR, screen)
        page.goto("/staff/payouts")
        expect(rows(page)).to_have_count(2)
        expect(rows(page).first).to_contain_text("nobody yet")
        page.screenshot(path=tmp_path / f"queue-{screen}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0
        accessible(page)

    def test_lets_two_persons_decide_and_nobody_twice(
        self, queue: None, site: Site, visit: Callable[..., Page], signed_in: Callable[..., Page]
    ) -> None:
        page = signed_in(world.OPERATOR)
        page.goto("/staff/payouts")
        first = rows(page).first.locator("th").inner_text()
        rows(page).first.get_by_role("button", name="Approve").click()
        expect(page.locator("body")).to_contain_text("Another of us has to agree as well.")
        expect(rows(page).first).to_contain_text("Somebody else has to agree.")
        expect(rows(page).first.get_by_role("button", name="Approve")).to_have_count(0)

        other = rows(page).nth(1)
        other.get_by_role("button", name="Refuse").click()  # the browser asks for the reason first
        expect(rows(page)).to_have_count(2)
        other.get_by_label("Reason").fill("The invoice behind it is another company’s")
        other.get_by_role("button", name="Refuse").click()
        expect(page.locator("body")).to_contain_text("Refused. The money is the payee’s")
        expect(rows(page)).to_have_count(1)

        second = visit()
        sign_in(second, SECOND, has_second_factor=True)
        second.goto("/staff/payouts")
        expect(rows(second).first).to_contain_text(first)
        rows(second).first.get_by_role("button", name="Approve").click()
        expect(second.locator("body")).to_contain_text(f"Payout {first} is on its way.")
        expect(rows(second)).to_have_count(0)
