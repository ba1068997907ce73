"""Accounts of payees as the provider tells of them, and changes that need two and two days."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from marketplace.accounts.models import AuditEntry
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.payments.rules import AccountSeen
from marketplace.payouts import jobs, queries, service
from marketplace.payouts.models import AccountStanding, PayeeKind
from marketplace.payouts.rules import Wait
from tests.payouts.conftest import add_member, connect, give

HOURS_48 = timedelta(hours=48)


def told(team, *, fingerprint="bank3000", can_be_paid=True, account="acct_arbosca", asked=()):
    """Let the provider say something of the team's account."""
    seen = AccountSeen(account, can_be_paid, True, tuple(asked), fingerprint[-4:], fingerprint)
    with atomic():
        return service.note_account(seen=seen, now=clock.now())


def pay(team):
    with atomic():
        return service.command(
            payee_kind=PayeeKind(team.kind), payee_id=team.id, currency="EUR",
            minimum_minor=1, now=clock.now(),
        )  # fmt: skip


def outlook(team):
    return queries.outlook_of(
        kind=PayeeKind(team.kind), payee_id=team.id, currency="EUR", terms=jobs.terms(),
        now=clock.now(),
    )  # fmt: skip


@pytest.fixture
def account(team):
    made = connect(team)
    told(team)
    return made


@pytest.fixture
def proposed(team, account, owner, db):
    """Return an account that the owner asked for, opened and verified at the provider."""
    with atomic():
        service.open_account(team=team, country="FR", url=None, by=owner, now=clock.now())
        made = queries.find_proposed(team.id)
        service.note_opened(account_id=made.id, provider_account_id="acct_new", now=clock.now())
    told(team, account="acct_new", fingerprint="bank4711")
    return made


class TestAccount:
    def test_that_is_none_of_ours_is_left_alone(self, team, account):
        assert not told(team, account="acct_other")

    def test_that_the_provider_stops_is_not_paid(self, team, account, letters, run_jobs):
        give(team, 700)
        told(team, can_be_paid=False, asked=["individual.verification.document"])
        assert pay(team) is None
        assert outlook(team).waits == [Wait.NOT_VERIFIED]
        run_jobs()
        assert [letter["Subject"] for letter in letters] == ["Arbosca cannot be paid at the moment"]

    def test_whose_bank_sends_money_back_waits_for_another_bank(
        self, team, account, letters, run_jobs, db
    ):
        give(team, 700)
        with atomic():
            assert service.note_bank_refusal(provider_account_id="acct_arbosca", now=clock.now())
        told(team)
        assert pay(team) is None
        assert outlook(team).waits == [Wait.BANK_REFUSED]
        run_jobs()
        assert letters[0]["Subject"] == "The bank of Arbosca sent money back"

    def test_has_one_at_a_time_in_the_making(self, team, owner, db):
        with atomic():
            first = service.open_account(
                team=team, country=None, url=None, by=owner, now=clock.now()
            )
            again = service.open_account(
                team=team, country=None, url=None, by=owner, now=clock.now()
            )
        assert first is not None
        assert again is None

    def test_that_the_provider_would_not_open_may_be_asked_for_again(self, team, owner):
        with atomic():
            service.open_account(team=team, country=None, url=None, by=owner, now=clock.now())
            refused = queries.find_current(team.id)
            service.note_opened(account_id=refused.id, provider_account_id=None, now=clock.now())
            assert service.open_account(
                team=team, country=None, url=None, by=owner, now=clock.now()
            )


class TestBankAccount:
    def test_that_changes_cools_off_and_needs_another_person(
        self, team, account, owner, second, db, letters, run_jobs
    ):
        """Fails if a new bank account within the same account at the provider goes unnoticed."""
        add_member(team, second)
        give(team, 700)
        with atomic():
            service.went_to_provider(account_id=account.id, by=owner)
        told(team, fingerprint="bank6666")
        run_jobs()
        assert {letter["To"] for letter in letters} == {owner.email, second.email}
        assert pay(team) is None
        with atomic(), pytest.raises(service.NotTheSecond):
            service.confirm_change(account_id=account.id, by=owner, now=clock.now())
        with atomic():
            service.confirm_change(account_id=account.id, by=second, now=clock.now())
        assert outlook(team).waits == [Wait.COOLING_OFF]
        with time_machine.travel(clock.now() + HOURS_48 - timedelta(minutes=1), tick=False):
            assert pay(team) is None
        with time_machine.travel(clock.now() + HOURS_48 + timedelta(minutes=1), tick=False):
            assert pay(team).amount_minor == 700

    def test_that_is_told_again_changes_nothing(self, team, account):
        told(team)
        assert queries.find_current(team.id).changed_at is None


class TestProposal:
    def test_is_used_only_when_confirmed_and_cooled_off(
        self, team, account, proposed, second, owner
    ):
        """Fails without the second person, and without the 48 hours."""
        add_member(team, second)
        later = clock.now() + HOURS_48 + timedelta(minutes=1)
        with time_machine.travel(later, tick=False):
            jobs.decide_payouts()
            with atomic():
                assert not service.use_change(account_id=proposed.id, now=clock.now())
            assert queries.find_current(team.id).id == account.id
            with atomic(), pytest.raises(service.NotTheSecond):
                service.confirm_change(account_id=proposed.id, by=owner, now=clock.now())
        with atomic():
            service.confirm_change(account_id=proposed.id, by=second, now=clock.now())
            assert not service.use_change(account_id=proposed.id, now=clock.now())
        with time_machine.travel(later, tick=False):
            jobs.decide_payouts()
            assert queries.find_current(team.id).id == proposed.id
            give(team, 700)
            payout = pay(team)
            assert payout.account_id == proposed.id

    def test_leaves_the_present_account_in_use_meanwhile(self, team, account, proposed):
        give(team, 700)
        assert pay(team).account_id == account.id

    def test_stops_all_payouts_if_the_present_one_is_compromised(
        self, team, account, proposed, owner
    ):
        give(team, 700)
        with atomic():
            service.open_account(
                team=team, country=None, url=None, by=owner, now=clock.now(), is_compromised=True
            )
        assert pay(team) is None
        assert outlook(team).waits == [Wait.COMPROMISED]

    def test_is_not_used_if_the_provider_does_not_pay_there(self, team, account, proposed, second):
        add_member(team, second)
        with atomic():
            service.confirm_change(account_id=proposed.id, by=second, now=clock.now())
        told(team, account="acct_new", fingerprint="bank4711", can_be_paid=False)
        with time_machine.travel(clock.now() + HOURS_48 * 2, tick=False):
            jobs.decide_payouts()
        assert queries.find_current(team.id).id == account.id

    def test_whose_bank_changes_again_is_confirmed_anew(self, team, account, proposed, second):
        add_member(team, second)
        with atomic():
            service.confirm_change(account_id=proposed.id, by=second, now=clock.now())
        told(team, account="acct_new", fingerprint="bank6666")
        again = queries.find_proposed(team.id)
        assert again.confirmed_at is None
        assert again.changed_at is not None

    def test_is_written_down_step_by_step(self, team, account, proposed, second, db):
        add_member(team, second)
        with atomic():
            service.confirm_change(account_id=proposed.id, by=second, now=clock.now())
            service.withdraw_change(account_id=proposed.id, by=second, reason="", now=clock.now())
        with atomic(), pytest.raises(service.NoChange):
            service.withdraw_change(account_id=proposed.id, by=second, reason="", now=clock.now())
        kept = db.scalars(
            sa.select(AuditEntry.action)
            .where(AuditEntry.subject_id == str(team.id))
            .order_by(AuditEntry.at, AuditEntry.id)
        ).all()
        assert [action.removeprefix("payouts.account_") for action in kept] == [
            "proposed", "verified", "confirmed", "withdrawn",
        ]  # fmt: skip
        assert proposed.standing is AccountStanding.PAST
