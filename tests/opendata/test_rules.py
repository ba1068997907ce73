"""Each format says the same, exactly, and nothing that breaks it."""

import csv
import io
import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from marketplace.opendata.rules import giving360, iati, table
from marketplace.opendata.rules.records import (
    Activity,
    CheckedTold,
    Format,
    FunderTold,
    Grant,
    Indicated,
    PayoutTold,
    ProjectTold,
    Publisher,
    StepTold,
)
from tests.field import needs_field_data
from tests.opendata.schemas import complaints_360, complaints_iati, has_libxml2

NOW = datetime(2026, 11, 22, 3, 50, tzinfo=UTC)
PUBLISHER = Publisher("Causeway", "https://causeway.example", "360G-causeway", "XX-CAUSEWAY")
PROJECT = ProjectTold(
    id=uuid.UUID(int=7),
    slug="wells",
    title="Wells & <springs>",
    summary="Two wells.",
    organisation='Maji "Safi"',
    place="Kisumu",
    country="KE",
    latitude=-0.1022,
    longitude=34.7617,
    state="open",
    currency="EUR",
    sdgs=(3, 6, 13),
    cause_slug="water",
    cause="Clean water",
    began_on=date(2026, 1, 2),
)
GRANT = Grant(
    project=PROJECT,
    company_id=uuid.UUID(int=9),
    company="Tessitura",
    source="pledge",
    month=date(2026, 3, 1),
    amount_minor=123_456_789_012_345_67,
    gifts=3,
    first_on=date(2026, 3, 2),
    last_on=date(2026, 3, 30),
    changed_at=NOW,
)
OWN = replace(GRANT, company_id=None, company=None, source="top_up", amount_minor=200, gifts=1)
MATCH = replace(OWN, source="match")
CHECKED = CheckedTold(
    "documents", date(2026, 1, 9), date(2028, 1, 2), "bank=2026-01-02 persons=2026-01-02"
)
PAYOUT = PayoutTold(PROJECT.id, 12, "EUR", 4_05, date(2026, 4, 1))
RESULT = Indicated(
    project_id=PROJECT.id,
    title="Households & schools",
    unit="households",
    code="SDG 6.1.1",
    adds_up=True,
    baseline=Decimal("10.0000"),
    baseline_on=date(2026, 1, 1),
    target=Decimal("300.0000"),
    target_on=date(2026, 12, 31),
    values=((date(2026, 2, 1), Decimal("20.5000")), (date(2026, 3, 1), Decimal("100.0000"))),
)
UNMEASURED = Indicated(PROJECT.id, "Trees", "trees", "", False, None, None, Decimal(5), None, ())
BARE = replace(
    PROJECT, place="", country=None, latitude=None, longitude=None, sdgs=(), state="closed"
)
HOSTILE = "=cmd()\x00\x0b]]></script>\ud7ff\ufffe&amp;<!--"


def package(*grants):
    return "".join(giving360.package(grants, PUBLISHER, NOW))


REACHED = StepTold(PROJECT.id, "Dug", date(2026, 5, 1), date(2026, 5, 9))
PLANNED = StepTold(PROJECT.id, "Closed", date(2027, 1, 31), None)


def activities(*told):
    return "".join(iati.activities(told, PUBLISHER, NOW))


def rows(*grants):
    return list(csv.DictReader(io.StringIO("".join(table.rows(grants, PUBLISHER)))))


class TestChecked:
    def test_has_columns_of_its_own(self):
        both = replace(GRANT, recipient_checked=CHECKED, giver_checked=CHECKED)
        one, other = rows(both, replace(OWN, recipient_checked=CHECKED))
        for about in ("project", "giver"):
            assert one[f"{about}_verification"] == "documents"
            assert one[f"{about}_verified_on"] == "2026-01-09"
            assert one[f"{about}_verified_until"] == "2028-01-02"
            assert one[f"{about}_checks"] == "bank=2026-01-02 persons=2026-01-02"
        assert other["project_verification"] == "documents"
        assert [other[name] for name in other if name.startswith("giver_ver")] == ["", "", ""]


class TestPublisher:
    def test_names_a_grant_by_project_giver_and_month(self):
        name = PUBLISHER.grant_id(GRANT)
        assert name == f"360G-causeway-{PROJECT.id.hex}-{GRANT.company_id.hex}-2026-03"
        others = (OWN, MATCH, replace(GRANT, month=date(2026, 4, 1)))
        assert len({name, *(PUBLISHER.grant_id(one) for one in others)}) == 4

    def test_keeps_names_when_words_change(self):
        renamed = replace(GRANT, company="Other", project=replace(PROJECT, slug="x", title="Y"))
        assert PUBLISHER.grant_id(renamed) == PUBLISHER.grant_id(GRANT)
        assert PUBLISHER.giver_id(renamed) == PUBLISHER.giver_id(GRANT)


class TestWritten:
    @pytest.mark.parametrize("value", [None, 1, 0.5, 'a"b\\\n é', [], [1, [2]], {"a": {"b": []}}])
    def test_is_what_json_reads(self, value):
        assert json.loads(giving360.written(value)) == value

    def test_keeps_every_digit(self):
        assert (
            giving360.written({"a": Decimal("123456789012345.67")}) == '{"a": 123456789012345.67}'
        )


class TestPackage:
    def test_has_what_the_standard_wants(self):
        told = json.loads(package(GRANT, OWN, MATCH), parse_float=Decimal)
        assert told["license"].startswith("https://creativecommons.org/")
        first, own, match = told["grants"]
        assert first["amountAwarded"] == Decimal("123456789012345.67")
        assert first["awardDate"] == "2026-03-30"
        assert first["fundingOrganization"] == [
            {"id": f"360G-causeway:org-{GRANT.company_id.hex}", "name": "Tessitura"}
        ]
        assert first["recipientOrganization"][0]["name"] == 'Maji "Safi"'
        assert first["beneficiaryLocation"][0]["countryCode"] == "KE"
        assert own["fundingOrganization"][0]["name"].startswith("Shoppers")
        assert match["fundingOrganization"][0]["name"].startswith("Sponsors")
        assert "1 gift " in own["description"]
        assert "3 gifts " in first["description"]

    def test_leaves_out_a_place_that_nobody_named(self):
        (told,) = json.loads(package(replace(GRANT, project=BARE)))["grants"]
        assert "beneficiaryLocation" not in told
        assert "addressCountry" not in told["recipientOrganization"][0]

    def test_stays_json_whatever_people_write(self):
        project = replace(PROJECT, title=HOSTILE, summary=HOSTILE, organisation=HOSTILE)
        (told,) = json.loads(package(replace(GRANT, project=project, company=HOSTILE)))["grants"]
        assert told["recipientOrganization"][0]["name"] == HOSTILE

    def test_has_the_decimals_of_its_currency(self):
        for currency, text in (("JPY", "1234"), ("KWD", "1.234"), ("EUR", "12.34")):
            grant = replace(GRANT, amount_minor=1234, project=replace(PROJECT, currency=currency))
            assert f'"amountAwarded": {text},' in package(grant)

    @pytest.mark.field
    @needs_field_data
    def test_is_valid_by_the_official_schema(self):
        grants = (GRANT, OWN, MATCH, replace(GRANT, project=BARE, month=date(2026, 5, 1)))
        assert complaints_360(json.loads(package(*grants))) == []
        assert complaints_360(json.loads(package())) != []


class TestActivities:
    def test_tells_what_came_in_and_what_was_paid(self):
        root = ET.fromstring(activities(Activity(PROJECT, [GRANT, OWN], [PAYOUT])))
        (activity,) = root
        assert activity.findtext("iati-identifier") == f"XX-CAUSEWAY-{PROJECT.id.hex}"
        kinds = [one.find("transaction-type").get("code") for one in activity.iter("transaction")]
        assert kinds == ["1", "1", "3"]
        values = [one.findtext("value") for one in activity.iter("transaction")]
        assert values == ["123456789012345.67", "2.00", "4.05"]
        assert activity.findtext("title/narrative") == "Wells & <springs>"
        assert activity.findtext("location/point/pos") == "-0.10220 34.76170"

    def test_tells_what_was_measured(self):
        root = ET.fromstring(activities(Activity(PROJECT, [], [], [RESULT, UNMEASURED])))
        told, bare = root.iter("indicator")
        assert told.find("baseline").attrib == {
            "year": "2026",
            "iso-date": "2026-01-01",
            "value": "10",
        }
        periods = [
            (one.find("period-start").get("iso-date"), one.find("period-end").get("iso-date"))
            for one in told.iter("period")
        ]
        assert periods == [
            ("2026-01-01", "2026-02-01"),
            ("2026-02-01", "2026-03-01"),
            ("2026-01-01", "2026-12-31"),
        ]
        assert [one.get("value") for one in told.iter("actual")] == ["20.5", "100"]
        assert [one.get("value") for one in told.iter("target")] == ["300"]
        assert list(bare.iter("period")) == []
        assert "Target: 5." in bare.findtext("description/narrative")

    def test_shares_a_hundred_per_cent_over_the_goals(self):
        root = ET.fromstring(activities(Activity(PROJECT, [], [])))
        shares = [Decimal(one.get("percentage")) for one in root.iter("sector")]
        assert sum(shares) == 100
        assert len(shares) == 3

    @pytest.mark.parametrize(
        ("state", "code"), [("open", "2"), ("full", "2"), ("closed", "4"), ("suspended", "6")]
    )
    def test_says_where_it_stands(self, state, code):
        root = ET.fromstring(activities(Activity(replace(PROJECT, state=state), [], [])))
        assert root.find("*/activity-status").get("code") == code

    def test_tells_milestones_as_outputs_and_who_else_pays(self):
        funders = [FunderTold(PROJECT.id, "The parish")]
        told = Activity(PROJECT, [], [], (), [REACHED, PLANNED], funders)
        root = ET.fromstring(activities(told))
        paying = root.findall("*/participating-org[@role='1']/narrative")
        assert [one.text for one in paying][1:] == ["The parish"]
        reached, planned = root.findall("*/result[@type='1']")
        assert reached.findtext("title/narrative") == "Dug"
        (period,) = reached.findall("indicator/period")
        assert period.find("period-end").get("iso-date") == "2026-05-01"
        assert period.findtext("actual/comment/narrative") == "Reached on 2026-05-09"
        assert planned.findtext("*/*/target/comment/narrative") == "To be reached by 2027-01-31"
        assert planned.find("*/*/actual") is None

    def test_stays_xml_whatever_people_write(self):
        project = replace(PROJECT, title=HOSTILE, summary=HOSTILE, organisation=HOSTILE)
        grant = replace(GRANT, company=HOSTILE)
        root = ET.fromstring(activities(Activity(project, [grant], [PAYOUT])))
        assert root.findtext("*/title/narrative") == "=cmd()]]></script>\ud7ff&amp;<!--"

    @pytest.mark.field
    @needs_field_data
    @pytest.mark.skipif(not has_libxml2(), reason="libxml2 is not here")
    def test_is_valid_by_the_official_schema(self):
        results = [RESULT, replace(RESULT, adds_up=False), UNMEASURED]
        steps = [REACHED, PLANNED, replace(PLANNED, due_on=None, reached_on=date(2026, 5, 9))]
        funders = [FunderTold(PROJECT.id, HOSTILE)]
        whole = Activity(PROJECT, [GRANT, OWN, MATCH], [PAYOUT], results, steps, funders)
        told = (whole, Activity(BARE, [], []))
        assert complaints_iati(activities(*told).encode()) == []
        assert complaints_iati(activities().encode()) != []


class TestRows:
    def test_says_the_same_as_the_package(self):
        told = json.loads(package(GRANT, OWN), parse_float=str)["grants"]
        for row, grant in zip(rows(GRANT, OWN), told, strict=True):
            assert row["id"] == grant["id"]
            assert row["amount"] == grant["amountAwarded"]
            assert row["giver_id"] == grant["fundingOrganization"][0]["id"]

    def test_holds_no_formula(self):
        project = replace(PROJECT, title=HOSTILE, organisation="+1", place="@x", cause="-1")
        (row,) = rows(replace(GRANT, project=project, company="=1"))
        for name in ("project", "organisation", "place", "cause", "giver"):
            assert row[name].startswith("'"), name


class TestFormat:
    @pytest.mark.parametrize("kind", list(Format))
    def test_has_an_address_and_a_type(self, kind):
        assert "." in kind.file_name
        assert "/" in kind.media_type
