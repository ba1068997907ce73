"""A person's own account: settings, sessions, second factor, keys, light and dark."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import Babel

from marketplace.accounts import queries
from marketplace.accounts.models import ApiToken, User, UserSession
from marketplace.accounts.views import desks
from marketplace.core import clock
from tests.accounts.people import (
    SECRET,
    code,
    codes_on,
    make_careful_person,
    make_person,
    submit_sign_in,
)
from tests.factories import (
    PASSWORD,
    make_company,
    make_member,
    make_owner,
    make_project,
    make_user,
    sign_in,
)
from tests.statements import statements

NEW_PASSWORD = "eleven herons at dusk"
PAGES = ["", "/settings", "/email", "/password", "/sessions", "/second-factor", "/tokens"]


@pytest.mark.parametrize("page", PAGES)
class TestPage:
    def test_is_for_people_only(self, client, page):
        assert client.get(f"/account{page}").location == f"/sign-in?next=/account{page}"

    def test_opens(self, client, page):
        sign_in(client, make_user())
        assert client.get(f"/account{page}").status_code == 200

    def test_asks_little_of_the_database(self, client, engine, page):
        sign_in(client, make_user())
        client.get(f"/account{page}")
        with statements(engine) as asked:
            client.get(f"/account{page}")
        assert len(asked) <= (3 if page else 6)

    def test_is_kept_by_nobody(self, client, page):
        sign_in(client, make_user())
        assert "no-store" in client.get(f"/account{page}").headers["Cache-Control"]

    def test_is_not_for_search_engines(self, client, page):
        sign_in(client, make_user())
        assert '<meta name="robots" content="noindex">' in client.get(f"/account{page}").text

    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_opens_in_other_languages(self, client, page, language):
        sign_in(client, make_user())
        answer = client.get(f"/{language}/account{page}")
        assert f'<html lang="{language}"' in answer.text


class TestDesks:
    @pytest.fixture
    def doors(self, db):
        """Return the doors in a house that has all the desks."""
        house = Flask("house")
        Babel(house)
        for rule in ("/company/<slug>", "/project-desk/<slug>", "/staff"):
            house.add_url_rule(rule, endpoint=rule)

        def listed(user):
            with house.test_request_context("/account", base_url="http://localhost/fr"):
                return [door.url for door in desks.list_desks(user)]

        return listed

    def test_are_ones_own(self, db, doors):
        user = make_user()
        company, project = make_company(slug="arbosca"), make_project(slug="springs")
        make_member(company, user)
        make_owner(project, user)
        make_member(make_company())
        make_owner(make_project())
        assert doors(user) == ["/fr/company/arbosca", "/fr/project-desk/springs"]

    def test_are_none_for_a_shopper(self, db, doors):
        make_member(make_company())
        assert doors(make_user()) == []

    def test_lead_nowhere_if_there_is_no_such_page(self, client):
        user = make_user()
        make_member(make_company(name="Arbosca"), user)
        sign_in(client, user)
        page = client.get("/account").text
        for link in re.findall(
            r'<li><a href="(/[^"]+)">', page.split("<main")[1].split("</main")[0]
        ):
            assert client.get(link).status_code == 200, link

    def test_are_the_whole_marketplace_for_an_operator(self, db, doors):
        assert doors(make_user(is_operator=True)) == ["/fr/staff"]


class TestProfile:
    def test_is_changed(self, client, db):
        user = make_user()
        sign_in(client, user)
        data = {"name": " Élena  M. ", "locale": "it", "is_public_supporter": "1"}
        assert client.post("/account/settings", data=data).location == "/account/settings"
        changed = db.get(User, user.id)
        assert (changed.name, changed.locale) == ("Élena M.", "it")
        assert changed.is_public_supporter
        client.post("/account/settings", data={"name": "Elena", "locale": "it"})
        db.expire_all()
        assert not db.get(User, user.id).is_public_supporter

    @pytest.mark.parametrize(
        "data",
        [
            {"name": "", "locale": "en"},
            {"name": "Elena", "locale": "de"},
            {"name": "Elena", "locale": "en", "is_operator": "1"},
            {"name": "Elena", "locale": "en", "email": "new@example.org"},
        ],
    )
    def test_is_not_changed_into_anything(self, client, db, data):
        user = make_user()
        sign_in(client, user)
        assert client.post("/account/settings", data=data).status_code == 422
        kept = db.get(User, user.id)
        assert (kept.name, kept.is_operator, kept.email) == (user.name, False, user.email)

    def test_changes_nobody_else(self, client, db):
        other = make_user()
        sign_in(client, make_user())
        client.post("/account/settings", data={"name": "Elena", "locale": "it"})
        assert db.get(User, other.id).name == other.name


class TestPassword:
    def change(self, client, current=PASSWORD, password=NEW_PASSWORD):
        data = {"current_password": current, "password": password}
        return client.post("/account/password", data=data)

    def test_is_changed(self, client, app):
        user = make_person()
        sign_in(client, user)
        assert self.change(client).location == "/account"
        other = app.test_client()
        assert submit_sign_in(other, user).status_code == 422
        assert submit_sign_in(other, user, password=NEW_PASSWORD).status_code == 303

    def test_ends_all_other_sessions(self, client, app):
        user = make_person()
        elsewhere, somebody = app.test_client(), app.test_client()
        sign_in(elsewhere, user)
        sign_in(somebody, make_user())
        sign_in(client, user)
        self.change(client)
        assert client.get("/account").status_code == 200
        assert elsewhere.get("/account").status_code == 303
        assert somebody.get("/account").status_code == 200

    def test_makes_a_stolen_token_of_this_session_worthless(self, client, app):
        stolen = sign_in(client, make_person())
        self.change(client)
        thief = app.test_client()
        with thief.session_transaction() as cookie:
            cookie["_user_id"] = stolen
        assert thief.get("/account").status_code == 303

    def test_wants_the_current_one(self, client):
        sign_in(client, make_person())
        answer = self.change(client, current="wrong, wrong")
        assert answer.status_code == 422
        assert "This is not your password" in answer.text

    def test_is_not_changed_into_a_weak_one(self, client):
        sign_in(client, make_person())
        answer = self.change(client, password="password1234")
        assert answer.status_code == 422
        assert "one of the first passwords" in answer.text

    def test_cannot_be_guessed_by_who_stole_a_session(self, client):
        sign_in(client, make_person())
        answers = [self.change(client, current="wrong, wrong") for _ in range(11)]
        assert [answer.status_code for answer in answers] == [422] * 10 + [429]

    def test_tells_the_person(self, client, run_jobs, letters):
        user = make_person()
        sign_in(client, user)
        self.change(client)
        run_jobs()
        assert (letters[0]["To"], letters[0]["Subject"]) == (
            user.email,
            "Your password at Causeway was changed",
        )


class TestSessions:
    def test_lists_ones_own(self, client, app):
        user = make_user()
        sign_in(client, user)
        firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        person = make_person()
        app.test_client().post(
            "/sign-in",
            data={"email": person.email, "password": PASSWORD},
            headers={"User-Agent": firefox},
        )
        assert "Firefox" not in client.get("/account/sessions").text
        sign_in(client, person)
        page = client.get("/account/sessions").text
        assert "Firefox, Linux" in page
        assert page.count("This one") == 1

    def test_ends_one(self, client, app, db):
        user = make_user()
        elsewhere = app.test_client()
        sign_in(elsewhere, user)
        session_id = db.scalars(sa.select(UserSession.id)).one()
        sign_in(client, user)
        client.post(f"/account/sessions/{session_id}/revoke")
        assert elsewhere.get("/account").status_code == 303
        assert client.get("/account").status_code == 200

    def test_ends_nobody_elses(self, client, app, db):
        elsewhere = app.test_client()
        sign_in(elsewhere, make_user())
        session_id = db.scalars(sa.select(UserSession.id)).one()
        sign_in(client, make_user())
        assert client.post(f"/account/sessions/{session_id}/revoke").status_code == 404
        assert elsewhere.get("/account").status_code == 200

    def test_ends_all_others(self, client, app):
        user = make_user()
        elsewhere, somebody = app.test_client(), app.test_client()
        sign_in(elsewhere, user)
        sign_in(somebody, make_user())
        sign_in(client, user)
        client.post("/account/sessions/revoke-others")
        assert [c.get("/account").status_code for c in (client, elsewhere, somebody)] == [
            200,
            303,
            200,
        ]


class TestSecondFactor:
    def enrol(self, client, db, user, **overrides):
        client.get("/account/second-factor")
        db.execute(sa.update(User).where(User.id == user.id).values(totp_secret=SECRET))
        data = {"code": code(), "current_password": PASSWORD} | overrides
        return client.post("/account/second-factor", data=data)

    def test_shows_the_same_secret_until_it_is_confirmed(self, client, db):
        user = make_user()
        sign_in(client, user)
        pages = [client.get("/account/second-factor").text for _ in range(2)]
        secrets = [re.search(r'<code class="hash">([A-Z2-7 ]+)<', page)[1] for page in pages]
        assert secrets[0] == secrets[1]
        assert db.get(User, user.id).totp_secret == secrets[0].replace(" ", "")
        assert 'src="data:image/svg+xml' in pages[0]
        assert "style=" not in pages[0]

    def test_is_set_up(self, client, db, run_jobs, letters):
        user = make_person()
        sign_in(client, user)
        answer = self.enrol(client, db, user)
        assert answer.status_code == 201
        assert len(codes_on(answer)) == 10
        assert db.get(User, user.id).totp_confirmed_at is not None
        page = client.get("/account/second-factor").text
        assert SECRET not in page.replace(" ", "")
        assert "10 codes are left." in page
        run_jobs()
        assert letters[0]["Subject"] == "Your account at Causeway has a second factor"

    @pytest.mark.parametrize("wrong", [{"code": "000000"}, {"current_password": "wrong, wrong"}])
    def test_is_not_set_up_without_code_and_password(self, client, db, wrong):
        user = make_person()
        sign_in(client, user)
        assert self.enrol(client, db, user, **wrong).status_code == 422
        assert db.get(User, user.id).totp_confirmed_at is None

    def test_gives_the_session_a_new_token(self, client, db):
        user = make_person()
        stolen = sign_in(client, user)
        self.enrol(client, db, user)
        with client.session_transaction() as cookie:
            assert cookie["_user_id"] != stolen
            cookie["_user_id"] = stolen
        assert client.get("/account").status_code == 303

    def test_does_not_take_the_code_of_setting_up_again(self, client, app, db):
        user = make_person()
        sign_in(client, user)
        used = code()
        self.enrol(client, db, user, code=used)
        other = app.test_client()
        submit_sign_in(other, user)
        assert other.post("/sign-in/code", data={"code": used}).status_code == 422
        assert other.post("/sign-in/code", data={"code": code(1)}).status_code == 303

    def test_is_not_replaced_by_who_stole_a_session(self, client):
        sign_in(client, make_careful_person())
        data = {"code": code(), "current_password": PASSWORD}
        assert client.post("/account/second-factor", data=data).status_code == 409

    def test_is_dropped_with_code_and_password(self, client, db):
        user = make_careful_person()
        sign_in(client, user)
        data = {"code": code(), "current_password": PASSWORD}
        for wrong in ({"code": "000000"}, {"current_password": "wrong, wrong"}):
            answer = client.post("/account/second-factor/drop", data=data | wrong)
            assert answer.status_code == 422
        assert client.post("/account/second-factor/drop", data=data).status_code == 303
        assert db.get(User, user.id).totp_confirmed_at is None

    def test_is_not_dropped_by_operators(self, client, db):
        user = make_careful_person(is_operator=True)
        sign_in(client, user)
        data = {"code": code(), "current_password": PASSWORD}
        assert client.post("/account/second-factor/drop", data=data).status_code == 403

    def test_is_proved_in_a_session_that_began_without(self, client, db):
        user = make_careful_person()
        sign_in(client, user)
        answer = client.post(
            "/account/second-factor/prove", data={"code": code(), "next": "/account/tokens"}
        )
        assert answer.location == "/account/tokens"
        assert db.scalars(sa.select(UserSession.second_factor_at)).one() is not None

    def test_is_not_proved_by_who_has_none(self, client):
        sign_in(client, make_user())
        answer = client.post("/account/second-factor/prove", data={"code": "000000"})
        assert answer.status_code == 422


class TestToken:
    def make(self, client, **overrides):
        data = {"name": "Warehouse", "scopes": ["read"]} | overrides
        return client.post("/account/tokens", data=data)

    def secret_in(self, answer):
        return re.search(r"cw_[0-9a-f]{12}_[\w-]{43}", answer.text)[0]

    def test_is_shown_once(self, client, db):
        user = make_user()
        sign_in(client, user)
        answer = self.make(client)
        assert answer.status_code == 201
        secret = self.secret_in(answer)
        page = client.get("/account/tokens").text
        assert "Warehouse" in page
        assert secret not in page
        kept = db.scalars(sa.select(ApiToken)).one()
        assert secret.encode() not in kept.secret_hash
        assert queries.find_token(secret).user_id == user.id

    def test_has_the_scopes_that_were_chosen(self, client, db):
        sign_in(client, make_user())
        self.make(client, scopes=["orders:write", "read", "read"])
        assert db.scalars(sa.select(ApiToken.scopes)).one() == ["orders:write", "read"]

    @pytest.mark.parametrize(
        "wrong", [{"scopes": []}, {"scopes": ["staff"]}, {"name": ""}, {"name": "x" * 121}]
    )
    def test_is_refused(self, client, db, wrong):
        sign_in(client, make_user())
        assert self.make(client, **wrong).status_code == 422
        assert db.scalar(sa.select(sa.func.count()).select_from(ApiToken)) == 0

    def test_is_ended(self, client, db):
        sign_in(client, make_user())
        secret = self.secret_in(self.make(client))
        client.post(f"/account/tokens/{db.scalars(sa.select(ApiToken.id)).one()}/revoke")
        assert queries.find_token(secret) is None
        assert "Warehouse" not in client.get("/account/tokens").text

    def test_is_not_ended_by_others(self, client, db):
        sign_in(client, make_user())
        secret = self.secret_in(self.make(client))
        sign_in(client, make_user())
        token_id = db.scalars(sa.select(ApiToken.id)).one()
        assert client.post(f"/account/tokens/{token_id}/revoke").status_code == 404
        assert queries.find_token(secret) is not None

    def test_does_not_work_for_who_is_blocked(self, client, db):
        sign_in(client, make_user())
        secret = self.secret_in(self.make(client))
        db.execute(sa.update(User).values(blocked_at=clock.now()))
        assert queries.find_token(secret) is None

    @pytest.mark.parametrize("secret", ["", "cw_", "Bearer x", "cw_" + "0" * 56])
    def test_is_not_found_by_guessing(self, client, secret):
        sign_in(client, make_user())
        self.make(client)
        assert queries.find_token(secret) is None


class TestTheme:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_is_kept_in_a_cookie(self, client, theme):
        client.post("/theme", data={"theme": theme}, token=False)
        assert f'data-theme="{theme}"' in client.get("/sign-in").text

    @pytest.mark.parametrize("theme", ["system", "", '"><script>'])
    def test_is_the_systems_otherwise(self, client, theme):
        client.post("/theme", data={"theme": "dark"}, token=False)
        client.post("/theme", data={"theme": theme}, token=False)
        assert "data-theme" not in client.get("/sign-in").text

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("http://localhost/products?q=linen", "/products?q=linen"),
            ("http://localhost//evil.example", "/evil.example"),
            ("https://evil.example/products", "/"),
            ("", "/"),
        ],
    )
    def test_goes_back_to_the_page(self, client, before, after):
        answer = client.post("/theme", data={"theme": "dark"}, headers={"Referer": before})
        assert answer.location == after
