"""A report on its way: written, handed in, read by a second person, published, restated."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import MemberRole, User
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, Forbidden, Invalid
from marketplace.reports import jobs, queries, service
from marketplace.reports.models import Drift, Report, Section, Version, VersionState
from marketplace.reports.rules import By, Figures, Part
from tests import factories
from tests.journeys.purchase import pay, place
from tests.reports.making import hand_in, make_draft, make_published, restate, words_of
from tests.reports.test_queries import confirm, give_all_back, holds


@pytest.fixture
def company(db):
    company = factories.make_company(slug="arbosca")
    for role in (MemberRole.OWNER, MemberRole.EDITOR):
        factories.make_member(company, role=role, title=f"the {role}")
    db.commit()
    return company


@pytest.fixture
def people(db, company):
    found = db.execute(
        sa.text("select user_id from company_member where company_id = :id order by role desc"),
        {"id": company.id},
    ).scalars()
    return [db.get(User, one) for one in found]


NO_PROJECT = """insert into report_project
    select v.id, p.id, 'x', 'x', 'x', null, 1, '{}', 1 from report_version v, project p"""


def version_of(_version):
    return queries.get_newest("arbosca", "what-we-gave")


class TestWriting:
    def test_is_refused_to_who_did_not_see_the_last_words(self, company):
        version = make_draft(company)
        words = words_of(version, title="First")
        with atomic():
            service.write(version_id=version.id, written=words)
        with pytest.raises(Invalid, match="Somebody else changed this draft"), atomic():
            service.write(version_id=version.id, written=words)

    @pytest.mark.parametrize("part", [Part.GIVING, Part.BADLY, Part.METHOD, Part.SIGN_OFF])
    def test_leaves_no_needed_part_out(self, company, part):
        version = make_draft(company)
        words = words_of(version, shown=frozenset(set(Part) - {part}))
        with pytest.raises(Invalid) as refused, atomic():
            service.write(version_id=version.id, written=words)
        assert list(refused.value.fields) == [f"shown_{part}"]

    def test_moves_a_part_and_keeps_the_signature_last(self, company):
        version = make_draft(company)
        for part, up in ((Part.MONTHS, True), (Part.OPENING, False), (Part.METHOD, False)):
            with atomic():
                service.move(version_id=version.id, part=part, up=up)
        order = [one.part for one in version_of(version).sections]
        assert order[:3] == [Part.SELLING, Part.OPENING, Part.GIVING]
        assert order.index(Part.MONTHS) == order.index(Part.PROJECTS) - 1
        assert order[-1] is Part.SIGN_OFF

    def test_ends_when_a_draft_is_thrown_away(self, db, company, people):
        version = make_draft(company)
        with atomic():
            service.discard(version_id=version.id, by=people[0], now=clock.now())
        assert db.query(Report).count() == 0


class TestReview:
    def test_is_done_by_somebody_else(self, company, people):
        version = make_draft(company)
        hand_in(version, people[0])
        with pytest.raises(Forbidden), atomic():
            service.approve(version_id=version.id, by=people[0], now=clock.now())
        with pytest.raises(Conflict, match="second person"), atomic():
            service.publish(version_id=version.id, by=people[0], now=clock.now())
        with atomic():
            service.approve(version_id=version.id, by=people[1], now=clock.now())
        with atomic():
            service.publish(version_id=version.id, by=people[0], now=clock.now())
        found = queries.get_published("arbosca", "what-we-gave")
        assert (found.signed_as, found.reviewed_as) == ("the owner", "the editor")

    def test_by_the_same_person_is_refused_by_the_database(self, db, company, people):
        version = make_draft(company)
        hand_in(version, people[0])
        with (
            pytest.raises(sa.exc.IntegrityError, match="reviewed_by_another"),
            db.begin_nested(),
        ):
            db.execute(
                sa.text("update report_version set reviewed_by_id = submitted_by_id, state = :s"),
                {"s": VersionState.REVIEWED},
            )

    def test_holds_the_words_still(self, company, people):
        version = make_draft(company)
        hand_in(version, people[0])
        with pytest.raises(Conflict, match="being reviewed"), atomic():
            service.write(version_id=version.id, written=words_of(version_of(version)))
        with pytest.raises(Conflict, match="handed in already"), atomic():
            service.submit(
                version_id=version.id, last_transaction_id=1, by=people[0], now=clock.now()
            )

    def test_that_finds_something_makes_a_draft_of_it_again(self, company, people):
        version = make_draft(company)
        hand_in(version, people[0])
        with atomic():
            service.send_back(
                version_id=version.id, note="Count again.", by=people[1], now=clock.now()
            )
        found = version_of(version)
        assert (found.state, found.note, found.figures) == (VersionState.DRAFT, "Count again.", [])
        with pytest.raises(Conflict, match="not being reviewed"), atomic():
            service.send_back(version_id=version.id, note="x", by=people[1], now=clock.now())
        with pytest.raises(Conflict, match="not being reviewed"), atomic():
            service.approve(version_id=version.id, by=people[1], now=clock.now())


class TestPublished:
    @pytest.mark.parametrize(
        "statement",
        [
            "update report_version set title = 'Other'",
            "update report_version set figures = '[]'",
            "delete from report_version",
            "update report_section set text = 'Other'",
            "delete from report_section",
            NO_PROJECT,
            "update report set ends_on = ends_on + 1",
        ],
    )
    def test_stays_whoever_tries(self, db, statement):
        make_published(factories.make_company())
        factories.make_project()
        db.commit()
        with (
            pytest.raises(sa.exc.DBAPIError, match=r"stays as it is|append-only"),
            db.begin_nested(),
        ):
            db.execute(sa.text(statement))

    def test_is_found_out_when_a_stored_figure_is_a_lie(self, db, shop, provider):
        pay(place(shop), provider)
        version = make_published(shop["companies"][0])
        assert holds()[1] == 0
        rows = [dict(row) for row in version.figures]
        rows[0]["amount"] += 1
        db.execute(sa.text("set local role none"))
        db.execute(sa.text("alter table report_version disable trigger stays"))
        db.execute(
            sa.update(Version).values(figures=rows).execution_options(synchronize_session=False)
        )
        assert holds()[1] == 1


class TestRestating:
    def test_follows_what_came_back_later(self, db, shop, provider):
        order = pay(place(shop), provider)
        company = shop["companies"][0]
        version = make_published(company)
        jobs.look_at_reports()
        assert db.query(Drift).count() == 0

        confirm(order)
        jobs.look_at_reports()
        assert db.query(Drift).count() == 0  # that it was confirmed is no difference
        give_all_back(order)
        jobs.look_at_reports()
        told = {one["figure"]: one["amount"] for one in db.query(Drift).one().figures}
        assert (told["given"], told["returned"]) == (0, 3660)

        owner = db.get(User, version.published_by_id)
        new = restate(version, owner, "The towels came back.")
        assert (new.number, Figures.from_json(new.figures)["given"]) == (2, 0)
        assert Figures.from_json(version.figures)["given"] == 240
        assert db.query(Drift).count() == 0
        assert holds()[1] == 0
        first = queries.get_published(company.slug, "what-we-gave", 1)
        assert Figures.from_json(first.figures)["given"] == 240

    def test_wants_a_reason_and_one_at_a_time(self, db, company):
        version = make_published(factories.make_company())
        owner = db.get(User, version.published_by_id)
        with pytest.raises(Invalid) as refused:
            restate(version, owner, reason="")
        assert "reason" in refused.value.fields
        with pytest.raises(Conflict, match="being written already"), atomic():
            service.restate(version=version, now=clock.now())

    def test_that_is_thrown_away_leaves_the_first(self, db):
        version = make_published(factories.make_company())
        with atomic():
            new = service.restate(version=version, now=clock.now())
        with atomic():
            service.discard(version_id=new.id, by=factories.make_user(), now=clock.now())
        assert [one.number for one in db.query(Version)] == [1]
        assert db.query(Section).count() == len(Part)


class TestScope:
    def test_leaves_out_what_was_sent_elsewhere(self, shop, provider):
        pay(place(shop), provider)
        company = shop["companies"][0]
        for countries, sales in ((("IT",), 3660), (("FR", "CH"), 0)):
            now = clock.now()
            with atomic():
                version = service.begin(
                    company=company,
                    title=f"To {countries[0]}",
                    starts_on=now.date() - timedelta(days=3),
                    ends_on=now.date(),
                    countries=countries,
                    now=now,
                )
            figures = queries.figures_now(version.report, version)
            assert figures["sales"] == sales
            assert figures["given"] == sum(one["given"] for one in figures.by(By.PROJECT))
