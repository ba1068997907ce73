"""The letters that invite somebody, and tell them what became of their role."""

import uuid
from datetime import datetime

from flask import current_app

from marketplace.accounts import queries as accounts
from marketplace.core import mail
from marketplace.core.addresses import public_url
from marketplace.core.worker import task
from marketplace.people import queries
from marketplace.people.rules import TeamKind, invitation_token

DESKS = {TeamKind.COMPANY: "company", TeamKind.PROJECT: "project-desk"}
PUBLIC_PAGES = {TeamKind.COMPANY: "companies", TeamKind.PROJECT: "projects"}


@task("invitation_mail")
def invitation_mail(invitation_id: str, invited_at: str) -> None:
    """Invite somebody, unless the invitation was used, withdrawn or sent again meanwhile."""
    invitation = queries.find_invitation(uuid.UUID(invitation_id))
    sent_at = datetime.fromisoformat(invited_at)
    if invitation is None or invitation.ended_at or invitation.invited_at != sent_at:
        return
    known = accounts.find_user(invitation.email)
    locale = known.locale if known is not None else invitation.locale
    token = invitation_token(
        invitation.id, invited_at=sent_at, secret_key=str(current_app.secret_key)
    )
    mail.send(
        to=invitation.email,
        kind="invitation",
        locale=locale,
        key=f"invitation-{invitation.id}-{sent_at:%Y%m%d%H%M%S}",
        team=queries.get_team_of(invitation),
        invitation=invitation,
        known=known,
        url=public_url(f"/invitation/{token}", locale),
    )


@task("membership_mail")
def membership_mail(
    *, team_kind: str, team_id: str, user_id: str, what: str, by_id: str, at: str
) -> None:
    """Tell somebody that they may do more or less for a company or project, or nothing any more.

    `what` is the new role, or `removed`.
    """
    user = accounts.get_user(uuid.UUID(user_id))
    team = queries.find_team(TeamKind(team_kind), uuid.UUID(team_id))
    desk = DESKS[team.kind] if what != "removed" else PUBLIC_PAGES[team.kind]
    moment = datetime.fromisoformat(at)
    mail.send(
        to=user.email,
        kind="membership",
        locale=user.locale,
        key=f"membership-{team.id}-{user.id}-{what}-{moment:%Y%m%d%H%M%S}",
        name=user.name,
        by=accounts.get_user(uuid.UUID(by_id)).name,
        team=team,
        what=what,
        at=moment,
        link=public_url(f"/{desk}/{team.slug}", user.locale),
    )
