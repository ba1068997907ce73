"""Money that goes to other projects: the shopper chooses anew, or a project takes no more.

What moves is the recorded row itself, from one project's account to another's: nothing that is
confirmed moves by a new choice, and an order gives as much as it gave before.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from marketplace.checkout import rules
from marketplace.checkout.queries import routes
from marketplace.checkout.rules import Moved
from marketplace.checkout.service.holding import Funds, hold_funds
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.giving.rules import MOST_PROJECTS
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import AccountKey, Entry, Kind, Purpose, Source, Standing
from marketplace.orders import queries as orders
from marketplace.orders.models import Order, OrderState, Rerouting, Why

Wanted = Mapping[Source, Mapping[uuid.UUID, int]]
"""What each project shall get, by whose money it is."""


def pending_of(order_id: uuid.UUID) -> dict[Source, dict[uuid.UUID, int]]:
    """Return what of an order can still go elsewhere: by whose money it is, then by project."""
    found: dict[Source, dict[uuid.UUID, int]] = {}
    for stands in ledger_queries.list_standings(order_id).values():
        for one in stands:
            key = one.account
            is_chosen = key.purpose is Purpose.PROJECT_PENDING and key.source is not Source.MATCH
            if is_chosen and key.owner_id and key.source:
                amounts = found.setdefault(key.source, {})
                amounts[key.owner_id] = amounts.get(key.owner_id, 0) + one.minor
    return found


def change_choice(*, order_id: uuid.UUID, wanted: Wanted, now: datetime) -> Rerouting | None:
    """Let the shopper send what is pending to other projects, to the cent; None if nothing moves.

    Each source keeps to itself: what the companies give and what is the shopper's own.

    :raises Conflict: the order is not paid, or disputed.
    :raises Invalid: the amounts do not add up, or a project cannot be chosen.
    """
    order = orders.lock_order(order_id)
    if order is None or order.state is not OrderState.PAID:
        raise Conflict(_l("Only a paid order has something to choose about."))
    if orders.is_disputed(order.id):
        raise Conflict(_l("The payment is disputed: until the bank decides, nothing moves."))
    funds = hold_funds(order)
    moves: list[Moved] = []
    chosen: set[uuid.UUID] = set()
    # What a sponsor added stays with the project that the sponsor added it to.
    for source in (Source.PLEDGE, Source.TOP_UP):
        rows = _pending_rows(funds, source)
        amounts = {project: minor for project, minor in wanted.get(source, {}).items() if minor}
        if sum(amounts.values()) != sum(row.minor for row in rows):
            raise Invalid(fields={"amounts": _l("The amounts have to add up to what is pending.")})
        chosen |= set(amounts)
        moves += rules.moves(rows, amounts)
    _refuse_projects(order, chosen, {target for _row, target, _minor in moves})
    if not moves:
        return None
    return _reroute(order, moves, why=Why.CHOICE, project_id=None, now=now)


def _pending_rows(funds: Funds, source: Source) -> list[Standing]:
    return [
        one
        for stands in funds.standings.values()
        for one in stands
        if one.account.purpose is Purpose.PROJECT_PENDING and one.account.source is source
    ]


def _refuse_projects(order: Order, chosen: set[uuid.UUID], targets: set[uuid.UUID]) -> None:
    if len(chosen) > MOST_PROJECTS:
        raise Invalid(fields={"amounts": _l("Choose up to five projects.")})
    if targets - routes.list_open(targets, order.currency):
        message = _l("A project takes no money any more. What it has may stay there.")
        raise Invalid(fields={"amounts": message})


def _reroute(
    order: Order, moves: Sequence[Moved], *, why: Why, project_id: uuid.UUID | None, now: datetime
) -> Rerouting:
    made = Rerouting(id=new_id(), order_id=order.id, why=why, project_id=project_id, made_at=now)
    session.add(made)
    session.flush()
    line_of = {row.transfer_id: row.line_id for row in ledger_queries.list_remainders(order.id)}
    ledger.post(
        kind=Kind.REROUTE,
        effect_key=f"reroute:{made.id}",
        currency=order.currency,
        entries=[
            Entry(
                row.account,
                AccountKey(row.account.purpose, target, row.account.source),
                minor,
                line_of.get(row.transfer_id),
                origin_id=row.transfer_id,
            )
            for row, target, minor in moves
        ],
        subject_id=order.id,
        effective_at=now,
    )
    if why is Why.CLOSED:
        jobs.enqueue("rerouted_mail", rerouting_id=str(made.id))
    return made


def leave_closed(*, order_id: uuid.UUID, project_id: uuid.UUID, now: datetime) -> Rerouting | None:
    """Send what a project that takes no more money has of an order the way that was disclosed.

    None if nothing is there, a bank has to decide first, or there is nowhere to go: then it waits.
    """
    order = orders.lock_order(order_id)
    if order is None or order.state is not OrderState.PAID or orders.is_disputed(order.id):
        return None
    funds = hold_funds(order)
    target = routes.find_way(order.id, project_id, order.currency)
    rows = _unpaid_rows(funds, project_id)
    if target is None or not rows:
        return None
    moves = [(row, target, row.minor) for row in rows]
    return _reroute(order, moves, why=Why.CLOSED, project_id=project_id, now=now)


def _unpaid_rows(funds: Funds, project_id: uuid.UUID) -> list[Standing]:
    """Return what a project has of an order that was not paid out yet.

    Payouts are pooled: of what is confirmed no more moves than the project's account still has.
    """
    left = dict(funds.there)
    rows: list[Standing] = []
    for stands in funds.standings.values():
        for one in stands:
            mine = one.account.owner_id == project_id
            if mine and one.account.purpose in (Purpose.PROJECT_PENDING, Purpose.PROJECT_AVAILABLE):
                minor = min(one.minor, left[one.account])
                left[one.account] -= minor
                if minor > 0:
                    rows.append(Standing(one.transfer_id, one.account, minor))
    return rows


def leave_unfit(*, order: Order, projects: Collection[uuid.UUID], now: datetime) -> None:
    """Send on what was just paid for projects that meanwhile take no more money (rule 13)."""
    for project_id in sorted(projects):
        leave_closed(order_id=order.id, project_id=project_id, now=now)
