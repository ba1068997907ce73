"""What the database itself refuses, should a service ever forget: two persons, two days, once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.ids import new_id
from marketplace.payouts import service
from marketplace.payouts.models import PayeeKind
from marketplace.payouts.rules import Run
from tests.accounts.people import make_person
from tests.payouts.conftest import add_member, connect, give


@pytest.fixture
def account(team):
    return connect(team)


@pytest.fixture
def payout(team, account):
    give(team, 5000)
    with atomic():
        return service.command(
            payee_kind=PayeeKind(team.kind), payee_id=team.id, currency="EUR",
            minimum_minor=1, now=clock.now(), run=Run(approval_from_minor=5000),
        )  # fmt: skip


def refused(db, statement, **values):
    """Say how the database refuses a statement; fails where it does not."""
    with pytest.raises(sa.exc.DBAPIError) as refusal, db.begin_nested():
        db.execute(sa.text(statement), values)
    return str(refusal.value.orig)


class TestPayout:
    def test_is_not_sent_without_two_operators(self, db, payout):
        one = make_person(is_operator=True)
        send = "update payout set state = 'commanded' where id = :id"
        assert "two operators have to agree" in refused(db, send, id=payout.id)
        agree = "insert into payout_approval values (:id, :who, now())"
        db.execute(sa.text(agree), {"id": payout.id, "who": one.id})
        assert "two operators have to agree" in refused(db, send, id=payout.id)
        assert "payout_approval" in refused(db, agree, id=payout.id, who=one.id)
        other = make_person(is_operator=True)
        db.execute(sa.text(agree), {"id": payout.id, "who": other.id})
        db.execute(sa.text(send), {"id": payout.id})

    def test_is_approved_by_operators_alone_who_get_nothing_of_it(self, db, team, payout, owner):
        agree = "insert into payout_approval values (:id, :who, now())"
        assert "only operators" in refused(db, agree, id=payout.id, who=owner.id)
        member = make_person(is_operator=True)
        add_member(team, member)
        assert "to themselves" in refused(db, agree, id=payout.id, who=member.id)

    def test_above_the_limit_does_not_begin_as_sent(self, db, team, account):
        told = refused(
            db,
            "insert into payout (id, payee_id, payee_kind, currency, amount_minor, state, "
            "needs_approval, commanded_at) values (:id, :payee, :kind, 'EUR', 1, 'commanded', "
            "true, now())",
            id=new_id(), payee=team.id, kind=team.kind.value,
        )  # fmt: skip
        assert "waits for two operators" in told

    @pytest.mark.parametrize(
        "change",
        ["amount_minor = 1", "payee_id = gen_random_uuid()", "needs_approval = false",
         "account_id = null", "state = 'paid'"],
    )  # fmt: skip
    def test_stays_what_it_is(self, db, payout, change):
        refused(db, f"update payout set {change} where id = :id", id=payout.id)

    def test_of_a_run_is_one(self, db, team, account):
        make = (
            "insert into payout (id, payee_id, payee_kind, currency, amount_minor, state, run_on, "
            "commanded_at) values (:id, :payee, :kind, 'EUR', 1, 'commanded', '2026-03-02', now())"
        )
        values = {"payee": team.id, "kind": team.kind.value}
        db.execute(sa.text(make), values | {"id": new_id()})
        assert "uq_payout_one_for_each_run" in refused(db, make, id=new_id(), **values)

    def test_does_not_go_while_the_account_cools_off(self, db, team, account):
        make = (
            "insert into payout (id, payee_id, payee_kind, currency, amount_minor, state, "
            "commanded_at) values (:id, :payee, :kind, 'EUR', 1, 'commanded', :at)"
        )
        changed = clock.now()
        db.execute(
            sa.text("update payout_account set changed_at = :at where id = :id"),
            {"at": changed, "id": account.id},
        )
        late = changed + timedelta(days=9)
        values = {"payee": team.id, "kind": team.kind.value}
        assert "just changed" in refused(db, make, id=new_id(), at=late, **values)
        db.execute(
            sa.text(
                "update payout_account set confirmed_at = :at, confirmed_by_id = :by where id = :id"
            ),
            {"at": changed, "by": make_person().id, "id": account.id},
        )
        early = changed + timedelta(hours=47, minutes=59)
        assert "just changed" in refused(db, make, id=new_id(), at=early, **values)
        db.execute(sa.text(make), values | {"id": new_id(), "at": changed + timedelta(hours=48)})


class TestApproval:
    def test_is_never_changed(self, db, payout):
        who = make_person(is_operator=True)
        db.execute(
            sa.text("insert into payout_approval values (:id, :who, now())"),
            {"id": payout.id, "who": who.id},
        )
        for statement in ("update payout_approval set at = now()", "delete from payout_approval"):
            assert refused(db, statement)


class TestAccount:
    def propose(self, db, account, by):
        proposed = new_id()
        db.execute(
            sa.text(
                "insert into payout_account (id, payee_id, payee_kind, standing, "
                "provider_account_id, can_be_paid, has_details, requirements, is_compromised, "
                "changed_at, changed_by_id, created_at) select :id, payee_id, payee_kind, "
                "'proposed', 'acct_thief', true, true, '{}', false, :now, :by, :now "
                "from payout_account where id = :current"
            ),
            {"id": proposed, "now": clock.now(), "by": by.id, "current": account.id},
        )
        db.execute(
            sa.text("update payout_account set standing = 'past' where id = :id"),
            {"id": account.id},
        )
        return proposed

    def test_does_not_replace_another_at_once(self, db, account, owner):
        proposed = self.propose(db, account, owner)
        use = "update payout_account set standing = 'current', current_since = :at where id = :id"
        late = clock.now() + timedelta(days=9)
        assert "second person and 48 hours" in refused(db, use, id=proposed, at=late)
        confirm = (
            "update payout_account set confirmed_at = :at, confirmed_by_id = :by where id = :id"
        )
        told = refused(db, confirm, id=proposed, at=clock.now(), by=owner.id)
        assert "confirmed_by_another" in told
        db.execute(sa.text(confirm), {"id": proposed, "at": clock.now(), "by": make_person().id})
        early = clock.now() + timedelta(hours=47)
        assert "second person and 48 hours" in refused(db, use, id=proposed, at=early)
        db.execute(sa.text(use), {"id": proposed, "at": late})

    def test_is_never_another_one_or_gone(self, db, account):
        refused(
            db,
            "update payout_account set provider_account_id = 'acct_thief' where id = :id",
            id=account.id,
        )
        refused(db, "delete from payout_account where id = :id", id=account.id)
