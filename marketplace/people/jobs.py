"""The letter that invites somebody."""

import uuid
from datetime import datetime

from flask import current_app

from marketplace.accounts import queries as accounts
from marketplace.core import mail
from marketplace.core.worker import task
from marketplace.people import queries
from marketplace.people.rules import invitation_token


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
        url=f"{current_app.config['PUBLIC_URL']}/{locale}/invitation/{token}",
    )
