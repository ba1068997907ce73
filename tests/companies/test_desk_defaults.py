import pytest

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import MemberRole
from marketplace.giving import queries
from marketplace.giving import service as giving
from marketplace.projects.models import ProjectState
from tests import factories

PAGE = "/company/arbosca/defaults"


@pytest.fixture
def company(db):
    return factories.make_company(slug="arbosca", name="Arbosca")


@pytest.fixture
def springs(db):
    return factories.make_project(title="Eight springs")


@pytest.fixture
def workshop(db):
    return factories.make_project(title="Repair workshop")


@pytest.fixture
def owner(client, sign_in, company):
    sign_in(client, _member(company))
    return client


def _member(company, **overrides):
    user = factories.make_user()
    factories.make_member(company, user, **overrides)
    return user


def send(client, rows, **button):
    data = {
        "project": [str(project.id) for project in rows],
        "share": [str(share) for share in rows.values()],
    }
    return client.post(PAGE, data=data | {name: str(value) for name, value in button.items()})


def kept(company):
    return [(project.title, weight) for project, weight in queries.list_defaults(company.id)]


class TestDefaults:
    def test_are_none_at_first(self, owner):
        assert "None yet: until you choose some" in owner.get(PAGE).text

    def test_are_added_and_kept_with_their_shares(self, owner, company, springs, workshop):
        page = send(owner, {springs: ""}, add=workshop.id)
        assert page.status_code == 200
        assert page.text.count('name="share"') == 2
        assert kept(company) == []  # nothing is kept before it is saved
        assert send(owner, {springs: 70, workshop: 30}, do="save").location == PAGE
        assert kept(company) == [("Eight springs", 70), ("Repair workshop", 30)]
        shown = owner.get(PAGE).text
        assert 'value="70"' in shown
        assert 'value="30"' in shown

    def test_are_equal_parts_where_no_share_is_written(self, owner, company, springs, workshop):
        send(owner, {springs: "", workshop: ""}, do="save")
        assert kept(company) == [("Eight springs", 1), ("Repair workshop", 1)]
        assert owner.get(PAGE).text.count('name="share"') == 2

    def test_are_taken_away(self, owner, company, springs, workshop):
        giving.set_defaults(company_id=company.id, project_ids=[springs.id, workshop.id])
        page = send(owner, {springs: "", workshop: ""}, remove=springs.id)
        assert page.text.count('name="share"') == 1
        assert send(owner, {}, do="save").status_code == 303
        assert kept(company) == []

    def test_keep_what_was_typed_while_a_project_is_looked_for(self, owner, springs, workshop):
        page = send(owner, {springs: 40}, words="repair").text
        assert 'value="40"' in page
        assert "Repair workshop" in page
        assert "No project is called that" in send(owner, {springs: 40}, words="nowhere").text

    @pytest.mark.parametrize("shares", [(70, 20), (70, ""), (100, 0), (60, 60)])
    def test_refuse_shares_that_make_no_whole(self, owner, company, springs, workshop, shares):
        rows = dict(zip((springs, workshop), shares, strict=True))
        answer = send(owner, rows, do="save")
        assert answer.status_code == 422
        assert "add up to 100" in answer.text
        assert kept(company) == []

    def test_refuse_what_is_no_number(self, owner, springs):
        answer = send(owner, {springs: "half"}, do="save")
        assert answer.status_code == 422
        assert "Write a whole number of percent." in answer.text
        assert 'value="half"' in answer.text

    def test_refuse_what_cannot_be_chosen(self, owner, company, springs):
        closed = factories.make_project(state=ProjectState.CLOSED)
        foreign = factories.make_project(currency="USD")
        for wrong in (closed, foreign):
            answer = send(owner, {springs: 50, wrong: 50}, do="save")
            assert answer.status_code == 422
            assert "takes no money now and was taken out" in answer.text
        assert kept(company) == []

    def test_are_five_at_most(self, owner, company):
        projects = dict.fromkeys([factories.make_project() for _ in range(6)], "")
        assert send(owner, projects, do="save").status_code == 422
        five = dict(list(projects.items())[:5])
        page = send(owner, five, add=list(projects)[5].id).text
        assert page.count('name="share"') == 5
        assert "You have five." in page

    def test_show_what_takes_no_money_now(self, owner, company):
        closed = factories.make_project(title="Gone", state=ProjectState.CLOSED)
        giving.set_defaults(company_id=company.id, project_ids=[closed.id])
        assert "Takes no money now" in owner.get(PAGE).text

    def test_are_written_down(self, owner, company, springs):
        send(owner, {springs: ""}, do="save")
        entry = accounts.list_audit("company", company.id)[0]
        assert (entry.action, entry.reason) == ("company.defaults", f"{springs.id} 1")

    def test_are_chosen_by_owners_only(self, client, sign_in, company, springs):
        sign_in(client, _member(company, role=MemberRole.EDITOR))
        assert "An owner of the company chooses" in client.get(PAGE).text
        assert send(client, {springs: ""}, do="save").status_code == 403

    def test_are_not_shown_to_others(self, client, sign_in, company):
        sign_in(client, factories.make_user())
        assert client.get(PAGE).status_code == 404
