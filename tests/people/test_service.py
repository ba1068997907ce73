"""Each test runs for a company and for a project: there is one way of doing it."""

from datetime import timedelta

import pytest

from marketplace.accounts import queries as accounts
from marketplace.accounts import service as account_service
from marketplace.accounts.models import MemberRole
from marketplace.companies.models import Company
from marketplace.core.errors import Forbidden, Invalid, NotFound
from marketplace.people import queries, service
from marketplace.projects.models import Project
from tests import factories
from tests.factories import NOW

NEW = "nina@example.org"


def invite(team, by, email=NEW, role=MemberRole.EDITOR, at=NOW):
    return service.invite(
        team=team, email=email, role=role, title="Weaver", locale="it", by=by, now=at
    )


def recorded(team):
    return [(entry.action, entry.reason) for entry in accounts.list_audit(team.kind, team.id)]


class TestInvite:
    def test_lets_somebody_come_and_writes_it_down(self, team, owner):
        invitation = invite(team, owner)
        newcomer = factories.make_user(email=NEW, name="Nina")
        assert service.accept(invitation_id=invitation.id, user=newcomer, now=NOW) == team
        member = queries.find_membership(team, newcomer.id)
        assert (member.role, member.title) == (MemberRole.EDITOR, "Weaver")
        assert sorted(recorded(team)) == [("people.invited", NEW), ("people.joined", "Nina")]

    def test_refuses_who_is_there_already(self, team, owner):
        with pytest.raises(Invalid) as refusal:
            invite(team, owner, email="Ed@Example.org")
        assert set(refusal.value.fields) == {"email"}

    def test_renews_what_was_sent_before(self, team, owner):
        first = invite(team, owner)
        second = invite(team, owner, role=MemberRole.OWNER, at=NOW + timedelta(days=3))
        assert first.id == second.id
        assert second.role is MemberRole.OWNER
        assert second.expires_at == NOW + timedelta(days=10)
        assert len(queries.list_invitations(team, NOW)) == 1

    def test_is_not_listed_when_it_is_too_old(self, team, owner):
        invite(team, owner)
        assert queries.list_invitations(team, NOW + timedelta(days=7)) == []


class TestAccept:
    def test_works_once(self, team, owner):
        invitation = invite(team, owner)
        newcomer = factories.make_user(email=NEW)
        service.accept(invitation_id=invitation.id, user=newcomer, now=NOW)
        with pytest.raises(account_service.LinkUsed):
            service.accept(invitation_id=invitation.id, user=newcomer, now=NOW)

    def test_is_refused_after_seven_days(self, team, owner):
        invitation = invite(team, owner)
        newcomer = factories.make_user(email=NEW)
        with pytest.raises(account_service.LinkUsed):
            service.accept(invitation_id=invitation.id, user=newcomer, now=NOW + timedelta(days=7))

    def test_is_refused_to_somebody_else(self, team, owner):
        invitation = invite(team, owner)
        with pytest.raises(Forbidden):
            service.accept(invitation_id=invitation.id, user=factories.make_user(), now=NOW)

    def test_is_refused_once_it_was_withdrawn(self, team, owner):
        invitation = invite(team, owner)
        service.withdraw(team=team, invitation_id=invitation.id, by=owner, now=NOW)
        with pytest.raises(account_service.LinkUsed):
            service.accept(
                invitation_id=invitation.id, user=factories.make_user(email=NEW), now=NOW
            )
        assert ("people.withdrew", NEW) in recorded(team)

    def test_is_refused_where_there_is_no_such_invitation(self, team, owner):
        with pytest.raises(NotFound):
            service.accept(invitation_id=owner.id, user=owner, now=NOW)

    def test_leaves_the_role_of_who_came_meanwhile(self, team, owner, db):
        invitation = invite(team, owner)
        newcomer = factories.make_user(email=NEW)
        if team.kind == "company":
            factories.make_member(db.get_one(Company, team.id), newcomer)
        else:
            factories.make_owner(db.get_one(Project, team.id), newcomer)
        service.accept(invitation_id=invitation.id, user=newcomer, now=NOW)
        assert queries.find_membership(team, newcomer.id).role is MemberRole.OWNER


class TestWithdraw:
    def test_knows_only_its_own_invitations(self, team, owner):
        invitation = invite(team, owner)
        others = queries.Team(team.kind, factories.make_company().id, "other", "Other")
        with pytest.raises(NotFound):
            service.withdraw(team=others, invitation_id=invitation.id, by=owner, now=NOW)


def change(team, user, role, by):
    service.change(team=team, user_id=user.id, role=role, title="Boss", by=by, now=NOW)


class TestChange:
    def test_gives_another_role_and_title(self, team, owner, editor):
        change(team, editor, MemberRole.OWNER, owner)
        member = queries.find_membership(team, editor.id)
        assert (member.role, member.title) == (MemberRole.OWNER, "Boss")
        assert recorded(team) == [("people.made_owner", "Ed Editor")]

    def test_writes_nothing_down_where_the_role_stays(self, team, owner, editor):
        change(team, editor, MemberRole.EDITOR, owner)
        assert recorded(team) == []

    def test_keeps_an_owner(self, team, owner):
        with pytest.raises(service.LastOwner):
            change(team, owner, MemberRole.EDITOR, owner)
        assert queries.find_membership(team, owner.id).role is MemberRole.OWNER

    def test_does_not_count_an_owner_who_may_not_sign_in(self, team, owner, editor):
        change(team, editor, MemberRole.OWNER, owner)
        editor.blocked_at = NOW
        with pytest.raises(service.LastOwner):
            change(team, owner, MemberRole.EDITOR, owner)

    def test_knows_only_who_works_there(self, team, owner):
        with pytest.raises(NotFound):
            change(team, factories.make_user(), MemberRole.OWNER, owner)


class TestRemove:
    def test_takes_somebody_away(self, team, owner, editor):
        service.remove(team=team, user_id=editor.id, by=owner, now=NOW)
        assert queries.find_membership(team, editor.id) is None
        assert recorded(team) == [("people.removed", "Ed Editor")]

    def test_says_of_who_went_that_they_left(self, team, editor):
        service.remove(team=team, user_id=editor.id, by=editor, now=NOW)
        assert recorded(team) == [("people.left", "Ed Editor")]

    def test_keeps_an_owner(self, team, owner):
        with pytest.raises(service.LastOwner):
            service.remove(team=team, user_id=owner.id, by=owner, now=NOW)

    def test_ends_the_invitations_of_who_goes(self, team, owner, editor):
        change(team, editor, MemberRole.OWNER, owner)
        by_editor, by_owner = invite(team, editor), invite(team, owner, email="kim@example.org")
        service.remove(team=team, user_id=editor.id, by=owner, now=NOW)
        open_ones = queries.list_invitations(team, NOW)
        assert [one.id for one in open_ones] == [by_owner.id]
        assert by_editor.id != by_owner.id
