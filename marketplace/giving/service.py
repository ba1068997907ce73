"""The words of a promise, and what a shopper chose last."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.i18n import _
from marketplace.core.money import format_minor
from marketplace.giving.models import DefaultProject, Preference
from marketplace.giving.rules import Pledge


def pledge_sentence(*, company: str, pledge: Pledge, currency: str, language: str) -> str:
    """Return the promise in words: "Tessitura Arbosca gives 8% of the price excluding VAT."."""
    if pledge.unit_minor is not None:
        amount = format_minor(pledge.unit_minor, currency, language)
        return str(_("%(company)s gives %(amount)s per item.", company=company, amount=amount))
    share = f"{(pledge.share_bp or 0) / 100:g}"
    if language != "en":
        share = share.replace(".", ",")
    return str(
        _("%(company)s gives %(share)s%% of the price excluding VAT.", company=company, share=share)
    )


def disclosure(
    *, company: str, pledge: Pledge, share_minor: int, currency: str, language: str
) -> str:
    """Return what the shopper is told of one line, frozen with the order."""
    promise = pledge_sentence(company=company, pledge=pledge, currency=currency, language=language)
    amount = format_minor(share_minor, currency, language)
    purpose = _("%(amount)s of this purchase goes to the projects you choose.", amount=amount)
    return f"{promise} {purpose}"


def remember(
    *, user_id: uuid.UUID, project_ids: Sequence[uuid.UUID], weights: Sequence[int]
) -> None:
    """Keep a shopper's choice, to be offered at the next checkout."""
    session.execute(sa.delete(Preference).where(Preference.user_id == user_id))
    session.execute(
        sa.insert(Preference),
        [
            {"user_id": user_id, "project_id": project, "position": place, "weight": weight}
            for place, (project, weight) in enumerate(zip(project_ids, weights, strict=True))
        ],
    )


def forget(*, user_id: uuid.UUID) -> None:
    """Keep no choice of a shopper's: the last time they let the companies choose."""
    session.execute(sa.delete(Preference).where(Preference.user_id == user_id))


def set_defaults(
    *,
    company_id: uuid.UUID,
    project_ids: Sequence[uuid.UUID],
    weights: Sequence[int] | None = None,
) -> None:
    """Say where a company's share goes when a shopper chooses nothing; equal parts by default."""
    session.execute(sa.delete(DefaultProject).where(DefaultProject.company_id == company_id))
    parts = weights or [1] * len(project_ids)
    for place, (project_id, weight) in enumerate(zip(project_ids, parts, strict=True)):
        session.add(
            DefaultProject(
                company_id=company_id, project_id=project_id, position=place, weight=weight
            )
        )
