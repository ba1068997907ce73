"""`expand[]`: replace identifiers by the objects that they name."""

import copy

from sandbox.errors import invalid
from sandbox.listing import list_of
from sandbox.params import Params
from sandbox.shapes import Json
from sandbox.store import Unit

_EXPANDABLE = frozenset(
    "balance_transaction charge destination destination_payment destination_payment_refund"
    " failure_balance_transaction latest_charge payment_intent payment_method source source_refund"
    " source_transaction source_transfer transfer transfer_reversal customer review on_behalf_of"
    " application source_transfer_reversal".split()
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
        for item in node["data"]:
            if rest:
                _expand(unit, item, rest, path)
        return
    if head == "line_items" and node.get("object") == "checkout.session":
        record = unit.get(node["id"])
        items = record.internal["line_items"] if record else []
        node[head] = list_of(f"/v1/checkout/sessions/{node['id']}/line_items", items)
    elif head == "refunds" and node.get("object") == "charge":
        found = unit.find(
            "type = 'refund' AND data ->> 'charge' = %s", [node["id"]], order="seq DESC"
        )
        node[head] = list_of(f"/v1/charges/{node['id']}/refunds", [r.data for r in found[:10]])
    elif head not in node or (head not in _EXPANDABLE and not isinstance(node[head], dict)):
        raise _not_expandable(path)
    value = node[head]
    if isinstance(value, str):
        found_record = unit.get(value)
        if found_record is not None:
            value = node[head] = copy.deepcopy(found_record.data)
            _refresh(unit, value)
    if rest and isinstance(value, dict):
        _expand(unit, value, rest, path)


def _not_expandable(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", param="expand")
