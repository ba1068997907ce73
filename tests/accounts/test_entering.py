"""Signing in and out."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from marketplace.accounts.models import User, UserSession
from marketplace.accounts.rules import hash_secret
from marketplace.core import clock
from tests.accounts.people import (
    code,
    make_careful_person,
    make_person,
    submit_sign_in,
)
from tests.factories import PASSWORD, make_user, sign_in
from tests.statements import statements

LINKS_TO_ELSEWHERE = Path(__file__).parents[3] / "shared/data/4-input/open-redirect.txt"


def is_signed_in(client):
    return client.get("/account").status_code == 200


class TestSignIn:
    def test_lets_in_who_knows_the_password(self, client):
        answer = submit_sign_in(client, make_person())
        assert (answer.status_code, answer.location) == (303, "/account")
        assert is_signed_in(client)

    def test_does_not_mind_how_the_address_is_written(self, client):
        make_person(email="elena@example.org")
        client.post("/sign-in", data={"email": " Elena@Example.ORG ", "password": PASSWORD})
        assert is_signed_in(client)

    def test_keeps_the_browser_only_if_asked(self, client):
        user = make_person()
        assert "Expires" not in submit_sign_in(client, user).headers["Set-Cookie"]
        assert "Expires" in submit_sign_in(client, user, stays="1").headers["Set-Cookie"]

    def test_keeps_the_cookie_from_scripts_and_other_sites(self, client):
        cookie = submit_sign_in(client, make_person()).headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_keeps_only_a_hash_of_the_token(self, client, db):
        submit_sign_in(client, make_person())
        with client.session_transaction() as cookie:
            token = cookie["_user_id"]
        assert db.scalars(sa.select(UserSession.token_hash)).one() == hash_secret(token)

    def test_shows_who_is_signed_in_no_form(self, client):
        sign_in(client, make_user())
        assert client.get("/sign-in").location == "/account"

    def test_hashes_again_when_the_parameters_have_changed(self, client, db):
        old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
        user = make_person(password_hash=old)
        submit_sign_in(client, user)
        new = db.get(User, user.id).password_hash
        assert "m=8,t=1,p=1" in new
        assert submit_sign_in(client, user).status_code == 303

    def test_ends_the_session_that_was_there_before(self, client, db):
        before = make_user()
        sign_in(client, before)
        submit_sign_in(client, make_person())
        ended = db.scalars(sa.select(UserSession).where(UserSession.user_id == before.id)).one()
        assert ended.revoked_at is not None


class TestRefusal:
    @pytest.fixture
    def answers(self, client):
        known = make_person(email="known@example.org")
        blocked = make_person(email="blocked@example.org", blocked_at=clock.now())
        unconfirmed = make_person(email="unconfirmed@example.org", email_confirmed_at=None)
        unusable = make_user(email="unusable@example.org")
        tries = [
            (known.email, "wrong, wrong, wrong"),
            ("nobody@example.org", PASSWORD),
            (blocked.email, PASSWORD),
            (unconfirmed.email, PASSWORD),
            (unusable.email, "!"),
        ]
        return [
            (email, client.post("/sign-in", data={"email": email, "password": password}))
            for email, password in tries
        ]

    def test_is_the_same_for_all(self, answers):
        pages = {answer.text.replace(email, "") for email, answer in answers}
        assert len({self.without_token(page) for page in pages}) == 1
        assert {answer.status_code for _email, answer in answers} == {422}

    def test_lets_nobody_in(self, client, answers):
        assert not is_signed_in(client)

    def test_does_not_repeat_the_password(self, answers):
        assert not any(PASSWORD in answer.text for _email, answer in answers)

    def test_hashes_once_whoever_it_is(self, client, monkeypatch):
        verified = []
        verify = PasswordHasher.verify

        def count(hasher, password_hash, password):
            verified.append(password_hash.rsplit("$", 2)[0])
            return verify(hasher, password_hash, password)

        monkeypatch.setattr(PasswordHasher, "verify", count)
        for user in (make_person(), make_person(blocked_at=clock.now()), make_user()):
            submit_sign_in(client, user, password="wrong, wrong, wrong")
        client.post("/sign-in", data={"email": "no@example.org", "password": PASSWORD})
        assert len(verified) == 4
        assert len(set(verified)) == 1  # the parameters too

    def test_asks_the_database_the_same(self, client, engine, db):
        asked = []
        for email in (make_person().email, "nobody@example.org"):
            with statements(engine) as made:
                client.post("/sign-in", data={"email": email, "password": "wrong, wrong"})
            asked.append([statement.split(None, 2)[:2] for statement in made])
        assert asked[0] == asked[1]

    def test_says_what_is_missing(self, client):
        answer = client.post("/sign-in", data={"email": "", "password": ""})
        assert answer.status_code == 422
        assert "Enter your password" in answer.text
        assert 'href="#f-password"' in answer.text

    def test_takes_no_endless_password(self, client):
        assert submit_sign_in(client, make_person(), password="x" * 5000).status_code == 422

    @staticmethod
    def without_token(page):
        start = page.index('name="csrf_token"')
        return page[:start] + page[page.index(">", start) :]


class TestLimit:
    def test_stops_the_seventh_try_at_one_account(self, client):
        user = make_person()
        for _ in range(6):
            assert submit_sign_in(client, user, password="wrong, wrong").status_code == 422
        answer = submit_sign_in(client, user)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 600
        assert not is_signed_in(client)

    def test_holds_up_nobody_else(self, client):
        user, other = make_person(), make_person()
        for _ in range(7):
            submit_sign_in(client, user, password="wrong, wrong")
        assert submit_sign_in(client, other).status_code == 303

    def test_does_not_lock_out_who_is_elsewhere(self, client):
        user = make_person()
        for _ in range(7):
            submit_sign_in(client, user, password="wrong, wrong")
        answer = client.post(
            "/sign-in",
            data={"email": user.email, "password": PASSWORD},
            environ_base={"REMOTE_ADDR": "203.0.113.9"},
        )
        assert answer.status_code == 303

    def test_counts_unknown_addresses_too(self, client):
        answers = [
            client.post("/sign-in", data={"email": "no@example.org", "password": "wrong"})
            for _ in range(7)
        ]
        assert [answer.status_code for answer in answers] == [422] * 6 + [429]

    def test_forgives_who_gets_it_right(self, client):
        user = make_person()
        for _ in range(3):
            for _ in range(5):
                submit_sign_in(client, user, password="wrong, wrong")
            assert submit_sign_in(client, user).status_code == 303

    def test_keeps_no_address_in_readable_form(self, client, db):
        submit_sign_in(client, make_person(email="elena@example.org"))
        kept = " ".join(db.scalars(sa.text("select key from rate_window")))
        assert kept
        assert "127.0.0.1" not in kept
        assert "elena" not in kept


class TestNextPage:
    def test_is_the_one_that_was_asked_for(self, client):
        asked = client.get("/account/settings?a=1")
        assert asked.location == "/sign-in?next=/account/settings?a%3D1"
        page = client.get(asked.location)
        assert 'name="next" value="/account/settings?a=1"' in page.text
        answer = submit_sign_in(client, make_person(), next="/account/settings?a=1")
        assert answer.location == "/account/settings?a=1"

    def test_keeps_the_language(self, client):
        assert client.get("/fr/account/settings").location == (
            "/fr/sign-in?next=/fr/account/settings"
        )

    def test_is_never_on_another_site(self, client):
        if not LINKS_TO_ELSEWHERE.exists():
            pytest.skip("the list of links is not here")
        sign_in(client, make_user())
        for link in LINKS_TO_ELSEWHERE.read_text().splitlines():
            where = client.get("/sign-in", query_string={"next": link}).location
            assert where.startswith("/"), link
            assert not where.startswith(("//", "/\\")), link
            assert "\\" not in where, link

    @pytest.mark.parametrize(
        "link",
        [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "evil",
            "/\t/evil.example",
            "http:evil.example",
        ],
    )
    def test_is_the_account_if_the_link_leads_elsewhere(self, client, link):
        assert submit_sign_in(client, make_person(), next=link).location == "/account"


class TestSession:
    def test_is_not_the_one_that_somebody_planted(self, client, db):
        attacker, victim = make_person(), make_person()
        planted = sign_in(client, attacker)
        with client.session_transaction() as cookie:
            cookie["csrf_token"] = "known to the attacker"
        submit_sign_in(client, victim)
        with client.session_transaction() as cookie:
            assert cookie["_user_id"] != planted
            assert cookie.get("csrf_token") != "known to the attacker"
        kept = db.scalars(sa.select(UserSession).where(UserSession.revoked_at.is_(None))).one()
        assert kept.user_id == victim.id

    def test_costs_one_statement_for_people(self, client, engine):
        sign_in(client, make_user())
        with statements(engine) as asked:
            client.get("/account/settings")
        assert len(asked) == 1

    def test_costs_none_for_visitors(self, client, engine):
        with statements(engine) as asked:
            client.get("/sign-in")
        assert asked == []

    def test_ends_when_the_account_is_blocked(self, client, db):
        user = make_user()
        sign_in(client, user)
        assert is_signed_in(client)
        db.execute(sa.update(User).values(blocked_at=clock.now()))
        assert not is_signed_in(client)

    @pytest.mark.parametrize(("days", "is_alive"), [(29, True), (31, False)])
    def test_ends_after_thirty_days_without_use(self, client, db, days, is_alive):
        sign_in(client, make_user())
        db.execute(sa.update(UserSession).values(seen_at=clock.now() - timedelta(days=days)))
        assert is_signed_in(client) is is_alive

    def test_notes_its_use_every_ten_minutes(self, client, db):
        sign_in(client, make_user())
        long_ago, just_now = clock.now() - timedelta(minutes=11), clock.now() - timedelta(minutes=9)
        for seen_at, is_noted in ((long_ago, True), (just_now, False)):
            db.execute(sa.update(UserSession).values(seen_at=seen_at))
            client.get("/account")
            assert (db.scalars(sa.select(UserSession.seen_at)).one() != seen_at) is is_noted

    @pytest.mark.parametrize("token", ["", "x", "'; drop table user_session", "\x00", "0" * 9000])
    def test_does_not_begin_with_a_made_up_token(self, client, token):
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
        assert client.get("/account").status_code == 303


class TestSignOut:
    def test_ends_the_session_in_the_database(self, client, db):
        token = sign_in(client, make_user())
        assert client.post("/sign-out").location == "/"
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
        assert not is_signed_in(client)

    def test_leaves_nothing_in_the_browser(self, client):
        sign_in(client, make_user())
        client.post("/sign-out")
        with client.session_transaction() as cookie:
            assert not cookie

    def test_needs_a_post(self, client):
        sign_in(client, make_user())
        assert client.get("/sign-out").status_code == 405

    def test_harms_no_visitor(self, client):
        assert client.post("/sign-out").status_code == 303


class TestSecondStep:
    def test_comes_before_the_session(self, client, db):
        answer = submit_sign_in(client, make_careful_person())
        assert answer.location == "/sign-in/code"
        assert db.scalar(sa.select(sa.func.count()).select_from(UserSession)) == 0
        assert not is_signed_in(client)

    def test_lets_in_who_has_the_code(self, client, db):
        submit_sign_in(client, make_careful_person(), stays="1", next="/account/tokens")
        answer = client.post("/sign-in/code", data={"code": code(), "next": "/account/tokens"})
        assert answer.location == "/account/tokens"
        assert "Expires" in answer.headers["Set-Cookie"]
        assert is_signed_in(client)
        assert db.scalars(sa.select(UserSession.second_factor_at)).one() is not None

    def test_refuses_a_wrong_code(self, client):
        submit_sign_in(client, make_careful_person())
        answer = client.post("/sign-in/code", data={"code": "000000"})
        assert answer.status_code == 422
        assert "This code is not right" in answer.text
        assert not is_signed_in(client)

    def test_takes_a_code_once(self, client, app):
        user = make_careful_person()
        used = code()
        submit_sign_in(client, user)
        assert client.post("/sign-in/code", data={"code": used}).status_code == 303
        thief = app.test_client()
        submit_sign_in(thief, user)
        assert thief.post("/sign-in/code", data={"code": used}).status_code == 422

    def test_stops_the_seventh_code(self, client):
        submit_sign_in(client, make_careful_person())
        answers = [client.post("/sign-in/code", data={"code": "000000"}) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [422] * 6 + [429]

    def test_needs_the_password_first(self, client):
        assert client.get("/sign-in/code").location == "/sign-in"
        assert client.post("/sign-in/code", data={"code": code()}).location == "/sign-in"

    def test_ends_when_the_password_changes_meanwhile(self, client, db):
        user = make_careful_person()
        submit_sign_in(client, user)
        db.execute(sa.update(User).values(password_hash="$argon2id$another"))
        assert client.post("/sign-in/code", data={"code": code()}).location == "/sign-in"


class TestOperator:
    def test_has_to_set_up_a_second_factor(self, client):
        answer = submit_sign_in(client, make_person(is_operator=True))
        assert answer.location == "/account/second-factor"

    def test_comes_in_with_it(self, client):
        submit_sign_in(client, make_careful_person(is_operator=True))
        client.post("/sign-in/code", data={"code": code()})
        assert is_signed_in(client)
