"""What is read of projects: entries of the ledger, months, people who chose to be shown."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from marketplace.core.ids import new_id
from marketplace.impact.queries import project_totals
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from marketplace.media.models import Photo
from marketplace.projects import queries, service
from marketplace.projects.models import ProjectGiver
from marketplace.projects.queries import Narrowed
from marketplace.projects.rules import Sort
from tests import factories
from tests.statements import statements


def account(project, purpose, source=None):
    return AccountKey(purpose, project.id, source)


def post(kind, *entries, month=3):
    ledger.post(
        kind=kind,
        effect_key=f"{kind}:{new_id()}",
        currency="EUR",
        entries=entries,
        effective_at=datetime(2026, month, 12, 18, 42, tzinfo=UTC),
    )


def live_through(project):
    """Give 10.00, take 1.00 back, pay 6.00 out, of which 2.00 come back."""
    pending = account(project, Purpose.PROJECT_PENDING, Source.PLEDGE)
    available = account(project, Purpose.PROJECT_AVAILABLE, Source.PLEDGE)
    in_flight = account(project, Purpose.PAYOUT_IN_FLIGHT)
    post(Kind.CAPTURE, Entry(CLEARING, pending, 1000))
    post(Kind.REFUND, Entry(pending, CLEARING, 100), month=4)
    post(Kind.RELEASE, Entry(pending, available, 900), month=4)
    post(Kind.PAYOUT, Entry(available, in_flight, 600), month=5)
    post(Kind.PAYOUT_SETTLED, Entry(in_flight, CLEARING, 600), month=5)
    post(
        Kind.PAYOUT_RETURNED,
        Entry(CLEARING, in_flight, 200),
        Entry(in_flight, available, 200),
        month=6,
    )


@pytest.fixture
def project(db):
    made = factories.make_project()
    live_through(factories.make_project())
    live_through(made)
    return made


class TestListMonths:
    def test_adds_up_to_the_totals(self, project):
        totals = project_totals([project.id])[project.id]
        months = queries.list_months(project.id)
        assert [month.month for month, _given, _paid, _spent in months] == [3, 4, 5, 6]
        assert sum(row[1] for row in months) == totals.given_minor == 900
        assert sum(row[2] for row in months) == totals.paid_out_minor == 400


class TestGivers:
    def test_are_counted_anew_from_the_book(self, db, project):
        company = factories.make_company(name="Arbosca")
        for _time in range(2):
            service.count_givers(now=factories.NOW)
        assert queries.list_givers(project.id) == []
        amounts = [(factories.make_company(), minor) for minor in range(1, 11)]
        for one, minor in [*amounts, (company, 700), (None, 60)]:
            db.add(
                ProjectGiver(
                    id=new_id(),
                    project_id=project.id,
                    company_id=one.id if one else None,
                    purchases=2,
                    amount_minor=minor,
                    counted_at=factories.NOW,
                )
            )
        db.flush()
        found = queries.list_givers(project.id)
        assert (found[0].name, found[0].amount_minor) == ("Arbosca", 700)
        assert [one.companies for one in found] == [1] * 8 + [3, 1]
        assert (found[-1].name, found[-1].amount_minor) == (None, 60)
        assert sum(one.amount_minor for one in found) == 815


class TestListProjects:
    @pytest.mark.parametrize("sort", list(Sort))
    def test_shows_each_project_on_one_page(self, db, sort):
        for number in range(30):
            factories.make_project(
                goal_minor=1_000 * (number // 7 + 1), reached_bp=1_000 * (number // 7)
            )
        columns = {Sort.NEWEST: "created_at", Sort.GOAL: "goal_minor", Sort.NEAREST: "reached_bp"}
        seen, after = [], None
        for _page in range(3):
            page = queries.list_projects(sort=sort, after=after)
            seen += [project.id for project in page.rows]
            last = page.rows[-1]
            after = (getattr(last, columns[sort]), last.id)
        assert len(seen) == len(set(seen)) == 30
        assert page.next_cursor is None

    def test_puts_first_what_is_nearest_to_its_goal_and_can_be_chosen(self, db):
        far, near = (factories.make_project(reached_bp=reached) for reached in (100, 9_000))
        full = factories.make_project(reached_bp=10_000, state="full")
        factories.make_project(reached_bp=9_500, state="suspended")
        found = queries.list_projects(sort=Sort.NEAREST).rows
        assert [one.id for one in found] == [near.id, far.id]
        found = queries.list_projects(Narrowed(state="full"), sort=Sort.NEAREST).rows
        assert [one.id for one in found] == [full.id]

    @pytest.mark.parametrize(
        ("where", "index"),
        [
            ("state = 'open' and (reached_bp, id) < (1, :id) order by reached_bp desc, id desc",
             "ix_project_nearest"),
            ("(goal_minor, id) > (1, :id) order by goal_minor, id", "ix_project_goal"),
            ("sdgs @> '{6}'", "ix_project_sdgs"),
            ("country = 'KE'", "ix_project_country"),
        ],
    )  # fmt: skip
    def test_is_read_from_an_index_in_its_order(self, db, where, index):
        for way in ("seqscan", "sort"):
            db.execute(sa.text(f"set local enable_{way} = off"))
        plan = db.scalars(
            sa.text(f"explain select * from project where {where} limit 13"),
            {"id": new_id()} if ":id" in where else {},
        )
        told = "\n".join(plan)
        assert index in told
        assert "Sort" not in told

    @pytest.mark.parametrize(
        ("narrowed", "expected"),
        [
            (Narrowed(sdg=6), {"water"}),
            (Narrowed(sdg=4), {"school", "water"}),
            (Narrowed(country="KE"), {"water"}),
            (Narrowed(country="FR", sdg=4), {"school"}),
            (Narrowed(state="closed"), {"school"}),
            (Narrowed(search="100%"), set()),
            (Narrowed(cause="nothing"), set()),
        ],
    )
    def test_can_be_narrowed(self, db, narrowed, expected):
        factories.make_project(slug="water", sdgs=[6, 4], country="KE")
        factories.make_project(slug="school", sdgs=[4], country="FR", state="closed")
        factories.make_project(slug="hidden", sdgs=[4], country="FR", state="proposed")
        assert {one.slug for one in queries.list_projects(narrowed).rows} == expected


class TestListCountries:
    def test_names_each_country_of_public_projects_once(self, db):
        for country in ("KE", "FR", "KE", None):
            factories.make_project(country=country)
        factories.make_project(country="AL", state="proposed")
        assert list(queries.list_countries()) == ["FR", "KE"]


class TestListReached:
    def test_is_what_the_public_totals_call_confirmed(self, project):
        confirmed = project_totals([project.id])[project.id].confirmed_minor
        assert confirmed == 900
        for goal, reached in ((1_800, 5_000), (900, 10_000), (901, 9_988), (1, 1_000_000)):
            project.goal_minor = goal
            assert dict(queries.list_reached())[project.id] == reached

    def test_is_nothing_once_it_is_written_down(self, project):
        service.recount(reached=queries.list_reached())
        assert queries.list_reached() == []


class TestProjectPage:
    def test_asks_little_however_much_is_told(self, client, project, engine, db):
        for _person in range(3):
            factories.make_owner(project)
        author = factories.make_user()
        for number in range(5):
            photo = Photo(
                id=new_id(), key=f"k{number}", sha256=b"-", width=4, height=3, widths=[4],
                alt="A wall", created_at=factories.NOW,
            )  # fmt: skip
            db.add(photo)
            db.flush()
            service.post_update(
                project=project,
                author=author,
                title=f"News {number}",
                body="-",
                photos=[photo],
                now=factories.NOW,
            )
        db.commit()
        with statements(engine) as asked:
            page = client.get(f"/projects/{project.slug}").text
        assert page.count('alt="A wall"') == 3
        assert len(asked) <= 8, asked
