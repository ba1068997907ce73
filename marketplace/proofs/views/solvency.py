"""What is owed to projects and what is there for it, for everybody."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from flask import Response, current_app, jsonify

from marketplace.core import clock
from marketplace.core.i18n import _
from marketplace.core.web import access, render
from marketplace.core.web.texts import amount_writer, short_day
from marketplace.look.charts import Series, stepped_chart
from marketplace.proofs.queries import log
from marketplace.proofs.queries import solvency as queries
from marketplace.proofs.queries.solvency import Solvency
from marketplace.proofs.rules.solvency import PARTS, Sheet
from marketplace.proofs.views.routes import blueprint
from marketplace.reconciliation.queries import publishing
from marketplace.reconciliation.queries.publishing import Hold

DAYS = 90


@blueprint.get("/solvency")
@access("public")
def solvency() -> tuple[str, int]:
    """Show that what is owed to projects is there, how old it is and how long it takes."""
    hold = publishing.hold()
    told = _told(hold)
    return render(
        "proofs/solvency.html",
        told=told,
        hold=hold,
        today=told.days[-1][0],
        currency=told.currency,
        head=log.find_head(),
        key=str(current_app.config["LOG_SIGNER"].key),
        drawing=_drawing(told),
        weeks=told.days[::-7],
    )


@blueprint.get("/solvency.json")
@access("public")
def solvency_json() -> Response:
    """Answer the same figures for programs."""
    hold = publishing.hold()
    told = _told(hold)
    head = log.find_head()
    return jsonify(
        {
            "counted_at": told.counted_at.isoformat(timespec="seconds"),
            "checked_since": hold.since.isoformat(timespec="seconds") if hold.since else None,
            "currency": told.currency,
            "now": _sheet(told.now),
            "median_days_from_purchase_to_project": told.median_days,
            "median_is_of_what_was_paid_since": told.paid_since.isoformat(),
            "oldest_unpaid": {
                part: {"since": one.day.isoformat(), "project": one.slug}
                for part, one in told.oldest.items()
            },
            "days": [{"day": day.isoformat()} | _sheet(sheet) for day, sheet in told.days],
            "log": {"leaves": head.size, "checkpoint": head.note} if head else None,
        }
    )


def _told(hold: Hold) -> Solvency:
    """Return the figures; while something differs, to the last day that was reconciled whole."""
    currency = str(current_app.config["SETTINGS"].currency)
    told = queries.solvency_of(currency, now=clock.now(), days=DAYS)
    if hold.since is None or hold.reconciled_at is None:
        return told
    last = hold.reconciled_at.astimezone(UTC).date()
    days = [(day, sheet) for day, sheet in told.days if day < last]
    return replace(told, days=days, counted_at=_end_of(days[-1][0])) if days else told


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), UTC)


def _sheet(sheet: Sheet) -> dict[str, int]:
    sums = ("owed_to_projects", "owed", "difference")
    return {f"{part}_minor": getattr(sheet, part) for part in (*PARTS, *sums)}


def _drawing(told: Solvency) -> str:
    first = next((place for place, (_day, one) in enumerate(told.days) if one.held), 0)
    days = told.days[max(0, min(first, DAYS - 7)) :]
    return stepped_chart(
        title=_("What the payment provider holds for all, and what of it is owed to projects"),
        labels=[short_day(day) for day, _one in days],
        series=[
            Series("paid", _("Held for all"), [one.held for _day, one in days]),
            Series("in", _("Owed to projects"), [one.owed_to_projects for _day, one in days]),
        ],
        write=amount_writer(told.currency),
    )
