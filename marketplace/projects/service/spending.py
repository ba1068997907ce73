"""What projects spent: rows that stay, corrections beside them."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.following import service as following
from marketplace.media.models import Document, Photo
from marketplace.projects.models import BudgetLine, Project, Spending
from marketplace.projects.rules import in_own_currency


@dataclass(frozen=True)
class Foreign:
    """What was paid in another currency, and the rate of which day from where."""

    amount_minor: int
    currency: str
    rate: Decimal
    """How much of it one unit of the project's currency was."""
    rate_on: date
    rate_source: str


@dataclass(frozen=True)
class Spent:
    """Money that was spent, with its receipt; `amount_minor` in the project's currency."""

    amount_minor: int
    spent_on: date
    payee: str
    purpose: str
    receipt: Photo | Document
    budget_line_id: uuid.UUID | None = None
    foreign: Foreign | None = None
    note: str = ""


def spend(
    *,
    project: Project,
    by: User,
    spent: Spent,
    update_id: uuid.UUID | None,
    corrects: Spending | None = None,
    now: datetime,
) -> Spending:
    """Record money that was spent, or what is true instead of what was recorded.

    A correction of zero takes the spending back. Of what was paid in another currency the amount
    follows from the rate.

    :raises Invalid: the day lies ahead, the budget line is another project's, or nothing is left
        of the amount at this rate.
    :raises Conflict: what it is to correct was corrected already.
    """
    _check(project, spent, now)
    if corrects is not None:
        _lock_uncorrected(project, corrects.id)
    foreign, amount = spent.foreign, _amount(project, spent)
    if amount == 0 and corrects is None:
        raise Invalid(fields={"amount": _l("At this rate nothing is left of the amount.")})
    row = Spending(
        id=new_id(),
        project_id=project.id,
        budget_line_id=spent.budget_line_id,
        update_id=update_id,
        amount_minor=amount,
        local_minor=foreign.amount_minor if foreign else None,
        local_currency=foreign.currency if foreign else None,
        rate=foreign.rate if foreign else None,
        rate_on=foreign.rate_on if foreign else None,
        rate_source=foreign.rate_source if foreign else "",
        spent_on=spent.spent_on,
        payee=spent.payee,
        purpose=spent.purpose,
        note=spent.note,
        receipt_id=spent.receipt.id if isinstance(spent.receipt, Photo) else None,
        document_id=spent.receipt.id if isinstance(spent.receipt, Document) else None,
        corrects_id=corrects.id if corrects else None,
        created_by_id=by.id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    if update_id is None:
        following.tell_spending(project_id=project.id, person_id=by.id, at=now)
    return row


def _amount(project: Project, spent: Spent) -> int:
    if spent.foreign is None:
        return spent.amount_minor
    paid = spent.foreign
    return in_own_currency(paid.amount_minor, paid.currency, project.currency, paid.rate)


def _check(project: Project, spent: Spent, now: datetime) -> None:
    if spent.spent_on > now.date():
        raise Invalid(fields={"spent_on": _l("This day has not come yet.")})
    if spent.foreign is not None and spent.foreign.rate_on > now.date():
        raise Invalid(fields={"rate_on": _l("This day has not come yet.")})
    if spent.budget_line_id is not None:
        line = session.get(BudgetLine, spent.budget_line_id)
        if line is None or line.project_id != project.id:
            raise Invalid(fields={"budget_line": _l("Choose a line of this project's budget.")})


def _lock_uncorrected(project: Project, spending_id: uuid.UUID) -> None:
    """Hold the project's spending that is to be corrected, until the commit."""
    session.execute(
        sa.select(Project.id).where(Project.id == project.id).with_for_update(key_share=True)
    )
    if session.scalar(sa.select(Spending.id).where(Spending.corrects_id == spending_id)):
        raise Conflict(_l("This has a correction already. Correct that one."))
