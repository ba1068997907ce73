"""People who change who works somewhere at the same moment."""

from marketplace.accounts import queries as accounts
from marketplace.accounts import service as account_service
from marketplace.accounts.models import MemberRole
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.people import queries, service
from marketplace.people.rules import TeamKind
from tests import factories
from tests.accounts.people import SECRET
from tests.concurrency.market import Market

ROUNDS = 6


def leave(team, user_id):
    def run():
        with atomic():
            me = accounts.get_user(user_id)
            service.remove(team=team, user_id=user_id, by=me, now=clock.now())

    return run


class TestTwoOwners:
    def test_who_leave_at_once_leave_one_behind(self, market: Market):
        for _round in range(ROUNDS):
            with atomic():
                company = factories.make_company()
                people = [factories.make_user() for _ in range(2)]
                for person in people:
                    factories.make_member(company, person)
                ids, slug = [person.id for person in people], company.slug
            team = queries.get_team(TeamKind.COMPANY, slug)
            session.rollback()
            answers = market.at_once([leave(team, one) for one in ids])
            kinds = sorted(type(answer).__name__ for answer in answers)
            assert kinds == ["LastOwner", "NoneType"], answers
            assert len(queries.list_members(team)) == 1
            session.rollback()


class TestInvitation:
    def test_that_is_accepted_twice_at_once_works_once(self, market: Market):
        with atomic():
            company, owner = factories.make_company(), factories.make_user()
            factories.make_member(company, owner)
            newcomer = factories.make_user(email=f"new-{company.slug}@example.org")
            team = queries.get_team(TeamKind.COMPANY, company.slug)
            invitation = service.invite(
                team=team,
                email=newcomer.email,
                role=MemberRole.EDITOR,
                title="",
                locale="en",
                by=owner,
                now=clock.now(),
            )
            invitation_id, newcomer_id = invitation.id, newcomer.id

        def accept():
            with atomic():
                me = accounts.get_user(newcomer_id)
                service.accept(invitation_id=invitation_id, user=me, now=clock.now())

        answers = market.at_once([accept] * 3)
        assert answers.count(None) == 1, answers
        refused = [answer for answer in answers if answer is not None]
        assert all(isinstance(answer, account_service.LinkUsed) for answer in refused)
        assert len(queries.list_members(team)) == 2


class TestRecoveryCode:
    def test_that_is_entered_twice_at_once_lets_in_once(self, market: Market):
        with atomic():
            user = factories.make_user(totp_secret=SECRET, totp_confirmed_at=clock.now())
            codes = account_service.issue_codes(user_id=user.id, now=clock.now())
            user_id = user.id

        def enter():
            with atomic():
                account_service.prove(user_id=user_id, code=codes[0], now=clock.now())

        answers = market.at_once([enter] * 4)
        assert answers.count(None) == 1, answers
        assert codes_left(user_id) == 9


def codes_left(user_id):
    session.rollback()
    return accounts.count_recovery_codes(user_id)
