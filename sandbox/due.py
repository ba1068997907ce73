"""What happens by itself as the sandbox's clock goes on."""

from collections.abc import Callable

from sandbox import idempotency
from sandbox.objects import checkout_sessions, disputes, payouts, refunds
from sandbox.store import Record, Store, Unit


def _expire_session(unit: Unit, record: Record) -> None:
    if record.data["status"] == "open":
        checkout_sessions.expire(unit, record)


_ACTIONS: dict[str, Callable[[Unit, Record], None]] = {
    "checkout.session": _expire_session,
    "dispute": disputes.let_expire,
    "payout": payouts.arrive,
    "refund": refunds.settle,
}


def run_due(store: Store) -> int:
    """Expire sessions, let payouts arrive and refunds settle; returns how many objects changed."""
    done = 0
    while True:
        with store.transaction() as unit:
            row = unit.connection.execute(
                "SELECT id FROM sandbox.object WHERE due <= %s ORDER BY due, seq LIMIT 1"
                " FOR NO KEY UPDATE SKIP LOCKED",
                (unit.now,),
            ).fetchone()
            record = unit.get(row[0], lock=True) if row else None
            if record is None:
                if done:
                    idempotency.prune(unit)
                return done
            unit.caller.account = record.account
            _ACTIONS[record.type](unit, record)
            done += 1
