"""Checks, papers and concerns for tests, made by the services that make them for people."""

from io import BytesIO

from PIL import Image

from marketplace.accounts.models import MemberRole
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.verification import queries, service
from marketplace.verification.rules import BackedBy, Result, Step
from tests import factories

BASE = (Step.PERSONS, Step.SANCTIONS)
REASON = "Papers read"


def team_of(row):
    """Return a company or project as something that people answer for."""
    is_project = hasattr(row, "title")
    kind = TeamKind.PROJECT if is_project else TeamKind.COMPANY
    return Team(kind, row.id, row.slug, row.title if is_project else row.name)


def check(team, *steps, result=Result.PASSED, operator=None, now=None, on=None, what="Looked at"):
    """Write down checks, the two without which nothing is opened unless others are named."""
    now = now or clock.now()
    operator = operator or factories.make_user(is_operator=True)
    for step in steps or BASE:
        service.check(
            team=team,
            step=step,
            result=result,
            what=what,
            list_on=(on or now.date()) if step is Step.SANCTIONS else None,
            checked_on=on or now.date(),
            operator=operator,
            now=now,
        )


def picture():
    """Return a small photo of a paper."""
    target = BytesIO()
    Image.new("RGB", (60, 80), "white").save(target, "PNG")
    target.seek(0)
    return target


def declare(project, by, kind=BackedBy.GROUP, **said):
    """Declare what stands behind a project or company."""
    values = {"register_entry": "", "host": "", "consents": True, "now": factories.NOW} | said
    return service.declare(team=team_of(project), kind=kind, by=by, **values)


def give_first(project, by):
    """Hand in the first paper that is asked for."""
    paper = queries.get_paper(queries.list_papers(team_of(project))[0].id)
    service.give(paper=paper, upload=picture(), by=by, now=factories.NOW)
    return paper


def concern(row, body="The receipts are not theirs", email="", reporter=None, now=None):
    """Tell a concern."""
    return service.raise_concern(
        team=team_of(row),
        body=body,
        email=email,
        reporter=reporter,
        locale="en",
        now=now or factories.NOW,
    )


def what_verification_does(client):
    """Return what an operator does here, by its route, for the test of the audit log."""
    with atomic():
        project = factories.make_project(slug="checked")
        company = factories.make_company(slug="sells")
        owner = factories.make_owner(project, role=MemberRole.OWNER).user_id
        person = factories.make_user(email="next@example.org")
        declare(project, person)
        paper = give_first(project, person).id
        told = concern(project).id
        check(team_of(company))
    assert owner

    def say(address, **form):
        answer = client.post(address, data=form)
        assert answer.status_code == 303, (address, answer.status_code, answer.text[-3000:])

    day = clock.now().date().isoformat()
    one = "/staff/projects/checked/verification"
    form = {"step": "bank", "result": "passed", "what": REASON, "checked_on": day}
    rule = "/staff/<any(companies,projects):kind>/<slug>/verification"
    return {
        f"{rule}/checks": lambda: say(f"{one}/checks", **form),
        f"{rule}/decision": lambda: say(
            "/staff/companies/sells/verification/decision", reason=REASON
        ),
        f"{rule}/papers": lambda: say(f"{one}/papers", what=REASON),
        f"{rule}/papers/<uuid:paper_id>": lambda: say(
            f"{one}/papers/{paper}", what="refuse", reason=REASON
        ),
        "/staff/projects/<slug>/handover": lambda: say(
            "/staff/projects/checked/handover", email=person.email, said=REASON
        ),
        "/staff/concerns/<uuid:concern_id>": lambda: say(
            f"/staff/concerns/{told}", state="looking", note="Asked the bank"
        ),
    }
