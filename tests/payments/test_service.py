"""Commands: put down once, sent by one, ended once; and what the operator sees of them."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.payments import queries, service
from marketplace.payments.models import ProviderCommand, ProviderEvent
from marketplace.payments.rules import (
    KEY_SERVES_FOR,
    STUCK_AFTER,
    Ambiguous,
    CommandKind,
    CommandState,
    Done,
    EventState,
    Refused,
    as_text,
    digest,
)
from tests import factories

NOW = factories.NOW
ROW = '<td data-label="Tries"'


@pytest.fixture
def command(db) -> ProviderCommand:
    return service.command(
        kind=CommandKind.REFUND, subject_id=new_id(), params={"amount": 5}, now=NOW
    )


def begin(command, after=timedelta(0)):
    return service.begin(command_id=command.id, now=NOW + after)


def finish(command, outcome, after=timedelta(0)):
    return service.finish(command_id=command.id, outcome=outcome, now=NOW + after)


class TestCommand:
    def test_carries_its_id_beside_what_else_is_told(self, db):
        made = service.command(
            kind=CommandKind.REFUND,
            subject_id=new_id(),
            params={"metadata": {"refund": "r"}},
            now=NOW,
        )
        assert made.params == {"metadata": {"refund": "r", "command": str(made.id)}}
        assert made.params_hash == digest(as_text(made.params))

    def test_is_begun_by_one_while_the_other_waits(self, command):
        assert begin(command).only_look_up is False
        assert begin(command, STUCK_AFTER / 2) is None
        assert command.attempts == 1

    def test_is_run_by_a_job_of_its_own(self, command, db):
        assert jobs_of(db, command) == 1

    def test_that_got_stuck_is_unknown_and_taken_up_again(self, command):
        begin(command)
        assert begin(command, STUCK_AFTER).only_look_up is False
        assert (command.state, command.attempts) == (CommandState.UNKNOWN, 2)

    def test_is_only_looked_up_when_its_key_is_forgotten(self, command):
        begin(command)
        assert begin(command, KEY_SERVES_FOR + STUCK_AFTER).only_look_up is True

    def test_that_nobody_knows_is_not_begun(self, db):
        assert service.begin(command_id=new_id(), now=NOW) is None
        assert service.finish(command_id=new_id(), outcome=Refused("no"), now=NOW) is None

    @pytest.mark.parametrize("outcome", [Done("re_1", {}), Refused("no")])
    def test_ends_once(self, command, outcome):
        begin(command)
        assert finish(command, outcome) is command
        assert command.done_at == NOW
        assert finish(command, Refused("again")) is None
        assert begin(command, timedelta(days=1)) is None

    def test_whose_fate_is_unknown_is_asked_for_later_and_later(self, command):
        waits = []
        for _ in range(3):
            begin(command)
            assert finish(command, Ambiguous("silence")) is None
            assert (command.state, command.error) == (CommandState.UNKNOWN, "silence")
            waits.append(command.next_try_at - NOW)
        assert waits == [service.PATIENCE, 2 * service.PATIENCE, 3 * service.PATIENCE]
        assert queries.list_due_commands(NOW) == []
        assert queries.list_due_commands(NOW + 3 * service.PATIENCE) == [command.id]

    def test_asks_for_the_same_in_whatever_order_it_is_written(self):
        assert as_text({"a": 1, "b": 2}) == as_text({"b": 2, "a": 1}) != as_text({"a": 1, "b": 3})


class TestCommandThatHasBegun:
    def test_is_sent_as_it_would_be_sent_again(self, db):
        """Fails if memory and database disagree on the order: its key would be refused."""
        params = {
            "success_url": "s", "mode": "m", "é": 1, "zz": 2,
            "line_items": [{"quantity": 2, "price_data": {"unit_amount": 5, "currency": "eur"}}],
        }  # fmt: skip
        row = service.command(
            kind=CommandKind.CREATE_CHECKOUT, subject_id=new_id(), params=params, now=NOW,
            is_begun=True,
        )  # fmt: skip
        first = service.sending_of(row)
        db.expire_all()
        again = service.begin(command_id=row.id, now=NOW + STUCK_AFTER)
        assert json.dumps(first.params) == json.dumps(again.params)

    def test_is_left_alone_by_others_for_a_while(self, db):
        row = service.command(
            kind=CommandKind.CREATE_CHECKOUT, subject_id=new_id(), params={}, now=NOW, is_begun=True
        )
        assert service.begin(command_id=row.id, now=NOW) is None

    def test_is_found_later_should_its_caller_die_and_needs_no_job_for_that(self, db):
        row = service.command(
            kind=CommandKind.CREATE_CHECKOUT, subject_id=new_id(), params={}, now=NOW, is_begun=True
        )
        assert jobs_of(db, row) == 0
        assert queries.list_due_commands(NOW + STUCK_AFTER / 2) == []
        assert queries.list_due_commands(NOW + STUCK_AFTER) == [row.id]


def jobs_of(db, command):
    """Count the jobs that would run a command."""
    return db.scalar(
        sa.text(
            "select count(*) from procrastinate_jobs "
            "where task_name = 'run_command' and args ->> 'command_id' = :id"
        ),
        {"id": str(command.id)},
    )


class TestParkedMessage:
    def test_is_tried_though_many_before_it_never_fit(self, db):
        for number, attempts in enumerate([2] * 100 + [1]):
            session.add(
                ProviderEvent(
                    id=f"evt_{number}",
                    type="charge.succeeded",
                    created_at=NOW,
                    received_at=NOW + timedelta(seconds=number),
                    payload="{}",
                    state=EventState.PARKED,
                    attempts=attempts,
                )
            )
        session.flush()
        assert queries.list_parked_events()[0].id == "evt_100"


class TestStaffPage:
    def test_lists_commands_from_a_moment_back(self, client, db, sign_in):
        for hours in range(3):
            service.command(
                kind=CommandKind.EXPIRE_CHECKOUT,
                subject_id=new_id(),
                params={"session_id": f"cs_{hours}"},
                now=NOW - timedelta(hours=hours),
            )
        sign_in(client, factories.make_user(is_operator=True))
        page = client.get("/staff/commands")
        assert page.status_code == 200
        assert page.text.count(ROW) == 3
        before = (NOW - timedelta(minutes=1)).isoformat()
        page = client.get("/staff/commands", query_string={"before": before})
        assert page.text.count(ROW) == 2
        assert client.get("/staff/commands?before=yesterday").text.count(ROW) == 3

    def test_leads_on_to_older_ones(self, client, db, sign_in):
        for number in range(51):
            service.command(
                kind=CommandKind.EXPIRE_CHECKOUT,
                subject_id=new_id(),
                params={"session_id": f"cs_{number}"},
                now=NOW - timedelta(minutes=number),
            )
        session.flush()
        sign_in(client, factories.make_user(is_operator=True))
        page = client.get("/staff/commands").text
        assert page.count(ROW) == 50
        assert "/staff/commands?before=" in page
