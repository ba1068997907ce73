"""A team with a captain, and purchases that count for it."""

from datetime import timedelta

import pytest

from marketplace.checkout import jobs
from marketplace.checkout import service as checkout
from marketplace.community import service
from marketplace.community.rules import MadeOf
from marketplace.community.service import TeamWish
from marketplace.core import clock
from marketplace.core.db import atomic
from tests import factories
from tests.journeys.purchase import pay, place

AGO = timedelta(days=2)
WISH = TeamWish("The Tuesday table", MadeOf.FRIENDS, "We **eat** together.", is_public=True)


@pytest.fixture
def captain(db):
    return factories.make_user(name="Elena Bassi")


@pytest.fixture
def friend(db):
    return factories.make_user(name="Tommaso Riva")


def make_team(captain, at, wish=WISH):
    """Found a team."""
    with atomic():
        return service.found_team(wish=wish, is_named=True, currency="EUR", by=captain, now=at)


@pytest.fixture
def team(db, captain):
    return make_team(captain, clock.now() - AGO)


@pytest.fixture
def buy(shop, provider, db):
    """Return what buys for somebody: 3.72 of companies and 2.00 of their own, three projects."""

    def bought(user, **how):
        order = pay(place(shop, **how), provider)
        order.customer_id = user.id
        db.commit()
        return order

    return bought


@pytest.fixture
def give_back(db):
    """Return what gives an order back, whole or one line of it."""

    def back(order, line=None):
        with atomic():
            if line is None:
                checkout.request_full_refund(
                    order_id=order.id, reason="No", requested_by_id=None, now=clock.now()
                )
            else:
                checkout.request_refund(
                    order_id=order.id,
                    pieces={order.lines[line].id: order.lines[line].quantity},
                    shipping=[],
                    reason="Torn",
                    requested_by_id=None,
                    now=clock.now(),
                )
        for command_id in jobs.queries.list_due_commands(clock.now()):
            jobs.run_command(command_id=str(command_id))

    return back


@pytest.fixture
def join(team):
    """Return what lets somebody join the team, two days ago unless it is said when."""

    def joined(user, *, at=None, **how):
        with atomic():
            return service.join(
                team_id=team.id,
                by=user,
                now=at or clock.now() - AGO,
                **{"is_named": False} | how,
            )

    return joined
