import sqlalchemy as sa

from marketplace.accounts.models import MemberRole, User
from marketplace.people import queries
from tests import factories
from tests.accounts.people import link_in, make_person, submit_sign_in
from tests.factories import PASSWORD
from tests.statements import statements

NEW = "nina@example.org"
WISH = {"email": NEW, "role": "editor", "title": "Weaver"}


def invited(client, sign_in, owner, desk, run_jobs, letters, **wish):
    """Have an owner invite somebody; return the path in the letter."""
    sign_in(client, owner)
    answer = client.post(desk, data=WISH | wish)
    assert answer.status_code == 303, answer.text
    run_jobs()
    client.post("/sign-out")
    return link_in(letters[-1])


class TestPeople:
    def test_are_shown_with_roles_to_everybody_who_works_there(
        self, client, sign_in, desk, owner, editor
    ):
        for person in (owner, editor):
            sign_in(client, person)
            page = client.get(desk).text
            assert "Olga Owner" in page
            assert "Ed Editor" in page
            assert "Dyer" in page

    def test_are_not_shown_to_others(self, client, sign_in, desk):
        sign_in(client, make_person())
        assert client.get(desk).status_code == 404

    def test_are_changed_by_owners_only(self, client, sign_in, desk, owner, editor):
        sign_in(client, editor)
        page = client.get(desk).text
        assert "Invite somebody" not in page
        assert "Only an owner may change who works here." in page
        assert client.post(desk, data=WISH).status_code == 403
        data = {"role": "editor"}
        assert client.post(f"{desk}/{owner.id}", data=data).status_code == 403
        assert client.post(f"{desk}/{owner.id}/remove").status_code == 403
        withdraw = f"{desk}/invitations/{owner.id}/withdraw"
        assert client.post(withdraw).status_code == 403

    def test_ask_few_questions_of_the_database(self, client, sign_in, desk, owner, engine):
        sign_in(client, owner)
        with statements(engine) as asked:
            client.get(desk)
        assert len(asked) <= 8

    def test_have_one_navigation_with_everything(self, client, sign_in, desk, owner, team):
        sign_in(client, owner)
        page = client.get(desk).text
        assert f'href="{desk}" aria-current="page"' in page
        if team.kind == "company":
            for place in ("products", "import", "orders", "defaults", "reports", "profile"):
                assert f'href="/company/arbosca/{place}"' in page
                assert f'href="{desk}"' in client.get(f"/company/arbosca/{place}").text


class TestInvitation:
    def test_is_a_letter_with_a_link(self, client, sign_in, owner, desk, team, run_jobs, letters):
        invited(client, sign_in, owner, desk, run_jobs, letters)
        letter = letters[-1]
        assert letter["To"] == NEW
        assert letter["Subject"] == "Olga Owner invites you to Arbosca"
        text = letter.get_body(("plain",)).get_content()
        assert "choose a password" in text
        assert "It works once, until" in text
        assert "\n\n\n" not in text
        assert "the project Arbosca" in text or team.kind == "company"
        html = letter.get_body(("html",)).get_content()
        assert link_in(letter) in html

    def test_lets_a_stranger_make_an_account(
        self, client, sign_in, owner, desk, team, run_jobs, letters, db
    ):
        link = invited(client, sign_in, owner, desk, run_jobs, letters)
        page = client.get(link).text
        assert "Create my account and accept" in page
        answer = client.post(link, data={"name": "Nina Nowak", "password": PASSWORD})
        assert answer.status_code == 303
        assert "Welcome to Arbosca." in client.get(answer.location).text
        newcomer = db.scalars(sa.select(User).where(User.email == NEW)).one()
        assert newcomer.email_confirmed_at is not None
        assert queries.find_membership(team, newcomer.id).title == "Weaver"

    def test_tells_a_stranger_what_is_wrong(self, client, sign_in, owner, desk, run_jobs, letters):
        link = invited(client, sign_in, owner, desk, run_jobs, letters)
        assert client.post(link, data={"password": PASSWORD}).status_code == 422
        answer = client.post(link, data={"name": "Nina", "password": "short"})
        assert answer.status_code == 422
        assert "Use at least 12 characters." in answer.text

    def test_lets_somebody_with_an_account_sign_in_and_accept(
        self, client, sign_in, owner, desk, team, run_jobs, letters
    ):
        known = make_person(email=NEW)
        link = invited(client, sign_in, owner, desk, run_jobs, letters)
        assert "sign in to accept" in letters[-1].get_body(("plain",)).get_content()
        assert "Sign in to accept." in client.get(link).text
        refused = client.post(link, data={"name": "Thief", "password": PASSWORD})
        assert refused.location == link
        assert submit_sign_in(client, known, next=link).location == link
        assert "Accept the invitation" in client.get(link).text
        assert client.post(link).status_code == 303
        assert queries.find_membership(team, known.id) is not None

    def test_is_not_for_another_account(
        self, client, sign_in, owner, desk, team, run_jobs, letters
    ):
        link = invited(client, sign_in, owner, desk, run_jobs, letters)
        other = make_person()
        sign_in(client, other)
        assert "you are signed in with" in client.get(link).text
        assert client.post(link).status_code == 403
        assert queries.find_membership(team, other.id) is None

    def test_works_once(self, client, sign_in, owner, desk, run_jobs, letters):
        link = invited(client, sign_in, owner, desk, run_jobs, letters)
        client.post(link, data={"name": "Nina", "password": PASSWORD})
        client.post("/sign-out")
        answer = client.get(link)
        assert answer.status_code == 409
        assert "Ask for a new one." in answer.text

    def test_works_by_the_last_letter_only(self, client, sign_in, owner, desk, run_jobs, letters):
        first = invited(client, sign_in, owner, desk, run_jobs, letters)
        second = invited(client, sign_in, owner, desk, run_jobs, letters)
        assert client.get(first).status_code == 409
        assert client.get(second).status_code == 200

    def test_works_no_more_when_it_is_withdrawn(
        self, client, sign_in, owner, desk, team, run_jobs, letters
    ):
        link = invited(client, sign_in, owner, desk, run_jobs, letters)
        sign_in(client, owner)
        page = client.get(desk).text
        assert "The link works until" in page
        pending = queries.find_open_invitation(team, NEW)
        client.post(f"{desk}/invitations/{pending.id}/withdraw")
        assert client.get(link).status_code == 409

    def test_cannot_be_guessed(self, client, db):
        assert client.get("/invitation/nonsense").status_code == 409

    def test_is_refused_where_the_address_is_none(self, client, sign_in, owner, desk):
        sign_in(client, owner)
        answer = client.post(desk, data=WISH | {"email": "nobody"})
        assert answer.status_code == 422
        assert 'value="nobody"' in answer.text
        assert client.post(desk, data=WISH | {"role": "king"}).status_code == 422
        assert client.post(desk, data=WISH | {"email": "ed@example.org"}).status_code == 422

    def test_is_not_sent_to_the_same_address_all_day(self, client, sign_in, owner, desk):
        sign_in(client, owner)
        codes = [client.post(desk, data=WISH).status_code for _ in range(6)]
        assert codes == [303] * 5 + [429]

    def test_is_not_sent_when_it_was_withdrawn_meanwhile(
        self, client, sign_in, owner, desk, team, run_jobs, letters
    ):
        sign_in(client, owner)
        client.post(desk, data=WISH)
        pending = queries.find_open_invitation(team, NEW)
        client.post(f"{desk}/invitations/{pending.id}/withdraw")
        run_jobs()
        assert letters == []


class TestMember:
    def test_gets_another_role(self, client, sign_in, owner, editor, desk, team):
        sign_in(client, owner)
        data = {"role": "owner", "title": "Head dyer"}
        assert client.post(f"{desk}/{editor.id}", data=data).location == desk
        member = queries.find_membership(team, editor.id)
        assert (member.role, member.title) == (MemberRole.OWNER, "Head dyer")
        assert "Olga Owner made Ed Editor an owner" in client.get(desk).text

    def test_gets_no_role_that_there_is_not(self, client, sign_in, owner, editor, desk):
        sign_in(client, owner)
        assert client.post(f"{desk}/{editor.id}", data={"role": "king"}).status_code == 422

    def test_is_removed(self, client, sign_in, owner, editor, desk, team):
        sign_in(client, owner)
        assert client.post(f"{desk}/{editor.id}/remove").location == desk
        assert queries.find_membership(team, editor.id) is None

    def test_leaves(self, client, sign_in, editor, desk):
        sign_in(client, editor)
        assert client.post(f"{desk}/leave").location == "/account"
        assert client.get(desk).status_code == 404

    def test_stays_as_the_last_owner(self, client, sign_in, owner, desk):
        sign_in(client, owner)
        answer = client.post(f"{desk}/leave")
        assert answer.status_code == 409
        assert "One owner has to stay." in answer.text
        answer = client.post(f"{desk}/{owner.id}", data={"role": "editor"})
        assert answer.status_code == 409

    def test_of_another_team_is_not_known(self, client, sign_in, owner, desk):
        sign_in(client, owner)
        assert client.post(f"{desk}/{factories.make_user().id}/remove").status_code == 404
