"""What waits for the operator, with its age; jobs that failed; the audit log."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.accounts import queries as accounts
from marketplace.accounts import service as account_service
from marketplace.accounts.models import AuditEntry
from marketplace.core import clock
from marketplace.core.db import session
from marketplace.desk import queries
from tests import factories
from tests.statements import statements


@pytest.fixture
def operator(client, db, sign_in):
    person = factories.make_user(is_operator=True, email="giulia@example.org", name="Giulia")
    sign_in(client, person)
    return person


@pytest.fixture
def failed_job(db):
    """Return the id of a job that was tried in vain."""
    return fail("order_receipt")


def fail(task):
    job_id = session.scalar(
        sa.text(
            "insert into procrastinate_jobs (queue_name, task_name, args, status, attempts) "
            "values ('default', :task, '{\"order_id\": \"o-1\"}', 'doing', 7) returning id"
        ),
        {"task": task},
    )
    session.execute(
        sa.text("update procrastinate_jobs set status = 'failed' where id = :id"), {"id": job_id}
    )
    session.commit()
    return job_id


def status_of(job_id):
    row = session.execute(
        sa.text("select status, attempts from procrastinate_jobs where id = :id"), {"id": job_id}
    )
    return tuple(row.one())


class TestToday:
    def test_says_that_nothing_waits(self, client, operator):
        session.execute(sa.text("delete from procrastinate_jobs"))
        text = client.get("/staff").text
        assert "Every queue is empty" in text
        assert "not compared with the provider yet" in text

    def test_tells_how_many_wait_and_since_when(self, client, operator, failed_job):
        ago = clock.now() - timedelta(days=3, hours=1)
        factories.make_company(state="draft", verified_at=None, created_at=ago)
        factories.make_company(state="draft", verified_at=None, created_at=clock.now())
        found = {one.name: one for one in queries.list_queues()}
        assert (found["companies"].count, found["companies"].oldest) == (2, ago)
        assert found["failed_jobs"].count == 1
        assert (found["disputes"].count, found["disputes"].oldest) == (0, None)
        text = client.get("/staff").text
        assert "3 days" in text
        assert "Open disputes" in text

    def test_asks_one_statement_for_all_queues(self, db, engine):
        with statements(engine) as asked:
            queries.list_queues()
        assert len(asked) == 1


class TestJobs:
    def test_lists_what_failed(self, client, operator, failed_job):
        text = client.get("/staff/jobs").text
        assert "order_receipt" in text
        assert "o-1" in text

    def test_says_that_nothing_failed(self, client, operator):
        assert "No job has failed" in client.get("/staff/jobs").text

    def test_goes_on_below_a_job(self, client, operator, monkeypatch):
        monkeypatch.setattr(queries.queues, "PER_PAGE", 2)
        jobs = [fail("mail") for _ in range(3)]
        first = queries.list_failed_jobs()
        assert [job.id for job in first.rows] == jobs[:0:-1]
        assert [job.id for job in queries.list_failed_jobs(before=jobs[1]).rows] == jobs[:1]

    def test_tries_again(self, client, operator, failed_job):
        assert client.post(f"/staff/jobs/{failed_job}/retry").status_code == 303
        assert status_of(failed_job)[0] == "todo"
        [entry] = accounts.list_audit("job", f"{failed_job}:order_receipt")
        assert entry.action == "job.retry"
        assert client.post(f"/staff/jobs/{failed_job}/retry").status_code == 404

    def test_gives_up_with_a_reason(self, client, operator, failed_job):
        address = f"/staff/jobs/{failed_job}/give-up"
        assert client.post(address, data={"reason": " "}).status_code == 422
        assert status_of(failed_job)[0] == "failed"
        assert client.post(address, data={"reason": "The address is dead"}).status_code == 303
        assert status_of(failed_job)[0] == "cancelled"
        [entry] = accounts.list_audit("job", f"{failed_job}:order_receipt")
        assert (entry.action, entry.reason) == ("job.give_up", "The address is dead")
        assert "No job has failed" in client.get("/staff/jobs").text


class TestAudit:
    @pytest.fixture
    def entries(self, operator):
        other = factories.make_user(email="other@example.org", name="Other")
        now = clock.now()
        for days, (actor, action, thing) in enumerate(
            [(operator, "company.verify", "a"), (other, "person.block", "b"), (None, "x.y", "c")]
        ):
            account_service.record(
                actor=actor,
                action=action,
                subject_kind="thing",
                subject_id=thing,
                reason=f"because {thing}",
                now=now - timedelta(days=days),
            )
        session.commit()
        return now.date()

    def test_finds_by_person_action_thing_and_day(self, client, entries):
        def reasons(**asked):
            text = client.get("/staff/audit", query_string=asked).text
            return [one for one in "abc" if f"because {one}" in text]

        assert reasons() == ["a", "b", "c"]
        assert reasons(who="OTHER@example.org") == ["b"]
        assert reasons(who="-") == ["c"]
        assert reasons(who="nobody@example.org") == []
        assert reasons(action="company.verify") == ["a"]
        assert reasons(subject="thing b") == ["b"]
        assert reasons(subject="thing") == ["a", "b", "c"]
        assert reasons(since=entries.isoformat()) == ["a"]
        assert reasons(until=(entries - timedelta(days=1)).isoformat()) == ["b", "c"]
        assert reasons(since="nonsense", after="nonsense") == ["a", "b", "c"]

    def test_calls_things_by_their_names(self, client, operator):
        company = factories.make_company(name="Arbosca")
        client.post(f"/staff/companies/{company.slug}/suspend", data={"reason": "Papers read"})
        text = client.get("/staff/audit?until=9999-12-31").text
        assert "Arbosca" in text
        assert str(company.id) not in text.partition("<tbody>")[2].replace(
            f"company%20{company.id}", ""
        )

    def test_goes_on_below_an_entry(self, client, entries, monkeypatch):
        monkeypatch.setattr(accounts, "ACTIONS_ON_PAGE", 2)
        first = accounts.list_actions(subject="thing")
        assert [one.subject_id for one in first.rows] == ["a", "b"]
        last = first.rows[-1]
        second = accounts.list_actions(subject="thing", before=(last.at, last.id))
        assert [one.subject_id for one in second.rows] == ["c"]
        assert 'rel="next"' in client.get("/staff/audit?subject=thing").text

    @pytest.mark.parametrize(
        "change", ["update audit_entry set reason = ''", "delete from audit_entry"]
    )
    def test_refuses_any_change(self, db, entries, change):
        with pytest.raises(sa.exc.DBAPIError), db.begin_nested():
            db.execute(sa.text(change))
        assert db.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 3
