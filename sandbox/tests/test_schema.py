from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from sandbox import install_schema


@pytest.fixture(scope="module")
def fresh() -> str:
    from tests import cluster

    return cluster.empty_dsn("sandbox_schema")


class TestInstalling:
    def test_works_from_many_processes_at_once(self, fresh):
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(install_schema, [fresh] * 6))
        with psycopg.connect(fresh) as connection:
            names = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'sandbox'"
            ).fetchall()
        assert {name for (name,) in names} == {
            "object", "event", "delivery", "idempotency", "journal", "setting",
        }  # fmt: skip

    def test_keeps_what_is_there(self, fresh):
        install_schema(fresh)
        with psycopg.connect(fresh) as connection:
            connection.execute("INSERT INTO sandbox.setting VALUES ('clock', '{\"offset\": 5}')")
        install_schema(fresh)
        with psycopg.connect(fresh) as connection:
            assert connection.execute("SELECT count(*) FROM sandbox.setting").fetchone() == (1,)
