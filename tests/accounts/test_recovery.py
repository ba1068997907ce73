"""Recovery codes: each lets somebody in once when their phone is lost."""

import pytest
import sqlalchemy as sa

from marketplace.accounts import queries, rules, service
from marketplace.accounts.models import RecoveryCode, User
from marketplace.core import clock
from tests.accounts.people import (
    code,
    codes_on,
    make_careful_person,
    make_person,
    submit_sign_in,
)
from tests.factories import PASSWORD, sign_in

PAGE = "/account/second-factor/recovery-codes"


@pytest.fixture
def user(db):
    return make_careful_person(email="cara@example.org", name="Cara")


@pytest.fixture
def codes(user, db):
    codes = service.issue_codes(user_id=user.id, now=clock.now())
    db.commit()
    return codes


class TestReadRecoveryCode:
    @pytest.mark.parametrize(
        "typed",
        [
            "ABCD-EFGH-JKMN-1234",
            "abcdefghjkmn1234",
            " abcd efgh jkmn 1234 ",
            "ABCD-EFGH-JKMN-l234",
            "ABCD-EFGH-JKMN-I234",
        ],
    )
    def test_takes_it_as_people_type_it(self, typed):
        assert rules.read_recovery_code(typed) == "ABCDEFGHJKMN1234"

    @pytest.mark.parametrize("typed", ["", "123456", "ABCD-EFGH-JKMN-123", "ABCD-EFGH-JKMN-123U"])
    def test_knows_what_is_none(self, typed):
        assert rules.read_recovery_code(typed) is None


class TestHashRecoveryCode:
    def test_differs_from_person_to_person(self):
        one, other = (rules.hash_recovery_code(who, "ABCDEFGHJKMN1234") for who in ("a", "b"))
        assert one != other


class TestIssueCodes:
    def test_gives_ten_of_which_only_hashes_are_kept(self, codes, user, db):
        assert len(set(codes)) == 10
        kept = db.scalars(sa.select(RecoveryCode.code_hash)).all()
        assert len(kept) == 10
        assert not any(one.encode() in row for one in codes for row in kept)

    def test_ends_those_from_before(self, codes, user):
        service.issue_codes(user_id=user.id, now=clock.now())
        assert queries.count_recovery_codes(user.id) == 10
        with pytest.raises(service.WrongCode):
            service.prove(user_id=user.id, code=codes[0], now=clock.now())


class TestCode:
    def test_signs_in_once_and_is_told_by_letter(self, client, app, codes, user, run_jobs, letters):
        submit_sign_in(client, user)
        page = client.get("/sign-in/code?how=recovery").text
        assert "one of the recovery codes" in page
        answer = client.post("/sign-in/code", data={"code": codes[3].lower(), "how": "recovery"})
        assert answer.status_code == 303
        assert client.get("/account").status_code == 200
        run_jobs()
        assert letters[-1]["To"] == "cara@example.org"
        assert "9 codes are left." in letters[-1].get_body(("plain",)).get_content()
        again = app.test_client()
        submit_sign_in(again, user)
        refused = again.post("/sign-in/code", data={"code": codes[3], "how": "recovery"})
        assert refused.status_code == 422
        assert "A recovery code" in refused.text  # the same question again
        assert again.post("/sign-in/code", data={"code": codes[4]}).status_code == 303

    def test_is_worth_nothing_without_the_password(self, client, codes):
        assert client.post("/sign-in/code", data={"code": codes[0]}).location == "/sign-in"

    def test_of_another_person_is_wrong(self, client, codes):
        other = make_careful_person()
        submit_sign_in(client, other)
        assert client.post("/sign-in/code", data={"code": codes[0]}).status_code == 422

    def test_is_tried_as_rarely_as_the_apps(self, client, codes, user):
        submit_sign_in(client, user)
        wrong = {"code": "ABCD-EFGH-JKMN-1234", "how": "recovery"}
        tries = [client.post("/sign-in/code", data=wrong).status_code for _ in range(7)]
        assert tries == [422] * 6 + [429]

    def test_proves_a_session_that_began_without(self, client, codes, user):
        sign_in(client, user)
        assert "Use a recovery code" in client.get("/account/second-factor").text
        answer = client.post("/account/second-factor/prove", data={"code": codes[0]})
        assert answer.status_code == 303
        assert "9 codes are left." in client.get("/account/second-factor").text

    def test_frees_from_the_lost_phone(self, client, codes, user, db):
        sign_in(client, user)
        data = {"code": codes[0], "current_password": PASSWORD}
        assert client.post("/account/second-factor/drop", data=data).status_code == 303
        assert db.get(User, user.id).totp_confirmed_at is None
        assert queries.count_recovery_codes(user.id) == 0

    def test_goes_with_the_second_factor_that_is_taken_away(self, codes, user):
        service.take_away(user_id=user.id, actor=None, reason="lost", now=clock.now())
        assert queries.count_recovery_codes(user.id) == 0


class TestPage:
    def test_warns_who_has_few_or_none(self, client, user, codes, db):
        sign_in(client, user)
        client.post("/account/second-factor/prove", data={"code": code()})
        assert "Make new ones soon" not in client.get("/account/second-factor").text
        for one in codes[:7]:
            service.prove(user_id=user.id, code=one, now=clock.now())
        page = client.get("/account/second-factor").text
        assert "3 codes are left." in page
        assert "Make new ones soon" in page
        db.execute(sa.delete(RecoveryCode))
        assert "You have none." in client.get("/account/second-factor").text

    def test_makes_new_ones_with_password_and_code(self, client, user, codes, run_jobs, letters):
        sign_in(client, user)
        assert "10 codes are left." in client.get(PAGE).text
        data = {"code": code(), "current_password": PASSWORD}
        for wrong in ({"code": "000000"}, {"current_password": "wrong, wrong"}):
            assert client.post(PAGE, data=data | wrong).status_code == 422
        answer = client.post(PAGE, data=data)
        assert answer.status_code == 201
        assert len(codes_on(answer)) == 10
        assert not set(codes_on(answer)) & set(codes)
        run_jobs()
        assert letters[-1]["Subject"] == "Your account at Causeway has new recovery codes"

    def test_shows_them_this_once(self, client, user, codes):
        sign_in(client, user)
        assert codes_on(client.get(PAGE)) == []
        assert codes_on(client.get("/account/second-factor")) == []

    def test_is_not_for_who_has_no_second_factor(self, client, db):
        sign_in(client, make_person())
        assert client.get(PAGE).location == "/account/second-factor"
        data = {"code": "000000", "current_password": PASSWORD}
        assert client.post(PAGE, data=data).status_code == 303

    def test_gives_them_as_a_file(self, client, user, codes):
        sign_in(client, user)
        answer = client.post(f"{PAGE}/text", data={"codes": codes})
        assert answer.content_type == "text/plain; charset=utf-8"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.text.splitlines()[2:] == codes

    @pytest.mark.parametrize("change", [lambda codes: codes[:9], lambda codes: ["x"] * 10])
    def test_writes_nothing_else_to_a_file(self, client, user, codes, change):
        sign_in(client, user)
        assert client.post(f"{PAGE}/text", data={"codes": change(codes)}).status_code == 404
