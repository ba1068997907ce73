"""Two runs, two operators and a change of account at once: each cent goes out at most once."""

import uuid
from datetime import date, timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.demo.bank import Bank
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose
from marketplace.payouts import jobs, queries, service
from marketplace.payouts.models import PayeeKind, Payout, PayoutState, Schedule
from marketplace.payouts.rules import Run
from tests import factories
from tests.concurrency.market import Market

PAYEES = 6


def make_payee(bank: Bank, minor: int = 5000) -> uuid.UUID:
    """Make a company with an account, and money since yesterday."""
    account_id = bank.open_account()
    with atomic():
        company = factories.make_company()
        service.connect(
            payee_kind=PayeeKind.COMPANY, payee_id=company.id,
            provider_account_id=account_id, now=clock.now() - timedelta(days=200),
        )  # fmt: skip
        service.set_schedule(
            kind=PayeeKind.COMPANY, payee_id=company.id, schedule=Schedule.WEEKLY,
            by=None, now=clock.now(),
        )  # fmt: skip
        ledger.post(
            kind=Kind.RELEASE,
            effect_key=f"test:{company.id}",
            currency="EUR",
            entries=[Entry(CLEARING, AccountKey(Purpose.COMPANY_AVAILABLE, company.id), minor)],
            effective_at=clock.now() - timedelta(days=100),
        )
    return company.id


def payouts_of(payees: list[uuid.UUID]) -> list[Payout]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(sa.select(Payout).where(Payout.payee_id.in_(payees))))


def transfers(market: Market, payouts: list[Payout]) -> list[int]:
    """Return how many transfers the provider made for each payout."""
    return [
        len(market._amounts("transfer", "transfer_group", f"payout-{payout.id}"))
        for payout in payouts
    ]


class TestRuns:
    def test_by_many_workers_at_once_pay_each_payee_once(self, market: Market, payment_double):
        """Fails if a run neither holds the balance nor is unique for a payee and day."""
        bank = Bank(payment_double)
        bank.pay(uuid.uuid4(), 100_000, "EUR")
        payees = [make_payee(bank) for _ in range(PAYEES)]
        assert market.at_once([jobs.pay_out] * 4) == [None] * 4
        market.at_once([market.run_commands] * 3)
        made = payouts_of(payees)
        assert [payout.amount_minor for payout in made] == [5000] * PAYEES
        assert transfers(market, made) == [1] * PAYEES
        assert {payout.state for payout in made} == {PayoutState.PAID}
        assert not {"payouts", "balances", "zero"} & set(market.broken())

    def test_beside_payouts_on_demand_pay_each_cent_once(self, market: Market, payment_double):
        payee = make_payee(Bank(payment_double))

        def command(run: Run) -> int | None:
            with atomic():
                payout = service.command(
                    payee_kind=PayeeKind.COMPANY, payee_id=payee, currency="EUR",
                    minimum_minor=1, now=clock.now(), run=run,
                )  # fmt: skip
            return payout.amount_minor if payout else None

        runs = [Run(), Run(on=date(2026, 3, 2))] * 4
        answers = market.at_once([lambda run=run: command(run) for run in runs])
        assert sorted(answer or 0 for answer in answers) == [0] * 7 + [5000]


class TestApproval:
    def test_by_many_operators_at_once_sends_once(self, market: Market, payment_double):
        """Fails if the payout is not held while agreements are counted."""
        payee = make_payee(Bank(payment_double))
        with atomic():
            operators = [factories.make_user(is_operator=True) for _ in range(5)]
            payout = service.command(
                payee_kind=PayeeKind.COMPANY, payee_id=payee, currency="EUR",
                minimum_minor=1, now=clock.now(), run=Run(approval_from_minor=1),
            )  # fmt: skip

        def approve(place: int) -> None:
            with atomic():
                service.approve(
                    payout_id=payout.id, operator=operators[place // 2], now=clock.now()
                )

        answers = market.at_once([lambda place=place: approve(place) for place in range(10)])
        assert [answer for answer in answers if answer is None] == [None, None]
        session.rollback()
        (found,) = payouts_of([payee])
        assert found.state is PayoutState.COMMANDED
        sent = sa.text("select count(*) from provider_command where subject_id = :id")
        assert session.scalar(sent, {"id": payout.id}) == 1

    def test_beside_a_refusal_is_one_or_the_other(self, market: Market, payment_double):
        payee = make_payee(Bank(payment_double))
        with atomic():
            operators = [factories.make_user(is_operator=True) for _ in range(3)]
            payout = service.command(
                payee_kind=PayeeKind.COMPANY, payee_id=payee, currency="EUR",
                minimum_minor=1, now=clock.now(), run=Run(approval_from_minor=1),
            )  # fmt: skip
            service.approve(payout_id=payout.id, operator=operators[0], now=clock.now())

        def approve() -> None:
            with atomic():
                service.approve(payout_id=payout.id, operator=operators[1], now=clock.now())

        def refuse() -> None:
            with atomic():
                service.refuse(
                    payout_id=payout.id, operator=operators[2], reason="no", now=clock.now()
                )

        answers = market.at_once([approve, refuse])
        assert [answer for answer in answers if answer is None] == [None]
        (found,) = payouts_of([payee])
        waiting = queries.on_accounts(payee, "EUR")
        is_sent = found.state is PayoutState.COMMANDED
        assert (waiting.available_minor, waiting.in_flight_minor) == (
            (0, 5000) if is_sent else (5000, 0)
        )
