"""Letters about papers, renewals and concerns."""

import uuid
from datetime import datetime

import structlog
from flask import current_app

from marketplace.accounts import queries as accounts
from marketplace.core import clock, mail
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.people import queries as people
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.verification import queries, rules, service
from marketplace.verification.models import AskedPaper, Verification
from marketplace.verification.rules import PaperState


@task("remind_renewals", every="17 7 * * *")
def remind_renewals() -> None:
    """Ask those whose verification ends in sixty days to renew it, once."""
    with atomic():
        now = clock.now()
        for verification_id, team in queries.list_to_remind((now + rules.RENEW_BEFORE).date()):
            service.remind(verification_id=verification_id, team=team, now=now)


@task("renewal_mail")
def renewal_mail(*, verification_id: str, team_kind: str, team_id: str, user_id: str) -> None:
    """Write to one owner that what was checked ends soon."""
    made = session.get_one(Verification, uuid.UUID(verification_id))
    user = accounts.get_user(uuid.UUID(user_id))
    team = people.find_team(TeamKind(team_kind), uuid.UUID(team_id))
    mail.send(
        to=user.email,
        kind="renewal",
        locale=user.locale,
        key=f"renewal-{made.id}-{user.id}",
        name=user.name,
        team=team,
        until=made.valid_until,
        link=_desk(team, user.locale),
    )


def _desk(team: Team, locale: str) -> str:
    desk = "company" if team.kind is TeamKind.COMPANY else "project-desk"
    return public_url(f"/{desk}/{team.slug}/verification", locale)


@task("delete_old_papers", every="41 2 * * *")
def delete_old_papers() -> None:
    """Delete the files of papers that may be kept no longer, some at a time."""
    deleted, last = 0, 1
    while last:
        with atomic():
            last = service.delete_old(now=clock.now())
        deleted += last
    structlog.get_logger().info("papers_deleted", files=deleted)


@task("paper_refused_mail")
def paper_refused_mail(*, paper_id: str, at: str) -> None:
    """Tell the owners why a paper was refused, unless another was given meanwhile."""
    paper = session.get(AskedPaper, uuid.UUID(paper_id))
    moment = datetime.fromisoformat(at)
    if paper is None or paper.state is not PaperState.REFUSED or paper.decided_at != moment:
        return
    team = queries.get_team_of(paper)
    for owner in queries.list_owners(team):
        mail.send(
            to=owner.email,
            kind="paper_refused",
            locale=owner.locale,
            key=f"paper-refused-{paper.id}-{owner.id}-{moment:%Y%m%d%H%M%S}",
            name=owner.name,
            team=team,
            paper=paper,
            link=_desk(team, owner.locale),
        )


@task("concern_mail")
def concern_mail(*, concern_id: str, what: str) -> None:
    """Write to who left an address: their concern has come, or what became of it."""
    concern = queries.get_concern(uuid.UUID(concern_id))
    if not concern.email:
        return
    token = rules.concern_token(str(current_app.secret_key), concern.id)
    mail.send(
        to=concern.email,
        kind="concern",
        locale=concern.locale,
        key=f"concern-{concern.id}-{what}",
        concern=concern,
        about=queries.name_of(concern)[2],
        has_ended=concern.ended_at is not None,
        link=public_url(f"/concerns/{token}", concern.locale),
    )
