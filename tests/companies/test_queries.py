import pytest

from marketplace.companies import queries
from marketplace.companies.models import CompanyState
from marketplace.companies.rules import place_of
from marketplace.core.errors import NotFound
from marketplace.core.ids import new_id
from marketplace.core.paging import decode_cursor
from tests.factories import NOW, make_company, make_member, make_user


@pytest.mark.usefixtures("db")
class TestFindCompany:
    def test_finds_one_that_may_sell(self):
        company = make_company()
        assert queries.find_company(company.slug).id == company.id

    def test_finds_one_that_is_suspended_for_its_books_stay_readable(self):
        company = make_company(state=CompanyState.SUSPENDED)
        assert queries.find_company(company.slug).id == company.id

    def test_does_not_find_another(self):
        assert queries.find_company(make_company(state=CompanyState.DRAFT).slug) is None


@pytest.mark.usefixtures("db")
class TestGetCompany:
    def test_finds_it_in_any_state(self):
        company = make_company(state=CompanyState.SUSPENDED)
        assert queries.get_company(company.id) is company

    def test_refuses_what_is_not_there(self):
        with pytest.raises(NotFound):
            queries.get_company(new_id())


@pytest.mark.usefixtures("db")
class TestListPeople:
    def test_names_them_without_their_address(self):
        company = make_company()
        marta = make_user(name="Marta Bonino")
        make_member(company, marta, title="Managing partner")
        make_member(make_company())
        assert queries.list_people(company.id) == [
            queries.Person("Marta Bonino", "Managing partner", marta.id)
        ]

    def test_leaves_out_who_is_blocked(self):
        company = make_company()
        make_member(company, make_user(blocked_at=NOW))
        assert queries.list_people(company.id) == []


@pytest.mark.usefixtures("db")
class TestListMemberships:
    def test_says_for_whom_somebody_acts(self):
        user = make_user()
        for name in ("B", "A"):
            make_member(make_company(name=name), user)
        make_member(make_company(name="C"))
        found = queries.list_memberships(user.id)
        assert [one.company.name for one in found] == ["A", "B"]
        assert queries.find_membership(found[0].company_id, user.id) is found[0]
        assert queries.find_membership(found[0].company_id, make_user().id) is None


@pytest.mark.usefixtures("db")
class TestListCompanies:
    def test_shows_each_once_over_all_pages(self):
        for number in range(7):
            make_company(name=f"Company {number % 2}")
        make_company(state=CompanyState.DRAFT)
        found, cursor = [], None
        while True:
            page = queries.list_companies(after=place_of(decode_cursor(cursor, 2)), limit=3)
            found += [one.slug for one in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(found) == len(set(found)) == 7
