"""Each guard is taken out of a copy of the source: a test must notice. Only in the long run."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster import CHECKOUT, environ_for_others
from tests.faults.tally import TALLY

pytestmark = pytest.mark.skipif(
    os.environ.get("FAULTS") != "long", reason="only in `make faults`: each mutant is a run"
)
FAULTS, STORMS = "tests/faults/", "tests/concurrency/"
DISPUTED = "tests/campaigns/test_disputing.py"


@dataclass(frozen=True)
class Mutant:
    """A guard, what stands in its place, and the test that fails without it."""

    name: str
    path: str
    guard: str
    instead: str
    test: str


MUTANTS = [
    Mutant(
        "resend under a forgotten key",
        "marketplace/payments/service.py",
        "only_look_up=is_old or is_doubtful",
        "only_look_up=is_doubtful",
        f"{FAULTS}test_unanswered.py::TestRefund",
    ),
    Mutant(
        "send again what was sent before the backup",
        "marketplace/payments/service.py",
        "only_look_up=is_old or is_doubtful",
        "only_look_up=is_old",
        f"{FAULTS}test_older_backup.py::TestOlderBackup",
    ),
    Mutant(
        "a new key for each try",
        "marketplace/payments/gateway/commanding.py",
        '"idempotency_key": str(sending.id)',
        '"idempotency_key": __import__("uuid").uuid4().hex',
        f"{FAULTS}test_unanswered.py::TestPaymentPage",
    ),
    Mutant(
        "silence taken for a refusal",
        "marketplace/payments/gateway/commanding.py",
        'return Ambiguous(f"{type(error).__name__}: {error}")',
        "return Refused(str(error))",
        f"{FAULTS}test_unanswered.py::TestRefund",
    ),
    Mutant(
        "a command that was sent is not looked for",
        "marketplace/payments/queries.py",
        ".where(stuck | waiting)",
        ".where(waiting & (ProviderCommand.state == CommandState.PENDING))",
        f"{FAULTS}test_killed.py::TestKilledWhileRefunding",
    ),
    Mutant(
        "effects without a key",
        "marketplace/ledger/service.py",
        "    posting = Posting(kind, effect_key,",
        '    effect_key += __import__("uuid").uuid4().hex\n    posting = Posting(kind, effect_key,',
        f"{FAULTS}test_schedules.py",
    ),
    Mutant(
        "an older backup without payouts made since",
        "marketplace/backups/commands.py",
        "adopted += _adopt(event.object_id)",
        "adopted += 0",
        f"{FAULTS}test_older_backup.py::TestOlderBackup",
    ),
    Mutant(
        "a backup that nobody checks",
        "marketplace/core/backup.py",
        "if not path.is_file() or _digest(path) != digest:",
        "if not path.is_file():",
        f"{FAULTS}test_older_backup.py::TestBackup",
    ),
    Mutant(
        "a backup whose books nobody proves",
        "marketplace/backups/commands.py",
        "for one in invariants.check_all() if not one.holds",
        "for one in invariants.check_all()[:0]",
        f"{FAULTS}test_older_backup.py::TestBackup::test_whose_books_do_not_hold_comes_back_and_says_so",
    ),
    Mutant(
        "an order that nobody holds",
        "marketplace/orders/queries/reading.py",
        ".with_for_update(key_share=True)",
        "",
        f"{STORMS}test_money_back.py::TestRefunds",
    ),
    Mutant(
        "a balance that nobody holds",
        "marketplace/ledger/service.py",
        "    session.execute(_FOLD_ALL, in_order)\n",
        "",
        f"{STORMS}test_books.py::TestPayouts",
    ),
    Mutant(
        "a network call inside the transaction",
        "marketplace/checkout/jobs.py",
        "    outcome = gateway.current().execute(sending)\n",
        "    with atomic():\n"
        "        queries.lock_command(sending.id)\n"
        "        outcome = gateway.current().execute(sending)\n",
        f"{FAULTS}test_outside.py",
    ),
    Mutant(
        "a commit that is answered before it is safe",
        "marketplace/core/db.py",
        "set jit = off;",
        "set jit = off; set synchronous_commit = off;",
        f"{FAULTS}test_database.py::TestAcknowledged",
    ),
    Mutant(
        "an effect apart from what says that it was done",
        "marketplace/checkout/jobs.py",
        "        ended = payments.finish(command_id=sending.id, outcome=outcome, now=now())\n",
        "        ended = payments.finish(command_id=sending.id, outcome=outcome, now=now())\n"
        "    with atomic():\n",
        f"{FAULTS}test_database.py::TestStep",
    ),
    Mutant(
        "a database that is gone taken for a fault of ours",
        "marketplace/core/web/failures.py",
        "app.register_error_handler(sa.exc.OperationalError, answer_overload)",
        "pass",
        f"{FAULTS}test_database.py::TestWeb",
    ),
    Mutant(
        "a message that is kept twice",
        "marketplace/payments/service.py",
        ".on_conflict_do_nothing()",
        "",
        f"{STORMS}test_storm.py::TestNews",
    ),
    Mutant(
        "messages that anybody may write",
        "marketplace/payments/gateway/messages.py",
        "        self._check(body, signature)\n",
        "",
        "tests/payments/test_gateway.py::TestMessage",
    ),
    Mutant(
        "payments that nobody asks for",
        "marketplace/checkout/jobs.py",
        "    for session_id in sessions:\n",
        "    for session_id in sessions[:0]:\n",
        f"{FAULTS}test_killed.py::TestKilledWhileReturning",
    ),
    Mutant(
        "what a bank claims of a pool is promised to orders",
        "marketplace/campaigns/service/reserving.py",
        "- pool.lost_minor - pool.claimed_minor) as minor",
        "- pool.lost_minor) as minor",
        f"{DISPUTED}::TestOpened::test_is_counted_where_it_is_reserved",
    ),
    Mutant(
        "a pool goes back while its payment is disputed",
        "marketplace/campaigns/service/ending.py",
        "    if queries.is_disputed(pool.id):\n        return\n",
        "",
        f"{DISPUTED}::TestOpened::test_of_a_pool_that_is_over_holds_what_would_go_back",
    ),
    Mutant(
        "what comes back to a pool goes to a sponsor who has it",
        "marketplace/campaigns/service/ending.py",
        "amount = min(claim.claimed_minor, pool.rest_minor)",
        "amount = 0",
        f"{DISPUTED}::TestLost::test_is_made_good_by_what_comes_back_later",
    ),
    Mutant(
        "frozen again by each message",
        "marketplace/campaigns/service/disputing.py",
        'key = f"dispute:{claim.id}:opened"',
        'key = f"dispute:{claim.id}:opened:{new_id()}"',
        f"{FAULTS}test_sponsor_disputes.py",
    ),
    Mutant(
        "a verifier that believes the site",
        "marketplace/proofs/verify.py",
        'raise Wrong("this is not in the log")',
        "pass",
        f"{FAULTS}test_tampering.py",
    ),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """Return a copy of the source as it lies here, with what was built of it."""
    target = tmp_path_factory.mktemp("mutants") / "checkout"
    left_out = shutil.ignore_patterns(
        ".git", ".venv", "instance", "__pycache__", ".*_cache", ".hypothesis", ".coverage*"
    )
    shutil.copytree(CHECKOUT, target, ignore=left_out)
    (target / ".venv").symlink_to(CHECKOUT / ".venv")
    return target


def fails(copy: Path, *tests: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider",
         *tests],
        cwd=copy, env=environ_for_others() | {"FAULTS": "short"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout[-2000:]


class TestMutant:
    def test_is_not_seen_where_there_is_none(self, copy):
        code, said = fails(copy, *sorted({mutant.test for mutant in MUTANTS}))
        assert code == 0, said

    @pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
    def test_is_noticed(self, copy, mutant):
        path = copy / mutant.path
        source = path.read_text()
        assert source.count(mutant.guard) == 1, "the guard has moved: name it anew"
        TALLY.mutants_total += 1
        path.write_text(source.replace(mutant.guard, mutant.instead))
        try:
            code, said = fails(copy, mutant.test)
        finally:
            path.write_text(source)
        assert code == 1, said
        TALLY.mutants_killed += 1
