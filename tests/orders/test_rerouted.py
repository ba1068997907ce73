"""Money that went on to another project has its own lane on the receipt: why, from where, when."""

import html

import pytest

from marketplace.checkout import service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.ledger.rules import Source
from marketplace.projects.models import Project, ProjectState
from tests import factories
from tests.checkout.purchases import Purchases, broken
from tests.orders.world import pay_out
from tests.statements import statements


@pytest.fixture
def shop(db, provider):
    return Purchases.begin(db, provider)


@pytest.fixture
def heir(shop, db):
    """Return the successor of the last project: a project that nobody chose."""
    found = factories.make_project(title="Hedges", cause_id=shop.projects[0].cause_id)
    db.commit()
    return found


def close(project, successor):
    """Close a project so that nothing of it goes to the shopper's next choice."""
    close_by_id(project.id, successor.id)


def close_by_id(project_id, successor_id):
    with atomic():
        row = session.get_one(Project, project_id)
        row.state, row.successor_id = ProjectState.CLOSED, successor_id


def leave(shop, order, project):
    with atomic():
        return service.leave_closed(order_id=order.id, project_id=project.id, now=clock.now())


def only(shop, amount):
    """Return an order that gives all to the last project."""
    project = shop.projects[2]
    shop.projects = [project]
    return shop.buy(choice=(amount,)), project


def lanes(client, order):
    shown = client.get(f"/receipt/{order.token}.json").get_json()["projects"]
    return {one["title"]: one for one in shown}


def page(client, order, at=""):
    return html.unescape(client.get(f"{at}/receipt/{order.token}").text)


class TestClosed:
    def test_has_a_lane_that_says_why_from_where_and_when(self, client, shop, heir):
        order, project = only(shop, 372)
        close(project, heir)
        made = leave(shop, order, project)
        day = made.made_at
        order = shop.seen(order)
        found = lanes(client, order)
        assert set(found) == {"Nora", "Hedges"}
        assert found["Nora"]["held_minor"] == 0
        assert found["Hedges"]["held_minor"] == 572
        came = found["Hedges"]["came_from_other_projects"]
        assert sorted((one["source"], one["amount_minor"]) for one in came) == [
            ("pledge", 372),
            ("top_up", 200),
        ]
        assert {one["why"] for one in came} == {"closed"}
        assert {one["other_project"] for one in came} == {project_slug(project)}
        assert {one["at"] for one in came} == {day.isoformat()}
        assert len(found["Nora"]["went_to_other_projects"]) == 2
        text = page(client, order)
        assert "from “Nora”, which takes no more money." in text
        assert "went on to “Hedges” on" in text
        assert "It is your own donation." in text
        assert "Came on" in text
        assert "Hedges, held" in text  # in every cent, too

    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_is_told_in_other_languages(self, client, shop, heir, language):
        order, project = only(shop, 372)
        close(project, heir)
        leave(shop, order, project)
        text = page(client, shop.seen(order), f"/{language}")
        assert "which takes no more money" not in text
        assert "Hedges" in text

    def test_is_held_until_the_parcels_of_its_lines_cannot_come_back(self, client, shop, heir):
        order, project = only(shop, 372)
        close(project, heir)
        leave(shop, order, project)
        shop.send(order)
        order = shop.seen(order)
        until = max(part.window_closes_at for part in order.company_orders)
        assert lanes(client, order)["Hedges"]["held_until"] == until.isoformat()

    def test_is_followed_to_its_payout(self, client, shop, heir):
        order, project = only(shop, 372)
        close(project, heir)
        leave(shop, order, project)
        shop.send(order)
        shop.release(order)
        heir_id = heir.id
        pay_out(heir_id)
        order = shop.seen(order)
        found = lanes(client, order)["Hedges"]
        assert found["confirmed_minor"] == found["paid_out_minor"] == 572
        assert [one["part_minor"] for one in found["payouts"]] == [572]
        assert broken() == []

    def test_is_confirmed_where_it_came_confirmed(self, client, shop, heir):
        order, project = only(shop, 372)
        shop.send(order)
        shop.release(order)
        close(project, heir)
        made = leave(shop, order, project)
        at = made.made_at
        order = shop.seen(order)
        found = lanes(client, order)
        assert found["Hedges"]["confirmed_minor"] == 572
        assert found["Hedges"]["confirmed_at"] == at.isoformat()
        assert found["Nora"]["confirmed_minor"] == 0

    def test_counts_in_what_is_held(self, client, shop, heir):
        order, project = only(shop, 372)
        close(project, heir)
        leave(shop, order, project)
        assert "€5.72 is held until the goods can no longer be returned." in page(
            client, shop.seen(order)
        )


class TestChosenAnew:
    def test_says_that_the_shopper_did_it(self, client, shop, heir):
        order = shop.buy()
        wanted = {one.id: 0 for one in shop.projects} | {heir.id: 372}
        with atomic():
            service.change_choice(
                order_id=order.id,
                wanted={
                    Source.PLEDGE: wanted,
                    Source.TOP_UP: service.pending_of(order.id)[Source.TOP_UP],
                },
                now=clock.now(),
            )
        order = shop.seen(order)
        found = lanes(client, order)
        assert [*found][-1] == "Hedges"
        assert {one["why"] for one in found["Hedges"]["came_from_other_projects"]} == {"choice"}
        assert "from “Springs”: you chose anew." in page(client, order)

    def test_has_no_second_lane_for_a_project_that_had_one(self, client, shop):
        order = shop.buy()
        first, second, third = (one.id for one in shop.projects)
        with atomic():
            service.change_choice(
                order_id=order.id,
                wanted={
                    Source.PLEDGE: {first: 372, second: 0, third: 0},
                    Source.TOP_UP: service.pending_of(order.id)[Source.TOP_UP],
                },
                now=clock.now(),
            )
        order = shop.seen(order)
        found = lanes(client, order)
        assert len(found) == 3
        assert (
            sum(one["amount_minor"] for one in found["Springs"]["came_from_other_projects"])
            == 372 - 186
        )


class TestStatements:
    def test_are_two_more_at_most(self, client, shop, heir, engine):
        order, project = only(shop, 372)
        token, order_id, ids = order.token, order.id, (project.id, heir.id)
        with statements(engine) as before:
            client.get(f"/receipt/{token}")
        close_by_id(*ids)
        with atomic():
            service.leave_closed(order_id=order_id, project_id=ids[0], now=clock.now())
        with statements(engine) as after:
            client.get(f"/receipt/{token}")
        assert len(after) - len(before) <= 2


def project_slug(project):
    return session.get_one(Project, project.id).slug
