from datetime import UTC, datetime, timedelta

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import CompanyMember
from marketplace.core.ids import new_id
from marketplace.people import rules
from marketplace.people.policies import may_change_people
from marketplace.projects.models import ProjectOwner

KEY = "a key of these tests"
NOW = datetime(2026, 3, 12, tzinfo=UTC)
ID = new_id()


def token(at=NOW, key=KEY):
    return rules.invitation_token(ID, invited_at=at, secret_key=key)


class TestInvitationToken:
    def test_names_its_invitation_for_seven_days(self):
        almost = NOW + timedelta(days=7) - timedelta(seconds=1)
        assert rules.read_invitation_token(token(), secret_key=KEY, now=almost)[0] == ID

    def test_is_worth_nothing_afterwards(self):
        late = NOW + timedelta(days=7, seconds=1)
        assert rules.read_invitation_token(token(), secret_key=KEY, now=late) is None

    def test_cannot_be_made_without_the_key(self):
        forged = token(key="another key")
        assert rules.read_invitation_token(forged, secret_key=KEY, now=NOW) is None

    def test_is_told_from_that_of_a_later_letter(self):
        _id, seal = rules.read_invitation_token(token(), secret_key=KEY, now=NOW)
        later = NOW + timedelta(seconds=1)
        assert rules.is_latest_letter(seal, invited_at=NOW, secret_key=KEY)
        assert not rules.is_latest_letter(seal, invited_at=later, secret_key=KEY)


class TestMayChangePeople:
    def test_is_for_owners_of_either(self):
        for table in (CompanyMember, ProjectOwner):
            assert may_change_people(table(role=MemberRole.OWNER))
            assert not may_change_people(table(role=MemberRole.EDITOR))

    def test_is_not_for_others(self):
        assert not may_change_people(None)
