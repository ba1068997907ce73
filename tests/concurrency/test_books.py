"""The book while many write in it: nothing is lost, nothing goes out twice."""

from datetime import UTC, datetime, timedelta

from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.ids import new_id
from marketplace.ledger import service as ledger
from marketplace.ledger.queries import list_balances_of
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose
from marketplace.payments import queries as payments
from marketplace.payouts import service as payouts
from marketplace.payouts.models import PayeeKind
from tests import factories
from tests.concurrency.market import Market

THEN = datetime(2026, 3, 12, tzinfo=UTC)


def give(key: AccountKey, minor: int) -> None:
    """Bring money in from the provider."""
    move(CLEARING, key, minor)


def move(debit: AccountKey, credit: AccountKey, minor: int) -> None:
    with atomic():
        ledger.post(
            kind=Kind.CAPTURE,
            effect_key=f"test:{new_id()}",
            currency="EUR",
            entries=[Entry(debit, credit, minor)],
            effective_at=THEN,
        )


def balance(owner_id) -> int:
    session.rollback()
    return sum(row.balance_minor for row in list_balances_of([owner_id]))


class TestPayouts:
    def test_commanded_by_several_runs_pay_each_cent_once(self, market: Market):
        """Fails if a run reads the balance without holding it."""
        with atomic():
            company = factories.make_company()
            payouts.connect(
                payee_kind=PayeeKind.COMPANY,
                payee_id=company.id,
                provider_account_id=f"acct_{company.slug}",
                now=THEN,
            )
        give(AccountKey(Purpose.COMPANY_AVAILABLE, company.id), 5000)

        def run() -> int | None:
            with atomic():
                payout = payouts.command(
                    payee_kind=PayeeKind.COMPANY,
                    payee_id=company.id,
                    currency="EUR",
                    minimum_minor=1,
                    now=clock.now(),
                )
            return payout.amount_minor if payout else None

        answers = market.at_once([run] * 8)
        assert sorted(answers, key=lambda one: one or 0) == [None] * 7 + [5000]
        assert len(payments.list_due_commands(clock.now() + timedelta(days=1))) == 1
        assert market.broken() == []


class TestCompaction:
    def test_beside_posters_loses_no_cent(self, market: Market):
        """Fails if folding deletes movements that it did not add up."""
        owners = [new_id() for _ in range(4)]
        keys = [AccountKey(Purpose.PROJECT_PENDING, owner) for owner in owners]

        def post(place: int) -> None:
            for turn in range(5):
                give(keys[(place + turn) % 4], 100)
                move(keys[(place + turn) % 4], keys[(place + turn + 1) % 4], 10)

        def compact() -> None:
            for _ in range(10):
                with atomic():
                    ledger.compact()

        posters = [lambda place=place: post(place) for place in range(12)]
        answers = market.at_once([*posters, compact, compact, compact])
        assert [answer for answer in answers if answer is not None] == []
        assert sum(balance(owner) for owner in owners) == 12 * 5 * 100
        assert market.broken() == []

    def test_never_lets_an_account_fall_below_zero(self, market: Market):
        """Fails if a debit looks at the balance before it holds its row."""
        owner = new_id()
        key = AccountKey(Purpose.PROJECT_AVAILABLE, owner)
        give(key, 300)
        away = AccountKey(Purpose.PAYOUT_IN_FLIGHT, owner)
        answers = market.at_once([lambda: move(key, away, 100)] * 8)
        assert sum(answer is None for answer in answers) == 3
        assert market.broken() == []
