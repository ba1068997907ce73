"""A report's figures counted a second time: other SQL, and Python where the product has SQL.

Nothing of the product is imported. Orders and refunds are read plainly and added up here; money of
projects is followed transfer by transfer through the book.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row

LINES = """
    select line.*, booked.id as sold_number,
           to_char(booked.effective_at at time zone 'UTC', 'YYYY-MM') as month
    from company join order_line line on line.company_id = company.id
    join customer_order bought on bought.id = line.order_id and bought.state = 'paid'
    join ledger_transaction booked on booked.effect_key = 'capture:' || bought.payment_id
    where company.slug = %(company)s
      and (booked.effective_at at time zone 'UTC')::date between %(starts)s and %(ends)s
      and booked.id <= %(last)s
"""
REFUNDS = """
    select part.line_id, part.amount_minor, part.quantity, booked.id as number
    from refund_line part join refund on refund.id = part.refund_id
    join ledger_transaction booked on booked.effect_key = 'refund:' || refund.provider_id
    where booked.id <= %(last)s and part.line_id is not null
    order by booked.id
"""
TRANSFERS = """
    select moved.id, moved.transaction_id, moved.amount_minor, moved.origin_id, moved.line_id,
           moved.allocation_id, booked.kind, booked.subject_id, out.purpose as debit,
           to_char(booked.effective_at at time zone 'UTC', 'YYYY-MM-DD') as day,
           out.owner_id as debit_owner, out.source as debit_source, into_.purpose as credit,
           into_.owner_id as credit_owner, into_.source as credit_source
    from ledger_transfer moved
    join ledger_transaction booked on booked.id = moved.transaction_id
    join ledger_account out on out.id = moved.debit_id
    join ledger_account into_ on into_.id = moved.credit_id
    where booked.id <= %(last)s order by moved.id
"""
PROJECTS = """
    select project.id, project.slug, coalesce(project.country, '') as country, cause.sdg,
           project.sdg_targets as targets
    from project join cause on cause.id = project.cause_id
"""
POOLS = """
    select pool.id, pool.slug from matching_pool pool join company on company.id = pool.company_id
    where company.slug = %(company)s
"""
GIFTS = """
    select allocation.id, allocation.source, allocation.order_id, allocation.line_id
    from allocation
    where allocation.source <> 'pledge'
"""

Counted = dict[tuple[str, str, str], int]
Rows = list[dict[str, Any]]


class Book:
    """All that is needed of a database, read once."""

    def __init__(self, connection: psycopg.Connection[Any], asked: dict[str, Any]) -> None:
        with connection.cursor(row_factory=dict_row) as cursor:
            read = lambda sql: cursor.execute(sql, asked).fetchall()  # noqa: E731
            self.lines = {row["id"]: row for row in read(LINES)}
            self.refunds: Rows = [r for r in read(REFUNDS) if r["line_id"] in self.lines]
            self.transfers: Rows = read(TRANSFERS)
            self.projects = {row["id"]: row for row in read(PROJECTS)}
            self.pools = {row["id"]: row["slug"] for row in read(POOLS)}
            self.gifts = {row["id"]: row for row in read(GIFTS)}


def recount(connection: psycopg.Connection[Any], **asked: Any) -> Counted:
    """Return every figure of a report by (figure, by, of); what is zero is left out."""
    book, counted = Book(connection, asked), defaultdict(int)
    _count_goods(book, counted)
    _count_gifts(book, counted)
    _count_pools(book, counted, asked["starts"], asked["ends"])
    return {key: amount for key, amount in counted.items() if amount}


def _count_goods(book: Book, counted: dict[tuple[str, str, str], int]) -> None:
    def add(figure: str, line: dict[str, Any], amount: int, *groups: str) -> None:
        counted[figure, "all", ""] += amount
        for by in groups:
            counted[figure, by, line["product_slug"] if by == "product" else _terms(line)] += amount

    for line in book.lines.values():
        gross, net = line["gross_minor"] - line["discount_minor"], line["net_minor"]
        add("sales", line, gross)
        add("kept", line, gross)
        add("vat", line, gross - net)
        add("net_sales", line, net, "product")
        add("net_sold", line, net, "terms")
        add("pieces_sold", line, line["quantity"], "terms")
        add("pieces", line, line["quantity"], "product")
        back = 0
        for part in (one for one in book.refunds if one["line_id"] == line["id"]):
            before, back = back, back + part["amount_minor"]
            net_back = _share(net, back, gross) - _share(net, before, gross)
            add("returned", line, part["amount_minor"])
            add("kept", line, -part["amount_minor"])
            add("net_returned", line, net_back)
            add("net_sales", line, -net_back, "product")
            add("vat", line, -(part["amount_minor"] - net_back))
            add("pieces", line, -part["quantity"], "product")
    counted["orders", "all", ""] = len({line["order_id"] for line in book.lines.values()})


def _share(net: int, part: int, whole: int) -> int:
    return int((Decimal(net) * part / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _terms(line: dict[str, Any]) -> str:
    if line["pledge_bp"] is not None:
        return f"bp:{line['pledge_bp']}"
    return f"unit:{line['pledge_unit_minor']}"


def _count_gifts(book: Book, counted: dict[tuple[str, str, str], int]) -> None:
    """Follow each cent of a promise: where it was captured, moved, taken back and released."""
    captured = {one["id"]: one for one in book.transfers if one["allocation_id"]}
    released = {one["origin_id"] for one in book.transfers if one["kind"] == "release"}
    orders = {line["order_id"] for line in book.lines.values()}
    giving: dict[str, set[object]] = defaultdict(set)
    left: dict[tuple[str, Any, int], int] = defaultdict(int)
    for moved in book.transfers:
        origin = captured.get(moved["origin_id"] or moved["id"])
        if origin is None:
            continue
        gift = book.gifts.get(origin["allocation_id"])
        if gift is not None:
            if gift["order_id"] in orders and gift["line_id"] in {None, *book.lines}:
                counted[gift["source"], "all", ""] += _to_projects(moved)
            continue
        line = book.lines.get(origin["line_id"])
        if line is None:
            continue
        state = "confirmed" if origin["id"] in released else "pending"
        for owner, amount in _ways(moved):
            for figure in ("given", state):
                _add(book, counted, (figure, owner, line["month"]), amount)
                left[figure, owner, origin["id"]] += amount
            counted["given", "product", line["product_slug"]] += amount
            counted["given", "terms", _terms(line)] += amount
            if moved["kind"] == "capture":
                counted["promised", "all", ""] += amount
                counted["promised", "terms", _terms(line)] += amount
                giving[book.projects[owner]["slug"]].add(line["order_id"])
            elif moved["kind"] in {"refund", "dispute_lost"}:
                counted["taken_back", "all", ""] -= amount
                counted["taken_back", "terms", _terms(line)] -= amount
    for slug, found in giving.items():
        counted["orders", "project", slug] = len(found)
    _count_paid(book, counted, captured, left)
    for (figure, owner, origin_id), amount in left.items():
        for target, part in _by_target(book.projects[owner]["targets"], amount, origin_id):
            counted[figure, "target", target] += part


def _by_target(targets: list[str], amount: int, origin_id: int) -> list[tuple[str, int]]:
    """Deal a gift out cent by cent in equal parts: which of them get an odd one turns with it."""
    if not targets:
        return [("", amount)]
    base, odd = divmod(amount, len(targets))
    turned = [(place + origin_id) % len(targets) for place in range(len(targets))]
    more = {-(-(cent + 1) * len(targets) // odd) - 1 for cent in range(odd)} if odd else set()
    return [(one, base + (turn in more)) for one, turn in zip(targets, turned, strict=True)]


def _count_pools(
    book: Book, counted: dict[tuple[str, str, str], int], starts: str, ends: str
) -> None:
    """Add up what the company's pools added, with the day of the purchase that it was added to."""
    begun = {one["id"]: one["day"] for one in book.transfers}
    for moved in book.transfers:
        given = moved["debit_owner"] in book.pools and moved["credit_source"] == "match"
        back = moved["credit_owner"] in book.pools and moved["debit_source"] == "match"
        is_counted = given or (back and moved["origin_id"] is not None)
        if is_counted and starts <= begun[moved["origin_id"] or moved["id"]] <= ends:
            amount = moved["amount_minor"] * (1 if given else -1)
            slug = book.pools[moved["debit_owner" if given else "credit_owner"]]
            counted["pools", "all", ""] += amount
            counted["pools", "pool", slug] += amount


def _add(
    book: Book,
    counted: dict[tuple[str, str, str], int],
    what: tuple[str, Any, str],
    amount: int,
) -> None:
    figure, owner, month = what
    project = book.projects[owner]
    for by, of in (
        ("all", ""),
        ("project", project["slug"]),
        ("month", month),
        ("goal", str(project["sdg"])),
        ("country", project["country"]),
    ):
        counted[figure, by, of] += amount


OURS = {"project_pending", "project_available", "dispute_hold"}


def _ways(moved: dict[str, Any]) -> list[tuple[Any, int]]:
    """Return what a transfer brings to projects, and takes from them for good."""
    amount, kind = moved["amount_minor"], moved["kind"]
    ways = [(moved["credit_owner"], amount)] if kind in {"capture", "reroute"} else []
    if kind in {"refund", "dispute_lost", "reroute"} and moved["debit"] in OURS:
        ways.append((moved["debit_owner"], -amount))
    return ways


def _to_projects(moved: dict[str, Any]) -> int:
    return sum(amount for _owner, amount in _ways(moved))


def _count_paid(
    book: Book,
    counted: dict[tuple[str, str, str], int],
    captured: dict[int, dict[str, Any]],
    left: dict[tuple[str, Any, int], int],
) -> None:
    """Queue what was confirmed of each project, and pay it in that order."""
    queue: dict[Any, dict[int, int]] = defaultdict(dict)
    settled = {one["subject_id"] for one in book.transfers if one["kind"] == "payout_settled"}
    paid: dict[Any, int] = defaultdict(int)
    for moved in book.transfers:
        amount, origin = moved["amount_minor"], moved["origin_id"]
        if (moved["credit"], moved["credit_source"]) == ("project_available", "pledge"):
            if origin is not None:
                line_up = queue[moved["credit_owner"]]
                line_up[origin] = line_up.get(origin, 0) + amount
            elif moved["kind"] == "payout_returned" and moved["subject_id"] in settled:
                paid[moved["credit_owner"]] -= amount
        if (moved["debit"], moved["debit_source"]) == ("project_available", "pledge"):
            if origin is not None:
                queue[moved["debit_owner"]][origin] -= amount
            elif moved["kind"] == "payout" and moved["subject_id"] in settled:
                paid[moved["debit_owner"]] += amount
    for owner, line_up in queue.items():
        unspent = paid[owner]
        for origin, amount in line_up.items():
            part = min(amount, unspent)
            unspent -= part
            line = book.lines.get(captured[origin]["line_id"])
            if line is not None and part:
                _add(book, counted, ("paid", owner, line["month"]), part)
                left["paid", owner, origin] += part
