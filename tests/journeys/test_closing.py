"""A project is suspended between basket and payment, and closes with money in its name."""

import pytest

from marketplace.checkout import jobs
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict
from marketplace.ledger.rules import Purpose, Source
from marketplace.orders import queries as orders
from marketplace.orders.models import OrderState
from marketplace.projects import service as projects
from marketplace.projects.models import Project
from tests import factories
from tests.checkout.purchases import Purchases, broken
from tests.checkout.shopper import Shopper


@pytest.fixture
def here(db, provider):
    return Purchases.begin(db, provider)


@pytest.fixture
def operator(db):
    found = factories.make_user(is_operator=True)
    db.commit()
    return found


def move(project, how, operator):
    with atomic():
        projects.move(
            project=session.get_one(Project, project.id),
            how=how,
            operator=operator,
            reason="Nobody answers any more",
            now=clock.now(),
        )


def letters(app, to):
    """Return the text of every letter to somebody."""
    return [
        one.get_body(("plain",)).get_content()
        for one in app.extensions["post"].letters
        if one["To"] == to
    ]


class TestAProjectThatCloses:
    def test_leaves_its_cents_where_the_shoppers_are_told(
        self, app, client, here, operator, run_jobs
    ):
        springs, aurora, _nora = here.projects
        heir = factories.make_project(title="Wells")
        session.commit()

        # In the basket still, and suspended before the last button: said, and nothing is ordered.
        first = Shopper(client)
        first.post("/basket", variant_id=str(here.towels.id), quantity=1)
        first.says_address(email="first@example.org")
        first.chooses({springs: "2.40"})
        fields = first.last_page()
        move(springs, "suspend", operator)
        answer = first.post("/checkout/payment", **fields)
        assert answer.status_code in (303, 409)
        page = answer.text if answer.status_code == 409 else first.get(answer.location).text
        assert "takes no more money" in page
        assert orders.find_by_checkout_key(fields["checkout_key"]) is None
        move(springs, "verify", operator)

        # On the provider's page already: the payment goes to the shopper's next choice instead.
        second = Shopper(app.test_client(), "/fr")
        second.post("/basket", variant_id=str(here.towels.id), quantity=1)
        second.says_address(email="second@example.org")
        second.chooses({springs: "1,40", aurora: "1,00"})
        fields = second.last_page()
        payment_page = second.post("/checkout/payment", **fields).location
        move(springs, "suspend", operator)
        here.provider.pay(payment_page)
        paid = orders.find_by_checkout_key(fields["checkout_key"])
        jobs.settle_session(paid.checkout_session_id)
        assert here.seen(paid).state is OrderState.PAID
        assert here.balance(Purpose.PROJECT_PENDING, aurora.id, Source.PLEDGE) == 240
        app.extensions["post"].letters.clear()
        run_jobs()
        assert any(
            "Springs" in text and "Aurora" in text and "1,40" in text
            for text in letters(app, "second@example.org")
        )

        # 3.17 are confirmed, too few for a payout, when it closes. The next choice takes no money
        # either, so they go to the successor that it named.
        move(springs, "verify", operator)
        third = here.buy(top_up=0, choice=(317, 55))
        here.send(third)
        here.release(third)
        assert here.balance(Purpose.PROJECT_AVAILABLE, springs.id, Source.PLEDGE) == 317
        with atomic():
            projects.set_route(
                project=session.get_one(Project, springs.id),
                successor=session.get_one(Project, heir.id),
                is_fund=False,
                operator=operator,
                now=clock.now(),
            )
        move(aurora, "suspend", operator)
        app.extensions["post"].letters.clear()
        move(springs, "close", operator)
        with pytest.raises(Conflict):
            move(springs, "archive", operator)
        assert "leave_closed_project" in run_jobs()
        assert here.balance(Purpose.PROJECT_AVAILABLE, springs.id, Source.PLEDGE) == 0
        assert here.balance(Purpose.PROJECT_AVAILABLE, heir.id, Source.PLEDGE) == 317
        (letter,) = [text for text in letters(app, third.email) if "Wells" in text]
        assert "€3.17" in letter
        assert f"/receipt/{third.token}" in letter
        assert "Wells" in client.get(f"/receipt/{third.token}").text
        move(springs, "archive", operator)
        jobs.leave_closed_projects()
        run_jobs()
        assert sum("Wells" in text for text in letters(app, third.email)) == 1
        assert broken() == []
