"""Migrations: one line of them, and what they make is what the models say."""

from importlib import import_module

import pytest
from alembic.script import ScriptDirectory

from marketplace.core import migrate
from tests import cluster


@pytest.fixture(scope="module", autouse=True)
def models():
    """Every feature's tables, also of those that no page uses yet."""
    for path in sorted((cluster.CHECKOUT / "marketplace").glob("*/models*")):
        import_module(f"marketplace.{path.parent.name}.models")


class TestMigrations:
    def test_have_one_head(self):
        script = ScriptDirectory.from_config(migrate.config(cluster.server_dsn()))
        assert len(script.get_heads()) == 1

    def test_make_what_the_models_say(self):
        migrate.check(cluster.test_dsn("models"))

    def test_can_run_twice(self):
        dsn = cluster.test_dsn("twice")
        migrate.upgrade(dsn)
        migrate.check(dsn)
