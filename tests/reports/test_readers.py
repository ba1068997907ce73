"""Readers ask, named people answer, the operator hears of abuse, periods are compared."""

from datetime import timedelta

import pytest

from marketplace.accounts.models import AuditEntry, User
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.reports import service
from marketplace.reports.models import Question
from marketplace.reports.rules import public_name
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


@pytest.fixture
def question(client, sign_in, db, version):
    sign_in(client, factories.make_user(name="Federica Pagani"))
    assert client.post(f"{REPORT}/questions", data={"body": "Why <b>8%</b>?"}).status_code == 303
    return db.query(Question).one()


@pytest.fixture
def letters(app, run_jobs):
    """Return a function that sends what waits, and returns those letters."""

    def send():
        sent = app.extensions["post"].letters
        before = len(sent)
        run_jobs()
        return sent[before:]

    return send


def owner_of(db, version):
    return db.get(User, version.published_by_id)


class TestQuestion:
    def test_stands_on_the_page_with_a_first_name(self, client, question):
        page = client.get(REPORT).text
        assert "Why &lt;b&gt;8%&lt;/b&gt;?" in page
        assert "Federica P." in page
        assert "Federica Pagani" not in page.split('id="questions"')[1]
        assert "Waits for an answer of Arbosca." in page

    def test_that_is_none_or_endless_is_refused_and_nothing_lost(self, client, question):
        assert "Your question" in client.get(f"{REPORT}/questions").text
        assert client.post(f"{REPORT}/questions", data={"body": " "}).status_code == 422
        answer = client.post(f"{REPORT}/questions", data={"body": "x" * 1_001})
        assert answer.status_code == 422
        assert "x" * 1_001 in answer.text

    def test_is_asked_by_who_signed_in(self, client, version):
        answer = client.post(f"{REPORT}/questions", data={"body": "Who?"})
        assert "/sign-in" in answer.headers["Location"]
        assert "Sign in and ask" in client.get(REPORT).text
        assert "/sign-in" in client.get(f"{REPORT}/questions").headers["Location"]

    def test_is_asked_ten_times_an_hour(self, client, question):
        tries = [client.post(f"{REPORT}/questions", data={"body": "Again?"}) for _ in range(10)]
        assert [one.status_code for one in tries] == [303] * 9 + [429]

    def test_is_answered_by_name_and_once(self, client, sign_in, db, version, question):
        sign_in(client, owner_of(db, version))
        assert "1 question waits" in client.get(DESK).text
        assert "Why &lt;b&gt;8%" in client.get(f"{DESK}/questions").text
        address = f"{DESK}/questions/{question.id}"
        assert client.post(address, data={"answer": ""}).status_code == 422
        assert client.post(address, data={"answer": "It pays."}).status_code == 303
        assert client.post(address, data={"answer": "Twice."}).status_code == 409
        page = client.get(REPORT).text
        assert "It pays." in page
        assert owner_of(db, version).name in page.split('id="questions"')[1]
        assert ", Founder" in page

    def test_is_not_answered_by_strangers(self, client, question):
        assert (
            client.post(f"{DESK}/questions/{question.id}", data={"answer": "x"}).status_code == 404
        )
        assert client.get(f"{DESK}/questions").status_code == 404


class TestLetters:
    def test_go_to_the_company_and_back(self, client, sign_in, db, version, question, letters):
        asked = letters()
        assert [one["To"] for one in asked] == [owner_of(db, version).email]
        assert "Why <b>8%</b>?" in asked[0].get_body(("plain",)).get_content()
        assert "Why &lt;b&gt;8%&lt;/b&gt;?" in asked[0].get_body(("html",)).get_content()
        sign_in(client, owner_of(db, version))
        client.post(f"{DESK}/questions/{question.id}", data={"answer": "It <i>pays</i>."})
        (answered,) = letters()
        assert answered["To"] == question.asker.email
        assert "It &lt;i&gt;pays&lt;/i&gt;." in answered.get_body(("html",)).get_content()
        assert f"{REPORT}#questions" in answered.get_body(("plain",)).get_content()


class TestComplaint:
    def test_comes_to_the_operator_who_hides_it(self, client, sign_in, db, question):
        address = f"{REPORT}/questions/{question.id}/complaint"
        assert client.get(address).status_code == 200
        assert client.post(address, data={"why": ""}).status_code == 422
        for _twice in range(2):
            assert client.post(address, data={"why": "An insult."}).status_code == 303
        sign_in(client, factories.make_user(is_operator=True, totp_confirmed_at=factories.NOW))
        page = client.get("/staff/report-questions").text
        assert page.count("An insult.") == 1
        settle = f"/staff/report-questions/{question.id}"
        assert client.post(settle, data={"what": "hide", "reason": ""}).status_code == 422
        assert client.post(settle, data={"what": "hide", "reason": "It is."}).status_code == 303
        assert client.post(settle, data={"what": "hide", "reason": "It is."}).status_code == 404
        assert "8%&lt;/b&gt;" not in client.get(REPORT).text
        assert client.get(address).status_code == 404
        entry = db.query(AuditEntry).filter_by(action="report_question.hide").one()
        assert entry.reason == "It is."

    def test_may_leave_it_standing(self, client, sign_in, question):
        client.post(f"{REPORT}/questions/{question.id}/complaint", data={"why": "I dislike it."})
        sign_in(client, factories.make_user(is_operator=True, totp_confirmed_at=factories.NOW))
        answer = client.post(
            f"/staff/report-questions/{question.id}", data={"what": "keep", "reason": "Criticism."}
        )
        assert answer.status_code == 303
        assert "8%&lt;/b&gt;" in client.get(REPORT).text
        assert "I dislike it." not in client.get("/staff/report-questions").text


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


class TestPublicName:
    @pytest.mark.parametrize(
        ("name", "told"), [("Federica Pagani", "Federica P."), ("Li", "Li"), (" ", "")]
    )
    def test_is_a_first_name(self, name, told):
        assert public_name(name) == told
