"""The marketplace's totals for programs."""

from marketplace.core.db import session
from marketplace.impact import queries
from tests.statements import statements


class TestImpact:
    def test_is_the_one_query_that_the_pages_show(self, client, db, engine):
        with statements(engine) as asked:
            answer = client.get("/api/v1/impact")
        assert len(asked) == 2
        totals = queries.platform_totals("EUR")
        session.rollback()
        found = answer.json
        for name in ("pending", "available", "paid_out", "spent", "given", "by_companies"):
            assert found[f"{name}_minor"] == getattr(totals, f"{name}_minor")
        assert found["currency"] == "EUR"
        assert found["counted_at"]

    def test_is_the_same_while_no_figure_changes(self, client, db):
        tag = client.get("/api/v1/impact").headers["ETag"]
        again = client.get("/api/v1/impact", headers={"If-None-Match": tag})
        assert again.status_code == 304
