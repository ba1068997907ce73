"""Papers, checks, decisions and concerns, and what is refused."""

from datetime import date, timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import AuditEntry
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, Invalid
from marketplace.media import storage
from marketplace.media.models import Document
from marketplace.people import service as people
from marketplace.people.models import Handover
from marketplace.people.rules import TeamKind
from marketplace.privacy import service as privacy
from marketplace.projects.models import ProjectOwner, ProjectState
from marketplace.verification import queries, service
from marketplace.verification.models import Check, Concern, Verification
from marketplace.verification.rules import (
    BackedBy,
    ConcernOutcome,
    ConcernState,
    Level,
    PaperKind,
    PaperState,
    Result,
    Step,
)
from tests import factories
from tests.factories import NOW
from tests.verification.making import (
    BASE,
    check,
    concern,
    declare,
    give_first,
    picture,
    team_of,
)

TODAY = NOW.date()


def decide(row, operator, now=NOW):
    return service.decide(team=team_of(row), reason="All seen", operator=operator, now=now)


def handle(told, operator, state, **said):
    values = {"outcome": None, "answer": "", "note": "", "now": NOW} | said
    service.handle_concern(concern=told, state=state, operator=operator, **values)


LAST = (PaperKind.PERSONS, PaperKind.BANK_PROOF)


class TestDeclare:
    def test_asks_for_the_papers_of_the_kind(self, project, owner):
        declare(project, owner, BackedBy.ORGANISATION)
        kinds = [paper.kind for paper in queries.list_papers(team_of(project))]
        assert kinds == [PaperKind.STATUTES, PaperKind.REGISTER_EXTRACT, *LAST]
        declare(project, owner, BackedBy.GROUP)
        kinds = {paper.kind for paper in queries.list_papers(team_of(project))}
        assert kinds == {PaperKind.PERSONS, PaperKind.BANK_PROOF}

    def test_keeps_what_was_given(self, project, owner):
        declare(project, owner, BackedBy.ORGANISATION)
        given = give_first(project, owner)
        declare(project, owner, BackedBy.GROUP)
        assert given.kind in {paper.kind for paper in queries.list_papers(team_of(project))}

    @pytest.mark.parametrize(("kind", "host"), [("group", "A host"), ("hosted_group", "")])
    def test_wants_a_host_for_a_hosted_group_alone(self, project, owner, kind, host):
        with pytest.raises(Invalid) as refusal:
            declare(project, owner, BackedBy(kind), host=host)
        assert "host" in refusal.value.fields

    def test_remembers_who_agreed_first_and_forgets_who_takes_it_back(self, project, owner):
        declare(project, owner)
        declare(project, factories.make_user(), now=NOW + timedelta(days=1))
        backing = queries.find_backing(team_of(project))
        assert (backing.consent_by_id, backing.consent_at) == (owner.id, NOW)
        declare(project, owner, consents=False)
        assert queries.find_backing(team_of(project)).consent_at is None


class TestGive:
    def test_keeps_a_paper_where_no_address_leads(self, project, owner, client):
        declare(project, owner)
        paper = give_first(project, owner)
        document = paper.document or queries.get_paper(paper.id).document
        assert (paper.state, document.is_private) == (PaperState.GIVEN, True)
        assert storage.find(f"private/{document.key}.webp")
        assert client.get(f"/papers/{document.key}.pdf").status_code == 404
        assert client.get(f"/media/{document.key}-60.webp").status_code == 404

    def test_forgets_the_paper_before(self, project, owner, db):
        declare(project, owner)
        paper = give_first(project, owner)
        give_first(project, owner)
        assert db.scalar(sa.select(sa.func.count()).select_from(Document)) == 1
        service.take_back(paper=queries.get_paper(paper.id))
        assert db.scalar(sa.select(sa.func.count()).select_from(Document)) == 0
        with pytest.raises(Conflict):
            service.take_back(paper=queries.get_paper(paper.id))

    def test_refuses_what_is_no_paper(self, project, owner):
        declare(project, owner)
        paper = queries.list_papers(team_of(project))[0]
        with pytest.raises(Invalid):
            service.give(paper=paper, upload=BytesIO(b"MZ nonsense"), by=owner, now=NOW)

    def test_changes_nothing_that_was_accepted(self, project, owner, operator):
        declare(project, owner)
        paper = give_first(project, owner)
        service.judge(paper=paper, accepts=True, reason="", operator=operator, now=NOW)
        with pytest.raises(Conflict):
            service.give(paper=paper, upload=picture(), by=owner, now=NOW)


class TestJudge:
    def test_refuses_with_a_reason_that_the_owners_get(
        self, project, owner, operator, letters, run_jobs, db
    ):
        declare(project, owner)
        paper = give_first(project, owner)
        with pytest.raises(Invalid):
            service.judge(paper=paper, accepts=False, reason="", operator=operator, now=NOW)
        service.judge(paper=paper, accepts=False, reason="Too dark", operator=operator, now=NOW)
        db.commit()
        run_jobs()
        assert [letter["To"] for letter in letters] == [owner.email]
        assert "Too dark" in letters[0].get_body(("plain",)).get_content()

    def test_wants_a_paper(self, project, owner, operator):
        declare(project, owner)
        paper = queries.list_papers(team_of(project))[0]
        with pytest.raises(Conflict):
            service.judge(paper=paper, accepts=True, reason="", operator=operator, now=NOW)

    def test_lets_an_operator_ask_for_another(self, project, operator):
        service.ask_for(team=team_of(project), what="Lease", operator=operator, now=NOW)
        service.ask_for(team=team_of(project), what="Permit", operator=operator, now=NOW)
        assert [paper.what for paper in queries.list_papers(team_of(project))] == [
            "Lease",
            "Permit",
        ]
        with pytest.raises(Invalid):
            service.ask_for(team=team_of(project), what="", operator=operator, now=NOW)


class TestCheck:
    def test_wants_the_day_of_a_sanctions_list(self, project, operator):
        for list_on in (None, TODAY + timedelta(days=1)):
            with pytest.raises(Invalid) as refusal:
                service.check(
                    team=team_of(project), step=Step.SANCTIONS, result=Result.PASSED, what="EU",
                    list_on=list_on, checked_on=TODAY, operator=operator, now=NOW,
                )  # fmt: skip
            assert "list_on" in refusal.value.fields

    def test_is_not_of_tomorrow(self, project, operator):
        with pytest.raises(Invalid) as refusal:
            check(team_of(project), Step.BANK, operator=operator, now=NOW, on=TODAY + timedelta(1))
        assert "checked_on" in refusal.value.fields

    def test_stays_as_it_was_written(self, project, operator, db):
        check(team_of(project), Step.BANK, operator=operator, now=NOW)
        db.flush()
        with pytest.raises(sa.exc.DBAPIError), db.begin_nested():
            db.execute(sa.update(Check).values(what="Something else"))


class TestDecide:
    def test_opens_nothing_without_persons_and_sanctions(self, operator, db):
        project = factories.make_project(state="proposed", verified_at=None)
        check(team_of(project), Step.BANK, Step.REGISTER, operator=operator, now=NOW)
        with pytest.raises(Conflict):
            decide(project, operator)
        assert project.state == ProjectState.PROPOSED

    def test_opens_what_waits_on_the_level_that_is_carried(self, operator, db):
        project = factories.make_project(state="proposed", verified_at=None)
        check(team_of(project), *BASE, Step.BANK, Step.REGISTER, operator=operator, now=NOW)
        made = decide(project, operator)
        assert (made.level, made.valid_until) == (Level.EXISTENCE, date(2028, 3, 12))
        assert (project.state, project.verified_at) == (ProjectState.OPEN, NOW)

    def test_renews_what_is_open(self, project, operator, db):
        check(team_of(project), operator=operator, now=NOW)
        decide(project, operator)
        later = NOW + timedelta(days=700)
        check(team_of(project), operator=operator, now=later)
        made = decide(project, operator, now=later)
        assert queries.find_verification(team_of(project)).id == made.id
        assert (project.state, project.verified_at) == (ProjectState.OPEN, later)
        actions = db.scalars(sa.select(AuditEntry.action)).all()
        assert actions.count("verification.level") == 2

    def test_lets_a_later_failure_count(self, project, operator):
        check(team_of(project), operator=operator, now=NOW)
        later = NOW + timedelta(minutes=1)
        check(team_of(project), Step.SANCTIONS, result=Result.FAILED, operator=operator, now=later)
        with pytest.raises(Conflict):
            decide(project, operator, now=later)

    def test_lets_a_company_sell(self, operator):
        company = factories.make_company(state="draft", verified_at=None)
        check(team_of(company), operator=operator, now=NOW)
        assert decide(company, operator).company_id == company.id
        assert (company.state.value, company.verified_at) == ("verified", NOW)
        decide(company, operator)  # again, of what sells already


class TestRemind:
    def test_asks_each_owner_once(self, project, owner, operator, letters, run_jobs, db):
        check(team_of(project), operator=operator, now=NOW)
        made = decide(project, operator)
        before = made.valid_until - timedelta(days=61)
        assert queries.list_to_remind(before) == []
        [(found, team)] = queries.list_to_remind(made.valid_until)
        assert (found, team) == (made.id, team_of(project))
        service.remind(verification_id=found, team=team, now=NOW)
        db.commit()
        assert queries.list_to_remind(made.valid_until) == []
        run_jobs()
        assert [letter["To"] for letter in letters] == [owner.email]
        assert "/project-desk/springs/verification" in str(letters[0].get_body(("plain",)))


class TestShown:
    def test_tells_of_checks_that_passed_and_nothing_more(self, project, owner, operator):
        declare(project, owner)
        check(team_of(project), *BASE, Step.BANK, operator=operator, now=NOW, what="EU list")
        check(
            team_of(project), Step.BANK, result=Result.FAILED, operator=operator,
            now=NOW + timedelta(minutes=1), what="Not theirs",
        )  # fmt: skip
        decide(project, operator)
        for state, outcome in (("closed", "nothing_found"), ("closed", "set_aside")):
            handle(concern(project), operator, ConcernState(state), outcome=ConcernOutcome(outcome))
        concern(project)
        shown = queries.get_shown(TeamKind.PROJECT, project.id)
        assert {one.step for one in shown.checks} == {"persons", "sanctions"}
        assert (shown.level, shown.decided_by) == ("declared", "Giulia Operator")
        assert (shown.consent_by, shown.backed_by) == ("Olga Owner", "group")
        assert (shown.looked_into, dict(shown.concerns)) == (1, {"nothing_found": 1})
        assert not shown.ended(shown.valid_until)
        assert shown.ended(shown.valid_until + timedelta(days=1))

    def test_is_empty_where_nothing_was_written_down(self, db):
        for row in (factories.make_company(), factories.make_project()):
            shown = queries.get_shown(team_of(row).kind, row.id)
            assert (shown.level, list(shown.checks), shown.looked_into) == (None, [], 0)
            assert not shown.ended(TODAY)


class TestConcern:
    def test_notes_an_account_only_with_its_own_address(self, project, owner):
        assert concern(project, reporter=owner).reporter_id is None
        other = concern(project, email="else@example.org", reporter=owner)
        assert other.reporter_id is None
        assert concern(project, email=owner.email, reporter=owner).reporter_id == owner.id

    def test_sends_letters_to_who_left_an_address(self, project, operator, letters, run_jobs, db):
        concern(project)
        told = concern(project, email="ada@example.org")
        db.commit()
        run_jobs()
        assert [letter["To"] for letter in letters] == ["ada@example.org"]
        assert "/concerns/" in str(letters[0].get_body(("plain",)))
        handle(told, operator, ConcernState.LOOKING, note="Asked the bank")
        handle(
            told, operator, ConcernState.ANSWERED, outcome=ConcernOutcome.PUT_RIGHT,
            answer="They corrected it.",
        )  # fmt: skip
        db.commit()
        run_jobs()
        text = letters[-1].get_body(("plain",)).get_content()
        assert len(letters) == 2
        assert "They corrected it." in text
        assert "Asked the bank" not in text

    @pytest.mark.parametrize(
        ("state", "said", "field"),
        [
            (ConcernState.NEW, {}, "state"),
            (ConcernState.CLOSED, {}, "outcome"),
            (ConcernState.ANSWERED, {"outcome": ConcernOutcome.MEASURES}, "answer"),
        ],
    )
    def test_ends_in_a_way_that_can_be_told(self, project, operator, state, said, field):
        with pytest.raises(Invalid) as refusal:
            handle(concern(project), operator, state, **said)
        assert field in refusal.value.fields

    def test_leaves_its_words_out_of_the_audit_log(self, project, operator, db):
        told = concern(project, body="Something terrible")
        handle(
            told, operator, ConcernState.CLOSED, outcome=ConcernOutcome.NOTHING_FOUND,
            note="Nothing terrible", answer="Nothing",
        )  # fmt: skip
        assert "errible" not in str(db.scalars(sa.select(AuditEntry.reason)).all())

    def test_is_open_again_when_its_reporter_adds_something(self, project, operator):
        told = concern(project)
        handle(told, operator, ConcernState.CLOSED, outcome=ConcernOutcome.NOTHING_FOUND)
        service.add_to_concern(concern=told, body="Look again", now=NOW)
        assert (told.state, told.outcome) == (ConcernState.LOOKING, None)
        assert [note.body for note in queries.list_notes(told.id)] == ["Look again"]
        with pytest.raises(Invalid):
            service.add_to_concern(concern=told, body="", now=NOW)

    def test_forgets_an_address_with_its_person(self, project, db):
        person = factories.make_user(email="rosa@example.org")
        told = concern(project, email=person.email, reporter=person)
        db.commit()
        with atomic():
            privacy.erase(user_id=person.id, actor=None, reason="", now=NOW)
        assert db.get(Concern, told.id, populate_existing=True).email == ""


class TestOrphans:
    def test_are_projects_of_which_no_owner_can_be_counted_on(self, project, owner, operator, db):
        factories.make_project()  # nobody ever answered for it
        assert queries.list_orphans(NOW) == []
        assert [one.slug for one in queries.list_orphans(NOW + timedelta(days=200))] == ["springs"]
        owner.blocked_at = NOW
        db.flush()
        assert [one.slug for one in queries.list_orphans(NOW)] == ["springs"]

    def test_are_handed_over_in_sight_of_everybody(self, project, owner, operator, db):
        owner.blocked_at = NOW
        new = factories.make_user(name="Nina Next")
        people.appoint(
            team=team_of(project), user=new, title="Chair", said="Nobody could be reached.",
            operator=operator, now=NOW,
        )  # fmt: skip
        assert [one.user_id for one in db.scalars(sa.select(ProjectOwner))] == [new.id]
        shown = queries.get_shown(TeamKind.PROJECT, project.id).handover
        assert (shown.name, shown.on, shown.said) == (
            "Nina Next", TODAY, "Nobody could be reached.",
        )  # fmt: skip

    def test_are_not_given_to_who_cannot_answer(self, project, operator):
        for person in (operator, factories.make_user(blocked_at=NOW)):
            with pytest.raises(Invalid):
                people.appoint(
                    team=team_of(project), user=person, title="", said="Why", operator=operator,
                    now=NOW,
                )  # fmt: skip


class TestHandOver:
    def test_lets_an_owner_name_the_next_and_leave(self, project, owner, db):
        editor = factories.make_owner(project, role="editor")
        people.hand_over(team=team_of(project), to_id=editor.user_id, by=owner, now=NOW)
        [left] = db.scalars(sa.select(ProjectOwner).where(ProjectOwner.project_id == project.id))
        assert (left.user_id, left.role) == (editor.user_id, "owner")
        assert db.scalars(sa.select(Handover.to_id)).all() == [editor.user_id]

    def test_names_nobody_from_outside_and_not_oneself(self, project, owner):
        for person in (owner, factories.make_user()):
            with pytest.raises(Invalid):
                people.hand_over(team=team_of(project), to_id=person.id, by=owner, now=NOW)

    def test_comes_with_an_invitation_for_who_has_no_account(self, project, owner, operator, db):
        owner.blocked_at = NOW
        invited = people.invite(
            team=team_of(project), email="nina@example.org", role="owner", title="", locale="en",
            by=operator, said="The chair has died.", now=NOW,
        )  # fmt: skip
        db.refresh(invited)
        new = factories.make_user(email="nina@example.org")
        people.accept(invitation_id=invited.id, user=new, now=NOW)
        assert [one.user_id for one in db.scalars(sa.select(ProjectOwner))] == [new.id]
        assert db.scalars(sa.select(Handover.said)).all() == ["The chair has died."]


class TestDue:
    def test_lists_what_ends_and_what_was_given(self, project, owner, operator):
        declare(project, owner)
        give_first(project, owner)
        assert [one.slug for one in queries.list_given()] == ["springs"]
        check(team_of(project), operator=operator, now=NOW)
        made = decide(project, operator)
        assert queries.list_ending(TODAY) == []
        assert [one.on for one in queries.list_ending(made.valid_until)] == [made.valid_until]
        assert isinstance(made, Verification)
