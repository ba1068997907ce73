"""What changes receipts: rows of a project's own table, receipts that come later."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.core.reading.report import Refused, Report
from marketplace.media.models import Document, Photo
from marketplace.projects import queries as projects
from marketplace.projects import service as projects_service
from marketplace.projects.models import Project, Spending
from marketplace.projects.service import Foreign, Spent
from marketplace.spending import queries
from marketplace.spending.models import SpendingDraft
from marketplace.spending.rules import DraftRow


@dataclass(frozen=True)
class Line:
    """A row of a file that could be understood, and where it stands there."""

    line: int
    row: DraftRow


def bring(
    *,
    project: Project,
    by: User,
    lines: Iterable[Line],
    receipts: Mapping[str, Photo | Document],
    report: Report,
    now: datetime,
) -> None:
    """Take over the rows of a table; each is written whole or refused with its line and reason.

    A row whose receipt came along is spent at once, the others wait for theirs. The same file a
    second time changes nothing.
    """
    budget = {line.title.casefold(): line.id for line, _spent in projects.list_budget(project.id)}
    keyed = _keyed(lines)
    known = queries.list_known(project.id, [key for key, _line in keyed])
    for key, line in keyed:
        try:
            line_id = _budget_line(line, budget)
            before = known.get(key)
            draft = _write(line, line_id, before or _new(project, by, key, now))
        except Refused as refused:
            report.refuse(refused)
            continue
        if key not in known:
            report.created += 1
        elif draft is None:
            report.unchanged += 1
        else:
            report.updated += 1
        known[key] = draft or known[key]
        receipt = receipts.get(line.row.receipt.casefold())
        waits = known[key].spending_id is None and known[key].dismissed_at is None
        if receipt is not None and waits:
            show_receipt(project=project, by=by, draft=known[key], receipt=receipt, now=now)


def _keyed(lines: Iterable[Line]) -> list[tuple[bytes, Line]]:
    """Return each row with its key; equal rows without a reference are told apart by counting."""
    seen: Counter[bytes] = Counter()
    keyed = []
    for line in lines:
        place = 0 if line.row.reference else seen[line.row.content_hash]
        seen[line.row.content_hash] += 1
        keyed.append((line.row.import_key(place), line))
    return keyed


def _budget_line(line: Line, budget: Mapping[str, uuid.UUID]) -> uuid.UUID | None:
    title = line.row.budget_line.casefold()
    if title and title not in budget:
        raise Refused(line.line, _l("There is no such line in the budget."), line.row.budget_line)
    return budget.get(title)


def _new(project: Project, by: User, key: bytes, now: datetime) -> SpendingDraft:
    return SpendingDraft(
        id=new_id(),
        project_id=project.id,
        import_key=key,
        content_hash=b"",
        created_by_id=by.id,
        created_at=now,
    )


def _write(
    line: Line, budget_line_id: uuid.UUID | None, draft: SpendingDraft
) -> SpendingDraft | None:
    """Fill a draft with what its row says; return it, or None if nothing had to change.

    :raises Refused: it was spent as something else.
    """
    row = line.row
    if draft.content_hash == row.content_hash:
        return None
    if draft.spending_id is not None:
        raise Refused(
            line.line, _l("This was recorded with its receipt: correct it there."), row.reference
        )
    draft.content_hash = row.content_hash
    draft.amount_minor, draft.currency = row.amount_minor, row.currency
    draft.rate, draft.rate_on, draft.rate_source = row.rate, row.rate_on, row.rate_source
    draft.spent_on, draft.payee, draft.purpose = row.spent_on, row.payee, row.purpose
    draft.budget_line_id = budget_line_id
    session.add(draft)
    session.flush()
    return draft


def show_receipt(
    *,
    project: Project,
    by: User,
    draft: SpendingDraft,
    receipt: Photo | Document,
    now: datetime,
) -> Spending:
    """Let a row count as spent: its receipt is there."""
    foreign = None
    if draft.rate is not None and draft.rate_on is not None:
        foreign = Foreign(
            *(draft.amount_minor, draft.currency, draft.rate, draft.rate_on, draft.rate_source)
        )
    spent = Spent(
        *(draft.amount_minor, draft.spent_on, draft.payee, draft.purpose, receipt),
        budget_line_id=draft.budget_line_id,
        foreign=foreign,
    )
    row = projects_service.spend(project=project, by=by, spent=spent, update_id=None, now=now)
    draft.spending_id = row.id
    session.flush()
    return row


def dismiss(*, draft: SpendingDraft, now: datetime) -> None:
    """Wait no more for a receipt; the same file does not bring the row again."""
    draft.dismissed_at = now
    session.flush()


def receipts_named(files: Sequence[tuple[str, Photo | Document]]) -> dict[str, Photo | Document]:
    """Return stored receipts by the names of the files they came in, without folders."""
    return {name.replace("\\", "/").rpartition("/")[2].casefold(): file for name, file in files}
