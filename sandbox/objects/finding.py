"""Look up an object that a request names, or answer as Stripe does when it is not there."""

from sandbox.errors import missing
from sandbox.store import Record, Unit


def require(
    unit: Unit, kind: str, object_id: str, *, lock: bool = False, param: str | None = None
) -> Record:
    """The caller's object of a type; `param` names the parameter that held its identifier."""
    record = unit.get(object_id, lock=lock)
    label = kind.replace(".", " ")
    if record is None or record.type != kind or record.account != unit.caller.account:
        raise missing(label, object_id, param=param or "id", status=400 if param else 404)
    return record
