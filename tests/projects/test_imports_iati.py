"""Projects from IATI's activities, of old and new versions: proposed, or refused with a reason."""

import pytest

from marketplace.core.reading import elements
from marketplace.core.reading.report import NotThisKind
from marketplace.projects.imports import importer
from marketplace.projects.imports.source import kind_of
from marketplace.projects.models import Project
from tests import factories
from tests.field import DATA, field_files, needs_field_data
from tests.projects.test_imports import NOW, no_transaction

ACTIVITY = """<iati-activity default-currency="KES" xml:lang="en">
<iati-identifier>XX-1</iati-identifier><reporting-org><narrative>Trust</narrative></reporting-org>
<title><narrative xml:lang="fr">Eau</narrative><narrative>Water for Kibera</narrative></title>
<description><narrative>Two wells.</narrative></description>
<participating-org role="1"><narrative>A Fund</narrative></participating-org>
<participating-org role="4"><narrative>Maji</narrative></participating-org>
<recipient-country code="KE"/><location><name><narrative>Nairobi</narrative></name></location>
<sector vocabulary="7" code="13"/>{money}</iati-activity>"""
PAID = '<transaction><transaction-type code="3"/><value>{}</value></transaction>'
CAME = '<transaction><transaction-type code="1"/><value currency="KES">{}</value></transaction>'


def file(tmp_path, *activities, version="2.03"):
    path = tmp_path / "activities.xml"
    path.write_text(f'<iati-activities version="{version}">{"".join(activities)}</iati-activities>')
    return path


def activity(*money, **changes):
    text = ACTIVITY.format(money="".join(money))
    for old, new in changes.values():
        text = text.replace(old, new)
    return text


def run(path):
    return importer.run(path, kind_of(path), transaction=no_transaction, now=NOW)


def reasons(report):
    return [refusal.reason for refusal in report.refusals]


@pytest.fixture
def causes(db):
    return {sdg: factories.make_cause(sdg=sdg, position=sdg) for sdg in (1, 6, 13)}


class TestRun:
    def test_makes_a_project_of_an_activity(self, db, causes, tmp_path):
        report = run(
            file(tmp_path, activity(CAME.format(100), CAME.format("50.5"), PAID.format(9)))
        )
        assert (report.created, report.skipped) == (1, 0)
        made = db.query(Project).filter_by(external_ref="XX-1").one()
        assert (made.title, made.summary) == ("Water for Kibera", "Two wells.")
        assert (made.organisation, made.place, made.country) == ("Maji", "Nairobi", "KE")
        assert (made.currency, made.goal_minor) == ("KES", 15050)
        assert (made.cause_id, made.sdgs) == (causes[13].id, [13])
        assert made.source == "Trust, activity XX-1, funded by A Fund"
        assert run(file(tmp_path, activity(CAME.format("150.5")))).unchanged == 1

    def test_believes_a_budget_before_any_transaction(self, db, causes, tmp_path):
        budget = '<budget><value currency="EUR">1,000</value></budget>'
        run(file(tmp_path, activity(budget, CAME.format(1))))
        made = db.query(Project).filter_by(external_ref="XX-1").one()
        assert (made.currency, made.goal_minor) == ("EUR", 100_000)

    @pytest.mark.parametrize(
        ("broken", "word"),
        [
            (activity(), "amount is missing"),
            (activity(PAID.format("much")), "not an amount"),
            (activity(PAID.format("NaN")), "not an amount"),
            (activity(PAID.format(-5)), "zero or less"),
            (activity(CAME.format(1), CAME.format(2).replace("KES", "EUR")), "not an amount"),
            (activity(CAME.format(1), a=("XX-1", " ")), "no id"),
            (activity(CAME.format(1), a=("Water for Kibera", ""), b=("Eau", "")), "no title"),
            (activity(CAME.format(1), a=("Maji", ""), b=("Trust", "")), "no organisation"),
            (activity(CAME.format(1)) * 2, "same id"),
        ],
    )
    def test_refuses_what_cannot_be_taken(self, causes, tmp_path, broken, word):
        report = run(file(tmp_path, broken))
        assert report.skipped == 1
        assert word in reasons(report)[0]

    def test_reads_the_first_version_too(self, db, causes, tmp_path):
        old = """<iati-activity default-currency="USD"><other-identifier>P1</other-identifier>
        <reporting-org>World Bank</reporting-org><title>Power lines</title><description/>
        <recipient-country code="">Malawi</recipient-country>
        <participating-org role="implementing">Grid Ltd</participating-org>
        <transaction type="commitment"><value>48000000</value></transaction></iati-activity>"""
        run(file(tmp_path, old, version="1.0"))
        made = db.query(Project).filter_by(external_ref="P1").one()
        assert (made.organisation, made.country) == ("Grid Ltd", "MW")
        assert (made.currency, made.goal_minor) == ("USD", 4_800_000_000)

    @pytest.mark.field
    @needs_field_data
    def test_reads_real_files(self, causes):
        found = field_files("2-projects/iati/real", "*.xml")
        assert found
        for path in found:
            report = run(path)
            assert report.created
            assert set(reasons(report)) <= {"The amount is missing."}
        example = DATA / "2-projects/iati/activity-2.03-annotated-example.xml"
        assert run(example).created == 1


class TestKindOf:
    @pytest.mark.parametrize(
        "text",
        [
            "<iati-activities/>",
            "<iati-activities><iati-activity>",
            "<rss><item/></rss>",
            "<iati-activities><iati-activity></iati-activities>",
            '<!DOCTYPE x [<!ENTITY a "b">]><iati-activities>&a;</iati-activities>',
            "<iati-activities><iati-activity>"
            + "<a>" * (elements.DEEPEST + 1)
            + "</a>" * (elements.DEEPEST + 1)
            + "</iati-activity></iati-activities>",
        ],
    )
    def test_refuses_what_is_no_such_file(self, tmp_path, text):
        path = tmp_path / "x.xml"
        path.write_text(text)
        with pytest.raises(NotThisKind):
            kind_of(path)

    def test_refuses_another_kind_than_was_asked_for(self, tmp_path):
        path = file(tmp_path, activity(CAME.format(1)))
        assert kind_of(path, "iati").name == "iati"
        for other in ("kiva", "360giving"):
            with pytest.raises(NotThisKind):
                kind_of(path, other)
        path.write_text('{"grants": [{"id": 1}]}')
        with pytest.raises(NotThisKind):
            kind_of(path, "iati")


class TestXmlElements:
    def test_refuses_an_absurdly_large_one(self, tmp_path, monkeypatch):
        monkeypatch.setattr(elements, "LONGEST", 100)
        path = file(tmp_path, f"<iati-activity><title>{'x' * 200}</title></iati-activity>")
        with pytest.raises(NotThisKind):
            list(elements.xml_elements(path, "iati-activities", "iati-activity"))

    def test_tells_the_line_each_begins_on(self, tmp_path):
        path = file(tmp_path, "\n<iati-activity/>\n<other/>\n<iati-activity a='1'/>")
        found = list(elements.xml_elements(path, "iati-activities", "iati-activity"))
        assert [(line, node.attributes) for line, node in found] == [(2, {}), (4, {"a": "1"})]
