"""Somebody is forgotten: the name goes everywhere, not a cent moves, others' proofs hold."""

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs
from marketplace.core.db import session
from marketplace.orders import queries as orders
from marketplace.privacy.jobs import erase_orders
from marketplace.proofs.jobs import sequence_log
from marketplace.proofs.verify import check_receipt
from tests.accounts.people import PASSWORD, make_person
from tests.checkout.purchases import Purchases, broken
from tests.checkout.shopper import Shopper
from tests.factories import sign_in

NAME = "Rosalba Quattrocchi"
SUMS = """
    select account.purpose, account.owner_id::text, account.source, balance.balance_minor
    from ledger_account_balance balance join ledger_account account
      on account.id = balance.account_id
    order by 1, 2, 3
"""


@pytest.fixture
def here(db, provider):
    return Purchases.begin(db, provider)


def buy(here, shopper, email, name):
    """Buy a towel for the first project, shown by name; return the order."""
    shopper.post("/basket", variant_id=str(here.towels.id), quantity=1)
    shopper.says_address(email=email, name=name)
    shopper.chooses({here.projects[0]: "2.40"}, show_name="1")
    fields = shopper.last_page()
    answer = shopper.post("/checkout/payment", **fields)
    here.provider.pay(answer.headers["Location"])
    found = orders.find_by_checkout_key(fields["checkout_key"])
    jobs.settle_session(found.checkout_session_id)
    return here.seen(found)


def public_addresses(app, project, order):
    """Return what anybody may open that could name a supporter."""
    at = f"/projects/{project.slug}"
    found = ["/", "/ledger", "/projects", f"/receipt/{order.token}", f"/receipt/{order.token}.json"]
    found += [at, f"{at}/people", f"{at}/money", f"{at}/money.json", f"{at}/money.csv"]
    return found


class TestErasure:
    def test_takes_the_name_and_nothing_else(self, app, client, here, run_jobs):
        springs = here.projects[0]
        person = make_person(name=NAME, email="rosalba@example.org", is_public_supporter=True)
        browser = app.test_client()
        sign_in(browser, person)
        mine = buy(here, Shopper(browser), person.email, NAME)
        others = buy(here, Shopper(app.test_client()), "other@example.org", "Ivo Lambertini")
        session.commit()
        for order in (mine, others):
            here.send(order)
            here.release(order)
        sequence_log()
        key = app.config["LOG_SIGNER"].key
        told = client.get(f"/receipt/{others.token}.json").json
        assert all(one.is_good for one in check_receipt(told, key))
        assert NAME in client.get(f"/projects/{springs.slug}/people").text
        sums = session.execute(sa.text(SUMS)).all()

        done = browser.post("/account/erase", data={"current_password": PASSWORD, "is_meant": "1"})
        assert done.status_code == 303, done.text
        run_jobs()
        erase_orders()

        for address in public_addresses(app, springs, mine):
            page = client.get(address)
            assert page.status_code in (200, 404, 410), address
            assert "Rosalba" not in page.text, address
            assert "rosalba" not in page.text, address
        assert session.execute(sa.text(SUMS)).all() == sums
        told = client.get(f"/receipt/{others.token}.json").json
        findings = check_receipt(told, key)
        assert findings
        assert all(one.is_good for one in findings), findings
        sequence_log()
        assert broken() == []
