"""Money out: never more than there is, never twice, and back where it came from if refused."""

import pytest

from marketplace.core.db import atomic
from marketplace.ledger import queries as ledger
from marketplace.ledger import service as book
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from marketplace.payouts import queries, service
from marketplace.payouts.models import PayeeKind, PayoutState
from tests import factories

AVAILABLE = Purpose.PROJECT_AVAILABLE


@pytest.fixture
def project(db):
    """Return a project with 3.00 of pledges and 1.00 of gifts available."""
    made = factories.make_project()
    entries = [
        Entry(CLEARING, AccountKey(AVAILABLE, made.id, Source.PLEDGE), 300),
        Entry(CLEARING, AccountKey(AVAILABLE, made.id, Source.TOP_UP), 100),
    ]
    with atomic():
        book.post(
            kind=Kind.CAPTURE,
            effect_key=f"capture:{made.slug}",
            currency="EUR",
            entries=entries,
            effective_at=factories.NOW,
        )
        service.connect(
            payee_kind=PayeeKind.PROJECT,
            payee_id=made.id,
            provider_account_id=f"acct_{made.slug}",
            now=factories.NOW,
        )
    return made


def command(project, minimum_minor=1):
    with atomic():
        return service.command(
            payee_kind=PayeeKind.PROJECT,
            payee_id=project.id,
            currency="EUR",
            minimum_minor=minimum_minor,
            now=factories.NOW,
        )


def balances(project):
    return {
        (one.purpose, one.source): one.balance_minor
        for one in ledger.list_balances_of([project.id])
    }


class TestPayout:
    def test_takes_everything_once(self, project):
        assert command(project).amount_minor == 400
        assert command(project) is None
        assert balances(project)["payout_in_flight", None] == 400

    def test_waits_below_the_minimum(self, project):
        assert command(project, minimum_minor=401) is None

    def test_is_paid_only_when_confirmed_and_once(self, project):
        payout = command(project)
        with atomic():
            assert service.confirm(payout_id=payout.id, provider_id="tr_1", now=factories.NOW)
            assert not service.confirm(payout_id=payout.id, provider_id="tr_1", now=factories.NOW)
        assert balances(project)["payout_in_flight", None] == 0
        assert queries.list_of(project.id)[0].state is PayoutState.PAID

    def test_goes_back_to_each_account_it_came_from(self, project):
        payout = command(project)
        with atomic():
            assert service.bring_back(payout_id=payout.id, now=factories.NOW)
            assert not service.bring_back(payout_id=payout.id, now=factories.NOW)
        assert balances(project)["project_available", "pledge"] == 300
        assert balances(project)["project_available", "top_up"] == 100

    def test_is_not_for_those_who_are_not_verified(self, db):
        assert command(factories.make_project()) is None
