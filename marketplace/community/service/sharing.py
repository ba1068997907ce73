"""A link by which somebody shows what their purchases gave: made, made anew, revoked."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.community import queries
from marketplace.community.models import ImpactShare
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.ids import new_token


def share_impact(
    *,
    user_id: uuid.UUID,
    shows_amounts: bool,
    shows_name: bool,
    is_indexed: bool,
    now: datetime,
) -> ImpactShare:
    """Make a person's link, or change what the one that they have shows."""
    share = queries.find_share(user_id)
    if share is None:
        share = ImpactShare(user_id=user_id, token=new_token(), made_at=now)
        session.add(share)
    share.shows_amounts, share.shows_name = shows_amounts, shows_name
    share.is_indexed = is_indexed
    session.flush()
    return share


def renew_share(*, user_id: uuid.UUID, now: datetime) -> None:
    """Let the link lead nowhere, and make another that shows the same.

    :raises NotFound: there is none.
    """
    share = queries.find_share(user_id)
    if share is None:
        raise NotFound
    share.token, share.made_at = new_token(), now
    session.flush()


def revoke_share(*, user_id: uuid.UUID) -> None:
    """Let the link lead nowhere; without one nothing happens."""
    session.execute(sa.delete(ImpactShare).where(ImpactShare.user_id == user_id))
