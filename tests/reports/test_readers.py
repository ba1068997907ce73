"""Readers ask, named people answer, the operator hears of abuse, periods are compared."""

from datetime import timedelta

import pytest

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.reports import service
from tests import factories
from tests.reports.making import hand_in, make_published, restate
from tests.statements import statements

REPORT = "/companies/arbosca/reports/what-we-gave"
DESK = "/company/arbosca/reports/what-we-gave"


@pytest.fixture
def company(db):
    company = factories.make_company(slug="arbosca", name="Arbosca")
    db.commit()
    return company


@pytest.fixture
def version(db, company):
    version = make_published(company, opening="We *gave*.")
    db.commit()
    return version


def owner_of(db, version):
    return db.get(User, version.published_by_id)


class TestVersions:
    def test_stay_readable_at_their_own_address(self, client, db, version):
        restate(version, owner_of(db, version), "We <b>forgot</b> a sale.")
        newest = client.get(REPORT).text
        assert "What was restated, and why" in newest
        assert "We &lt;b&gt;forgot&lt;/b&gt; a sale." in newest
        assert "only words are" in newest
        first = client.get(f"{REPORT}/versions/1").text
        assert "This version was restated" in first
        assert client.get(f"{REPORT}/versions/2").status_code == 200
        assert client.get(f"{REPORT}/versions/3").status_code == 404
        assert client.get(f"{REPORT}/versions/{10**30}").status_code == 404
        for form, number in ((".json", 1), (".json", 2)):
            told = client.get(f"{REPORT}/versions/{number}{form}").get_json()
            assert told["version"] == number
        assert client.get(f"{REPORT}.json").get_json()["version"] == 2
        for form in (".csv", ".pdf", "/entries", "/entries.csv"):
            assert client.get(f"{REPORT}/versions/1{form}").status_code == 200

    def test_need_few_statements(self, client, db, engine, version):
        restate(version, owner_of(db, version))
        with statements(engine) as asked:
            assert client.get(REPORT).status_code == 200
        assert len(asked) <= 8

    def test_are_begun_and_reviewed_on_the_desk(self, client, sign_in, db, company, version):
        owner, second = owner_of(db, version), factories.make_user()
        factories.make_member(company, second, role="editor")
        db.commit()
        sign_in(client, owner)
        assert client.post(f"{DESK}/restate").headers["Location"] == DESK
        assert client.post(f"{DESK}/restate").status_code == 409
        page = client.get(DESK).text
        assert "This will be version 2" in page
        form = {f"shown_{part}": "1" for part in ("giving", "badly", "method", "sign_off")}
        form |= {"title": "Again", "revision": "0", "text_badly": "x"}
        moved = client.post(DESK, data=form | {"move": "up:giving"})
        assert moved.status_code == 303
        form["revision"] = "1"
        assert client.post(DESK, data=form | {"what": "submit"}).status_code == 422
        form |= {"revision": "2", "reason": "A slip."}
        assert (
            client.post(DESK, data=form | {"what": "submit"})
            .headers["Location"]
            .endswith("/preview")
        )
        assert "cannot review it" in client.get(f"{DESK}/preview").text
        assert client.post(f"{DESK}/review", data={"what": "approve"}).status_code == 403
        assert client.post(f"{DESK}/review", data={"what": "publish"}).status_code == 409
        sign_in(client, second)
        assert client.post(f"{DESK}/review", data={"what": "send_back"}).status_code == 422
        assert "It is right" in client.get(f"{DESK}/preview").text
        assert client.post(f"{DESK}/review", data={"what": "approve"}).status_code == 303
        assert client.post(f"{DESK}/review", data={"what": "publish"}).status_code == 403
        sign_in(client, owner)
        assert client.post(f"{DESK}/review", data={"what": "publish"}).headers["Location"] == REPORT
        page = client.get(REPORT).text
        assert "reviewed on" in page
        assert "By month" not in page
        assert client.get(f"{DESK}/preview").headers["Location"] == REPORT
        assert "Not reviewed by a second person." in client.get(f"{REPORT}/versions/1").text

    def test_are_sent_back_and_thrown_away(self, client, sign_in, db, company, version):
        sign_in(client, owner_of(db, version))
        client.post(f"{DESK}/restate")
        with atomic():
            second = factories.make_user()
        new = db.query(type(version)).filter_by(number=2).one()
        hand_in(new, second, reason="Why")
        answer = client.post(f"{DESK}/review", data={"what": "send_back", "note": "Count again."})
        assert answer.headers["Location"] == DESK
        assert "Count again." in client.get(DESK).text
        assert client.post(f"{DESK}/discard").headers["Location"].endswith("/reports")
        assert "The book says the same" in client.get(DESK).text
        assert client.post(f"{DESK}/discard").status_code == 409


class TestCompare:
    def test_shows_two_periods(self, client, db, company, version):
        assert "Nothing to compare with yet" in client.get(f"{REPORT}/compare").text
        owner = owner_of(db, version)
        now = clock.now()
        with atomic():
            other = service.begin(
                company=company,
                title="Before",
                starts_on=now.date() - timedelta(days=90),
                ends_on=now.date() - timedelta(days=60),
                now=now,
            )
        hand_in(other, owner)
        with atomic():
            service.publish(version_id=other.id, by=owner, now=now)
        page = client.get(f"{REPORT}/compare?with=before").text
        assert "Given to projects" in page
        assert 'href="/companies/arbosca/reports/before"' in page
        assert client.get(f"{REPORT}/compare?with=nothing").status_code == 200
