"""For those who run it: alive, able to serve, and counted by endpoint."""

import sqlalchemy as sa

from marketplace.core.web import health


class TestHealth:
    def test_is_alive_and_ready(self, client):
        for path in ("/healthz", "/readyz"):
            answer = client.get(path)
            assert answer.json == {"status": "ok"}
            assert answer.headers["Cache-Control"] == "no-store"

    def test_is_not_ready_without_the_database(self, client, monkeypatch):
        def execute(*_args: object) -> None:
            raise sa.exc.OperationalError("select 1", {}, Exception("gone"))

        monkeypatch.setattr(health.session, "execute", execute)
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200


class TestMetrics:
    def test_counts_by_endpoint_and_never_by_address(self, client):
        client.get("/no-such-page-7c1")
        client.get("/healthz")
        answer = client.get("/metrics")
        assert answer.mimetype == "text/plain"
        assert 'causeway_requests_total{endpoint="health.alive",method="GET",status="200"}' in (
            answer.text
        )
        assert "no-such-page-7c1" not in answer.text

    def test_are_those_of_all_processes_where_there_are_several(
        self, client, monkeypatch, tmp_path
    ):
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        assert client.get("/metrics").text == ""
