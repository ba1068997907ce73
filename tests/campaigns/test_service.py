"""A pool's money from the company to the projects and back."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.campaigns import queries, service
from marketplace.campaigns.models import Pool, Reservation
from marketplace.campaigns.rules import PoolState, Scope, Stage
from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.ledger.rules import Purpose, Source
from marketplace.orders import queries as orders
from marketplace.orders.models import OrderState
from marketplace.projects.models import ProjectState
from tests import factories
from tests.campaigns.pools import earn, fund, make_pool, over, seen, terms


def figures(pool):
    """Return what is left, reserved, used and given back."""
    pool = seen(pool)
    return pool.left_minor, pool.reserved_minor, pool.used_minor, pool.returned_minor


def matched(here, place):
    """Return what a project has of sponsors: pending, confirmed, frozen."""
    project = here.projects[place]
    return tuple(
        here.balance(purpose, project.id, Source.MATCH)
        for purpose in (Purpose.PROJECT_PENDING, Purpose.PROJECT_AVAILABLE, Purpose.DISPUTE_HOLD)
    )


def end(pool, reason="We close"):
    with atomic():
        service.end(pool_id=pool.id, reason=reason, by=factories.make_user(), now=clock.now())


class TestAPool:
    def test_is_paid_out_of_what_is_available_to_its_company(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        assert pool.state is PoolState.FUNDED
        assert pool.stage(clock.now()) is Stage.RUNNING
        assert here.balance(Purpose.MATCHING_POOL, pool.id) == 5_000
        assert here.balance(Purpose.COMPANY_AVAILABLE, sponsor.id) == 0

    def test_takes_no_more_than_is_there(self, here, sponsor):
        pool = make_pool(sponsor, 0)
        earn(sponsor, 100)
        with pytest.raises(Invalid) as refused:
            fund(pool, 101, by=factories.make_user())
        assert "amount" in refused.value.fields
        assert seen(pool).state is PoolState.DRAFT

    def test_is_paid_in_once_for_each_form(self, here, sponsor):
        pool = make_pool(sponsor, 0)
        earn(sponsor, 1_000)
        fund(pool, 300, by=factories.make_user(), seen_minor=0)
        with pytest.raises(Conflict):
            fund(pool, 300, by=factories.make_user(), seen_minor=0)
        fund(pool, 300, by=factories.make_user(), seen_minor=300)
        assert figures(pool) == (600, 0, 0, 0)

    def test_first_pays_what_its_company_owes(self, here, sponsor):
        from marketplace.ledger import service as ledger
        from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind

        earn(sponsor, 500)
        with atomic():
            ledger.post(
                kind=Kind.REFUND,
                effect_key="refund:owed",
                currency="EUR",
                entries=[Entry(AccountKey(Purpose.COMPANY_RECEIVABLE, sponsor.id), CLEARING, 200)],
                effective_at=clock.now(),
            )
        pool = make_pool(sponsor, 0)
        with pytest.raises(Invalid):
            fund(pool, 301, by=factories.make_user())
        fund(pool, 300, by=factories.make_user())
        assert here.balance(Purpose.COMPANY_RECEIVABLE, sponsor.id) == 0

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"scope": Scope.PROJECTS, "projects": ()}, "projects"),
            ({"scope": Scope.PROJECTS, "projects": ("no-such",)}, "projects"),
            ({"scope": Scope.CAUSE, "cause": "no-such"}, "cause"),
            ({"guarantee_minor": 100}, "guarantee"),
            ({"ends_at": clock.now() - timedelta(days=2)}, "ends_on"),
        ],
    )
    def test_is_refused_where_it_cannot_be(self, here, sponsor, wrong, field):
        with pytest.raises(Invalid) as refused:
            make_pool(sponsor, 0, **wrong)
        assert list(refused.value.fields) == [field]

    def test_gets_another_address_where_one_is_taken(self, here, sponsor):
        one, other = (make_pool(sponsor, 0, title="Doubled in May") for _ in range(2))
        assert one.slug == "doubled-in-may"
        assert other.slug.startswith("doubled-in-may-")

    def test_is_forgotten_only_as_a_draft(self, here, sponsor):
        draft = make_pool(sponsor, 0, scope=Scope.PROJECTS, projects=[here.projects[0].slug])
        funded = make_pool(sponsor, 100)
        with atomic():
            service.discard(pool_id=draft.id, by=factories.make_user(), now=clock.now())
        assert session.get(Pool, draft.id) is None
        with pytest.raises(NotFound), atomic():
            service.discard(pool_id=funded.id, by=factories.make_user(), now=clock.now())

    def test_keeps_what_it_promised(self, here, sponsor):
        pool = make_pool(sponsor, 100)
        with pytest.raises(sa.exc.DBAPIError, match="stays so"), atomic():
            session.execute(sa.update(Pool).where(Pool.id == pool.id).values(ratio_bp=1))


class TestAnOrder:
    def test_has_added_to_it_what_was_reserved(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        order = here.place(top_up=200)
        assert order.matched_minor == 372
        assert figures(pool) == (4_628, 372, 0, 0)
        here.pay(order)
        assert figures(pool) == (4_628, 0, 372, 0)
        assert [matched(here, place)[0] for place in range(3)] == [186, 112, 74]
        assert here.balance(Purpose.MATCHING_POOL, pool.id) == 4_628
        rows = [one for one in here.seen(order).allocations if one.source is Source.MATCH]
        assert sum(row.amount_minor for row in rows) == 372
        assert all(row.line_id and row.company_id is None for row in rows)

    def test_pays_no_cent_more(self, here, sponsor):
        make_pool(sponsor, 5_000)
        order = here.buy()
        assert order.captured_minor == order.total_minor

    def test_has_its_own_gift_matched_only_where_the_pool_says_so(self, here, sponsor):
        pool = make_pool(sponsor, 5_000, with_gifts=True)
        order = here.buy(top_up=200)
        assert order.matched_minor == 572
        own = [one for one in order.allocations if one.line_id is None]
        assert sum(one.amount_minor for one in own if one.source is Source.MATCH) == 200
        assert figures(pool)[2] == 572

    def test_gets_at_most_the_cap_and_what_is_left(self, here, sponsor):
        capped = make_pool(sponsor, 5_000, cap_minor=100)
        assert here.buy().matched_minor == 100
        end(capped)
        small = make_pool(sponsor, 300)
        assert here.buy().matched_minor == 300
        assert seen(small).stage(clock.now()) is Stage.USED_UP
        assert here.buy().matched_minor == 0

    def test_is_matched_for_the_pool_s_projects_alone(self, here, sponsor):
        make_pool(sponsor, 5_000, scope=Scope.PROJECTS, projects=[here.projects[1].slug])
        assert here.buy().matched_minor == 112
        assert [matched(here, place)[0] for place in range(3)] == [0, 112, 0]

    def test_is_matched_by_one_pool_for_each_project(self, here, sponsor):
        first = make_pool(
            sponsor,
            5_000,
            ratio_bp=5_000,
            scope=Scope.PROJECTS,
            projects=[here.projects[0].slug],
            ends_at=clock.now() + timedelta(days=3),
        )
        second = make_pool(
            sponsor,
            5_000,
            scope=Scope.CAUSE,
            cause=session.scalar(
                sa.text("select slug from cause where id = :id"), {"id": here.projects[0].cause_id}
            ),
        )
        here.buy()
        assert figures(first)[2] == 93
        assert figures(second)[2] == 112 + 74

    def test_is_matched_neither_before_nor_after_nor_by_a_suspended_company(self, here, sponsor):
        now = clock.now()
        make_pool(sponsor, 500, starts_at=now + timedelta(days=1))
        ending = make_pool(sponsor, 500, ends_at=now + timedelta(days=2))
        assert queries.find_offers("EUR", [here.projects[0].id], now + timedelta(days=3))
        offers = queries.find_offers("EUR", [here.projects[0].id], now)
        assert [one.pool_id for one in offers] == [ending.id]
        with atomic():
            session.execute(
                sa.text("update company set state = 'suspended' where slug = 'rivalta'")
            )
        assert queries.find_offers("EUR", [here.projects[0].id], now) == []
        assert here.place().matched_minor == 0

    def test_is_refused_where_the_shopper_saw_another_amount(self, here, sponsor, db):
        make_pool(sponsor, 300)
        place = checkout.place

        def with_seen(minor):
            def placing(*, wish, **rest):
                return place(wish=replace(wish, seen_match_minor=minor), **rest)

            return placing

        for minor in (372, 0, 301):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(checkout, "place", with_seen(minor))
                with pytest.raises(checkout.MatchChanged):
                    here.place()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(checkout, "place", with_seen(300))
            assert here.place().matched_minor == 300
            with pytest.raises(checkout.MatchChanged):  # used up: nobody is told of it any more
                here.place()

    def test_gives_back_what_was_kept_when_it_is_not_paid(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        order = here.place()
        with atomic():
            assert checkout.let_lapse(order_id=order.id)
        assert figures(pool) == (5_000, 0, 0, 0)

    def test_is_matched_again_where_its_payment_comes_after_all(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        order = here.place()
        with atomic():
            checkout.let_lapse(order_id=order.id)
        here.pay(order)
        assert here.seen(order).state is OrderState.PAID
        assert figures(pool) == (4_628, 0, 372, 0)

    def test_is_paid_without_where_others_took_it_meanwhile(self, here, sponsor):
        pool = make_pool(sponsor, 400)
        order = here.place()
        with atomic():
            checkout.let_lapse(order_id=order.id)
        here.buy()
        here.pay(order)
        assert here.seen(order).state is OrderState.PAID
        assert figures(pool) == (28, 0, 372, 0)

    def test_is_honoured_after_the_end_of_the_pool(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        order = here.place()
        end(pool)
        assert figures(pool) == (0, 372, 0, 4_628)
        here.pay(order)
        assert figures(pool) == (0, 0, 372, 4_628)

    def test_keeps_what_was_added_with_its_project_when_it_chooses_anew(self, here, sponsor):
        make_pool(sponsor, 5_000)
        order = here.buy(top_up=0)
        first = here.projects[0].id
        pending = checkout.pending_of(order.id)
        assert set(pending) == {Source.PLEDGE}
        with atomic():
            checkout.change_choice(
                order_id=order.id, wanted={Source.PLEDGE: {first: 372}}, now=clock.now()
            )
        assert [matched(here, place)[0] for place in range(3)] == [186, 112, 74]


class TestWhatWasAdded:
    def test_is_confirmed_with_its_lines(self, here, sponsor):
        make_pool(sponsor, 5_000, with_gifts=True)
        order = here.buy(top_up=200)
        here.send(order)
        here.release(order)
        both = [matched(here, place) for place in range(3)]
        assert [pending for pending, _available, _held in both] == [0, 0, 0]
        assert sum(available for _pending, available, _held in both) == 572

    def test_goes_back_with_a_returned_line(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        order = here.buy()
        here.refund(order, 0)
        order = here.seen(order)
        given = order.lines[1].share_minor
        assert figures(pool) == (5_000 - given, 0, given, 0)

    def test_leaves_nothing_when_everything_is_given_back_in_pieces(self, here, sponsor):
        pool = make_pool(sponsor, 5_000, ratio_bp=3_333, with_gifts=True)
        order = here.buy(top_up=333)
        here.refund(order, 1, 1)
        assert 0 < figures(pool)[2] < here.seen(order).matched_minor
        here.refund(order, 1, 1)
        here.refund(order, 0, 1)
        with atomic():
            checkout.request_full_refund(
                order_id=order.id, reason="All of it", requested_by_id=None, now=clock.now()
            )
        here.run_commands()
        assert figures(pool) == (5_000, 0, 0, 0)
        assert [matched(here, place) for place in range(3)] == [(0, 0, 0)] * 3

    def test_stays_with_a_project_that_was_paid(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        order = here.buy(top_up=0, choice=(372,))
        here.send(order)
        here.release(order)
        here.pay_out(here.projects[0].id, source=Source.MATCH)
        here.refund(order, 0)
        assert figures(pool)[2] == 372

    def test_goes_to_the_sponsor_once_the_pool_is_over(self, here, sponsor, run_jobs):
        pool = make_pool(sponsor, 5_000)
        order = here.buy()
        end(pool)
        assert here.balance(Purpose.COMPANY_AVAILABLE, sponsor.id) == 4_628
        here.refund(order, 0)
        assert "sweep_pool" in run_jobs()
        left, reserved, used, returned = figures(pool)
        assert (left, reserved, used + returned) == (0, 0, 5_000)
        assert here.balance(Purpose.COMPANY_AVAILABLE, sponsor.id) == returned > 4_628

    def test_goes_to_the_sponsor_when_an_order_lapses_after_the_end(self, here, sponsor, run_jobs):
        pool = make_pool(sponsor, 5_000)
        order = here.place()
        end(pool)
        with atomic():
            checkout.let_lapse(order_id=order.id)
        run_jobs()
        assert figures(pool) == (0, 0, 0, 5_000)

    def test_is_frozen_and_free_again_with_a_dispute_that_is_won(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        order = here.buy()
        here.dispute(order)
        here.hear()
        assert [matched(here, place) for place in range(3)] == [
            (0, 0, 186),
            (0, 0, 112),
            (0, 0, 74),
        ]
        here.provider.decide(here.dispute_of(order).id, "won")
        here.hear()
        assert [matched(here, place)[0] for place in range(3)] == [186, 112, 74]
        assert figures(pool)[2] == 372

    def test_goes_back_with_a_dispute_that_is_lost(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        order = here.buy()
        here.dispute(order)
        here.hear()
        here.provider.decide(here.dispute_of(order).id, "lost")
        here.hear()
        assert figures(pool) == (5_000, 0, 0, 0)

    def test_follows_its_project_s_money_when_that_is_closed(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        order = here.place(choice=(186, 186))
        with atomic():
            here.projects[0].state = ProjectState.CLOSED
            session.merge(here.projects[0])
        here.pay(order)
        assert [matched(here, place)[0] for place in range(2)] == [0, 372]
        assert figures(pool)[2] == 372


class TestTheEnd:
    def test_comes_by_itself_and_gives_back_what_is_left(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        here.buy()
        assert queries.list_to_end(clock.now()) == []
        assert queries.list_to_end(over(pool)) == [pool.id]
        for _ in range(2):
            with atomic():
                service.end_due(pool_id=pool.id, now=over(pool))
        assert figures(pool) == (0, 0, 372, 4_628)
        assert seen(pool).ended_early_because == ""
        assert queries.list_to_end(over(pool)) == []

    def test_is_not_before_its_time(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        with atomic():
            service.end_due(pool_id=pool.id, now=clock.now())
            service.sweep(pool_id=pool.id, now=clock.now())
        assert seen(pool).state is PoolState.FUNDED

    def test_comes_early_with_a_reason_only(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        with pytest.raises(Invalid):
            end(pool, " ")
        end(pool, "The shop closes")
        assert seen(pool).ended_early_because == "The shop closes"
        with pytest.raises(Conflict):
            end(pool, "Again")
        with pytest.raises(Conflict):
            fund(seen(pool), 1, by=factories.make_user())

    def test_gives_its_projects_what_was_guaranteed(self, here, sponsor):
        names = [one.slug for one in here.projects[:2]]
        pool = make_pool(
            sponsor, 5_000, guarantee_minor=1_001, scope=Scope.PROJECTS, projects=names
        )
        here.buy()
        assert figures(pool)[2] == 298
        with atomic():
            service.end_due(pool_id=pool.id, now=over(pool))
        assert figures(pool) == (0, 0, 1_001, 3_999)
        assert [matched(here, place)[1] for place in range(3)] == [352, 351, 0] or [
            matched(here, place)[1] for place in range(3)
        ] == [351, 352, 0]

    def test_waits_with_a_guarantee_for_orders_that_are_open(self, here, sponsor):
        names = [one.slug for one in here.projects]
        pool = make_pool(sponsor, 500, guarantee_minor=500, scope=Scope.PROJECTS, projects=names)
        order = here.place()
        with atomic():
            service.end_due(pool_id=pool.id, now=over(pool))
        assert figures(pool) == (128, 372, 0, 0)
        here.pay(order)
        assert queries.list_to_end(over(pool)) == [pool.id]
        with atomic():
            service.end_due(pool_id=pool.id, now=over(pool))
        assert figures(pool) == (0, 0, 500, 0)

    def test_waits_with_a_guarantee_where_no_project_takes_money(self, here, sponsor):
        pool = make_pool(
            sponsor,
            500,
            guarantee_minor=500,
            scope=Scope.PROJECTS,
            projects=[here.projects[0].slug],
        )
        with atomic():
            here.projects[0].state = ProjectState.CLOSED
            session.merge(here.projects[0])
        with atomic():
            service.end_due(pool_id=pool.id, now=over(pool))
        assert figures(pool) == (500, 0, 0, 0)

    def test_gives_less_than_guaranteed_no_more_when_goods_come_back(self, here, sponsor, run_jobs):
        names = [one.slug for one in here.projects]
        pool = make_pool(sponsor, 372, guarantee_minor=372, scope=Scope.PROJECTS, projects=names)
        order = here.buy()
        with atomic():
            service.end_due(pool_id=pool.id, now=over(pool))
        here.refund(order, 0)
        run_jobs()
        assert figures(pool) == (0, 0, 372, 0)

    def test_needs_a_first_payment_of_what_is_guaranteed(self, here, sponsor):
        pool = make_pool(
            sponsor,
            0,
            guarantee_minor=500,
            scope=Scope.PROJECTS,
            projects=[here.projects[0].slug],
        )
        earn(sponsor, 1_000)
        with pytest.raises(Invalid):
            fund(pool, 499, by=factories.make_user())
        fund(pool, 500, by=factories.make_user())


class TestTheBook:
    def test_tells_what_a_pool_gave_to_whom(self, here, sponsor):
        pool = make_pool(sponsor, 5_000)
        order = here.buy()
        here.refund(order, 0)
        entries = queries.list_entries(pool.id).rows
        assert {one.kind for one in entries} == {"pool_funded", "capture", "refund"}
        assert sum(one.effect_minor for one in entries) == seen(pool).left_minor
        given = queries.by_project(pool.id)
        assert sum(one.amount_minor for one in given) == seen(pool).used_minor
        assert queries.count_orders(pool.id) == 1
        assert {one.title for one in given} <= {one.title for one in here.projects}

    def test_keeps_a_reservation_as_it_was(self, here, sponsor):
        make_pool(sponsor, 5_000)
        order = here.place()
        assert orders.get_order(order.id).matched_minor == 372
        with pytest.raises(sa.exc.DBAPIError, match="stays so"), atomic():
            session.execute(sa.update(Reservation).values(amount_minor=1))
        assert terms().ratio_bp == 10_000
