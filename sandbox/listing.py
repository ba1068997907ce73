"""Lists in Stripe's form: newest first, cursors, `created` filters."""

from collections.abc import Mapping, Sequence

from sandbox.errors import invalid, missing
from sandbox.params import Params
from sandbox.shapes import Json
from sandbox.store import Unit

PAGING = ("limit", "starting_after", "ending_before", "created")
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def list_of(url: str, data: list[Json], has_more: bool = False) -> Json:
    """The envelope of a list."""
    return {"object": "list", "url": url, "has_more": has_more, "data": data}


def created_conditions(params: Params) -> list[tuple[str, int]]:
    """SQL conditions of the `created` filter: an exact second or a range."""
    raw = params.raw("created")
    if raw is None or raw == "":
        return []
    if isinstance(raw, str):
        return [("created = %s", params.integer("created") or 0)]
    span = params.nested("created")
    span.only(_COMPARISONS)
    return [(f"created {_COMPARISONS[name]} %s", span.integer(name) or 0) for name in span.names()]


def list_objects(
    unit: Unit,
    params: Params,
    kind: str,
    url: str,
    *,
    filters: Sequence[str] = (),
    fixed: Mapping[str, str] | None = None,
) -> Json:
    """One page of the caller's objects of a type.

    `filters` are parameters that name a field of the object, `fixed` conditions always apply.
    """
    params.only((*PAGING, *filters))
    conditions: list[tuple[str, object]] = [
        ("type = %s", kind),
        ("account IS NOT DISTINCT FROM %s", unit.caller.account),
        *created_conditions(params),
    ]
    wanted = {name: params.text(name) for name in filters} | dict(fixed or {})
    for field, value in wanted.items():
        if value is not None:
            conditions.append((f"data ->> '{field}' = %s", value))
    limit = params.integer("limit") or 10
    if not 1 <= limit <= 100:
        raise invalid("Invalid limit: must be between 1 and 100", param="limit")
    after, before = params.text("starting_after"), params.text("ending_before")
    if after:
        conditions.append(("seq < %s", _position(unit, kind, after, "starting_after")))
    if before:
        conditions.append(("seq > %s", _position(unit, kind, before, "ending_before")))
    found = unit.find(
        " AND ".join(condition for condition, _ in conditions),
        [value for _, value in conditions],
        order="seq" if before else "seq DESC",
        limit=limit + 1,
    )
    page = [record.data for record in found[:limit]]
    return list_of(url, page[::-1] if before else page, has_more=len(found) > limit)


def _position(unit: Unit, kind: str, object_id: str, param: str) -> int:
    row = unit.connection.execute(
        "SELECT seq FROM sandbox.object WHERE id = %s AND type = %s", (object_id, kind)
    ).fetchone()
    if row is None:
        raise missing(kind, object_id, param=param, status=400)
    return int(row[0])
