"""One line of JSON at the end: what was broken, and whether the book and the provider still agree.

Nothing here is claimed by a test: crashes are counted where a process has died, faults where the
provider's journal notes one, and operations by holding the book against what the provider holds.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields

import pytest
import sqlalchemy as sa

from marketplace.core.db import session
from sandbox.app import store_of
from tests.provider import Provider


@dataclass
class Tally:
    """What happened in the tests of faults of one process."""

    crashes: int = 0
    faults: int = 0
    schedules: int = 0
    acked: int = 0
    lost: int = 0
    duplicated: int = 0
    cents_off: int = 0
    mutants_killed: int = 0
    mutants_total: int = 0

    def add(self, told: dict[str, int]) -> None:
        for name, count in told.items():
            setattr(self, name, getattr(self, name) + count)

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, one.name) for one in fields(self))


@dataclass
class _Clock:
    began: float = field(default_factory=time.monotonic)


TALLY, _CLOCK = Tally(), _Clock()

PROVIDER = """
select 'capture:' || (data ->> 'payment_intent'), data ->> 'transfer_group',
    (data ->> 'amount_captured')::int, data ->> 'transfer_group'
from sandbox.object where type = 'charge' and (data ->> 'amount_captured')::int > 0
union all
select 'refund:' || back.id, charge.data ->> 'transfer_group', -(back.data ->> 'amount')::int,
    coalesce(back.data -> 'metadata' ->> 'command', back.id)
from sandbox.object back join sandbox.object charge
    on charge.type = 'charge' and charge.id = back.data ->> 'charge'
where back.type = 'refund' and back.data ->> 'status' in ('succeeded', 'pending')
union all
select 'payout_settled:' || substr(data ->> 'transfer_group', 8),
    substr(data ->> 'transfer_group', 8), -(data ->> 'amount')::int, data ->> 'transfer_group'
from sandbox.object where type = 'transfer' and data ->> 'transfer_group' like 'payout-%'
"""
BOOK = sa.text("""
select happened.effect_key, happened.subject_id::text, sum(
    case when transfer.debit_id = account.id then transfer.amount_minor
         else -transfer.amount_minor end)::bigint
from ledger_transaction happened
join ledger_transfer transfer on transfer.transaction_id = happened.id
join ledger_account account on account.purpose = 'provider_clearing'
    and account.id in (transfer.debit_id, transfer.credit_id)
where happened.kind in
    ('capture', 'late_payment', 'late_payment_refund', 'refund', 'payout_settled')
group by 1, 2
""")
SUBJECTS = sa.text("select id::text from customer_order union all select id::text from payout")


@contextmanager
def audited(provider: Provider) -> Iterator[None]:
    """Compare the book and the provider over what came into being meanwhile."""
    known = set(_subjects())
    store = store_of(provider.double)
    noted = "select count(*) from sandbox.journal where note <> 'replayed'"
    with store.connection() as connection:
        before = connection.execute(noted).fetchone()[0]
    yield
    fresh = set(_subjects()) - known
    with store.connection() as connection:
        TALLY.faults += connection.execute(noted).fetchone()[0] - before
        theirs = [row for row in connection.execute(PROVIDER).fetchall() if row[1] in fresh]
    ours = {key: minor for key, about, minor in session.execute(BOOK) if about in fresh}
    session.rollback()
    told = compare(theirs, ours)
    TALLY.add(told)
    assert (told["lost"], told["duplicated"], told["cents_off"]) == (0, 0, 0), (theirs, ours)


def compare(theirs: list[tuple[str, str, int, str]], ours: dict[str, int]) -> dict[str, int]:
    """Return what both say: each of theirs has a key, a subject, an amount, and its command."""
    said = {key.replace("late:", "capture:", 1): minor for key, minor in ours.items()}
    keys = {key for key, *_ in theirs}
    off = sum(abs(minor - said.get(key, 0)) for key, _about, minor, _command in theirs)
    off += sum(abs(minor) for key, minor in said.items() if key not in keys)
    return {
        "acked": len(theirs),
        "lost": len(keys - said.keys()),
        "duplicated": len(theirs) - len({(key.split(":")[0], one) for key, _, _, one in theirs}),
        "cents_off": off,
    }


def _subjects() -> list[str]:
    session.rollback()
    return list(session.scalars(SUBJECTS))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts over, if this is one of several processes."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["faults"] = asdict(TALLY)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Add what another process counted."""
    TALLY.add(getattr(node, "workeroutput", {}).get("faults", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the line, if there was any test of faults."""
    if not TALLY.is_empty:
        line = asdict(TALLY) | {"seconds": round(time.monotonic() - _CLOCK.began, 1)}
        terminalreporter.write_line(json.dumps(line))
