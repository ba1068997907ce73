"""Activities in IATI's format: what is done where, by whom, and with how much (1.0x and 2.0x)."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from marketplace.core.reading.elements import Node
from marketplace.core.reading.report import Refused
from marketplace.core.reading.spool import Group
from marketplace.core.reading.text import one_line, plain, repaired
from marketplace.projects.imports.records import (
    NO_ID,
    NO_ORGANISATION,
    ProjectRecord,
    check_texts,
    country_of,
    goal_of,
    sdg_of,
    summary_of,
)

NODE = "activity"
"""The name under which an element lies in the spool."""
IMPLEMENTING = ("4", "implementing", "beneficiary")
FUNDING = ("1", "funding", "donor")
GOAL_VOCABULARY = {"sector": "7", "tag": "2"}
MONEY = (
    # kinds of transactions, as 1.0x and 2.0x call them: what tells best how much is needed first
    ("2", "c", "commitment"),
    ("11", "incoming commitment"),
    ("1", "if", "incoming funds"),
    ("3", "d", "disbursement", "disbursment"),
)
LANGUAGE = "xml:lang"


def cells_of(node: Node) -> dict[str, Any]:  # Any: JSON
    """Return what goes through the spool."""
    return {NODE: node.to_json()}


def name_of(line: int, cells: Mapping[str, Any]) -> str:  # Any: JSON
    """Return the activity's identifier."""
    node = Node.from_json(cells[NODE])
    for child in ("iati-identifier", "other-identifier"):
        for found in node.all(child):
            name = one_line(found.text) or found.attributes.get("ref", "").strip()
            if name:
                return name
    raise Refused(line, NO_ID, _words(node, "title"))


def project_of(group: Group) -> ProjectRecord:
    """Make a project of an activity; who carries it out is the organisation."""
    line, cells = group.rows[0]
    node = Node.from_json(cells[NODE])
    organisation = _taking_part(node, IMPLEMENTING) or _words(node, "reporting-org")
    if not organisation:
        raise Refused(line, NO_ORGANISATION, group.name)
    title, story = _words(node, "title"), _story(node)
    currency, amount = _money(node)
    place = _words(node, "location", "name")
    return check_texts(
        ProjectRecord(
            external_ref=group.name,
            line=line,
            title=title,
            summary=summary_of(story),
            story=story,
            organisation=organisation,
            place="" if country_of(place) else place,
            country=_country(node, place),
            sdg=_goal(node) or sdg_of(title, story),
            currency=currency,
            goal_minor=goal_of(line, amount, currency),
            source=_source(node, group.name),
        )
    )


def _words(node: Node, *names: str) -> str:
    """Return the words of the first of such elements, in English where there are any."""
    for found in node.all(*names):
        told = [one for one in found.all("narrative") if one.text.strip()]
        if not told and found.text.strip():
            return one_line(repaired(found.text))
        if told:
            return one_line(repaired(_english(told, node).text))
    return ""


def _english(told: list[Node], activity: Node) -> Node:
    usual = activity.attributes.get(LANGUAGE, "en")
    return next((one for one in told if one.attributes.get(LANGUAGE, usual) == "en"), told[0])


def _story(node: Node) -> str:
    texts = []
    for found in node.all("description"):
        told = [one for one in found.all("narrative") if one.text.strip()]
        text = _english(told, node).text if told else found.text
        texts.append(plain(repaired(text)))
    return "\n\n".join(text for text in texts if text.strip())


def _taking_part(node: Node, roles: tuple[str, ...]) -> str:
    """Return the name of who takes part in one of these roles, the first role first."""
    for role in roles:
        for found in node.all("participating-org"):
            if found.attributes.get("role", "").strip().lower() == role:
                told = [one.text for one in found.all("narrative")] or [found.text]
                if name := one_line(repaired(told[0])):
                    return name
    return ""


def _country(node: Node, place: str) -> str | None:
    for found in node.all("recipient-country"):
        told = [one.text for one in found.all("narrative")] or [found.text]
        if country := country_of(found.attributes.get("code"), *told):
            return country
    return country_of(place)


def _goal(node: Node) -> int | None:
    """Return the first Sustainable Development Goal that it is tagged with."""
    for name, vocabulary in GOAL_VOCABULARY.items():
        for found in node.all(name):
            code = found.attributes.get("code", "")
            if found.attributes.get("vocabulary") == vocabulary and re.fullmatch(
                "[1-9]|1[0-7]", code
            ):
                return int(code)
    return None


def _money(node: Node) -> tuple[str, Decimal | str | None]:
    """Return the currency, and the sum of budgets, or else of the transactions that tell best."""
    usual = node.attributes.get("default-currency", "").strip().upper()
    values = list(node.all("budget", "value"))
    for kinds in MONEY:
        wanted = (one for one in node.all("transaction") if _kind(one) in kinds)
        values = values or [value for one in wanted for value in one.all("value")]
    currencies = {value.attributes.get("currency", "").strip().upper() or usual for value in values}
    if not values:
        return usual, None
    if len(currencies) > 1:  # sums of several currencies are none
        return usual, "+".join(sorted(currencies))
    try:
        amounts = [Decimal(value.text.strip().replace(",", "") or "0") for value in values]
    except InvalidOperation:
        return usual, values[0].text
    return currencies.pop(), sum(amounts, Decimal())


def _kind(transaction: Node) -> str:
    """Return the kind of a transaction, as an element (2.0x, 1.01) or an attribute (1.0)."""
    codes = [one.attributes.get("code", "") for one in transaction.all("transaction-type")]
    return (codes[0] if codes else transaction.attributes.get("type", "")).strip().lower()


def _source(node: Node, name: str) -> str:
    told = _words(node, "reporting-org")
    funder = _taking_part(node, FUNDING)
    given = f", funded by {funder}" if funder and funder != told else ""
    return f"{told or 'IATI'}, activity {name}{given}"
