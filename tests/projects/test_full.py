"""A project whose goal is confirmed: it cannot be chosen any more, and its page stays."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict
from marketplace.impact.queries import project_totals
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.projects import queries
from marketplace.projects.jobs import recount_projects
from marketplace.projects.models import Project, ProjectState
from marketplace.projects.queries import money
from tests import factories
from tests.journeys.purchase import pay, place
from tests.statements import rows_taken, statements


def fresh(db, project):
    return db.get(Project, project.id, populate_existing=True)


def send(order, *, window=timedelta(days=14)):
    """Send every parcel; return when the window of each closes."""
    now = clock.now()
    for part in orders.get_order(order.id).company_orders:
        with atomic():
            order_service.mark_sent(company_order=part, tracking="", return_window=window, now=now)
    return [part.window_closes_at for part in orders.get_order(order.id).company_orders]


def confirm(order, later=timedelta(days=30)):
    for part in orders.get_order(order.id).company_orders:
        with atomic():
            assert checkout.release(company_order_id=part.id, now=clock.now() + later)


@pytest.fixture
def springs(db, shop, provider):
    """Return a project with an order behind it that gives 1.86 and 1.00 of the shopper's own."""
    order = pay(place(shop), provider)
    project = shop["projects"][0]
    project.goal_minor = project_totals([project.id])[project.id].given_minor
    db.commit()
    return project, order


class TestFull:
    def test_is_a_project_once_its_goal_is_confirmed_and_not_before(self, client, db, springs):
        project, order = springs
        recount_projects()
        assert fresh(db, project).state is ProjectState.OPEN
        send(order)
        confirm(order)
        recount_projects()
        recount_projects()
        found = fresh(db, project)
        assert (found.state, found.reached_bp) == (ProjectState.FULL, 10_000)
        page = client.get(f"/projects/{project.slug}").text
        assert "This project has what it needs" in page
        assert "buy any product" not in page
        assert "Has what it needs" in client.get("/projects?state=full").text
        assert f"/projects/{project.slug}" not in client.get("/projects?state=open").text
        assert f"/projects/{project.slug}" not in client.get("/projects?sort=nearest").text

    def test_cannot_be_chosen(self, db, shop, springs):
        _project, order = springs
        send(order)
        confirm(order)
        recount_projects()
        with pytest.raises(Conflict, match="cannot be chosen any more"):
            place(shop)

    def test_is_open_again_when_the_goal_is_missed_again(self, db, springs):
        project, order = springs
        send(order)
        confirm(order)
        recount_projects()
        fresh(db, project).goal_minor += 1
        db.commit()
        recount_projects()
        found = fresh(db, project)
        assert found.state is ProjectState.OPEN
        assert 9_000 < found.reached_bp < 10_000

    @pytest.mark.parametrize("state", ["closed", "suspended", "proposed"])
    def test_is_no_project_that_cannot_be_chosen_anyway(self, db, springs, state):
        project, order = springs
        send(order)
        confirm(order)
        fresh(db, project).state = ProjectState(state)
        db.commit()
        recount_projects()
        assert fresh(db, project).state.value == state


@pytest.fixture(params=["its own", "everybody's"])
def way(request, monkeypatch):
    """Look through a project's own few allocations, or through everybody's parcels."""
    if request.param == "everybody's":
        monkeypatch.setattr(money, "_NEXT_RELEASE", sa.text(money.BY_WINDOW))


@pytest.mark.usefixtures("way")
class TestNextRelease:
    def test_is_not_known_before_anything_is_sent(self, client, springs):
        project, _order = springs
        assert queries.find_next_release(project.id) is None
        page = client.get(f"/projects/{project.slug}").text
        assert "pending; there is a date once the goods are sent" in page

    def test_is_the_first_recorded_end_of_a_return_window(
        self, client, sign_in, db, springs, engine
    ):
        project, order = springs
        first, second = orders.get_order(order.id).company_orders
        soon, late = clock.now() + timedelta(days=3), clock.now() + timedelta(days=9)
        first.window_closes_at = late
        db.commit()
        assert queries.find_next_release(project.id) == late
        second.window_closes_at = soon
        db.commit()
        assert queries.find_next_release(project.id) == soon
        pending = project_totals([project.id])[project.id].pending_minor
        with statements(engine) as asked:
            page = client.get(f"/projects/{project.slug}").text
        assert len(asked) <= 8, asked
        told = f"</data> pending, the next on {soon.day} {soon:%B %Y}"
        assert told in page
        owner = factories.make_user()
        factories.make_owner(project, owner)
        sign_in(client, owner)
        desk = client.get(f"/project-desk/{project.slug}").text
        assert told in desk
        assert f'value="{pending / 100:.2f}"' in desk

    def test_passes_over_what_is_confirmed_or_was_given_back(self, db, springs, provider):
        project, order = springs
        first, second = orders.get_order(order.id).company_orders
        send(order)
        with atomic():
            assert checkout.release(company_order_id=first.id, now=clock.now() + timedelta(days=30))
        assert queries.find_next_release(project.id) == second.window_closes_at
        confirm_second = clock.now() + timedelta(days=30)
        with atomic():
            assert checkout.release(company_order_id=second.id, now=confirm_second)
        assert queries.find_next_release(project.id) is None

    def test_of_a_shoppers_own_gift_is_the_last_parcel(self, db, shop, provider):
        order = pay(place(shop, choice=(0, 298, 74)), provider)
        project = shop["projects"][0]
        db.commit()
        assert project_totals([project.id])[project.id].pending_minor == 0
        gift = shop["projects"][1]
        dates = send(order)
        assert queries.find_next_release(gift.id) == min(dates)
        assert queries.find_next_release(project.id) is None

    def test_is_planned_once_for_all_projects(self, db, springs):
        """Fails if the plan depends on the project: then it is made anew for each page."""
        db.execute(sa.text("set local role none"))  # the tables' owner may look at sizes
        db.execute(sa.text("analyze allocation"))
        query = money.NEXT_RELEASE.replace(":project", "$1")
        db.execute(sa.text(f"prepare release (uuid) as {query}"))
        costs = set()
        try:
            for mode in ("force_custom_plan", "force_generic_plan"):
                db.execute(sa.text(f"set local plan_cache_mode = {mode}"))
                for one in (springs[0], factories.make_project()):
                    explained = f"explain (format json) execute release ('{one.id}')"
                    costs.add(db.scalar(sa.text(explained))[0]["Plan"]["Total Cost"])
        finally:
            db.execute(sa.text("deallocate release"))
        assert len(costs) == 1

    def test_of_who_is_seldom_chosen_looks_through_no_parcels_of_others(self, db, springs):
        project, order = springs
        send(order)
        other = factories.make_project()
        db.execute(sa.text("set local enable_seqscan = off"))
        parcels = []
        for one in (project, other):
            query = f"explain (analyze, format json) {money.NEXT_RELEASE}"
            plan = db.scalar(sa.text(query), {"project": one.id})
            parcels.append(rows_taken(plan[0]["Plan"], "company_order"))
        assert parcels[0] > parcels[1] == 0
