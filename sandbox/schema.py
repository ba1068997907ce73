"""The sandbox's own tables, in the schema `sandbox` of whatever database it is given."""

import psycopg
from psycopg.sql import SQL, Literal

_LOCK = 7_483_020_001
_VERSION = "1"  # raise it with each change of the DDL, so that it runs again

DDL = """
CREATE SCHEMA IF NOT EXISTS sandbox;

CREATE TABLE IF NOT EXISTS sandbox.object (
    id text PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    type text NOT NULL,
    account text,
    created bigint NOT NULL,
    due bigint,
    data jsonb NOT NULL,
    internal jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS object_type_seq ON sandbox.object (type, seq);
CREATE INDEX IF NOT EXISTS object_due ON sandbox.object (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_payment_intent
    ON sandbox.object ((data ->> 'payment_intent')) WHERE data ->> 'payment_intent' IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_charge
    ON sandbox.object ((data ->> 'charge')) WHERE data ->> 'charge' IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_source
    ON sandbox.object ((data ->> 'source')) WHERE data ->> 'source' IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_transfer_group
    ON sandbox.object ((data ->> 'transfer_group')) WHERE data ->> 'transfer_group' IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_source_transaction
    ON sandbox.object ((data ->> 'source_transaction'))
    WHERE data ->> 'source_transaction' IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_balance
    ON sandbox.object (account, (data ->> 'currency')) WHERE type = 'balance_transaction';

CREATE TABLE IF NOT EXISTS sandbox.idempotency (
    account text NOT NULL,
    key text NOT NULL,
    path text NOT NULL,
    body_hash text NOT NULL,
    status integer NOT NULL,
    response text NOT NULL,
    request_id text NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE INDEX IF NOT EXISTS idempotency_created ON sandbox.idempotency (created);

CREATE TABLE IF NOT EXISTS sandbox.event (
    id text PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    type text NOT NULL,
    account text,
    created bigint NOT NULL,
    data jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS event_seq ON sandbox.event (seq);
CREATE INDEX IF NOT EXISTS event_type_seq ON sandbox.event (type, seq);

CREATE TABLE IF NOT EXISTS sandbox.delivery (
    event_id text PRIMARY KEY REFERENCES sandbox.event (id) ON DELETE CASCADE,
    seq bigint NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    due bigint NOT NULL,
    log jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS delivery_due ON sandbox.delivery (due, seq) WHERE state = 'pending';

CREATE TABLE IF NOT EXISTS sandbox.journal (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    method text NOT NULL,
    path text NOT NULL,
    account text,
    idempotency_key text,
    params jsonb NOT NULL,
    status integer,
    object_id text,
    request_id text NOT NULL,
    note text
);

CREATE TABLE IF NOT EXISTS sandbox.setting (
    key text PRIMARY KEY,
    value jsonb NOT NULL
);
"""


def install_schema(dsn: str) -> None:
    """Create what is missing of the schema; many processes may call it at once."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        found = connection.execute(
            "SELECT obj_description(to_regnamespace('sandbox'), 'pg_namespace')"
        ).fetchone()
        if found is not None and found[0] == _VERSION:
            return
        connection.execute("SET LOCAL client_min_messages = warning")
        connection.execute(DDL)
        connection.execute(SQL("COMMENT ON SCHEMA sandbox IS {}").format(Literal(_VERSION)))
