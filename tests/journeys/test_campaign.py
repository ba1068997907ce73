"""Fifty buyers at once over a campaign's budget, its end, its guarantee, and what it reports."""

from dataclasses import replace
from datetime import timedelta

import time_machine

from marketplace.campaigns import jobs as campaign_jobs
from marketplace.campaigns.rules import PoolState, Scope
from marketplace.checkout import jobs
from marketplace.companies.models import Company
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.ledger import queries as ledger
from marketplace.ledger.rules import AccountKey, Purpose, Source
from marketplace.orders.models import Order, OrderState
from marketplace.reports import service as reports
from marketplace.reports.rules import Figure, Figures
from tests import factories
from tests.campaigns.pools import make_pool, seen
from tests.concurrency.market import Market, Stall
from tests.reports.making import hand_in, make_draft

BUYERS = 50
CAP, GUARANTEE = 10_000, 6_000
EACH = 300
"""5 % of two pieces of 36.60 with 22 % VAT in them: the company gives it, its campaign doubles."""


class TestACampaign:
    def test_keeps_its_cap_and_its_word(self, app, market: Market):
        with atomic():
            company = factories.make_company(name="Rivalta", pledge_bp=500)
            by = factories.make_user()
            product = factories.make_product(company, price_minor=3660, on_hand=500)
            springs = factories.make_project(title="Springs")
            stall = Stall(product.variants[0].id, springs.id)
            company_id, springs_id, slug = company.id, springs.id, springs.slug
        pool = make_pool(
            company, CAP, by=by, guarantee_minor=GUARANTEE, scope=Scope.PROJECTS, projects=[slug]
        )
        pool_slug, ends_at = pool.slug, pool.ends_at
        wishes = [
            replace(
                market.wish(stall, pieces=2),
                choice=[(springs_id, EACH)],
                top_up_minor=0,
            )
            for _ in range(BUYERS)
        ]
        session.rollback()

        placed = market.at_once([lambda one=one: market.place_wish(one) for one in wishes])
        orders = [one for one in placed if isinstance(one, Order)]
        assert len(orders) == BUYERS, [one for one in placed if isinstance(one, Exception)]
        matched = sorted((one.matched_minor for one in orders), reverse=True)
        assert matched == [EACH] * 33 + [100] + [0] * 16
        assert seen(pool).left_minor == 0
        page = app.test_client().get(f"/pools/{pool_slug}").text
        assert page.count("€100.00") > 1

        paying = [one for one in orders if one.matched_minor == EACH][:15]
        for order in paying:
            market.provider.pay(order.payment_url or "")
        sessions = [one.checkout_session_id for one in paying]
        session.rollback()
        answers = market.at_once(
            [lambda one=one: jobs.settle_session(one or "") for one in sessions]
        )
        assert answers == ["complete"] * 15
        assert market.broken() == []

        with time_machine.travel(clock.now() + timedelta(hours=2)):
            jobs.let_orders_lapse()
            market.run_commands()
        assert sum(market.seen(one.id).state is OrderState.LAPSED for one in orders) == 35
        assert seen(pool).left_minor == CAP - 15 * EACH

        with time_machine.travel(ends_at + timedelta(seconds=1)):
            campaign_jobs.end_pools()
            campaign_jobs.end_pools()
            self.reports_it(app, company_id)
        now = seen(pool)
        assert (now.state, now.used_minor, now.returned_minor) == (
            PoolState.ENDED,
            GUARANTEE,
            CAP - GUARANTEE,
        )
        available = AccountKey(Purpose.PROJECT_AVAILABLE, springs_id, Source.MATCH)
        assert ledger.find_balance(available, "EUR") == GUARANTEE - 15 * EACH
        back = AccountKey(Purpose.COMPANY_AVAILABLE, company_id)
        assert ledger.find_balance(back, "EUR") == CAP - GUARANTEE
        assert market.broken() == []

    @staticmethod
    def reports_it(app, company_id) -> None:
        with atomic():
            company = session.get_one(Company, company_id)
            owner = factories.make_user()
            factories.make_member(company, owner)
        version = make_draft(company, days=40)
        hand_in(version, owner)
        with atomic():
            version = reports.publish(version_id=version.id, by=owner, now=clock.now())
            figures = Figures.from_json(version.figures)
        assert figures[Figure.POOLS] == GUARANTEE
        assert figures[Figure.GIVEN] == 15 * EACH
        page = app.test_client().get(f"/companies/{company.slug}/reports/what-we-gave").text
        assert "€60.00" in page
