"""Publishing drafts: now, or at a time that was set; through the one function that publishes."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.core import jobs
from marketplace.core.days import read_day
from marketplace.core.db import session
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _l
from marketplace.core.money import NotAnAmount, parse_minor
from marketplace.drafts import rules
from marketplace.drafts.models import UpdateDraft, UpdateOutcome, UpdatePaper
from marketplace.planning.models import Milestone
from marketplace.projects import queries as projects
from marketplace.projects import service as projects_service
from marketplace.projects.models import ProjectUpdate
from marketplace.projects.service import Spent


class NotTheirs(Invalid):
    """Whoever wrote it does not answer for the project any more."""

    message = _l("Whoever wrote this does not answer for the project any more.")


def publish(*, draft: UpdateDraft, now: datetime) -> ProjectUpdate:
    """Publish a draft, with all that happens when an update comes out; the draft is gone then.

    The draft has to be held (`queries.lock_draft`), so that it comes out once.

    :raises Invalid: something is missing, field by field.
    :raises NotTheirs: its writer does not answer for the project any more.
    """
    spent = check(draft)
    if projects.find_membership(draft.project_id, draft.author_id) is None:
        raise NotTheirs
    update = projects_service.post_update(
        project=draft.project,
        author=draft.author,
        title=draft.title,
        body=draft.body,
        photos=draft.photos,
        spent=spent,
        is_setback=draft.is_setback,
        language=draft.language,
        now=now,
    )
    for paper in draft.papers:
        session.add(
            UpdatePaper(
                update_id=update.id,
                document_id=paper.document_id,
                title=paper.title,
                position=paper.position,
            )
        )
    if draft.outcome_id is not None:
        session.add(UpdateOutcome(update_id=update.id, outcome_id=draft.outcome_id))
    if draft.milestone_id is not None:
        _show(draft.milestone_id, update)
    session.delete(draft)
    session.flush()
    return update


def _show(milestone_id: uuid.UUID, update: ProjectUpdate) -> None:
    session.execute(
        sa.update(Milestone).where(Milestone.id == milestone_id).values(update_id=update.id)
    )


def check(draft: UpdateDraft) -> Spent | None:
    """Return the money that a draft tells of, if it is complete.

    :raises Invalid: something is missing, field by field.
    """
    wrong = dict(rules.missing(draft.title, draft.body, [photo.alt for photo in draft.photos]))
    spent: Spent | None = None
    try:
        spent = _spent(draft)
    except Invalid as error:
        wrong |= error.fields
    if wrong:
        raise Invalid(fields=wrong)
    return spent


def _spent(draft: UpdateDraft) -> Spent | None:
    """Read the money that an update tells of; a spending needs its receipt."""
    receipt, said = draft.receipt or draft.document, draft.spent
    if not said.get("amount") and receipt is None:
        return None
    amount, day = (
        _amount(said.get("amount", ""), draft.project.currency),
        read_day(said["spent_on"]),
    )
    line, is_line = _line(said.get("budget_line", ""))
    wrong: dict[str, object] = {
        name: _l("Say who was paid, and for what.")
        for name in ("payee", "purpose")
        if not said[name]
    }
    if amount is None:
        wrong["amount"] = _l("Write an amount like 686.00.")
    if day is None:
        wrong["spent_on"] = _l("Write the day like 2026-03-12.")
    if receipt is None:
        wrong["receipt"] = _l("Add a photo of the receipt: without one it is not counted as spent.")
    if not is_line:
        wrong["budget_line"] = _l("Choose a line of the budget.")
    if wrong or amount is None or day is None or receipt is None:
        raise Invalid(fields=wrong)
    return Spent(amount, day, said["payee"], said["purpose"], receipt, line)


def _amount(text: str, currency: str) -> int | None:
    try:
        return parse_minor(text, currency) or None
    except NotAnAmount:
        return None


def _line(text: str) -> tuple[uuid.UUID | None, bool]:
    """Return a line of the budget, and whether what was said can be one."""
    try:
        return (uuid.UUID(text) if text else None), True
    except ValueError:
        return None, False


def schedule(*, draft: UpdateDraft, at: datetime, zone: str) -> None:
    """Let a draft come out by itself at a moment; another moment before is forgotten.

    :raises Invalid: something is missing, field by field.
    """
    check(draft)
    draft.publish_at, draft.zone, draft.problem = at, zone, ""
    session.flush()
    jobs.enqueue(
        "publish_draft",
        lock=f"draft-{draft.id}",
        run_at=at,
        draft_id=str(draft.id),
        at=at.isoformat(),
    )


def cancel(*, draft: UpdateDraft) -> None:
    """Let a draft wait until somebody publishes it."""
    draft.publish_at = None
    session.flush()


def give_up(*, draft: UpdateDraft, problem: str) -> None:
    """Note why a draft did not come out by itself, and tell its writer by letter."""
    draft.publish_at, draft.problem = None, problem
    session.flush()
    jobs.enqueue("draft_stuck_mail", draft_id=str(draft.id), problem=problem)
