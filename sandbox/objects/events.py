"""Events: what happened, for thirty days."""

from sandbox.errors import invalid, missing
from sandbox.listing import PAGING, created_conditions, list_of
from sandbox.params import Params
from sandbox.routing import endpoint
from sandbox.shapes import Json
from sandbox.store import Unit

KEPT_SECONDS = 30 * 86_400
_SELECT = (
    "SELECT event.data, coalesce(delivery.state, 'delivered') = 'pending', event.seq"
    " FROM sandbox.event LEFT JOIN sandbox.delivery ON delivery.event_id = event.id WHERE "
)


def _shown(data: Json, waiting: bool) -> Json:
    return {**data, "pending_webhooks": int(waiting)}


def _type_condition(params: Params) -> tuple[str, object] | None:
    kind, kinds = params.text("type"), params.texts("types")
    if kind and kinds:
        raise invalid("Send either type or types", param="types")
    wanted = [kind] if kind else kinds
    if not wanted:
        return None
    patterns = [name.replace("_", r"\_").replace("*", "%") for name in wanted]
    return "event.type LIKE ANY (%s)", patterns


@endpoint("GET", "/events")
def list_events(unit: Unit, params: Params) -> Json:
    """List by type (also `charge.*`), several types, time and success of delivery."""
    params.only((*PAGING, "type", "types", "delivery_success"))
    limit = params.integer("limit") or 10
    if not 1 <= limit <= 100:
        raise invalid("Invalid limit: must be between 1 and 100", param="limit")
    conditions: list[tuple[str, object]] = [
        ("event.account IS NOT DISTINCT FROM %s", unit.caller.account),
        ("event.created > %s", unit.now - KEPT_SECONDS),
        *((f"event.{text}", value) for text, value in created_conditions(params)),
    ]
    by_type = _type_condition(params)
    if by_type:
        conditions.append(by_type)
    if "delivery_success" in params:
        conditions.append(
            (
                "(coalesce(delivery.state, 'delivered') = 'delivered') = %s",
                params.flag("delivery_success"),
            )
        )
    after, before = params.text("starting_after"), params.text("ending_before")
    if after:
        conditions.append(("event.seq < %s", _position(unit, after, "starting_after")))
    if before:
        conditions.append(("event.seq > %s", _position(unit, before, "ending_before")))
    rows = unit.connection.execute(
        _SELECT
        + " AND ".join(text for text, _ in conditions)
        + f" ORDER BY event.seq {'' if before else 'DESC'} LIMIT %s",
        [*(value for _, value in conditions), limit + 1],
    ).fetchall()
    page = [_shown(row[0], row[1]) for row in rows[:limit]]
    return list_of("/v1/events", page[::-1] if before else page, has_more=len(rows) > limit)


def _position(unit: Unit, event: str, param: str) -> int:
    row = unit.connection.execute(
        "SELECT seq FROM sandbox.event WHERE id = %s", (event,)
    ).fetchone()
    if row is None:
        raise missing("event", event, param=param, status=400)
    return int(row[0])


@endpoint("GET", "/events/<event>")
def retrieve(unit: Unit, params: Params, event: str) -> Json:
    """One event."""
    params.only(())
    row = unit.connection.execute(_SELECT + "event.id = %s", (event,)).fetchone()
    if row is None:
        raise missing("event", event)
    return _shown(row[0], row[1])
