"""What a report claims of outcomes: never more than was paid for, by all together."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, Invalid
from marketplace.outcomes import service as outcomes
from marketplace.outcomes.rules import IndicatorKind
from marketplace.outcomes.service import IndicatorWish, Value
from marketplace.reports import queries, service
from marketplace.reports.models import Claim
from marketplace.reports.rules import WHOLE_PPM, elsewhere_ppm, part_of, share_ppm
from tests import factories
from tests.journeys.purchase import pay, place
from tests.reports.making import hand_in, make_draft, make_published, restate
from tests.reports.test_queries import confirm, pay_out


class TestShare:
    def test_is_never_rounded_up(self):
        assert share_ppm(1, 3) == 333_333
        assert share_ppm(5, 3) == WHOLE_PPM
        assert share_ppm(-1, 3) == share_ppm(1, 0) == 0
        assert part_of(Decimal(7), 333_333) == Decimal("2.33")

    def test_of_others_is_never_rounded_down(self):
        assert elsewhere_ppm(1, 3) == 333_334
        assert elsewhere_ppm(0, 3) == elsewhere_ppm(1, 0) == 0


@pytest.fixture
def paid(db, shop, provider):
    """A project of 2.00 in all: the weaver paid 1.20 of it and measured what came of it."""
    springs = shop["projects"][0]
    springs.goal_minor = 200
    confirm(pay(place(shop, top_up_minor=0), provider))
    pay_out(springs)
    measure(springs, "ADDS", "38")
    db.commit()
    return shop


def measure(project, kind, *values):
    owner = factories.make_user()
    factories.make_owner(project, owner)
    with atomic():
        now = clock.now()
        indicator = outcomes.set_indicator(
            project=project,
            indicator=None,
            wish=IndicatorWish(f"Households {kind}", "households", IndicatorKind[kind], ""),
            now=now - timedelta(days=9),
        )
        for place_, value in enumerate(values):
            day = now.date() - timedelta(days=len(values) - place_)
            made = outcomes.draft(
                indicator=indicator,
                value=Value(Decimal(value), day, "Counted at the tap."),
                author=owner,
                now=now,
            )
            outcomes.publish(outcome=made, now=now)


def claims(version):
    return list(queries.list_claims(version.id))


class TestClaims:
    def test_are_the_paid_share_of_the_whole_cost(self, client, paid):
        weaver = paid["companies"][0]
        version = make_published(weaver)
        (claim,) = claims(version)
        assert (claim.paid_minor, claim.cost_minor, claim.share_ppm) == (120, 200, 600_000)
        page = client.get(f"/companies/{weaver.slug}/reports/what-we-gave").text
        for told in ("38 households", "60%", "22.8 households"):
            assert told in page
        told = client.get(f"/companies/{weaver.slug}/reports/what-we-gave.json").get_json()
        assert told["outcomes"][0]["share_ppm"] == 600_000
        assert told["outcomes"][0]["value"] == "38"
        assert client.get(f"/companies/{weaver.slug}/reports/what-we-gave.pdf").status_code == 200

    def test_are_none_where_the_part_is_left_out(self, paid):

        version = make_draft(paid["companies"][0])
        hand_in(
            version,
            factories.make_user(),
            shown=frozenset({"giving", "badly", "method", "sign_off"}),
        )
        assert claims(version) == []

    def test_of_a_state_are_of_its_newest_value(self, paid):
        measure(paid["projects"][0], "LEVEL", "3", "5")
        told = {(one.title, one.value) for one in claims(make_published(paid["companies"][0]))}
        assert told == {("Households ADDS", Decimal(38)), ("Households LEVEL", Decimal(5))}

    def test_of_all_companies_are_at_most_the_whole(self, db, paid):
        weaver, roaster = paid["companies"]
        springs = paid["projects"][0]
        make_published(weaver)
        with atomic():
            service.declare_elsewhere(
                project_id=springs.id,
                funder="A foundation",
                amount_minor=30,
                by=factories.make_user(),
                now=clock.now(),
            )
        with pytest.raises(Invalid) as refused:
            make_published(roaster)
        told = str(refused.value.fields["shown_outcomes"])
        for said in ("Households ADDS", "30.56%", "60.00%", "13.89%"):
            assert said in told
        assert db.query(Claim).count() == 1

    def test_are_not_overtaken_by_money_from_elsewhere(self, paid):
        for company in paid["companies"]:
            make_published(company)
        with pytest.raises(Conflict, match="restate"), atomic():
            service.declare_elsewhere(
                project_id=paid["projects"][0].id,
                funder="A foundation",
                amount_minor=20,
                by=factories.make_user(),
                now=clock.now(),
            )

    def test_of_a_version_that_was_restated_count_once(self, db, paid):
        weaver = paid["companies"][0]
        version = make_published(weaver)
        new = restate(version, db.get(User, version.published_by_id))
        assert [one.share_ppm for one in claims(new)] == [600_000]
        make_published(paid["companies"][1])

    def test_beyond_the_whole_are_refused_by_the_database(self, db, paid):
        weaver, roaster = paid["companies"]
        (claim,) = claims(make_published(weaver))
        draft = make_draft(roaster)
        with pytest.raises(sa.exc.IntegrityError, match="at most the whole"), db.begin_nested():
            db.execute(
                sa.text(
                    "insert into report_claim select :draft, outcome_id, :company, project_id, "
                    "title, unit, value, measured_on, method, reviews, proofs, 200, 200, 400001 "
                    "from report_claim where version_id = :version"
                ),
                {"draft": draft.id, "company": roaster.id, "version": claim.version_id},
            )
        with pytest.raises(sa.exc.DBAPIError), db.begin_nested():
            db.execute(sa.text("update report_claim set share_ppm = 1"))
        with pytest.raises(sa.exc.DBAPIError), db.begin_nested():
            db.execute(sa.text("delete from report_claim"))


class TestFundingElsewhere:
    def test_is_declared_by_who_owns_the_project(self, client, sign_in, paid):
        springs = paid["projects"][0]
        address = f"/project-desk/{springs.slug}/funding"
        sign_in(client, factories.make_user())
        assert client.get(address).status_code == 404
        owner = factories.make_user()
        factories.make_owner(springs, owner)
        sign_in(client, owner)
        assert (
            client.post(address, data={"funder": "A <b>fund</b>", "amount": "x"}).status_code == 422
        )
        answer = client.post(address, data={"funder": "A <b>fund</b>", "amount": "0.30"})
        assert answer.status_code == 303
        assert "A &lt;b&gt;fund&lt;/b&gt;" in client.get(address).text
        for company in paid["companies"][:1]:
            make_published(company)
        answer = client.post(address, data={"funder": "More", "amount": "1.00"})
        assert answer.status_code == 422
        assert "restate their reports first" in answer.text
        assert "More" in answer.text

    def test_that_is_only_applied_for_leaves_everything_to_claim(self, client, sign_in, paid):
        springs, owner = paid["projects"][0], factories.make_user()
        factories.make_owner(springs, owner)
        address = f"/project-desk/{springs.slug}/funding"
        sign_in(client, owner)
        said = {"funder": "A fund", "amount": "1000000.00", "standing": "applied"}
        assert client.post(address, data=said).status_code == 303
        for company in paid["companies"]:
            make_published(company)
        assert "applied for, not certain" in client.get(f"/projects/{springs.slug}").text
        (applied,) = queries.list_funding_elsewhere(springs.id)
        answer = f"{address}/{applied.id}"
        assert client.post(answer, data={"standing": "applied"}).status_code == 422
        refused = client.post(answer, data={"standing": "certain"})
        assert refused.status_code == 422
        assert "restate their reports first" in refused.text
        assert client.post(answer, data={"standing": "certain", "amount": "x"}).status_code == 422
        assert client.post(answer, data={"standing": "refused"}).status_code == 303
        assert client.post(answer, data={"standing": "refused"}).status_code == 404
        (told,) = queries.list_funding_elsewhere(springs.id)
        assert (told.standing, told.amount_minor) == ("refused", 100_000_000)
        page = client.get(f"/projects/{springs.slug}").text
        assert ">refused<" in page
        assert "applied for" not in page

    def test_may_be_certain_with_another_amount(self, client, sign_in, paid):
        springs, owner = paid["projects"][0], factories.make_user()
        factories.make_owner(springs, owner)
        address = f"/project-desk/{springs.slug}/funding"
        sign_in(client, owner)
        client.post(address, data={"funder": "A fund", "amount": "9.00", "standing": "applied"})
        (applied,) = queries.list_funding_elsewhere(springs.id)
        told = {"standing": "certain", "amount": "0.10"}
        assert client.post(f"{address}/{applied.id}", data=told).status_code == 303
        (now,) = queries.list_funding_elsewhere(springs.id)
        assert (now.standing, now.amount_minor, now.follows_id) == ("certain", 10, applied.id)
        assert client.post(f"{address}/{now.id}", data=told).status_code == 404
        with pytest.raises(Conflict, match="its answer"), atomic():
            service.declare_elsewhere(
                project_id=springs.id,
                funder="A fund",
                amount_minor=10,
                standing="refused",
                follows=applied,
                by=owner,
                now=clock.now(),
            )
