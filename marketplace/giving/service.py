"""The words of a promise, and what a shopper chose last."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.companies.models import Company
from marketplace.core.db import session
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _, _l
from marketplace.core.money import format_minor
from marketplace.giving.models import DefaultProject, Preference
from marketplace.giving.rules import MOST_PROJECTS, Pledge, weights_of
from marketplace.projects.models import Project, ProjectState


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


def choose_defaults(
    *,
    company: Company,
    project_ids: Sequence[uuid.UUID],
    shares: Sequence[int | None],
    by: User,
    now: datetime,
) -> None:
    """Let a company choose where its share goes by default, in percent, or equally if none is said.

    :raises Invalid: too many projects, one that cannot be chosen, or shares that are not a whole.
    """
    if len(set(project_ids)) != len(project_ids) or len(project_ids) > MOST_PROJECTS:
        raise Invalid(fields={"projects": _l("Choose up to five projects, each once.")})
    open_ids = session.scalars(
        sa.select(Project.id).where(
            Project.id.in_(project_ids),
            Project.state == ProjectState.OPEN,
            Project.currency == company.currency,
        )
    ).all()
    if len(open_ids) < len(project_ids):
        message = _l("A project takes no money now and was taken out. Please look at the shares.")
        raise Invalid(fields={"projects": message})
    weights = weights_of(shares)
    if weights is None:
        message = _l("Write shares that add up to 100, or leave them all empty for equal parts.")
        raise Invalid(fields={"share": message})
    session.get_one(Company, company.id, with_for_update={"key_share": True})
    set_defaults(company_id=company.id, project_ids=project_ids, weights=weights)
    session.flush()
    accounts.record(
        actor=by,
        action="company.defaults",
        subject_kind="company",
        subject_id=company.id,
        reason=", ".join(
            f"{project} {weight}" for project, weight in zip(project_ids, weights, strict=True)
        ),
        now=now,
    )


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
