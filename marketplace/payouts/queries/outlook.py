"""What waits for a payee, why, and until when: all that the desk says about money to come."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from marketplace.payouts.models import PayeeKind, Payout, PayoutAccount
from marketplace.payouts.policies import why_not_paid
from marketplace.payouts.queries import accounts, balances, payouts
from marketplace.payouts.queries.balances import Waiting
from marketplace.payouts.rules import (
    Schedule,
    Terms,
    Wait,
    is_old_enough,
    next_run,
    usable_from,
)


@dataclass(frozen=True)
class Outlook:
    """A payee's money that is to come."""

    waiting: Waiting
    waits: Sequence[Wait]
    """Why the confirmed part is not on its way; nothing where nothing is confirmed."""
    schedule: Schedule
    next_run_on: date | None
    oldest_on: date | None
    goes_anyway_on: date | None
    """When it goes even if it is below the minimum."""
    current: PayoutAccount | None
    proposed: PayoutAccount | None
    cools_off_until: datetime | None
    """Of the current account, where its bank account was changed."""
    to_approve: Payout | None
    can_go_now: bool
    """Whether a payout on demand would go."""


def outlook_of(
    *, kind: PayeeKind, payee_id: uuid.UUID, currency: str, terms: Terms, now: datetime
) -> Outlook:
    """Return what waits for a payee."""
    current, proposed = accounts.find_current(payee_id), accounts.find_proposed(payee_id)
    is_verified = accounts.is_verified(kind, payee_id)
    schedule = accounts.get_schedule(payee_id)
    waiting = balances.on_accounts(payee_id, currency)
    oldest = balances.oldest_confirmed(payee_id, currency)
    is_old = is_old_enough(oldest, today=now.date(), maximum_age=terms.maximum_age)
    hard = why_not_paid(current, proposed, is_verified=is_verified, now=now)
    is_enough = waiting.available_minor >= terms.minimum_minor or is_old
    to_approve = payouts.find_to_approve(payee_id)
    waits = [*hard, *([Wait.APPROVAL] if to_approve is not None else [])]
    if waiting.available_minor > 0 and not hard:
        waits.append(_what_it_waits_for(schedule, is_enough=is_enough))
    return Outlook(
        waiting=waiting,
        waits=waits,
        schedule=schedule,
        next_run_on=next_run(schedule, now.date()),
        oldest_on=oldest,
        goes_anyway_on=oldest + terms.maximum_age if oldest is not None else None,
        current=current,
        proposed=proposed,
        cools_off_until=usable_from(current.changed_at) if current is not None else None,
        to_approve=to_approve,
        can_go_now=not hard and waiting.available_minor > 0 and is_enough,
    )


def _what_it_waits_for(schedule: Schedule, *, is_enough: bool) -> Wait:
    """Return what money waits for against which nothing stands."""
    if not is_enough:
        return Wait.MINIMUM
    return Wait.DEMAND if schedule is Schedule.ON_DEMAND else Wait.RUN
