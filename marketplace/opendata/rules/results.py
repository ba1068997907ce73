"""What projects measured, as results of IATI's activities."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from marketplace.opendata.rules.records import Indicated, ProjectTold, StepTold
from marketplace.opendata.rules.xml import element, quoted, said

OTHER_RESULT, UNIT, OTHER_VOCABULARY = "9", "1", "99"
OUTPUT, QUALITATIVE = "1", "5"
SDG_INDICATORS = "https://unstats.un.org/sdgs/indicators/indicators-list/"


def result(told: Indicated, project: ProjectTold) -> Iterator[str]:
    """Yield an indicator with its baseline, its target and every value that counts."""
    adds = "1" if told.adds_up else "0"
    yield f'<result type="{OTHER_RESULT}" aggregation-status="{adds}">\n'
    yield said("title", told.title)
    yield f'<indicator measure="{UNIT}" aggregation-status="{adds}">\n'
    yield said("title", told.title)
    yield said("description", _description(told))
    if told.code:
        code = {"vocabulary": OTHER_VOCABULARY, "code": told.code, "indicator-uri": SDG_INDICATORS}
        yield element("reference", code)
    began_on = told.baseline_on or project.began_on
    if told.baseline is not None:
        at = {"year": str(began_on.year), "iso-date": began_on.isoformat()}
        yield element("baseline", at | {"value": number(told.baseline)})
    for day, value in told.values:
        yield _period(began_on, day, f"<actual value={quoted(number(value))}/>")
        began_on = day if told.adds_up else began_on
    if told.target is not None and told.target_on is not None:
        target = f"<target value={quoted(number(told.target))}/>"
        yield _period(told.baseline_on or project.began_on, told.target_on, target)
    yield "</indicator>\n</result>\n"


def milestone(told: StepTold, project: ProjectTold) -> Iterator[str]:
    """Yield a milestone as an output that is there or not: its day is the end of the period."""
    yield f'<result type="{OUTPUT}" aggregation-status="0">\n'
    yield said("title", told.title)
    yield f'<indicator measure="{QUALITATIVE}" aggregation-status="0">\n'
    yield said("title", "Milestone")
    ends_on = told.due_on or told.reached_on or project.began_on
    due = f"To be reached by {told.due_on}" if told.due_on else "Without a day of its own"
    what = f"<target>{_comment(due)}</target>"
    if told.reached_on:
        what += f"<actual>{_comment(f'Reached on {told.reached_on}')}</actual>"
    yield _period(project.began_on, ends_on, what)
    yield "</indicator>\n</result>\n"


def _comment(words: str) -> str:
    return said("comment", words)


def number(value: Decimal) -> str:
    """Return a number without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _description(told: Indicated) -> str:
    target = f" Target: {number(told.target)}." if told.target is not None else ""
    how = "Each value adds to those before." if told.adds_up else "Each value is the whole state."
    return f"Counted in {told.unit}. {how}{target}"


def _period(began_on: date, ends_on: date, what: str) -> str:
    return (
        "<period>"
        + element("period-start", {"iso-date": min(began_on, ends_on).isoformat()})
        + element("period-end", {"iso-date": ends_on.isoformat()})
        + what
        + "</period>\n"
    )
