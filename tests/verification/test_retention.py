"""Papers are kept for as long as they may be; that they were given and judged stays."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import AuditEntry
from marketplace.companies.models import CompanyState
from marketplace.core import clock
from marketplace.core.errors import Conflict
from marketplace.media import service as media
from marketplace.media import storage
from marketplace.media.models import Document
from marketplace.projects import service as projects
from marketplace.projects.models import ProjectState
from marketplace.verification import jobs, queries, service
from marketplace.verification.models import AskedPaper
from marketplace.verification.rules import (
    PAPERS_KEPT,
    PAPERS_KEPT_AFTER_END,
    BackedBy,
    PaperState,
)
from tests import factories
from tests.factories import NOW
from tests.verification.making import declare, give_first, team_of

DAY = timedelta(days=1)


@pytest.fixture
def refused(project, owner, operator):
    declare(project, owner)
    paper = give_first(project, owner)
    service.judge(paper=paper, accepts=False, reason="Too dark", operator=operator, now=NOW)
    return paper


@pytest.fixture
def accepted(project, owner, operator):
    declare(project, owner)
    paper = give_first(project, owner)
    service.judge(paper=paper, accepts=True, reason="", operator=operator, now=NOW)
    return paper


def close(project, operator, now=NOW):
    projects.move(project=project, how="close", operator=operator, reason="Done", now=now)


def again(db, paper):
    return db.get(AskedPaper, paper.id, populate_existing=True)


class TestRefused:
    def test_goes_after_two_years_and_leaves_its_line(self, db, project, owner, operator, refused):
        before = queries.get_paper(refused.id).document
        name = media.private_name(before)
        assert service.delete_old(now=NOW + PAPERS_KEPT) == 0
        assert storage.find(name)
        gone = NOW + PAPERS_KEPT + DAY
        assert service.delete_old(now=gone) == 1
        assert service.delete_old(now=gone) == 0
        left = again(db, refused)
        assert (left.state, left.reason, left.decided_by_id) == (
            PaperState.REFUSED,
            "Too dark",
            operator.id,
        )
        assert (left.given_by_id, left.given_at, left.file_deleted_at) == (owner.id, NOW, gone)
        assert db.scalars(sa.select(Document)).all() == []
        entry = db.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "verification.delete_paper")
        ).one()
        assert (entry.actor_id, entry.subject_id) == (None, str(project.id))
        assert entry.reason == refused.kind.value
        assert media.sweep_orphans(now=clock.now() + 2 * DAY) == 1
        assert storage.find(name) is None

    def test_can_be_given_anew(self, db, project, owner, refused):
        service.delete_old(now=NOW + PAPERS_KEPT + DAY)
        give_first(project, owner)
        left = again(db, refused)
        assert (left.state, left.file_deleted_at) == (PaperState.GIVEN, None)

    def test_is_not_judged_without_its_file(self, db, operator, refused):
        service.delete_old(now=NOW + PAPERS_KEPT + DAY)
        paper = queries.get_paper(refused.id)
        with pytest.raises(Conflict):
            service.judge(paper=paper, accepts=True, reason="", operator=operator, now=NOW)
        with pytest.raises(Conflict):
            service.take_back(paper=paper)


class TestAccepted:
    LATER = NOW + PAPERS_KEPT_AFTER_END + DAY

    def test_stays_while_the_project_goes_on(self, accepted):
        assert service.delete_old(now=self.LATER + PAPERS_KEPT) == 0

    def test_goes_five_years_after_the_end(self, db, project, operator, accepted):
        close(project, operator)
        assert service.delete_old(now=self.LATER - 2 * DAY) == 0
        assert service.delete_old(now=self.LATER) == 1
        assert again(db, accepted).state is PaperState.ACCEPTED

    def test_stays_where_nobody_wrote_down_when_it_ended(self, db, project, accepted):
        project.state = ProjectState.CLOSED
        db.flush()
        assert service.delete_old(now=self.LATER) == 0

    def test_of_a_company_goes_five_years_after_it_was_suspended(self, db, owner, operator):
        company = factories.make_company(slug="linen")
        declare(company, owner, BackedBy.COMPANY)
        paper = give_first(company, owner)
        service.judge(paper=paper, accepts=True, reason="", operator=operator, now=NOW)
        company.suspended_at = NOW
        db.flush()
        assert service.delete_old(now=self.LATER) == 0
        company.state = CompanyState.SUSPENDED
        db.flush()
        assert service.delete_old(now=self.LATER) == 1
        assert again(db, paper).file_deleted_at == self.LATER


class TestNoLongerAskedFor:
    def test_goes_two_years_after_another_kind_was_declared(self, db, project, owner, accepted):
        declare(project, owner, BackedBy.PUBLIC_BODY, now=NOW + DAY)
        assert service.delete_old(now=NOW + PAPERS_KEPT + DAY) == 0
        assert service.delete_old(now=NOW + PAPERS_KEPT + 2 * DAY) == 1

    def test_is_what_the_operator_asked_for_in_words_never(self, db, project, owner, operator):
        service.ask_for(team=team_of(project), what="Lease", operator=operator, now=NOW)
        give_first(project, owner)
        declare(project, owner, BackedBy.PUBLIC_BODY)
        assert service.delete_old(now=NOW + PAPERS_KEPT + DAY) == 0


class TestJob:
    def test_deletes_all_of_them_and_the_pages_say_so(
        self, db, client, sign_in, project, owner, operator, refused, monkeypatch
    ):
        db.commit()
        later = NOW + PAPERS_KEPT + DAY
        with monkeypatch.context() as now:
            now.setattr(clock, "now", lambda: later)
            jobs.delete_old_papers()
        desk = "/project-desk/springs/verification"
        sign_in(client, owner)
        page = client.get(desk).text
        assert "The file was deleted on 12 March 2028" in page
        assert "Too dark" in page
        assert "five years after the project was closed" in page
        assert client.get(f"{desk}/papers/{refused.id}/file").status_code == 404
        sign_in(client, operator)
        page = client.get("/staff/projects/springs/verification").text
        assert "The file was deleted on" in page
        assert "five years after its end" in client.get("/privacy").text
