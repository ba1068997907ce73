"""The operator's desk for people."""

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import AuditEntry, User
from tests.accounts.people import make_careful_person, make_person, submit_sign_in
from tests.factories import make_user, sign_in

REASON = {"reason": "Sold what was not theirs"}


@pytest.fixture
def operator(client):
    """Return an operator who is signed in with a second factor."""
    operator = make_user(is_operator=True, name="Giulia Ferrero")
    sign_in(client, operator)
    return operator


class TestPeople:
    def test_are_found_by_their_address(self, client, operator):
        user = make_user(email="elena@example.org")
        answer = client.get("/staff/people", query_string={"email": " Elena@example.org"})
        assert answer.location == f"/staff/people/{user.id}"
        assert "elena@example.org" in client.get(answer.location).text

    def test_are_not_there_if_they_are_not(self, client, operator):
        page = client.get("/staff/people", query_string={"email": "no@example.org"}).text
        assert "Nobody has the address no@example.org" in page
        nobody = "/staff/people/00000000-0000-7000-8000-000000000000"
        assert client.get(nobody).status_code == 404
        assert client.post(f"{nobody}/block", data=REASON).status_code == 404

    def test_are_nobody_elses_business(self, client):
        user = make_user()
        sign_in(client, user)
        assert client.get("/staff/people").status_code == 403
        assert client.post(f"/staff/people/{user.id}/block", data=REASON).status_code == 403


class TestBlock:
    def test_shuts_somebody_out(self, client, app, db, operator):
        user = make_person()
        elsewhere = app.test_client()
        sign_in(elsewhere, user)
        page = client.post(
            f"/staff/people/{user.id}/block", data=REASON, follow_redirects=True
        ).text
        assert "Blocked since" in page
        assert "Sold what was not theirs" in page
        assert "Giulia Ferrero" in page
        assert elsewhere.get("/account").status_code == 303
        assert submit_sign_in(elsewhere, user).status_code == 422

    def test_is_taken_back(self, client, app, operator):
        user = make_person()
        client.post(f"/staff/people/{user.id}/block", data=REASON)
        client.post(f"/staff/people/{user.id}/unblock", data={"reason": "It was a mistake"})
        assert submit_sign_in(app.test_client(), user).status_code == 303

    @pytest.mark.parametrize("what", ["block", "unblock", "take-away-second-factor"])
    def test_wants_a_reason(self, client, db, operator, what):
        user = make_careful_person()
        answer = client.post(f"/staff/people/{user.id}/{what}", data={"reason": " "})
        assert answer.status_code == 422
        assert "Say why" in answer.text
        assert db.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0

    def test_is_not_for_oneself(self, client, db, operator):
        for what in ("block", "take-away-second-factor"):
            path = f"/staff/people/{operator.id}/{what}"
            assert client.post(path, data=REASON).status_code == 403
        assert "Block the account" not in client.get(f"/staff/people/{operator.id}").text


class TestSecondFactor:
    def test_is_taken_away_when_the_phone_was_lost(
        self, client, app, db, operator, run_jobs, letters
    ):
        user = make_careful_person()
        client.post(f"/staff/people/{user.id}/take-away-second-factor", data=REASON)
        assert db.get(User, user.id).totp_secret is None
        assert submit_sign_in(app.test_client(), user).location == "/account"
        run_jobs()
        assert letters[0]["Subject"] == "Your account at Causeway has no second factor any more"
