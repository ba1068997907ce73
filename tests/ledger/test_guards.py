"""Every way round the book that we could think of, tried as the product and as its owner."""

from datetime import UTC, datetime

import psycopg
import pytest

from marketplace.ledger.rules import Purpose
from tests import cluster

THEN = datetime(2026, 3, 12, tzinfo=UTC)
TRANSFER = (
    "insert into ledger_transfer (transaction_id, position, debit_id, credit_id, currency,"
    " amount_minor) values "
)
COMMAND = (
    "insert into provider_command (id, kind, subject_id, params, params_hash, state, attempts,"
    " created_at, provider_id) values (gen_random_uuid(), 'refund', gen_random_uuid(), '{}', '',"
    " '%s', 0, now(), %s)"
)
READ_ONLY, ENOUGH, DENIED, UNKNOWN_REF = "55000", "23514", "42501", "23503"


@pytest.fixture(scope="module")
def book():
    """Return a database with clearing (1), two projects (2, 3), dollars (4), and 5.00 on 2."""
    dsn = cluster.test_dsn("guards")
    with psycopg.connect(dsn) as connection:
        for number, (purpose, currency, negative) in enumerate(
            [
                (Purpose.PROVIDER_CLEARING, "EUR", True),
                (Purpose.PROJECT_PENDING, "EUR", False),
                (Purpose.PROJECT_AVAILABLE, "EUR", False),
                (Purpose.PROJECT_PENDING, "USD", False),
            ]
        ):
            nature = "asset" if negative else "liability"
            connection.execute(
                "insert into ledger_account (purpose, nature, owner_id, currency, may_be_negative)"
                " values (%s, %s, %s, %s, %s)",
                [purpose, nature, None if negative else f"{number:032x}", currency, negative],
            )
        connection.execute(
            "insert into ledger_transaction (kind, effect_key, effective_at)"
            " values ('capture', 'first', %s)",
            [THEN],
        )
        connection.execute(TRANSFER + "(1, 0, 1, 2, 'EUR', 500)")
    return dsn


@pytest.fixture
def product(book):
    """Return a connection that acts as the product does; what it does is undone."""
    with psycopg.connect(book) as connection:
        connection.execute("set role causeway_app")
        yield connection
        connection.rollback()


@pytest.fixture
def owner(book):
    """Return a connection of the role that made the tables, here even a superuser."""
    with psycopg.connect(book) as connection:
        yield connection
        connection.rollback()


def refusal(connection: psycopg.Connection, statement: str) -> str | None:
    """Return the code with which a statement was refused, None if it was not."""
    try:
        connection.execute(statement)
        connection.execute("set constraints all immediate")
    except psycopg.Error as error:
        return error.sqlstate
    return None


def posted(connection: psycopg.Connection, account: int) -> int:
    return connection.execute(
        "select balance_minor from ledger_account_balance where account_id = %s", [account]
    ).fetchone()[0]


class TestTheProduct:
    """Works as `causeway_app`."""

    def test_may_move_what_is_there(self, product):
        assert refusal(product, TRANSFER + "(1, 1, 2, 3, 'EUR', 500)") is None
        assert (posted(product, 2), posted(product, 3)) == (0, 500)

    def test_may_fold_what_waits(self, product):
        assert refusal(product, "select ledger_fold(2)") is None
        assert posted(product, 2) == 500

    @pytest.mark.parametrize(
        ("rows", "code"),
        [
            ("(1, 1, 2, 3, 'EUR', 501)", ENOUGH),
            ("(1, 1, 2, 3, 'EUR', 300), (1, 2, 2, 3, 'EUR', 300)", ENOUGH),
            ("(1, 1, 1, 4, 'EUR', 5)", UNKNOWN_REF),
            ("(1, 1, 1, 2, 'EUR', 0)", ENOUGH),
            ("(1, 1, 1, 2, 'EUR', -5)", ENOUGH),
            ("(1, 1, 2, 2, 'EUR', 5)", ENOUGH),
        ],
        ids=["overdraft", "two at once", "two currencies", "nothing", "negative", "to itself"],
    )
    def test_cannot_post(self, product, rows, code):
        assert refusal(product, TRANSFER + rows) == code

    def test_cannot_post_an_effect_twice(self, product):
        twice = (
            "insert into ledger_transaction (kind, effect_key, effective_at)"
            " values ('capture', 'first', now())"
        )
        assert refusal(product, twice) == "23505"

    @pytest.mark.parametrize(
        "statement",
        [
            "update ledger_transfer set amount_minor = 1",
            "delete from ledger_transfer",
            "truncate ledger_transfer",
            "update ledger_transaction set kind = 'refund'",
            "delete from audit_entry",
            (
                "merge into ledger_transfer t using (select 1::bigint i) s on t.id = s.i"
                " when matched then update set amount_minor = 7"
            ),
            TRANSFER.replace("values ", "overriding system value values ")
            + "(1, 0, 1, 2, 'EUR', 5) on conflict (id) do update set amount_minor = 9",
            "update ledger_account set may_be_negative = true",
            "update ledger_balance set posted_minor = 9000000",
            (
                "insert into ledger_delta (account_id, kind, on_day, debit_minor, credit_minor)"
                " values (2, 'capture', '2026-03-12', 0, 99999)"
            ),
            "delete from ledger_delta",
            "update ledger_account_day set credit_minor = 1",
            "update ledger_account_month set credit_minor = 1",
            "delete from ledger_account_month",
            "select ledger_take(2, -9000, 'capture', '2026-03-12')",
            "select ledger_take(2, 100, 'capture', '2026-03-12')",
            "alter table ledger_transfer disable trigger all",
            "drop trigger move on ledger_transfer",
            (
                "create or replace function ledger_fold(account bigint) returns void"
                " language sql as 'select null'"
            ),
            "create table public.ledger_delta2 (id int)",
            "update order_line set share_minor = 0",
            "update allocation set amount_minor = 0",
            "delete from cause_choice",
            "update alembic_version set version_num = '0000'",
        ],
    )
    def test_has_no_right_to(self, product, statement):
        assert refusal(product, statement) in {DENIED, READ_ONLY}

    def test_may_count_pieces_given_back(self, product):
        assert refusal(product, "update order_line set refunded_quantity = 0") is None

    def test_is_not_fooled_by_a_table_of_the_same_name(self, product):
        product.execute("create temp table ledger_balance (account_id bigint, posted_minor bigint)")
        product.execute("set search_path = pg_temp, public")
        assert refusal(product, TRANSFER + "(1, 1, 2, 3, 'EUR', 501)") == ENOUGH


class TestTheOwner:
    """Made the tables; the triggers hold it all the same."""

    @pytest.mark.parametrize(
        "statement",
        [
            "update ledger_transfer set amount_minor = 1",
            "delete from ledger_transfer",
            "truncate ledger_transfer cascade",
            "update ledger_transaction set kind = 'refund'",
            "set session_replication_role = replica; update ledger_transfer set amount_minor = 1",
            "set session_replication_role = replica; truncate ledger_transfer cascade",
            "truncate audit_entry",
        ],
    )
    def test_cannot(self, owner, statement):
        assert refusal(owner, statement) == READ_ONLY

    def test_cannot_post_past_the_balances(self, owner):
        owner.execute("set session_replication_role = replica")
        assert refusal(owner, TRANSFER + "(1, 1, 2, 3, 'EUR', 501)") == ENOUGH


class TestCommands:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("succeeded", "pending"),
            ("succeeded", "unknown"),
            ("rejected", "sent"),
            ("unknown", "sent"),
            ("unknown", "pending"),
        ],
    )
    def test_do_not_go_back(self, product, before, after):
        product.execute(COMMAND % (before, "'re_1'"))
        assert refusal(product, f"update provider_command set state = '{after}'") == READ_ONLY

    @pytest.mark.parametrize(
        ("before", "after"),
        [("pending", "sent"), ("sent", "unknown"), ("sent", "rejected"), ("unknown", "rejected")],
    )
    def test_go_on(self, product, before, after):
        product.execute(COMMAND % (before, "'re_1'"))
        assert refusal(product, f"update provider_command set state = '{after}'") is None

    def test_succeed_only_with_what_was_made(self, product):
        product.execute(COMMAND % ("sent", "null"))
        assert refusal(product, "update provider_command set state = 'succeeded'") == ENOUGH

    def test_ask_for_the_same_for_ever(self, product):
        product.execute(COMMAND % ("pending", "null"))
        asked = """update provider_command set params = '{"amount": 1}'"""
        assert refusal(product, asked) == READ_ONLY
