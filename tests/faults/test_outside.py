"""No transaction is open, and so nothing is held, while the provider is asked."""

import pytest
import sqlalchemy as sa

from tests.faults.steps import STEPS

OPEN = sa.text(
    "select count(*) from pg_stat_activity where datname = current_database() "
    "and pid <> pg_backend_pid() and xact_start is not null"
)


@pytest.fixture
def watched(market, committing_engine, monkeypatch):
    """Return what is open at each request to the provider, from now on."""
    seen: list[int] = []
    answer = market.provider.double.wsgi_app
    with committing_engine.connect() as watcher:
        watcher.execute(sa.text("reset role"))  # the product may not see what others do

        def look_first(environ, start_response):
            seen.append(watcher.scalar(OPEN))
            return answer(environ, start_response)

        def begin() -> list[int]:
            monkeypatch.setattr(market.provider.double, "wsgi_app", look_first)
            return seen

        yield begin
        watcher.invalidate()  # its role is not the product's any more


@pytest.mark.parametrize("name", sorted(STEPS.keys() - {"release"}))
class TestStep:
    def test_asks_the_provider_outside_of_any_transaction(self, market, watched, name):
        """Fails if a row stays locked as long as somebody else's network wants."""
        step = STEPS[name](market)
        step.ready()
        seen = watched()
        step.begin()
        assert seen
        assert set(seen) == {0}
        step.ended()
