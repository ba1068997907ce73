"""Money that goes to other projects: chosen anew while pending, or because a project is closed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.checkout import jobs, rules, service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.ids import new_id
from marketplace.ledger.rules import AccountKey, Purpose, Source, Standing
from marketplace.orders import queries as orders
from marketplace.projects import service as projects
from marketplace.projects.models import Project, ProjectState
from tests import factories
from tests.checkout.purchases import Purchases, broken

PLEDGED = 186 + 112 + 74


@pytest.fixture
def shop(db, provider):
    here = Purchases.begin(db, provider)
    here.messages()
    return here


def choose(order, pledge, top_up=None):
    wanted = {
        Source.PLEDGE: {project.id: minor for project, minor in pledge.items()},
        Source.TOP_UP: {project.id: minor for project, minor in (top_up or {}).items()},
    }
    with atomic():
        return service.change_choice(order_id=order.id, wanted=wanted, now=clock.now())


def pending(order):
    session.expire_all()
    return service.pending_of(order.id)


def set_state(project, state, **more):
    with atomic():
        row = session.get_one(Project, project.id)
        row.state = state
        for name, value in more.items():
            setattr(row, name, value)


class TestMoves:
    @given(
        st.lists(st.tuples(st.integers(0, 3), st.integers(1, 500)), min_size=1, max_size=12),
        st.lists(st.integers(0, 100), min_size=5, max_size=5).filter(any),
    )
    def test_meet_what_is_wanted_to_the_cent_and_leave_what_can_stay(self, there, weights):
        projects = [new_id() for _ in range(5)]
        rows = [
            Standing(
                place, AccountKey(Purpose.PROJECT_PENDING, projects[one], Source.PLEDGE), minor
            )
            for place, (one, minor) in enumerate(there)
        ]
        total = sum(row.minor for row in rows)
        wanted = dict(zip(projects, rules.split(total, weights), strict=True))
        before = dict.fromkeys(projects, 0)
        for row in rows:
            before[row.account.owner_id] += row.minor
        after = dict(before)
        left = {row.transfer_id: row.minor for row in rows}
        for row, target, minor in rules.moves(rows, wanted):
            assert minor > 0
            assert target != row.account.owner_id
            left[row.transfer_id] -= minor
            after[row.account.owner_id] -= minor
            after[target] += minor
        assert after == wanted
        assert min(left.values()) >= 0
        for project in projects:
            stays = min(before[project], wanted[project])
            mine = [row for row in rows if row.account.owner_id == project]
            assert sum(left[row.transfer_id] for row in mine) == stays


class TestChangeOfTheChoice:
    def test_moves_what_is_pending_and_keeps_both_sources_apart(self, shop):
        order = shop.buy()
        springs, aurora, nora = shop.projects
        other = factories.make_project(title="Other")
        session.commit()
        assert choose(order, {aurora: 100, other: PLEDGED - 100}, {nora: 200})
        assert pending(order) == {
            Source.PLEDGE: {aurora.id: 100, other.id: PLEDGED - 100},
            Source.TOP_UP: {nora.id: 200},
        }
        assert {one.from_title for one in orders.list_moved(order.id)} >= {"Springs", "Nora"}
        assert shop.balance(Purpose.PROJECT_PENDING, springs.id, Source.PLEDGE) == 0
        assert broken() == []

    def test_can_be_taken_back(self, shop):
        order = shop.buy(top_up=0)
        springs, aurora, nora = shop.projects
        choose(order, {nora: PLEDGED})
        choose(order, {springs: 186, aurora: 112, nora: 74})
        assert pending(order)[Source.PLEDGE] == {springs.id: 186, aurora.id: 112, nora.id: 74}
        assert choose(order, {springs: 186, aurora: 112, nora: 74}) is None
        assert broken() == []

    def test_goes_on_with_refund_release_and_dispute(self, shop):
        order = shop.buy(top_up=0)
        nora = shop.projects[2]
        choose(order, {nora: PLEDGED})
        shop.refund(order, 1)
        left = pending(order)[Source.PLEDGE][nora.id]
        assert left == PLEDGED - 66
        shop.send(order)
        shop.release(order)
        assert shop.balance(Purpose.PROJECT_AVAILABLE, nora.id, Source.PLEDGE) == left
        shop.dispute(order)
        shop.hear()
        assert shop.balance(Purpose.DISPUTE_HOLD, nora.id, Source.PLEDGE) == left
        assert broken() == []

    def test_leaves_what_is_confirmed(self, shop):
        order = shop.buy(top_up=0)
        shop.send(order)
        shop.release(order)
        with pytest.raises(Invalid):
            choose(order, {shop.projects[0]: PLEDGED})
        assert pending(order) == {}

    @pytest.mark.parametrize("cents", [-1, 1])
    def test_refuses_a_cent_too_much_or_too_few(self, shop, cents):
        order = shop.buy(top_up=0)
        with pytest.raises(Invalid):
            choose(order, {shop.projects[0]: PLEDGED + cents})

    def test_refuses_to_move_between_the_sources(self, shop):
        order = shop.buy()
        with pytest.raises(Invalid):
            choose(order, {shop.projects[0]: PLEDGED + 100}, {shop.projects[0]: 100})

    def test_refuses_a_sixth_project_and_one_that_takes_no_money(self, shop):
        order = shop.buy(top_up=0)
        others = [factories.make_project() for _ in range(6)]
        closed = factories.make_project(state=ProjectState.CLOSED)
        session.commit()
        with pytest.raises(Invalid):
            choose(order, dict(zip(others, [62] * 6, strict=True)))
        with pytest.raises(Invalid):
            choose(order, {closed: PLEDGED})

    def test_waits_for_the_bank(self, shop):
        order = shop.buy(top_up=0)
        shop.dispute(order, amount=100)
        shop.hear()
        with pytest.raises(Conflict):
            choose(order, {shop.projects[0]: PLEDGED})


class TestProjectThatTakesNoMore:
    def test_is_left_for_the_next_choice_at_payment(self, shop, run_jobs):
        order = shop.place(top_up=0)
        set_state(shop.projects[1], ProjectState.CLOSED)
        shop.pay(order)
        springs, _aurora, nora = shop.projects
        assert pending(order)[Source.PLEDGE] == {springs.id: 186, nora.id: 74 + 112}
        assert "rerouted_mail" in run_jobs()
        assert broken() == []

    def test_is_left_for_its_successor_then_for_the_fund_of_its_cause(self, shop):
        order, following = (shop.place(top_up=0, choice=(PLEDGED,)) for _ in range(2))
        springs = shop.projects[0]
        heir = factories.make_project()
        fund = factories.make_project(cause_id=springs.cause_id, is_fund=True)
        session.commit()
        set_state(springs, ProjectState.CLOSED, successor_id=heir.id)
        shop.pay(order)
        assert pending(order)[Source.PLEDGE] == {heir.id: PLEDGED}
        set_state(heir, ProjectState.SUSPENDED)
        shop.pay(following)
        assert pending(following)[Source.PLEDGE] == {fund.id: PLEDGED}
        assert broken() == []

    def test_keeps_the_money_where_there_is_nowhere_to_go(self, shop):
        order = shop.place(top_up=0, choice=(PLEDGED,))
        set_state(shop.projects[0], ProjectState.CLOSED)
        shop.pay(order)
        assert pending(order)[Source.PLEDGE] == {shop.projects[0].id: PLEDGED}

    def test_loses_what_is_pending_and_confirmed_but_not_what_was_paid(self, shop, monkeypatch):
        """Fails if what is confirmed is moved without asking what the account still has."""
        springs, aurora, _nora = shop.projects
        paid, confirmed, waiting, contested = (shop.buy(top_up=0) for _ in range(4))
        shop.send(paid)
        shop.release(paid)
        shop.pay_out(springs.id, source=Source.PLEDGE)
        shop.send(confirmed)
        shop.release(confirmed)
        shop.dispute(contested)
        shop.hear()
        monkeypatch.setattr(jobs, "ORDERS_A_BATCH", 1)
        operator = factories.make_user(is_operator=True)
        session.commit()
        with atomic():
            project = session.get_one(Project, springs.id)
            projects.move(
                project=project, how="close", operator=operator, reason="Done", now=clock.now()
            )
        jobs.leave_closed_project(project_id=str(springs.id))
        jobs.leave_closed_projects()
        jobs.leave_closed_projects()
        assert shop.balance(Purpose.PROJECT_PENDING, springs.id, Source.PLEDGE) == 0
        assert shop.balance(Purpose.PROJECT_AVAILABLE, springs.id, Source.PLEDGE) == 0
        assert shop.balance(Purpose.DISPUTE_HOLD, springs.id, Source.PLEDGE) == 186
        assert "reroute" not in shop.kinds(paid)
        assert shop.balance(Purpose.PROJECT_AVAILABLE, aurora.id, Source.PLEDGE) == 112 * 2 + 186
        assert pending(waiting)[Source.PLEDGE][aurora.id] == 112 + 186
        with pytest.raises(Conflict), atomic():
            projects.move(
                project=session.get_one(Project, springs.id),
                how="archive",
                operator=operator,
                reason="Done",
                now=clock.now(),
            )
        assert broken() == []

    def test_can_be_archived_without_a_balance(self, shop):
        operator = factories.make_user(is_operator=True)
        session.commit()
        set_state(shop.projects[0], ProjectState.CLOSED)
        with atomic():
            projects.move(
                project=session.get_one(Project, shop.projects[0].id),
                how="archive",
                operator=operator,
                reason="Done",
                now=clock.now(),
            )
        session.expire_all()
        assert session.get_one(Project, shop.projects[0].id).state is ProjectState.ARCHIVED


class TestOperator:
    def test_closes_names_a_successor_and_archives(self, client, shop):
        factories.sign_in(client, factories.make_user(is_operator=True))
        springs, aurora, _nora = shop.projects
        session.commit()
        at = f"/staff/projects/{springs.slug}"
        said = {"successor": f"/projects/{aurora.slug}", "is_fund": "1"}
        assert client.post(f"{at}/route", data=said).status_code == 303
        assert client.post(f"{at}/close", data={"reason": "Done"}).status_code == 303
        assert aurora.slug in client.get("/staff/projects?state=closed").text
        session.expire_all()
        found = session.get_one(Project, springs.id)
        assert (found.successor_id, found.is_fund) == (aurora.id, True)
        assert client.post(f"{at}/archive", data={"reason": "Done"}).status_code == 303
        assert springs.title in client.get("/staff/projects?state=archived").text
        assert client.get(f"/projects/{springs.slug}").status_code == 200
        itself = {"successor": aurora.slug}
        assert client.post(f"/staff/projects/{aurora.slug}/route", data=itself).status_code == 422
