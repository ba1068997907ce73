"""`expand[]`: replace identifiers by the objects that they name."""

import copy

from sandbox.errors import invalid
from sandbox.listing import list_of
from sandbox.params import Params
from sandbox.shapes import Json, JsonValue, names
from sandbox.store import Unit

_EXPANDABLE = names(
    "balance_transaction charge destination destination_payment destination_payment_refund"
    " failure_balance_transaction latest_charge payment_intent payment_method source source_refund"
    " source_transaction source_transfer transfer transfer_reversal customer review on_behalf_of"
    " application source_transfer_reversal"
)
_DEEPEST = 4


def render(unit: Unit, body: Json, params: Params) -> Json:
    """A copy of the answer as the caller sees it now, with the requested expansions."""
    shown: Json = copy.deepcopy(body)
    _refresh(unit, shown)
    for path in params.texts("expand"):
        parts = path.split(".")
        if len(parts) > _DEEPEST:
            raise invalid("You can expand at most 4 levels", param="expand")
        _expand(unit, shown, parts, path)
    return shown


def _refresh(unit: Unit, node: Json) -> None:
    """Fields that change with the clock alone are computed when they are shown."""
    if node.get("object") == "list":
        for item in node["data"]:
            _refresh(unit, item)
    elif node.get("object") == "balance_transaction":
        node["status"] = "available" if node["available_on"] <= unit.now else "pending"


def _expand(unit: Unit, node: Json, parts: list[str], path: str) -> None:
    head, rest = parts[0], parts[1:]
    if node.get("object") == "list":
        if head != "data":
            raise _not_expandable(path)
        for item in node["data"] if rest else []:
            _expand(unit, item, rest, path)
        return
    value = _included(unit, node, head)
    if value is None:
        if head not in node or (head not in _EXPANDABLE and not isinstance(node[head], dict)):
            raise _not_expandable(path)
        value = _named(unit, node[head])
    node[head] = value
    if rest and isinstance(value, dict):
        _expand(unit, value, rest, path)


def _included(unit: Unit, node: Json, head: str) -> Json | None:
    """Lists that are shown only when they are asked for."""
    if head == "line_items" and node.get("object") == "checkout.session":
        record = unit.get(node["id"])
        items = record.internal["line_items"] if record else []
        return list_of(f"/v1/checkout/sessions/{node['id']}/line_items", items)
    if head == "refunds" and node.get("object") == "charge":
        condition = "type = 'refund' AND data ->> 'charge' = %s"
        found = unit.find(condition, [node["id"]], order="seq DESC", limit=11)
        url = f"/v1/charges/{node['id']}/refunds"
        return list_of(url, [record.data for record in found[:10]], has_more=len(found) > 10)
    return None


def _named(unit: Unit, value: JsonValue) -> JsonValue:
    """The object behind an identifier; anything else as it is."""
    record = unit.get(value) if isinstance(value, str) else None
    if record is None:
        return value
    shown = copy.deepcopy(record.data)
    _refresh(unit, shown)
    return shown


def _not_expandable(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", param="expand")
