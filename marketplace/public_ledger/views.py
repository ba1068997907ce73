"""The ledgers of projects and companies: as a page, as CSV and as JSON, all from one query each."""

import csv
import io
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from marketplace.companies import queries as companies
from marketplace.companies.models import Company
from marketplace.core.addresses import public_url
from marketplace.core.cells import csv_cell
from marketplace.core.errors import NotFound
from marketplace.core.money import to_decimal_text
from marketplace.core.paging import decode_cursor, encode_cursor
from marketplace.core.web import access, render
from marketplace.core.web.texts import path
from marketplace.projects.models import Project
from marketplace.projects.views.public import load
from marketplace.public_ledger import queries
from marketplace.public_ledger.queries import LAST_ID, NEWEST, Entry, Gift, Wanted

blueprint = Blueprint("public_ledger", __name__)

PER_PAGE = 50
PER_FILE = 1_000
"""A file ends with the address of the next one, as a page does."""

PROJECT_KINDS = (
    "capture",
    "release",
    "refund",
    "dispute_opened",
    "dispute_won",
    "dispute_lost",
    "adjusted",
    "reroute",
    "pool_guarantee",
    "payout",
    "payout_settled",
    "payout_returned",
)
COMPANY_KINDS = ("held", "confirmed", "taken_back")


@blueprint.get("/projects/<slug>/money")
@access("public")
def of_project(slug: str) -> tuple[str, int]:
    """List the entries of a project's money."""
    project, _membership = load(slug)
    entries, after = _entries(project, PER_PAGE)
    return render(
        "public_ledger/project.html",
        project=project,
        entries=entries,
        kinds=PROJECT_KINDS,
        **_page(f"/projects/{slug}/money", after),
    )


@blueprint.get("/projects/<slug>/money.csv")
@access("public")
def project_csv(slug: str) -> Response:
    """Answer the entries as a table."""
    project, _membership = load(slug)
    entries, after = _entries(project, PER_FILE)
    head = ("number", "day", "kind", "source", "given_by", "payout", "amount", "changes_owed_by")
    rows = (
        (
            *(one.id, one.day, one.kind, one.source or "", csv_cell(one.company or "")),
            *(one.payout or "", to_decimal_text(one.amount_minor, project.currency)),
            *(to_decimal_text(one.effect_minor, project.currency), _plain(one, project)),
            project.currency,
        )
        for one in entries
    )
    return _csv((*head, "owed_after", "currency"), rows, f"{slug}-ledger", after)


def _plain(one: Entry, project: Project) -> str:
    running = one.running_minor
    return "" if running is None else to_decimal_text(running, project.currency)


@blueprint.get("/projects/<slug>/money.json")
@access("public")
def project_json(slug: str) -> Response:
    """Answer the entries for programs."""
    project, _membership = load(slug)
    entries, after = _entries(project, PER_FILE)
    told = [
        {
            "number": one.id,
            "day": one.day.isoformat(),
            "kind": one.kind,
            "source": one.source,
            "given_by": one.company,
            "payout": one.payout,
            "amount_minor": one.amount_minor,
            "changes_owed_by_minor": one.effect_minor,
            "owed_after_minor": one.running_minor,
        }
        for one in entries
    ]
    return _json({"project": slug, "currency": project.currency}, told, after)


@blueprint.get("/companies/<slug>/money")
@access("public")
def of_company(slug: str) -> tuple[str, int]:
    """List what a company gave, sale by sale and project by project."""
    company = _company(slug)
    gifts, after = _gifts(company, PER_PAGE)
    return render(
        "public_ledger/company.html",
        company=company,
        gifts=gifts,
        kinds=COMPANY_KINDS,
        **_page(f"/companies/{slug}/money", after),
    )


@blueprint.get("/companies/<slug>/money.csv")
@access("public")
def company_csv(slug: str) -> Response:
    """Answer what a company gave as a table."""
    gifts, after = _gifts(_company(slug), PER_FILE)
    head = ("day", "project", "source", "amount", "taken_back", "confirmed_on", "currency")
    rows = (
        (
            *(one.day, csv_cell(one.project), "pledge"),
            to_decimal_text(one.amount_minor, one.currency),
            to_decimal_text(one.taken_back_minor, one.currency),
            *(one.confirmed_on or "", one.currency),
        )
        for one in gifts
    )
    return _csv(head, rows, f"{slug}-ledger", after)


@blueprint.get("/companies/<slug>/money.json")
@access("public")
def company_json(slug: str) -> Response:
    """Answer what a company gave for programs."""
    gifts, after = _gifts(_company(slug), PER_FILE)
    told = [
        {
            "day": one.day.isoformat(),
            "project": one.slug,
            "source": "pledge",
            "currency": one.currency,
            "amount_minor": one.amount_minor,
            "taken_back_minor": one.taken_back_minor,
            "confirmed_on": one.confirmed_on.isoformat() if one.confirmed_on else None,
        }
        for one in gifts
    ]
    return _json({"company": slug}, told, after)


def _company(slug: str) -> Company:
    found = companies.find_company(slug)
    if found is None:
        raise NotFound
    return found


def _entries(project: Project, limit: int) -> tuple[Sequence[Entry], str | None]:
    cursor = decode_cursor(request.args.get("after"), 2)
    below, running = (cursor[0], cursor[1]) if cursor else (None, None)
    rows = queries.list_of_project(
        project.id,
        project.currency,
        _wanted(PROJECT_KINDS),
        below=below if isinstance(below, int) and 0 < below < NEWEST else NEWEST,
        running=running if isinstance(running, int) and abs(running) < NEWEST else None,
        limit=limit + 1,
    )
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], encode_cursor((rows[limit - 1].id, rows[limit].running_minor))


def _gifts(company: Company, limit: int) -> tuple[Sequence[Gift], str | None]:
    cursor = decode_cursor(request.args.get("after"), 1)
    try:
        below = uuid.UUID(str(cursor[0])) if cursor else LAST_ID
    except ValueError:
        below = LAST_ID
    rows = queries.list_of_company(company.id, _wanted(COMPANY_KINDS), below=below, limit=limit + 1)
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], encode_cursor((rows[limit - 1].id,))


def _wanted(kinds: Sequence[str]) -> Wanted:
    kind = request.args.get("kind", "")
    until = _day("until")
    return Wanted(
        kind if kind in kinds else None,
        _midnight(_day("since")),
        _midnight(until + timedelta(days=1) if until and until < date.max else None),
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _asked() -> dict[str, str]:
    names = ("kind", "since", "until")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _page(address: str, after: str | None) -> dict[str, Any]:  # Any: what the template reads
    """Return what every page of entries needs: what was asked, and where to go on."""
    asked = _asked()
    here = path(address)
    return {
        "here_path": here,
        "asked": asked,
        "query": f"?{urlencode(asked)}" if asked else "",
        "next_url": f"{here}?{urlencode(asked | {'after': after})}" if after else "",
        "first_url": f"{here}?{urlencode(asked)}" if request.args.get("after") else "",
    }


def _next_url(after: str | None) -> str | None:
    if after is None:
        return None
    query = urlencode(_asked() | {"after": after})
    return public_url(f"{request.path}?{query}")


def _csv(
    head: Sequence[str], rows: Iterable[Sequence[object]], name: str, after: str | None
) -> Response:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows(rows)
    answer = Response(file.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}.csv"
    return _with_next(answer, after)


def _json(
    about: dict[str, object], entries: Sequence[Mapping[str, object]], after: str | None
) -> Response:
    answer = jsonify({**about, "entries": entries, "next": _next_url(after)})
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return _with_next(answer, after)


def _with_next(answer: Response, after: str | None) -> Response:
    if url := _next_url(after):
        answer.headers["Link"] = f'<{url}>; rel="next"'
    return answer
