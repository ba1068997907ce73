"""Local days and times as people say them, and the moments that they are."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from marketplace.core.errors import Invalid
from marketplace.core.i18n import _l

FURTHEST = timedelta(days=366)
_REGIONS = (
    *("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/"),
    *("Europe/", "Indian/", "Pacific/"),
)


@cache
def zones() -> tuple[str, ...]:
    """Return the names of time zones that places have, UTC first."""
    known = available_timezones()
    named = {name for names in get_global("territory_zones").values() for name in names}
    return ("UTC", *sorted(name for name in named & known if name.startswith(_REGIONS)))


def zone_of(country: str | None) -> str:
    """Return the first time zone of a country (two capital letters), UTC where it is not known."""
    known = get_global("territory_zones").get(country or "", [])
    return next((name for name in known if name in zones()), "UTC")


def moment_of(day: str, hour: str, zone: str, *, now: datetime) -> datetime:
    """Return the moment, in UTC, that a local day and time are; of two that are the same the first.

    :raises Invalid: it is no day or time, is past or far away, or the clocks leave it out.
    """
    try:
        on, at = date.fromisoformat(day), time.fromisoformat(hour)
    except ValueError:
        raise Invalid(
            fields={"day": _l("Say the day and the time, like 2026-03-12 09:00.")}
        ) from None
    if zone not in zones():
        raise Invalid(fields={"zone": _l("Choose a time zone of the list.")})
    if not date(2000, 1, 1) <= on <= (now + FURTHEST).date():
        raise Invalid(fields={"day": _l("Choose a day within a year from now.")})
    local = datetime.combine(on, at.replace(second=0, microsecond=0, tzinfo=None), ZoneInfo(zone))
    moment = local.astimezone(UTC)
    if moment.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Invalid(
            fields={"day": _l("The clocks are put forward then: this time does not exist there.")}
        )
    if moment <= now:
        raise Invalid(fields={"day": _l("This is past. Choose a time to come.")})
    return moment


def local(moment: datetime, zone: str) -> datetime:
    """Return a moment as the clocks of a time zone show it."""
    return moment.astimezone(ZoneInfo(zone if zone in zones() else "UTC"))


def offset(moment: datetime, zone: str) -> str:
    """Return how far a zone's clocks are from UTC at a moment, like UTC+03:00."""
    text = local(moment, zone).strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"
