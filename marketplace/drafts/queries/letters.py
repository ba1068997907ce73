"""Reads of personal addresses, and of letters that came to them."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.drafts.models import ReceivedLetter, WritingAddress

_WHOSE = (joinedload(WritingAddress.user), joinedload(WritingAddress.project))


def find_address(project_id: uuid.UUID, user_id: uuid.UUID) -> WritingAddress | None:
    """Return the address at which somebody writes for a project now."""
    return session.scalar(
        sa.select(WritingAddress).where(
            WritingAddress.project_id == project_id,
            WritingAddress.user_id == user_id,
            WritingAddress.revoked_at.is_(None),
        )
    )


def find_address_by_id(address_id: uuid.UUID) -> WritingAddress | None:
    """Return an address with whose it is, also one that is not in use any more."""
    return session.scalar(
        sa.select(WritingAddress).where(WritingAddress.id == address_id).options(*_WHOSE)
    )


def list_addresses(user_id: uuid.UUID) -> Sequence[WritingAddress]:
    """Return somebody's addresses that are in use."""
    return session.scalars(
        sa.select(WritingAddress).where(
            WritingAddress.user_id == user_id, WritingAddress.revoked_at.is_(None)
        )
    ).all()


def find_letter(letter_id: uuid.UUID) -> ReceivedLetter | None:
    """Return a letter that came, with the address and whose it is."""
    return session.scalar(
        sa.select(ReceivedLetter)
        .where(ReceivedLetter.id == letter_id)
        .options(
            joinedload(ReceivedLetter.address).joinedload(WritingAddress.user),
            joinedload(ReceivedLetter.address).joinedload(WritingAddress.project),
        )
        .execution_options(populate_existing=True)
    )


def lock_letter(letter_id: uuid.UUID) -> ReceivedLetter | None:
    """Return the same, held until the commit; None if there is none."""
    held = session.scalar(
        sa.select(ReceivedLetter.id).where(ReceivedLetter.id == letter_id).with_for_update()
    )
    return find_letter(held) if held else None
