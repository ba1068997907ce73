"""What goes by letter: signing up, a forgotten password, a new address."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from marketplace.accounts.models import User, UserSession
from marketplace.accounts.service import Links
from marketplace.core import clock
from tests.accounts.people import code, link_in, make_careful_person, make_person, submit_sign_in
from tests.factories import PASSWORD, make_user, sign_in
from tests.statements import statements

NEW_PASSWORD = "eleven herons at dusk"
JOBS = "select task_name, args::text from procrastinate_jobs order by id"


@pytest.fixture(autouse=True)
def orders_are_claimed_elsewhere(monkeypatch):
    """Let `claim_orders` be a task even where only accounts are tested."""
    from marketplace.core import worker

    if "claim_orders" not in worker.TASKS:
        task = worker.Task("claim_orders", lambda email, user_id: None)
        monkeypatch.setitem(worker.TASKS, "claim_orders", task)


def ask(client, email="elena@example.org", name="Elena Marchetti"):
    return client.post("/sign-up", data={"email": email, "name": name})


def find(db, email="elena@example.org"):
    return db.scalar(sa.select(User).where(User.email == email))


class TestSignUp:
    def test_makes_an_account_for_who_reads_the_letter(self, client, db, run_jobs, letters):
        assert ask(client).location == "/sign-up/sent"
        assert find(db) is None
        run_jobs()
        assert letters[0]["To"] == "elena@example.org"
        link = link_in(letters[0])
        assert "elena@example.org" in client.get(link).text
        assert client.post(link, data={"password": PASSWORD}).location == "/account"
        assert client.get("/account").status_code == 200
        made = find(db)
        assert (made.name, made.locale) == ("Elena Marchetti", "en")
        assert made.email_confirmed_at is not None

    def test_lets_the_new_person_sign_in(self, client, app, db, run_jobs, letters):
        ask(client)
        run_jobs()
        client.post(link_in(letters[0]), data={"password": PASSWORD})
        assert submit_sign_in(app.test_client(), find(db)).location == "/account"

    def test_has_orders_of_the_same_address_claimed(self, client, run_jobs, letters):
        ask(client)
        run_jobs()
        client.post(link_in(letters[0]), data={"password": PASSWORD})
        assert run_jobs() == ["claim_orders"]

    def test_writes_in_the_language_of_the_page(self, client, db, run_jobs, letters):
        client.post("/fr/sign-up", data={"email": "elena@example.org", "name": "Elena"})
        run_jobs()
        assert "http://localhost/fr/sign-up/" in letters[0].get_body(("plain",)).get_content()
        client.post(link_in(letters[0]), data={"password": PASSWORD})
        assert find(db).locale == "fr"

    def test_works_once(self, client, app, run_jobs, letters):
        ask(client)
        run_jobs()
        link = link_in(letters[0])
        client.post(link, data={"password": PASSWORD})
        other = app.test_client()
        assert other.get(link).status_code == 409
        assert other.post(link, data={"password": NEW_PASSWORD}).status_code == 409

    def test_works_for_three_days(self, client, run_jobs, letters):
        ask(client)
        run_jobs()
        link = link_in(letters[0])
        with time_machine.travel(clock.now() + timedelta(days=3, minutes=1)):
            assert client.get(link).status_code == 409

    def test_changes_nothing_when_a_program_opens_the_link(self, client, db, run_jobs, letters):
        ask(client)
        run_jobs()
        client.get(link_in(letters[0]))
        assert find(db) is None

    def test_answers_the_same_to_who_has_an_account(self, client, engine, run_jobs, letters):
        known = make_person(email="known@example.org")
        pages = []
        for email in (known.email, "new@example.org"):
            with statements(engine) as asked:
                answer = ask(client, email=email)
            pages.append((answer.status_code, answer.location, answer.text, len(asked)))
        assert pages[0] == pages[1]
        run_jobs()
        subjects = {letter["To"]: letter["Subject"] for letter in letters}
        assert subjects == {
            "known@example.org": "You have an account at Causeway",
            "new@example.org": "Finish signing up at Causeway",
        }

    def test_gives_no_link_to_an_account_that_exists(self, client, run_jobs, letters):
        make_person(email="known@example.org")
        ask(client, email="Known@example.org")
        run_jobs()
        assert link_in(letters[0]) == "/sign-in"

    def test_carries_no_words_of_strangers_to_others(self, client, run_jobs, letters):
        ask(client, name="Win at https://evil.example today")
        run_jobs()
        assert "evil.example" not in letters[0].as_string()

    @pytest.mark.parametrize(
        "name", ["Elena\r\nBcc: all@example.org", "Elena\nSubject: spam", "E\u2028lena"]
    )
    def test_puts_a_name_on_one_line(self, client, db, run_jobs, letters, name):
        ask(client, name=name)
        run_jobs()
        client.post(link_in(letters[0]), data={"password": PASSWORD})
        assert len(find(db).name.splitlines()) == 1
        ask(client)
        run_jobs()
        assert [letter["Bcc"] for letter in letters] == [None] * 2
        assert letters[-1]["Subject"] == "You have an account at Causeway"

    @pytest.mark.parametrize(
        "password", ["short", "password1234", "x" * 129, "", "elena-marchetti"]
    )
    def test_refuses_a_weak_password(self, client, db, run_jobs, letters, password):
        ask(client)
        run_jobs()
        answer = client.post(link_in(letters[0]), data={"password": password})
        assert answer.status_code == 422
        assert 'href="#f-password"' in answer.text
        assert find(db) is None

    def test_refuses_a_forged_link(self, client, app):
        forged = Links("another key").for_sign_up(
            email="elena@example.org", name="Elena", locale="en", now=clock.now()
        )
        assert client.get(f"/sign-up/{forged}").status_code == 409

    def test_limits_the_letters_to_one_address(self, client):
        answers = [ask(client) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [303] * 5 + [429]

    def test_limits_the_letters_from_one_place(self, client):
        answers = [ask(client, email=f"a{number}@example.org") for number in range(31)]
        assert answers[29].status_code == 303
        assert answers[30].status_code == 429

    @pytest.mark.parametrize(
        "data",
        [
            {"name": "Elena"},
            {"email": "elena@example.org"},
            {"email": "elena@example.org", "name": " \t "},
            {"email": "elena@example.org", "name": "x" * 121},
            {"email": "elena@example.org", "name": "Elena", "is_operator": "1"},
        ],
    )
    def test_refuses_what_is_missing_or_too_much(self, client, db, data):
        assert client.post("/sign-up", data=data).status_code == 422
        assert db.execute(sa.text(JOBS)).all() == []

    def test_shows_again_what_was_typed(self, client):
        answer = ask(client, email="elena@", name='"><script>alert(1)</script>')
        assert answer.status_code == 422
        assert 'value="elena@"' in answer.text
        assert "<script>alert" not in answer.text


class TestReset:
    def ask(self, client, email):
        return client.post("/reset-password", data={"email": email})

    def test_sets_a_new_password(self, client, run_jobs, letters):
        user = make_person()
        assert self.ask(client, user.email).location == "/reset-password/sent"
        run_jobs()
        link = link_in(letters[0])
        assert user.email in client.get(link).text
        assert client.post(link, data={"password": NEW_PASSWORD}).location == "/sign-in"
        assert submit_sign_in(client, user).status_code == 422
        assert submit_sign_in(client, user, password=NEW_PASSWORD).location == "/account"

    def test_signs_out_everywhere(self, client, app, db, run_jobs, letters):
        user = make_person()
        elsewhere = app.test_client()
        sign_in(elsewhere, user)
        self.ask(client, user.email)
        run_jobs()
        client.post(link_in(letters[0]), data={"password": NEW_PASSWORD})
        assert elsewhere.get("/account").status_code == 303
        assert db.scalars(sa.select(UserSession.revoked_at)).one() is not None

    def test_tells_the_person(self, client, run_jobs, letters):
        user = make_person()
        self.ask(client, user.email)
        run_jobs()
        client.post(link_in(letters[0]), data={"password": NEW_PASSWORD})
        run_jobs()
        assert letters[1]["Subject"] == "Your password at Causeway was changed"

    def test_works_once(self, client, run_jobs, letters):
        user = make_person()
        self.ask(client, user.email)
        self.ask(client, user.email)
        run_jobs()
        first, second = (link_in(letter) for letter in letters)
        client.post(first, data={"password": NEW_PASSWORD})
        for link in (first, second):
            assert client.get(link).status_code == 409
            assert client.post(link, data={"password": PASSWORD}).status_code == 409

    def test_works_for_two_hours(self, client, run_jobs, letters):
        self.ask(client, make_person().email)
        run_jobs()
        with time_machine.travel(clock.now() + timedelta(hours=2, minutes=1)):
            assert client.get(link_in(letters[0])).status_code == 409

    def test_leaves_the_second_factor_in_place(self, client, run_jobs, letters):
        user = make_careful_person()
        self.ask(client, user.email)
        run_jobs()
        client.post(link_in(letters[0]), data={"password": NEW_PASSWORD})
        answer = submit_sign_in(client, user, password=NEW_PASSWORD)
        assert answer.location == "/sign-in/code"
        assert client.post("/sign-in/code", data={"code": code()}).location == "/account"

    def test_refuses_a_weak_password(self, client, run_jobs, letters):
        user = make_person(email="elena.marchetti@example.org")
        self.ask(client, user.email)
        run_jobs()
        link = link_in(letters[0])
        answer = client.post(link, data={"password": "elena.marchetti"})
        assert answer.status_code == 422
        assert "one of the first passwords" in answer.text
        assert client.post(link, data={"password": NEW_PASSWORD}).status_code == 303

    def test_answers_the_same_whoever_asks(self, client, engine, db, run_jobs, letters):
        make_person(email="known@example.org")
        make_person(email="blocked@example.org", blocked_at=clock.now())
        pages = []
        for email in ("known@example.org", "blocked@example.org", "nobody@example.org"):
            with statements(engine) as asked:
                answer = self.ask(client, email)
            kept = [statement.split("(")[0] for statement in asked]
            pages.append((answer.status_code, answer.location, answer.text, kept))
        assert pages[0] == pages[1] == pages[2]
        run_jobs()
        assert [letter["To"] for letter in letters] == ["known@example.org"]

    def test_confirms_an_address_too(self, client, db, run_jobs, letters):
        user = make_person(email_confirmed_at=None)
        self.ask(client, user.email)
        run_jobs()
        client.post(link_in(letters[0]), data={"password": NEW_PASSWORD})
        assert submit_sign_in(client, user, password=NEW_PASSWORD).location == "/account"

    def test_does_not_serve_for_another_purpose(self, client, app, db):
        user = make_person()
        token = Links(app.secret_key).for_second_step(user, stays=False, now=clock.now())
        assert client.get(f"/reset-password/{token}").status_code == 409

    def test_sends_the_same_letter_when_the_job_runs_twice(self, client, app, letters):
        from marketplace.core.worker import TASKS

        user = make_person()
        for _ in range(2):
            TASKS["reset_mail"].run(email=user.email, asked_at="2026-11-22T03:00:00+00:00")
        assert len({letter["Message-ID"] for letter in letters}) == 1
        assert user.email not in letters[0]["Message-ID"]


class TestNewEmail:
    def ask(self, client, email="new@example.org", password=PASSWORD):
        return client.post("/account/email", data={"email": email, "current_password": password})

    def test_is_taken_over_when_the_letter_was_read(self, client, db, run_jobs, letters):
        user = make_person(email="old@example.org")
        sign_in(client, user)
        assert self.ask(client).location == "/account"
        run_jobs()
        assert letters[0]["To"] == "new@example.org"
        link = link_in(letters[0])
        assert "new@example.org" in client.get(link).text
        assert db.get(User, user.id).email == "old@example.org"
        client.post(link)
        assert db.get(User, user.id).email == "new@example.org"
        assert "claim_orders" in run_jobs()
        assert (letters[1]["To"], letters[1]["Subject"]) == (
            "old@example.org",
            "Your e-mail address at Causeway was changed",
        )

    def test_wants_the_password(self, client, run_jobs, letters):
        sign_in(client, make_person())
        answer = self.ask(client, password="wrong, wrong")
        assert answer.status_code == 422
        assert 'href="#f-current_password"' in answer.text
        assert run_jobs() == []

    def test_works_once(self, client, run_jobs, letters):
        sign_in(client, make_person())
        self.ask(client)
        run_jobs()
        link = link_in(letters[0])
        assert client.post(link).status_code == 303
        assert client.post(link).status_code == 409

    def test_is_refused_when_somebody_else_has_it_by_then(self, client, db, run_jobs, letters):
        user = make_person()
        sign_in(client, user)
        self.ask(client)
        run_jobs()
        make_user(email="new@example.org")
        assert client.post(link_in(letters[0])).status_code == 409
        assert db.get(User, user.id).email == user.email

    def test_does_not_tell_whether_somebody_has_it(self, client, run_jobs, letters):
        make_user(email="taken@example.org")
        sign_in(client, make_person())
        assert self.ask(client, email="taken@example.org").location == "/account"

    def test_ends_links_to_set_a_password(self, client, app, run_jobs, letters):
        user = make_person()
        old = Links(app.secret_key).for_reset(user, now=clock.now())
        sign_in(client, user)
        self.ask(client)
        run_jobs()
        client.post(link_in(letters[0]))
        assert client.get(f"/reset-password/{old}").status_code == 409
