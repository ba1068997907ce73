"""What is typed about pools, by companies and by sponsors: terms, amounts and percentages."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from marketplace.campaigns.service import Terms
from marketplace.core.i18n import _
from marketplace.core.money import NotAnAmount, parse_minor
from marketplace.core.web import Form
from marketplace.core.web.languages import current_language

MOST_BP = 100_000


def terms_of(form: Form, currency: str) -> Terms | None:
    """Return what was typed; what is no amount becomes an error of its field."""
    said: Mapping[str, Any] = form.data  # Any: the form's
    cap = amount_of(form, "cap", currency)
    guarantee = amount_of(form, "guarantee", currency)
    ratio_bp = _ratio(form)
    if form.errors:
        return None
    return Terms(
        title=said["title"].strip(),
        about=said["about"].strip(),
        ratio_bp=ratio_bp,
        cap_minor=cap or None,
        guarantee_minor=guarantee,
        with_gifts=said["with_gifts"],
        scope=said["scope"],
        cause=said["cause"],
        projects=[line.strip().rstrip("/").split("/")[-1] for line in said["projects"].split()],
        starts_at=datetime.combine(said["starts_on"], time(), UTC),
        ends_at=datetime.combine(said["ends_on"], time(), UTC) + timedelta(days=1),
    )


def amount_of(form: Form, name: str, currency: str) -> int:
    """Return an amount in minor units, zero for nothing; what is none becomes an error."""
    text = form.data[name].strip()
    try:
        minor = parse_minor(text, currency, decimal_comma=_comma()) if text else 0
    except NotAnAmount:
        minor = -1
    if minor < 0:
        form.errors[name] = _("Write an amount such as %(example)s.", example="5000")
    return minor


def _ratio(form: Form) -> int:
    text = form.data["ratio"].replace("%", "").strip()
    try:
        share = parse_minor(text, "EUR", decimal_comma=_comma())
    except NotAnAmount:
        share = 0
    if not 0 < share <= MOST_BP:
        form.errors["ratio"] = _("Write a percentage above 0 and up to 1000, such as 100.")
    return share


def _comma() -> bool:
    return current_language() != "en"
