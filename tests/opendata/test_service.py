"""Editions: whole, of one moment, found by everybody, and never half."""

import json
import re

import pytest

from marketplace.core.db import session, snapshot
from marketplace.impact.queries import project_totals
from marketplace.media import storage
from marketplace.opendata import jobs, queries, service
from marketplace.opendata.jobs import publish, publish_now
from marketplace.opendata.rules.records import Format
from marketplace.planning.models import Milestone
from marketplace.projects.imports import importer
from marketplace.projects.imports.source import kind_of
from marketplace.projects.models import Project
from marketplace.reports import service as reports
from marketplace.reports.models import Standing
from tests import factories
from tests.field import needs_field_data
from tests.opendata.schemas import complaints_360, complaints_iati, has_libxml2
from tests.opendata.test_rules import PUBLISHER
from tests.projects.test_imports import no_transaction

NOW = factories.NOW


def write(tmp_path, kind):
    path = tmp_path / kind.file_name
    return path, service.write(kind=kind, path=path, publisher=PUBLISHER, now=NOW)


@pytest.fixture
def nothing_kept(app):
    """Take back every file that another test left."""
    storage.delete([stored.name for stored in storage.list_stored(queries.FOLDER)])


class TestWrite:
    @pytest.mark.parametrize("kind", list(Format))
    def test_says_how_many_entries_there_are(self, given, tmp_path, kind):
        path, entries = write(tmp_path, kind)
        text = path.read_text(encoding="utf-8")
        mark = {Format.IATI: "<iati-activity ", Format.GIVING_360: '{"id": "360G-', Format.CSV: ""}
        found = text.count(mark[kind]) if mark[kind] else len(text.splitlines()) - 1
        assert entries >= 1
        assert found >= entries if kind is Format.GIVING_360 else found == entries

    @pytest.mark.parametrize("kind", list(Format))
    def test_refuses_to_make_an_empty_file(self, db, tmp_path, kind):
        with pytest.raises(service.NothingToTell):
            write(tmp_path, kind)

    @pytest.mark.parametrize("kind", list(Format))
    def test_holds_nothing_of_any_shopper(self, given, tmp_path, kind):
        text = write(tmp_path, kind)[0].read_text(encoding="utf-8").lower()
        assert "elena" not in text
        assert "@" not in text
        assert not re.search(r"cw-\d{4}", text)

    def test_is_read_by_our_own_importer(self, given, tmp_path):
        path, entries = write(tmp_path, Format.GIVING_360)
        factories.make_cause(sdg=6)
        report = importer.run(path, kind_of(path), transaction=no_transaction, now=NOW)
        assert (report.created, report.skipped) == (entries, 0)
        told = json.loads(path.read_text(encoding="utf-8"))["grants"]
        for grant in told:
            made = given_as(grant["id"])
            assert made.organisation == grant["recipientOrganization"][0]["name"]
            assert made.goal_minor == round(grant["amountAwarded"] * 100)

    @pytest.mark.field
    @needs_field_data
    @pytest.mark.skipif(not has_libxml2(), reason="libxml2 is not here")
    def test_is_valid_by_the_official_schemas(self, given, tmp_path):
        grants = write(tmp_path, Format.GIVING_360)[0].read_text(encoding="utf-8")
        assert complaints_360(json.loads(grants)) == []
        assert complaints_iati(write(tmp_path, Format.IATI)[0].read_bytes()) == []

    def test_tells_milestones_and_what_is_certain_from_elsewhere(self, given, tmp_path, db):
        db.add(Milestone(project_id=given.id, title="Dug", due_on=NOW.date()))
        db.add(Milestone(project_id=given.id, title="Some day"))
        by = factories.make_user()
        for funder, standing in (("The parish", "certain"), ("A fund", "applied")):
            reports.declare_elsewhere(
                project_id=given.id,
                funder=funder,
                amount_minor=5,
                standing=Standing(standing),
                by=by,
                now=NOW,
            )
        text = write(tmp_path, Format.IATI)[0].read_text(encoding="utf-8")
        assert text.count('<result type="1"') == 1
        assert "<narrative>The parish</narrative>" in text
        assert "A fund" not in text

    def test_is_read_by_our_own_importer_of_activities(self, given, tmp_path):
        path, entries = write(tmp_path, Format.IATI)
        factories.make_cause(sdg=6)
        report = importer.run(path, kind_of(path), transaction=no_transaction, now=NOW)
        made = given_as(PUBLISHER.activity_id(given.id))
        assert made.title == given.title
        assert made.organisation == given.organisation
        assert made.goal_minor == project_totals([given.id])[given.id].confirmed_minor
        assert report.created + report.skipped == entries
        assert {one.reason for one in report.refusals} <= {"The amount is missing."}


def given_as(reference):
    return session.query(Project).filter_by(external_ref=reference).one()


class TestStore:
    def test_keeps_the_edition_before_and_no_older_one(self, given, nothing_kept, tmp_path):
        editions = []
        for day in (1, 2, 3):
            with snapshot():
                edition = service.write_all(
                    folder=tmp_path, publisher=PUBLISHER, now=NOW.replace(day=day)
                )
            service.store(edition=edition, folder=tmp_path)
            editions.append(edition)
        assert queries.find_edition() == editions[-1]
        there = {stored.name for stored in storage.list_stored(queries.FOLDER)}
        for edition, is_kept in zip(editions, (False, True, True), strict=True):
            dated = edition.find(Format.GIVING_360)
            assert (dated.stored_as in there) is is_kept

    def test_leaves_out_what_has_nothing_to_tell(self, db, nothing_kept, tmp_path):
        factories.make_project()
        edition = service.write_all(folder=tmp_path, publisher=PUBLISHER, now=NOW)
        assert [made.kind for made in edition.files] == [Format.IATI]


class TestPublish:
    def test_makes_the_files_of_the_night(self, given, nothing_kept):
        publish()
        edition = queries.find_edition()
        assert {made.kind for made in edition.files} == set(Format)
        for made in edition.files:
            assert made.size == len(b"".join(storage.stream(made.stored_as)))

    def test_stands_still_while_something_does_not_reconcile(
        self, given, nothing_kept, monkeypatch
    ):
        class Held:
            is_held = True

        monkeypatch.setattr(jobs, "public_totals", lambda _currency: Held)
        assert publish_now() is None
        publish()
        assert queries.find_edition() is None
