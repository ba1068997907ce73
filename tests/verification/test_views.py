"""The owner's page, the public part, concerns, the end of a project."""

from datetime import timedelta

import pytest

from marketplace.accounts.models import MemberRole
from marketplace.checkout.queries import routes
from marketplace.core import clock
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from marketplace.projects.models import Project, ProjectState
from marketplace.verification import jobs, queries, service
from marketplace.verification.models import Concern
from marketplace.verification.rules import BackedBy, PaperState, Step
from tests import factories
from tests.factories import NOW
from tests.statements import statements
from tests.verification.making import BASE, check, declare, give_first, picture, team_of

DESK = "/project-desk/springs/verification"


@pytest.fixture
def at_desk(client, sign_in, owner, project):
    sign_in(client, owner)
    return client


class TestDesk:
    def test_declares_and_asks_for_papers(self, at_desk, project):
        assert "Say first what stands behind" in at_desk.get(DESK).text
        answer = at_desk.post(DESK, data={"kind": "group", "consents": "1"})
        assert answer.status_code == 303
        text = at_desk.get(DESK).text
        assert "List of those who act for it" in text
        assert "Olga Owner agreed on" in text

    def test_gives_a_mistaken_form_back(self, at_desk):
        answer = at_desk.post(DESK, data={"kind": "hosted_group", "register_entry": "RUNTS 12"})
        assert answer.status_code == 422
        assert "RUNTS 12" in answer.text
        assert at_desk.post(DESK, data={"kind": "emperor"}).status_code == 422

    def test_takes_a_paper_and_gives_it_back(self, at_desk, project, owner, db):
        declare(project, owner)
        db.commit()
        paper = queries.list_papers(team_of(project))[0].id
        address = f"{DESK}/papers/{paper}"
        assert at_desk.post(address, data={}).status_code == 422
        assert at_desk.get(f"{address}/file").status_code == 404
        bad = at_desk.post(address, data={"file": (picture().__class__(b"x"), "x.exe")})
        assert bad.status_code == 422
        assert at_desk.post(address, data={"file": (picture(), "list.png")}).status_code == 303
        file = at_desk.get(f"{address}/file")
        assert file.content_type == "image/webp"
        assert file.headers["Cache-Control"] == "no-store"
        assert at_desk.post(address, data={"how": "take-back"}).status_code == 303
        assert at_desk.post(address, data={"how": "take-back"}).status_code == 409

    def test_is_closed_to_editors_and_strangers(self, client, sign_in, project, owner, db):
        declare(project, owner)
        paper = give_first(project, owner).id
        editor = factories.make_user()
        factories.make_owner(project, editor, role="editor")
        db.commit()
        for address in (DESK, f"{DESK}/papers/{paper}/file"):
            assert client.get(address).status_code == 303
        for person, status in ((editor, 403), (factories.make_user(), 404)):
            sign_in(client, person)
            assert client.get(DESK).status_code == status
            assert client.get(f"{DESK}/papers/{paper}/file").status_code == status
            assert client.post(f"{DESK}/papers/{paper}", data={}).status_code == status

    def test_asks_to_renew_what_ends(self, at_desk, project, operator, db):
        day = clock.now() - timedelta(days=700)
        check(team_of(project), operator=operator, now=day)
        service.decide(team=team_of(project), reason="x", operator=operator, now=day)
        db.commit()
        assert "so that it can be renewed in time" in at_desk.get(DESK).text
        assert "To be renewed until" in at_desk.get("/projects/springs").text


class TestCompanyDesk:
    ADDRESS = "/company/loom/verification"

    @pytest.fixture
    def company(self, db, owner):
        made = factories.make_company(slug="loom", name="Loom & co")
        factories.make_member(made, owner, role=MemberRole.OWNER)
        db.commit()
        return made

    @pytest.fixture
    def at_loom(self, client, sign_in, owner, company):
        sign_in(client, owner)
        return client

    def test_asks_a_company_for_the_papers_of_its_kind(self, at_loom, company, db):
        page = at_loom.get(self.ADDRESS).text
        assert "Say first what the company is" in page
        assert "informal group" not in page
        said = {"kind": "sole_trader", "register_entry": "RNE 812", "consents": "1"}
        assert at_loom.post(self.ADDRESS, data=said).status_code == 303
        page = at_loom.get(self.ADDRESS).text
        assert "Proof that the business is registered" in page
        assert "RNE 812" in page
        public = at_loom.get("/companies/loom").text
        assert "A sole trader" in public
        assert "Olga Owner agreed on" in public

    @pytest.mark.parametrize("kind", ["group", "hosted_group", "public_body", "emperor"])
    def test_offers_only_what_a_company_can_be(self, at_loom, company, kind):
        answer = at_loom.post(self.ADDRESS, data={"kind": kind, "register_entry": "RNE 812"})
        assert answer.status_code == 422
        assert "RNE 812" in answer.text
        assert queries.find_backing(team_of(company)) is None

    def test_keeps_what_a_company_is_from_projects(self, at_desk):
        assert at_desk.post(DESK, data={"kind": "sole_trader"}).status_code == 422

    def test_takes_papers_that_wait_in_the_same_queue(
        self, at_loom, company, operator, owner, project, sign_in, letters, run_jobs, db
    ):
        declare(company, owner, BackedBy.COMPANY)
        declare(project, owner)
        db.commit()
        first = queries.list_papers(team_of(company))[0].id
        foreign = queries.list_papers(team_of(project))[0].id
        upload = {"file": (picture(), "list.png")}
        assert at_loom.post(f"{self.ADDRESS}/papers/{foreign}", data=upload).status_code == 404
        upload = {"file": (picture(), "list.png")}
        assert at_loom.post(f"{self.ADDRESS}/papers/{first}", data=upload).status_code == 303
        file = at_loom.get(f"{self.ADDRESS}/papers/{first}/file")
        assert file.headers["Cache-Control"] == "no-store"
        sign_in(at_loom, operator)
        queue = at_loom.get("/staff/verification").text
        assert "/staff/companies/loom/verification" in queue
        staff = "/staff/companies/loom/verification"
        assert "Statutes, as they are in force" in at_loom.get(staff).text
        assert at_loom.get(f"{staff}/papers/{first}/file").status_code == 200
        wrong = f"/staff/projects/springs/verification/papers/{first}"
        assert at_loom.get(f"{wrong}/file").status_code == 404
        assert at_loom.post(wrong, data={"what": "accept"}).status_code == 404
        refused = {"what": "refuse", "reason": "Too dark"}
        assert at_loom.post(f"{staff}/papers/{first}", data=refused).status_code == 303
        assert at_loom.post(f"{staff}/papers", data={"what": "Lease"}).status_code == 303
        assert queries.list_papers(team_of(company))[-1].what == "Lease"
        run_jobs()
        (letter,) = letters
        assert letter["To"] == owner.email
        assert "/en/company/loom/verification" in letter.get_body(("plain",)).get_content()

    def test_is_closed_to_editors_and_strangers(self, client, sign_in, company, owner, db):
        declare(company, owner, BackedBy.COMPANY)
        paper = give_first(company, owner).id
        editor = factories.make_user()
        factories.make_member(company, editor, role=MemberRole.EDITOR)
        db.commit()
        for person, status in ((editor, 403), (factories.make_user(), 404)):
            sign_in(client, person)
            for address in (self.ADDRESS, f"{self.ADDRESS}/papers/{paper}/file"):
                assert client.get(address).status_code == status
            assert client.post(self.ADDRESS, data={"kind": "company"}).status_code == status
            assert client.post(f"{self.ADDRESS}/papers/{paper}", data={}).status_code == status
        assert client.get("/company/springs/verification").status_code == 404

    def test_leads_to_it_from_the_letter_that_asks_to_renew(
        self, company, operator, owner, letters, run_jobs, db
    ):
        day = clock.now() - timedelta(days=700)
        check(team_of(company), operator=operator, now=day)
        service.decide(team=team_of(company), reason="x", operator=operator, now=day)
        db.commit()
        jobs.remind_renewals()
        run_jobs()
        assert "/company/loom/verification" in letters[0].get_body(("plain",)).get_content()


class TestPublicPage:
    def test_says_what_was_checked_by_whom_and_until_when(self, client, project, operator, db):
        now = clock.now()
        check(team_of(project), *BASE, operator=operator, now=now, what="EU list, all three")
        service.decide(team=team_of(project), reason="x", operator=operator, now=now)
        db.commit()
        text = client.get("/projects/springs").text
        for said in ("Own word, persons known", "Giulia Operator", "EU list, all three"):
            assert said in text
        assert "To be renewed until" in text

    def test_says_that_it_has_lapsed(self, client, project, operator, db):
        day = clock.now() - timedelta(days=800)
        check(team_of(project), operator=operator, now=day)
        service.decide(team=team_of(project), reason="x", operator=operator, now=day)
        db.commit()
        text = client.get("/projects/springs").text
        assert "Lapsed" in text
        assert "Own word, persons known" not in text

    def test_claims_nothing_where_nothing_is_written_down(self, client, project, db):
        company = factories.make_company()
        for address in ("/projects/springs", f"/companies/{company.slug}"):
            assert "No check is written down step by step." in client.get(address).text

    def test_costs_one_statement(self, project, engine, db):
        with statements(engine) as asked:
            queries.get_shown(team_of(project).kind, project.id)
        assert len(asked) == 1


class TestConcern:
    @pytest.mark.parametrize("kind", ["projects", "companies"])
    def test_is_told_by_anybody_and_read_by_nobody(self, client, project, db, kind):
        slug = project.slug if kind == "projects" else factories.make_company().slug
        db.commit()
        address = f"/{kind}/{slug}/concern"
        assert client.get(address).status_code == 200
        answer = client.post(address, data={"body": "The well does not exist", "email": ""})
        assert answer.status_code == 303
        own = client.get(answer.location)
        assert "The well does not exist" in own.text
        assert own.headers["Cache-Control"] == "no-store"
        assert own.headers["Referrer-Policy"] == "no-referrer"
        assert "The well does not exist" not in client.get(f"/{kind}/{slug}").text
        more = client.post(answer.location, data={"body": "I was there"})
        assert more.status_code == 303
        assert "I was there" in client.get(answer.location).text
        assert client.post(answer.location, data={"body": " "}).status_code == 422

    def test_gives_a_mistaken_form_back(self, client, project):
        answer = client.post(
            "/projects/springs/concern", data={"body": "Long story", "email": "nowhere"}
        )
        assert answer.status_code == 422
        assert "Long story" in answer.text
        assert client.post("/projects/springs/concern", data={"body": ""}).status_code == 422

    def test_is_limited(self, client, project, db):
        answers = [
            client.post("/projects/springs/concern", data={"body": "Again"}).status_code
            for _time in range(6)
        ]
        assert answers == [303] * 5 + [429]
        assert db.query(Concern).count() == 5

    def test_is_found_by_its_link_alone(self, client, project):
        assert client.get("/concerns/made-up").status_code == 404
        assert client.post("/concerns/made-up", data={"body": "x"}).status_code == 404
        assert client.get("/projects/no-such-project/concern").status_code == 404
        assert client.get("/companies/no-such-company/concern").status_code == 404


CLOSING = "/project-desk/springs/closing"


def give(payee):
    available = AccountKey(Purpose.PROJECT_AVAILABLE, payee.id, Source.PLEDGE)
    ledger.post(
        kind=Kind.CAPTURE, effect_key=f"capture:{payee.slug}", currency="EUR",
        entries=[Entry(CLEARING, available, 1250)], effective_at=NOW,
    )  # fmt: skip


class TestClosing:
    def test_shows_what_becomes_of_the_money(self, at_desk, project, db):
        give(project)
        fund = factories.make_project(cause_id=project.cause_id, title="Water fund", is_fund=True)
        db.commit()
        text = at_desk.get(CLOSING).text
        assert "12.50" in text
        assert "Water fund" in text
        assert routes.find_next(project.id, "EUR") == fund.id

    def test_says_when_there_is_nowhere_to_go(self, at_desk):
        assert "then it waits with us" in at_desk.get(CLOSING).text

    def test_names_a_successor_that_everybody_reads(self, at_desk, project, db):
        factories.make_project(slug="next-one", title="The next one")
        db.commit()
        wrong = at_desk.post(f"{CLOSING}/successor", data={"successor": "nothing"})
        assert wrong.status_code == 422
        itself = at_desk.post(f"{CLOSING}/successor", data={"successor": "springs"})
        assert itself.status_code == 422
        right = at_desk.post(
            f"{CLOSING}/successor", data={"successor": "https://shop.example/projects/next-one/"}
        )
        assert right.status_code == 303
        assert "The next one" in at_desk.get(CLOSING).text
        assert "The next one" in at_desk.get("/projects/springs").text

    def test_keeps_the_successor_that_shoppers_were_told_of(self, at_desk, project, db):
        project.successor_id = factories.make_project().id
        give(project)
        db.commit()
        answer = at_desk.post(f"{CLOSING}/successor", data={"successor": ""})
        assert answer.status_code == 422
        assert "Shoppers were told of another successor." in answer.text

    def test_closes_for_good_who_means_it(self, at_desk, project, db):
        assert at_desk.post(CLOSING, data={"reason": "Done"}).status_code == 422
        assert at_desk.post(CLOSING, data={"is_meant": "1"}).status_code == 422
        done = at_desk.post(CLOSING, data={"reason": "Done", "is_meant": "1"})
        assert done.status_code == 303
        closed = db.get(Project, project.id, populate_existing=True)
        assert closed.state is ProjectState.CLOSED
        assert "This project is closed." in at_desk.get(CLOSING).text
        again = at_desk.post(CLOSING, data={"reason": "Done", "is_meant": "1"})
        assert again.status_code == 409

    def test_is_not_for_editors_or_strangers(self, client, sign_in, project, db):
        editor = factories.make_user()
        factories.make_owner(project, editor, role="editor")
        db.commit()
        for person, status in ((editor, 403), (factories.make_user(), 404)):
            sign_in(client, person)
            assert client.get(CLOSING).status_code == status
            assert client.post(CLOSING, data={"reason": "x"}).status_code == status


class TestHandOver:
    def test_names_the_next_on_the_people_page(self, at_desk, project, db):
        editor = factories.make_user()
        factories.make_owner(project, editor, role="editor")
        db.commit()
        address = "/project-desk/springs/people"
        assert "Hand over and leave" in at_desk.get(address).text
        assert at_desk.post(f"{address}/hand-over", data={"to": "x"}).status_code == 404
        stranger = {"to": str(factories.make_user().id)}
        assert at_desk.post(f"{address}/hand-over", data=stranger).status_code == 422
        done = at_desk.post(f"{address}/hand-over", data={"to": str(editor.id)})
        assert done.status_code == 303
        assert at_desk.get(address).status_code == 404
        assert "answered for by" in at_desk.get("/projects/springs").text


class TestStaff:
    @pytest.fixture
    def staff(self, client, sign_in, operator, project):
        sign_in(client, operator)
        return client

    def test_checks_step_by_step_and_decides(self, staff, project):
        address = "/staff/projects/springs/verification"
        day = clock.now().date().isoformat()
        said = {"result": "passed", "what": "Looked at", "checked_on": day}
        missing = staff.post(f"{address}/checks", data={"step": "sanctions"} | said)
        assert missing.status_code == 422
        assert "Looked at" in missing.text
        assert staff.post(f"{address}/decision", data={"reason": "x"}).status_code == 409
        for step in BASE:
            form = {"step": step.value} | said
            if step is Step.SANCTIONS:
                form["list_on"] = day
            assert staff.post(f"{address}/checks", data=form).status_code == 303
        assert "Own word, persons known" in staff.get(address).text
        assert staff.post(f"{address}/decision", data={"reason": "All seen"}).status_code == 303
        assert staff.get("/staff/companies/nobody/verification").status_code == 404

    def test_reads_and_judges_papers(self, staff, project, owner, db):
        declare(project, owner)
        paper = give_first(project, owner).id
        other = queries.list_papers(team_of(project))[1].id
        db.commit()
        address = f"/staff/projects/springs/verification/papers/{paper}"
        assert "springs" in staff.get("/staff/verification").text
        assert staff.get(f"{address}/file").status_code == 200
        assert staff.post(address, data={"what": "refuse"}).status_code == 422
        assert staff.post(address, data={"what": "praise"}).status_code == 422
        assert staff.post(address, data={"what": "accept"}).status_code == 303
        assert queries.get_paper(paper).state is PaperState.ACCEPTED
        beside = f"/staff/projects/springs/verification/papers/{other}"
        assert staff.post(beside, data={"what": "accept"}).status_code == 409
        assert staff.get(f"{beside}/file").status_code == 404
        empty = staff.post("/staff/projects/springs/verification/papers", data={"what": ""})
        assert empty.status_code == 422

    def test_hands_a_project_over(self, staff, project, owner, letters, run_jobs, db):
        owner.blocked_at = clock.now()
        db.commit()
        assert "Springs" in staff.get("/staff/verification").text
        address = "/staff/projects/springs/handover"
        assert staff.post(address, data={"email": "nina@example.org"}).status_code == 422
        said = {"email": "nina@example.org", "said": "Nobody could be reached."}
        assert staff.post(address, data=said).status_code == 303
        run_jobs()
        assert letters[-1]["To"] == "nina@example.org"

    def test_looks_into_concerns(self, staff, project, db):
        assert "Nothing waits" in staff.get("/staff/concerns").text
        with_address = {"body": "Not theirs", "email": "ada@example.org"}
        staff.post("/projects/springs/concern", data=with_address)
        told = db.query(Concern).one()
        address = f"/staff/concerns/{told.id}"
        assert f"/concerns/{told.id}" in staff.get("/staff/concerns").text
        assert "Not theirs" in staff.get(address).text
        kept = staff.post(address, data={"state": "closed", "note": "Asked twice"})
        assert kept.status_code == 422
        assert "Asked twice" in kept.text
        done = {"state": "closed", "outcome": "nothing_found", "note": "Asked twice"}
        assert staff.post(address, data=done).status_code == 303
        assert "Asked twice" in staff.get(address).text
        for query in ("ended", "ended&after=nonsense"):
            assert "nothing wrong was found" in staff.get(f"/staff/concerns?which={query}").text
        assert "1 concern was looked into" in staff.get("/projects/springs").text

    def test_shows_nothing_of_it_to_others(self, client, sign_in, owner, project, db):
        told = client.post("/projects/springs/concern", data={"body": "Not theirs"})
        assert told.status_code == 303
        concern = db.query(Concern).one()
        sign_in(client, owner)
        for address in ("/staff/concerns", f"/staff/concerns/{concern.id}", "/staff/verification"):
            assert client.get(address).status_code in (403, 404)
        assert "Not theirs" not in client.get(DESK).text
