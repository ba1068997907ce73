import pytest

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import Company, CompanyMember, CompanyState
from marketplace.companies.policies import may_edit_company, may_edit_products, may_sell


class TestMaySell:
    @pytest.mark.parametrize("state", CompanyState)
    def test_needs_to_be_verified(self, state):
        assert may_sell(Company(state=state)) is (state == "verified")


class TestMembers:
    def test_owners_may_do_everything(self):
        owner = CompanyMember(role=MemberRole.OWNER)
        assert may_edit_company(owner)
        assert may_edit_products(owner)

    def test_editors_may_not_change_the_promise(self):
        editor = CompanyMember(role=MemberRole.EDITOR)
        assert not may_edit_company(editor)
        assert may_edit_products(editor)

    def test_strangers_may_nothing(self):
        assert not may_edit_company(None)
        assert not may_edit_products(None)
