"""What somebody tells the operator in confidence, and what becomes of it."""

from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from marketplace.verification import rules
from marketplace.verification.models import Concern, ConcernNote
from marketplace.verification.rules import ConcernOutcome, ConcernState
from marketplace.verification.service.recording import record


def raise_concern(
    *, team: Team, body: str, email: str, reporter: User | None, locale: str, now: datetime
) -> Concern:
    """Tell the operator something in confidence; who leaves an address gets a letter.

    An account is noted only if its own address is left.
    """
    is_own = reporter is not None and email == reporter.email
    made = Concern(
        **{f"{team.kind}_id": team.id},
        id=new_id(),
        body=body,
        email=email,
        reporter_id=reporter.id if reporter is not None and is_own else None,
        locale=locale,
        state=ConcernState.NEW,
        answer="",
        received_at=now,
    )
    session.add(made)
    session.flush()
    _write(made, "received")
    return made


def add_to_concern(*, concern: Concern, body: str, now: datetime) -> None:
    """Let a reporter add something; a concern that had ended is looked at again.

    :raises Invalid: nothing is said.
    """
    if not body:
        raise Invalid(fields={"body": _l("Say what you want to add.")})
    session.add(ConcernNote(id=new_id(), concern_id=concern.id, author_id=None, body=body, at=now))
    if concern.state in rules.ENDED:
        concern.state, concern.outcome, concern.ended_at = ConcernState.LOOKING, None, None
    session.flush()


def handle_concern(
    *,
    concern: Concern,
    state: ConcernState,
    outcome: ConcernOutcome | None,
    answer: str,
    note: str,
    operator: User,
    now: datetime,
) -> None:
    """Say where a concern stands, and how it ended; what is new to its reporter goes by letter.

    The audit log names the state, never what the concern says.

    :raises Invalid: it ended without an outcome, is answered without an answer, or is new again.
    """
    if not rules.may_become(concern.state, state):
        raise Invalid(fields={"state": _l("A concern does not go back to that.")})
    has_ended = state in rules.ENDED
    if has_ended and outcome is None:
        raise Invalid(fields={"outcome": _l("Say how it ended.")})
    if state is ConcernState.ANSWERED and not answer:
        raise Invalid(fields={"answer": _l("Write the answer.")})
    if note:
        session.add(
            ConcernNote(
                id=new_id(), concern_id=concern.id, author_id=operator.id, body=note, at=now
            )
        )
    is_told = state is not concern.state or answer != concern.answer
    if answer and answer != concern.answer:
        concern.answered_at = now
    concern.state, concern.answer = state, answer or concern.answer
    concern.outcome = outcome if has_ended else None
    concern.ended_at = (concern.ended_at or now) if has_ended else None
    kind = TeamKind.COMPANY if concern.company_id else TeamKind.PROJECT
    about = concern.company_id or concern.project_id
    record(kind, about, operator, "concern", f"{state} {outcome or ''}".strip(), now)
    session.flush()
    if is_told and has_ended:
        _write(concern, f"ended-{now:%Y%m%d%H%M%S}")


def _write(concern: Concern, what: str) -> None:
    if concern.email:
        jobs.enqueue("concern_mail", concern_id=str(concern.id), what=what)


def forget_reporter(*, email: str) -> None:
    """Take an address out of every concern: nobody is written to any more."""
    session.execute(sa.update(Concern).where(Concern.email == email).values(email=""))
