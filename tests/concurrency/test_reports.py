"""Two companies claim the same outcome at once: together never more than the whole of it."""

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Product, Variant
from marketplace.companies.models import Company
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Invalid
from marketplace.projects.models import Project
from marketplace.reports import queries, service
from marketplace.reports.models import Version
from tests import factories
from tests.concurrency.market import Market, Stall
from tests.reports.making import make_draft, words_of
from tests.reports.test_claims import measure
from tests.reports.test_queries import confirm, pay_out

CLAIMED = sa.text("select coalesce(sum(share_ppm), 0), count(*) from report_claim")

WHOSE = sa.select(Company).join(Product).join(Variant, Variant.product_id == Product.id)


@pytest.fixture
def rivals(market: Market):
    """Two drafts, each of a company that paid 2.40 of the same project of 4.00, measured once."""
    stall = market.stall()
    stalls = [stall, Stall(market.stall().variant_id, stall.project_id)]
    for one in stalls:
        confirm(market.buy(one))
    with atomic():
        project = session.get_one(Project, stall.project_id)
        project.goal_minor = 400
    pay_out(project)
    measure(project, "ADDS", "38")
    with atomic():
        # What the project was paid counts as its cost: only if that is less, there is a rivalry.
        session.execute(sa.text("update payout set returned_minor = amount_minor - 1"))
        companies = [
            session.scalars(WHOSE.where(Variant.id == one.variant_id)).one() for one in stalls
        ]
    drafts = [make_draft(company) for company in companies]
    for draft in drafts:
        with atomic():
            service.write(version_id=draft.id, written=words_of(draft))
    return drafts


def submit(version: Version, last: int, by) -> Version:
    with atomic():
        return service.submit(
            version_id=version.id, last_transaction_id=last, by=by, now=clock.now()
        )


class TestClaims:
    def test_of_two_at_once_are_at_most_the_whole(self, market: Market, rivals):
        with atomic():
            last = queries.lock_end_of_book()
        with atomic():
            people = [factories.make_user() for _draft in rivals]
        answers = market.at_once(
            [
                lambda draft=draft, by=by: submit(draft, last, by)
                for draft, by in zip(rivals, people, strict=True)
            ]
        )
        assert sorted(type(one).__name__ for one in answers) == ["Invalid", "Version"]
        (refused,) = [one for one in answers if isinstance(one, Invalid)]
        assert "60.00%" in str(refused.fields["shown_outcomes"])
        session.rollback()
        assert tuple(session.execute(CLAIMED).one()) == (600_000, 1)
        session.rollback()
