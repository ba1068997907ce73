"""Who is behind the demo's projects and companies: papers, checks, concerns."""

import secrets
from datetime import date, datetime, timedelta
from io import BytesIO

import sqlalchemy as sa
from PIL import Image, ImageDraw

from marketplace.accounts.models import MemberRole, User, UserSession
from marketplace.companies.models import CompanyMember
from marketplace.core.db import atomic, session
from marketplace.core.ids import new_id
from marketplace.demo.world import OPERATOR, World
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.verification import queries, service
from marketplace.verification.rules import (
    BackedBy,
    ConcernOutcome,
    ConcernState,
    PaperKind,
    Result,
    Step,
)

LIST = "Consolidated list of the European Union, every person who answers; nobody on it"
BANK = "Head of a bank statement, in the name of who receives the money"
PERSONS = "Identity cards of those who answer, seen in a video call"
BASE = {Step.PERSONS: PERSONS, Step.SANCTIONS: LIST}

# project: what stands behind it, register, host, how many days ago it was checked, what besides
PROJECTS: dict[str, tuple[BackedBy, str, str, int, dict[Step, str]]] = {
    "riwa-springs": (
        BackedBy.HOSTED_GROUP,
        "NGO register of Kenya, OP.218/051/14-0336/9871 (invented)",
        "Maji Trust",
        150,
        {
            Step.REGISTER: "Register of the host; it stands there as active",
            Step.BANK: BANK,
            Step.DOCUMENTS: "Agreement with the host, minutes of the water committee",
            Step.VISIT: "Two days at the springs, with the committee and the diggers",
        },
    ),
    "officina-aurora": (
        BackedBy.ORGANISATION,
        "Register of the third sector, no. 48210 (invented)",
        "",
        689,  # it lapses soon
        {
            Step.REGISTER: "Register of the third sector; it stands there as active",
            Step.BANK: BANK,
            Step.DOCUMENTS: "Statutes, extract of the register, last yearly account",
        },
    ),
    "mare-lento": (
        BackedBy.ORGANISATION,
        "Register of associations, W294008123 (invented)",
        "",
        60,
        {
            Step.REGISTER: "Register of associations; its last entry is of this year",
            Step.BANK: BANK,
        },
    ),
    "tifawin": (
        BackedBy.GROUP,
        "",
        "",
        300,
        {Step.BANK: BANK, Step.DOCUMENTS: "List of those who act for the group, signed by all"},
    ),
    "plouarn": (BackedBy.PUBLIC_BODY, "", "", 745, {}),  # it has lapsed
    "women-weavers": (BackedBy.GROUP, "", "", 200, {}),
}
COMPANIES = {
    "tessitura-arbosca": (
        120,
        {Step.REGISTER: "Register of companies of Biella, extract of this year", Step.BANK: BANK},
    ),
    "voilerie-kerguen": (90, {}),
}


def join(world: World) -> None:
    """Write down what was checked, the papers that were given, and concerns that came."""
    with atomic():
        operator = session.scalars(sa.select(User).where(User.email == OPERATOR)).one()
        for slug, (kind, register, host, days, more) in PROJECTS.items():
            project = world.projects[slug]
            at = world.now - timedelta(days=days)
            team = Team(TeamKind.PROJECT, project.id, slug, project.title)
            service.declare(
                team=team,
                kind=kind,
                register_entry=register,
                host=host,
                consents=True,
                by=world.owners[slug],
                now=max(at, world.began_at),
            )
            _check(team, BASE | more, operator, at)
        for slug, (days, more) in COMPANIES.items():
            company = world.companies[slug]
            team = Team(TeamKind.COMPANY, company.id, slug, company.name)
            _present(world, team, world.now - timedelta(days=days))
            _check(team, BASE | more, operator, world.now - timedelta(days=days))
        _come_by(world)
        _hand_in(world, operator)
        _tell(world, operator)


def _present(world: World, team: Team, at: datetime) -> None:
    """Let a company say what it is; one paper of it waits to be looked at."""
    owner = session.scalars(
        sa.select(User)
        .join(CompanyMember, CompanyMember.user_id == User.id)
        .where(CompanyMember.company_id == team.id, CompanyMember.role == MemberRole.OWNER)
        .limit(1)
    ).one()
    service.declare(
        team=team,
        kind=BackedBy.COMPANY,
        register_entry="Register of companies (invented)",
        host="",
        consents=True,
        by=owner,
        now=max(at, world.began_at),
    )
    paper = next(one for one in queries.list_papers(team) if one.kind is PaperKind.REGISTER_EXTRACT)
    upload = _drawn(f"{team.name}: {paper.kind}")
    service.give(paper=paper, upload=upload, by=owner, now=world.now - timedelta(days=2))


SILENT = "women-weavers"


def _come_by(world: World) -> None:
    """Let the owners of all projects but one have been seen of late."""
    for place, (slug, owner) in enumerate(world.owners.items()):
        if slug != SILENT:
            at = world.now - timedelta(days=1 + place)
            session.add(
                UserSession(
                    id=new_id(),
                    user_id=owner.id,
                    token_hash=secrets.token_bytes(32),
                    created_at=at,
                    seen_at=at,
                    revoked_at=at,
                )
            )


def _check(team: Team, steps: dict[Step, str], operator: User, at: datetime) -> None:
    for step, what in steps.items():
        service.check(
            team=team,
            step=step,
            result=Result.PASSED,
            what=what,
            list_on=_monday(at) if step is Step.SANCTIONS else None,
            checked_on=at.date(),
            operator=operator,
            now=at,
        )
    service.decide(team=team, reason="All of it seen", operator=operator, now=at)


def _monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())


def _hand_in(world: World, operator: User) -> None:
    """Let the papers be accepted of which checks speak; one that was given anew waits."""
    for slug in ("riwa-springs", "officina-aurora", "tifawin"):
        project, owner = world.projects[slug], world.owners[slug]
        at = world.now - timedelta(days=PROJECTS[slug][3])
        team = Team(TeamKind.PROJECT, project.id, slug, project.title)
        for paper in queries.list_papers(team):
            waits = slug == "riwa-springs" and paper.kind is PaperKind.BANK_PROOF
            given_at = world.now - timedelta(days=3) if waits else max(at, world.began_at)
            text = f"{project.organisation}: {paper.kind}"
            service.give(paper=paper, upload=_drawn(text), by=owner, now=given_at)
            if not waits:
                service.judge(paper=paper, accepts=True, reason="", operator=operator, now=given_at)


def _drawn(text: str) -> BytesIO:
    picture, target = Image.new("L", (300, 160), "white"), BytesIO()
    ImageDraw.Draw(picture).text((20, 60), text)
    picture.save(target, "PNG")
    target.seek(0)
    return target


CONCERNS = (
    # about, days ago, what, state, outcome, answer
    (
        "riwa-springs",
        220,
        "The second spring on the photos is not the one of the map.",
        ConcernState.ANSWERED,
        ConcernOutcome.PUT_RIGHT,
        "You were right: two photos had been swapped. The update says so now.",
    ),
    (
        "officina-aurora",
        80,
        "A neighbour says that the workshop was closed all summer.",
        ConcernState.CLOSED,
        ConcernOutcome.NOTHING_FOUND,
        "It was closed for three weeks in August, as its page had told in June.",
    ),
    (
        "mare-lento",
        5,
        "I was asked for cash on the beach in the name of this project.",
        None,
        None,
        "",
    ),
)


def _tell(world: World, operator: User) -> None:
    for slug, days, body, state, outcome, answer in CONCERNS:
        project = world.projects[slug]
        at = world.now - timedelta(days=days)
        told = service.raise_concern(
            team=Team(TeamKind.PROJECT, project.id, slug, project.title),
            body=body,
            email="",
            reporter=None,
            locale="en",
            now=at,
        )
        if state is not None:
            service.handle_concern(
                concern=told,
                state=state,
                outcome=outcome,
                answer=answer,
                note="Asked the people of the project, without saying who asks.",
                operator=operator,
                now=at + timedelta(days=6),
            )
