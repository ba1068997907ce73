"""Each import contract, tried by breaking it once: one that cannot fail is worth nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
BREACHES = {
    "features": ("marketplace/accounts/queries.py", "import marketplace.orders.models"),
    "inside": ("marketplace/orders/models/order.py", "import marketplace.orders.queries"),
    "edge": ("marketplace/core/clock.py", "import marketplace.accounts.views"),
    "pure": ("marketplace/giving/rules.py", "import sqlalchemy"),
    "reading": ("marketplace/orders/queries.py", "import marketplace.orders.service"),
    "impact": ("marketplace/impact/queries/totals.py", "import marketplace.orders.service"),
    "http": ("marketplace/orders/service.py", "import flask"),
    "stripe": ("marketplace/orders/queries.py", "import stripe"),
    "config": ("marketplace/orders/queries.py", "import config"),
    "sandbox": ("sandbox/app.py", "import marketplace.core.money"),
    "look": ("marketplace/look/icons.py", "import marketplace.core.db"),
}


def lint(folder: Path, contract: str) -> int:
    program = Path(sys.executable).with_name("lint-imports")
    command = [program, "--no-logo", "--no-cache", "--contract", contract]
    return subprocess.run(command, cwd=folder, capture_output=True).returncode


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("marketplace", "sandbox", "embedded"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("pyproject.toml", "config.py"):
        shutil.copy(CHECKOUT / name, folder / name)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("contract", BREACHES)
class TestContract:
    def test_is_kept_and_notices_a_breach(self, copy, contract):
        assert lint(copy, contract) == 0
        name, line = BREACHES[contract]
        path = copy / name
        kept = path.read_text() if path.exists() else None
        path.write_text((kept or "") + f"\n{line}\n")
        try:
            assert lint(copy, contract) == 1
        finally:
            path.write_text(kept) if kept is not None else path.unlink()
