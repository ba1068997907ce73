"""Readers ask about reports, projects and companies; named people answer; abuse is heard of."""

import re

import pytest

from marketplace.accounts.models import AuditEntry, User
from marketplace.questions.models import Question
from marketplace.questions.rules import public_name
from tests import factories
from tests.reports.making import make_published

REPORT = "/companies/arbosca/reports/what-we-gave"
DESK = "/company/arbosca/reports/what-we-gave"


@pytest.fixture
def version(db):
    version = make_published(factories.make_company(slug="arbosca", name="Arbosca"))
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
        assert "Waits for an answer of Arbosca. It has waited for 0 minutes." in page

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
        page = client.get(f"{REPORT}/questions").text
        assert "Sign in and ask" in page
        assert "<textarea" not in page

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
        page = client.get("/staff/questions").text
        assert page.count("An insult.") == 1
        settle = f"/staff/questions/{question.id}"
        assert client.post(settle, data={"what": "hide", "reason": ""}).status_code == 422
        assert client.post(settle, data={"what": "hide", "reason": "It is."}).status_code == 303
        assert client.post(settle, data={"what": "hide", "reason": "It is."}).status_code == 404
        page = client.get(REPORT).text
        assert "8%&lt;/b&gt;" not in page
        assert "Removed by the operator. The reason: It is." in page
        assert client.get(address).status_code == 404
        entry = db.query(AuditEntry).filter_by(action="question.hide").one()
        assert entry.reason == "It is."

    def test_may_leave_it_standing(self, client, sign_in, question):
        client.post(f"{REPORT}/questions/{question.id}/complaint", data={"why": "I dislike it."})
        sign_in(client, factories.make_user(is_operator=True, totp_confirmed_at=factories.NOW))
        answer = client.post(
            f"/staff/questions/{question.id}", data={"what": "keep", "reason": "Criticism."}
        )
        assert answer.status_code == 303
        assert "8%&lt;/b&gt;" in client.get(REPORT).text
        assert "I dislike it." not in client.get("/staff/questions").text


class TestPublicName:
    @pytest.mark.parametrize(
        ("name", "told"), [("Federica Pagani", "Federica P."), ("Li", "Li"), (" ", "")]
    )
    def test_is_a_first_name(self, name, told):
        assert public_name(name) == told


@pytest.fixture
def project(db):
    project = factories.make_project(slug="wells", title="Wells", organisation="The wells' people")
    db.commit()
    return project


def ask(client, sign_in, page, body="Who keeps the key?"):
    sign_in(client, factories.make_user(name="Federica Pagani"))
    answer = client.post(f"{page}/questions", data={"body": body})
    assert answer.headers["Location"].endswith(f"{page}#questions")


class TestProject:
    def test_is_asked_and_answers_by_name(self, client, sign_in, db, project, letters):
        ask(client, sign_in, "/projects/wells")
        owner = factories.make_user(name="Achieng Odhiambo")
        factories.make_owner(project, owner, title="treasurer")
        db.commit()
        (asked,) = letters()
        assert asked["To"] == owner.email
        assert "Wells" in asked["Subject"]
        sign_in(client, owner)
        assert "1 question waits" in client.get("/project-desk/wells").text
        assert "Who keeps the key?" in client.get("/project-desk/wells/questions").text
        question = db.query(Question).one()
        address = f"/project-desk/wells/questions/{question.id}"
        assert client.post(address, data={"answer": "Four families."}).status_code == 303
        page = client.get("/projects/wells").text.split('id="questions"')[1]
        assert "Four families." in page
        assert "Achieng Odhiambo</b>, treasurer" in page
        assert "Federica P." in page
        (answered,) = letters()
        assert "/projects/wells#questions" in answered.get_body(("plain",)).get_content()

    def test_is_answered_by_its_own_people_alone(self, client, sign_in, db, project):
        ask(client, sign_in, "/projects/wells")
        assert client.get("/project-desk/wells/questions").status_code == 404
        question = db.query(Question).one()
        address = f"/project-desk/wells/questions/{question.id}"
        assert client.post(address, data={"answer": "x"}).status_code == 404
        other = factories.make_project(slug="other")
        factories.make_owner(other, db.get(User, question.asker_id))
        db.commit()
        address = f"/project-desk/other/questions/{question.id}"
        assert client.post(address, data={"answer": "x"}).status_code == 404

    def test_that_nobody_may_see_cannot_be_asked(self, client, sign_in, db):
        factories.make_project(slug="secret", state="proposed")
        db.commit()
        sign_in(client, factories.make_user())
        assert client.post("/projects/secret/questions", data={"body": "?"}).status_code == 404

    def test_has_all_questions_on_pages_of_twenty(self, client, db, project):
        asker = factories.make_user()
        for number in range(21):
            db.add(
                Question(
                    project_id=project.id,
                    asker_id=asker.id,
                    body=f"Number {number}?",
                    asked_at=factories.NOW,
                )
            )
        db.commit()
        first = client.get("/projects/wells/questions").text
        assert first.count('class="qa ') == 20
        following = re.search(r'href="(/projects/wells/questions\?after=[^"]+)"', first)[1]
        assert client.get(following).text.count('class="qa ') == 1
        assert client.get("/projects/wells/questions?after=nonsense").status_code == 200
        assert client.get("/projects/wells").text.count('class="qa ') == 5


class TestCompany:
    def test_is_asked_on_its_page(self, client, sign_in, db):
        company = factories.make_company(slug="arbosca", name="Arbosca")
        owner = factories.make_user(name="Paolo Rege")
        factories.make_member(company, owner)
        db.commit()
        ask(client, sign_in, "/companies/arbosca")
        question = db.query(Question).one()
        sign_in(client, owner)
        address = "/company/arbosca/questions"
        assert "Who keeps the key?" in client.get(address).text
        told = {"answer": "I do."}
        assert client.post(f"{address}/{question.id}", data=told).status_code == 303
        assert "I do." in client.get("/companies/arbosca").text
        assert client.get("/companies/nobody/questions").status_code == 404
