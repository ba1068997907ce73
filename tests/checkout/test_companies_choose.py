"""Who chooses nothing, or lets the companies choose, sends each share where its company says."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout import queries
from marketplace.giving import service as giving
from marketplace.orders.models import Order
from marketplace.projects.models import Project, ProjectState
from tests import factories
from tests.checkout.shopper import Shopper

COMMISSION = 500


@pytest.fixture
def towel(db):
    """Gives 8% of 30.00 net: 2.40."""
    company = factories.make_company(name="Tessitura Arbosca", shipping_minor=490)
    return factories.make_product(company, title="Linen towel", price_minor=3660)


@pytest.fixture
def tote(db):
    """Gives 5.00 per piece."""
    company = factories.make_company(name="Voilerie Kerguen", pledge_bp=None, pledge_unit_minor=500)
    return factories.make_product(company, title="Sailcloth tote", price_minor=5900)


@pytest.fixture
def springs(db):
    return factories.make_project(title="Eight springs")


@pytest.fixture
def workshop(db):
    return factories.make_project(title="Repair workshop")


@pytest.fixture
def newest(db):
    later = factories.NOW + timedelta(seconds=1)  # what is made in one moment has no order
    return factories.make_project(title="Newest", created_at=later)


@pytest.fixture
def shopper(client, towel, tote, springs, workshop, newest):
    """Somebody whose towel gives 2.40 to the springs, and whose tote 5.00, one to four."""
    giving.set_defaults(company_id=towel.company_id, project_ids=[springs.id])
    giving.set_defaults(
        company_id=tote.company_id, project_ids=[springs.id, workshop.id], weights=[1, 4]
    )
    shopper = Shopper(client)
    shopper.puts(towel)
    shopper.puts(tote)
    shopper.says_address()
    return shopper


def given_by(db):
    """Return what each company gives to each project, by the last order's allocations."""
    rows = db.execute(
        sa.text(
            "select company.name, project.title, sum(amount_minor) from allocation"
            " join company on company.id = allocation.company_id"
            " join project on project.id = allocation.project_id group by 1, 2"
        )
    )
    return {(company, project): int(amount) for company, project, amount in rows}


def close(db, project):
    closed = sa.update(Project).where(Project.id == project.id).values(state=ProjectState.CLOSED)
    db.execute(closed)


EACH_ITS_OWN = {
    ("Tessitura Arbosca", "Eight springs"): 240,
    ("Voilerie Kerguen", "Eight springs"): 100,
    ("Voilerie Kerguen", "Repair workshop"): 400,
}


class TestFindCompaniesChoice:
    def priced(self, *products):
        wanted = {product.variants[0].id: 1 for product in products}
        return queries.price(wanted, commission_bp=COMMISSION)

    def test_gives_each_share_to_its_own_projects_in_their_parts(
        self, shopper, towel, tote, springs, workshop
    ):
        found = queries.find_companies_choice(self.priced(towel, tote))
        assert found.given == {
            towel.company_id: [(springs.id, 240)],
            tote.company_id: [(springs.id, 100), (workshop.id, 400)],
        }

    def test_passes_over_what_cannot_be_chosen(self, shopper, db, tote, springs, workshop):
        close(db, workshop)
        found = queries.find_companies_choice(self.priced(tote))
        assert found.given == {tote.company_id: [(springs.id, 500)]}

    def test_gives_to_the_newest_where_a_company_named_none(self, shopper, towel, tote, newest):
        giving.set_defaults(company_id=towel.company_id, project_ids=[])
        found = queries.find_companies_choice(self.priced(towel, tote))
        assert found.given[towel.company_id] == [(newest.id, 240)]

    def test_finds_nothing_where_there_is_no_project(self, db, towel):
        found = queries.find_companies_choice(self.priced(towel))
        assert (found.projects, found.given) == ({}, {})


class TestCompanies:
    def test_choose_where_the_shopper_says_nothing(self, shopper, provider, db):
        page = shopper.get("/checkout/projects").text
        assert "The companies choose: each gives its part to its own projects." in page
        assert shopper.amounts() == ["3.40", "4.00"]
        assert shopper.places().status_code == 303
        assert given_by(db) == EACH_ITS_OWN

    def test_still_choose_when_what_they_chose_is_sent_unchanged(
        self, shopper, springs, workshop, provider, db
    ):
        shopper.chooses({springs: "3.40", workshop: "4.00"})
        shopper.places()
        assert given_by(db) == EACH_ITS_OWN

    def test_choose_again_where_they_are_asked_to(self, shopper, newest, provider, db):
        shopper.presses({newest: "7.40"}, do="update")
        shopper.presses({newest: "7.40"}, do="companies")
        cells = re.findall(
            r"(\d+\.\d\d)<",
            re.search(r"<table.*?</table>", shopper.get("/checkout/payment").text, re.DOTALL)[0],
        )
        assert cells == ["2.40", "0.00", "2.40", "1.00", "4.00", "5.00", "3.40", "4.00", "7.40"]
        shopper.places()
        assert given_by(db) == EACH_ITS_OWN

    def test_choose_no_more_once_an_amount_is_changed(
        self, shopper, springs, workshop, provider, db
    ):
        shopper.chooses({springs: "3.41", workshop: "3.99"})
        assert "The companies choose" not in shopper.get("/checkout/projects").text
        shopper.places()
        given = given_by(db)
        assert given != EACH_ITS_OWN
        assert sum(part for (_who, to), part in given.items() if to == "Eight springs") == 341

    def test_choose_no_more_once_a_project_is_added(self, shopper, newest):
        shopper.post("/checkout/projects/more", project=str(newest.id))
        assert "The companies choose" not in shopper.get("/checkout/projects").text
        assert shopper.amounts() == ["3.40", "4.00", "0.00"]

    def test_may_name_more_than_five_together(self, shopper, towel, tote, provider, db):
        for product in (towel, tote):
            own = [factories.make_project().id for _ in range(5)]
            giving.set_defaults(company_id=product.company_id, project_ids=own)
        assert len(shopper.amounts()) == 10
        assert shopper.places().status_code == 303
        assert len(given_by(db)) == 10

    def test_are_shown_again_where_their_choice_has_changed_meanwhile(
        self, shopper, springs, workshop, db
    ):
        shopper.chooses({springs: "3.40", workshop: "4.00"})
        close(db, workshop)
        assert shopper.get("/checkout/payment").location == "/checkout/projects"
        assert shopper.amounts() == ["7.40"]

    def test_follow_the_basket(self, shopper, towel, springs, workshop):
        shopper.chooses({springs: "3.40", workshop: "4.00"})
        shopper.puts(towel)
        assert shopper.amounts() == ["5.80", "4.00"]

    def test_are_not_remembered_as_the_shoppers_own_choice(
        self, shopper, client, sign_in, newest, provider, db
    ):
        person = factories.make_user()
        giving.remember(user_id=person.id, project_ids=[newest.id], weights=[1])
        sign_in(client, person)
        shopper.presses({newest: "7.40"}, do="companies")
        shopper.places()
        assert db.scalars(sa.select(Order)).one().customer_id == person.id
        assert db.scalar(sa.text("select count(*) from preference")) == 0
