"""Projects from open data: proposed, or refused with line and reason."""

import json
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace.core.errors import Conflict
from marketplace.core.reading.report import NotThisKind, Report
from marketplace.core.reading.text import repaired
from marketplace.projects.imports import importer
from marketplace.projects.imports.grants import day_of
from marketplace.projects.imports.records import country_of, sdg_of
from marketplace.projects.imports.source import kind_of
from marketplace.projects.models import Project, ProjectState
from tests import factories
from tests.field import DATA, field_files, needs_field_data

NOW = factories.NOW
GRANT = {
    "id": "360G-x-1",
    "title": "Clean water for Kibera",
    "description": "Two wells.",
    "currency": "KES",
    "amountAwarded": 1500.5,
    "awardDate": "26/03/2021 00:00",
    "recipientOrganization": [{"name": "Maji", "addressCountry": "Kenya"}],
    "fundingOrganization": [{"name": "A Trust"}],
    "beneficiaryLocation": [{"name": "Nairobi", "countryCode": "KE"}],
}
KIVA = "id,loan_amount,activity,sector,use,country_code,country,region,currency,partner_id,tags"


@contextmanager
def no_transaction():
    yield


def run(path: Path) -> Report:
    return importer.run(path, kind_of(path), transaction=no_transaction, now=NOW)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.skipped


@pytest.fixture
def causes(db):
    return {sdg: factories.make_cause(sdg=sdg, position=sdg) for sdg in (1, 4, 6, 8, 10)}


@pytest.fixture
def write_grants(tmp_path):
    def write(*grants: dict, indent: int | None = 1) -> Path:
        path = tmp_path / "grants.json"
        path.write_text(json.dumps({"grants": grants}, indent=indent))
        return path

    return write


@pytest.fixture
def write_loans(tmp_path):
    def write(*rows: str) -> Path:
        path = tmp_path / "loans.csv"
        path.write_text("\n".join([KIVA, *rows, ""]))
        return path

    return write


class TestGrants:
    def test_are_proposed_with_all_that_they_tell(self, db, causes, write_grants):
        assert counts(run(write_grants(GRANT))) == (1, 0, 0, 0)
        project = db.scalars(sa.select(Project)).one()
        assert (project.title, project.slug) == (GRANT["title"], "clean-water-for-kibera")
        assert (project.organisation, project.place, project.country) == ("Maji", "Nairobi", "KE")
        assert (project.currency, project.goal_minor) == ("KES", 150_050)
        assert (project.cause_id, project.sdgs) == (causes[6].id, [6])
        assert (project.state, project.verified_at) == (ProjectState.PROPOSED, None)
        assert project.source == "A Trust, grant 360G-x-1, awarded on 2021-03-26"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"id": None}, "There is no id."),
            ({"title": " "}, "There is no title."),
            ({"title": "x" * 301}, "The title is longer"),
            ({"recipientOrganization": None}, "There is no organisation"),
            ({"recipientOrganization": "Maji"}, "There is no organisation"),
            ({"recipientIndividual": {"name": "Jo"}}, "It was given to a person"),
            ({"toIndividualsDetails": {"x": 1}}, "It was given to a person"),
            ({"amountAwarded": 0}, "The amount is zero or less. (0)"),
            ({"amountAwarded": -5}, "The amount is zero or less. (-5)"),
            ({"amountAwarded": None}, "The amount is missing."),
            ({"amountAwarded": "lots"}, "The amount is not an amount"),
            ({"amountAwarded": 1.005}, "The amount is not an amount"),
            ({"amountAwarded": 1e30}, "The amount is absurdly high."),
            ({"currency": "Pounds"}, "There is no such currency. (POUNDS)"),
        ],
    )
    def test_are_refused_one_by_one(self, db, causes, write_grants, change, reason):
        report = run(write_grants(GRANT | change, GRANT | {"id": "2", "title": "Other"}))
        assert counts(report) == (1, 0, 0, 1)
        assert report.refusals[0].line == 3
        assert report.refusals[0].sentence.startswith(reason)

    def test_with_the_same_id_are_one(self, db, causes, write_grants):
        path = write_grants(GRANT, GRANT | {"title": "Other"})
        assert counts(run(path)) == (1, 0, 0, 1)
        assert counts(run(path)) == (0, 0, 1, 1)

    def test_are_repaired_where_an_encoding_was_mistaken(self, db, causes, write_grants):
        run(write_grants(GRANT | {"description": "Â£100,000 for â€œCaf\u00c3\u00a9â€\u009d"}))
        assert db.scalars(sa.select(Project.story)).one() == "£100,000 for “Café”"

    def test_update_a_project_only_until_it_is_verified(self, db, causes, write_grants):
        run(write_grants(GRANT))
        changed = write_grants(GRANT | {"title": "More water"})
        assert counts(run(changed)) == (0, 1, 0, 0)
        db.execute(sa.update(Project).values(state=ProjectState.OPEN))
        assert counts(run(write_grants(GRANT))) == (0, 0, 1, 0)
        assert db.scalars(sa.select(Project.title)).one() == "More water"

    def test_are_read_from_one_long_line_too(self, db, causes, write_grants):
        many = [GRANT | {"id": str(number)} for number in range(500)]
        report = run(write_grants(*many, indent=None))
        assert counts(report) == (500, 0, 0, 0)

    def test_want_a_cause(self, db, write_grants):
        with pytest.raises(Conflict):
            run(write_grants(GRANT))


class TestLoans:
    def test_are_proposed_in_dollars(self, db, causes, write_loans):
        row = '7,175.0,Farm Supplies,Retail,"to buy seeds, and tools.",KE,Kenya,Ruiru,KES,9.0,#Eco'
        assert counts(run(write_loans(row))) == (1, 0, 0, 0)
        project = db.scalars(sa.select(Project)).one()
        assert project.title == "To buy seeds, and tools"
        assert (project.currency, project.goal_minor) == ("USD", 17_500)
        assert (project.organisation, project.country) == ("Kiva, field partner 9", "KE")
        assert project.sdgs == [8]

    def test_without_a_use_are_called_after_their_activity(self, db, causes, write_loans):
        run(write_loans("7,175.0,Farming,Agriculture,,KE,Kenya,Ruiru,KES,9.0,"))
        assert db.scalars(sa.select(Project.title)).one() == "Farming, Ruiru"

    def test_are_refused_one_by_one(self, db, causes, write_loans):
        report = run(
            write_loans(
                ",175.0,Farming,Agriculture,to farm,KE,Kenya,,KES,9.0,",
                "8,,Farming,Agriculture,to farm,KE,Kenya,,KES,9.0,",
                "9,1.0,Farming,Agriculture,to farm,KE,Kenya,,KES,9.0,,more",
            )
        )
        assert counts(report) == (0, 0, 0, 3)
        assert [refusal.line for refusal in report.refusals] == [2, 4, 3]


class TestKindOf:
    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("", "auto"),
            ("<iati-activities/>", "auto"),
            ("a,b\n1,2\n", "auto"),
            ("{}", "auto"),
            ("[1, 2", "auto"),
            ('{"grants": [{"id": 1}]}', "kiva"),
            (KIVA, "360giving"),
            ('{"grants": [' + "[" * 1000, "auto"),
        ],
    )
    def test_refuses_other_files(self, tmp_path, text, wanted):
        path = tmp_path / "file"
        path.write_text(text)
        with pytest.raises(NotThisKind):
            kind_of(path, wanted)


class TestRepaired:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Â£5", "£5"),
            ("CafÃ©", "Café"),
            ("donâ€™t", "don’t"),
            ("«é»", "«é»"),
            ("Łódź", "Łódź"),
            ("Ysgol Dinas Brân", "Ysgol Dinas Brân"),
            ("日本", "日本"),
        ],
    )
    def test_turns_back_only_what_is_certain(self, text, expected):
        assert repaired(text) == expected


class TestDayOf:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("26/03/2001 00:00", date(2001, 3, 26)),
            ("2020-04-28T00:00:00+00:00", date(2020, 4, 28)),
            ("31/02/2001", None),
            ("soon", None),
            ("", None),
        ],
    )
    def test_reads_both_ways_of_writing(self, text, expected):
        assert day_of(text) == expected


def test_countries_go_by_many_names():
    assert [country_of(name) for name in ("UK", "Scotland", "KE", "kenya", "Atlantis")] == [
        "GB",
        "GB",
        "KE",
        "KE",
        None,
    ]


def test_the_goal_is_what_the_first_text_speaks_of():
    assert [sdg_of("", "A well: water"), sdg_of("Education", "water"), sdg_of("Things")] == [
        6,
        4,
        10,
    ]


FIELD = {
    "grants-indigo-trust.json": (269, 0),
    "grants-mixed-mojibake.json": (29, 48),
    "grants-wolfson.json": (159, 41),  # 41 awards of nothing,
    "kiva_loans_a.csv": (609, 0),
}


@pytest.mark.field
@needs_field_data
class TestFieldData:
    @pytest.mark.parametrize("path", field_files("2-projects"), ids=lambda path: path.name)
    def test_is_imported_or_refused_with_a_reason(self, db, causes, path):
        if path.suffix == ".xml":  # more of them in test_imports_iati
            report = run(path)
            assert report.created + report.skipped
            return
        if path.name not in FIELD:
            with pytest.raises(NotThisKind):
                run(path)
            return
        created, skipped = FIELD[path.name]
        report = run(path)
        assert counts(report) == (created, 0, 0, skipped)
        assert all(refusal.line > 1 and refusal.reason for refusal in report.refusals)
        assert counts(run(path)) == (0, 0, created, skipped)
        texts = db.execute(sa.select(Project.title, Project.story, Project.organisation)).all()
        assert not [text for row in texts for text in row if "Â£" in text or "â€" in text]

    def test_keeps_no_persons_name(self, db, causes):
        run(DATA / "2-projects/360giving/grants-mixed-mojibake.json")
        assert not db.scalars(
            sa.select(Project).where(Project.organisation.ilike("%individual%"))
        ).all()
