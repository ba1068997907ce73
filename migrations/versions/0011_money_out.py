"""Accounts of payees that change with care, runs, schedules, approvals by two operators."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COMMANDS = (
    *("create_checkout", "expire_checkout", "refund", "transfer", "reverse_transfer"),
    *("submit_evidence", "create_account"),
)

# An account takes the place of another only when somebody else agreed and two days went by; what
# was seen of one never leads back.
ACCOUNTS = """
create function payout_account_changes() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'where money went is not forgotten' using errcode = '55000';
    end if;
    if new.payee_id <> old.payee_id or new.payee_kind <> old.payee_kind
       or old.provider_account_id is not null
          and new.provider_account_id is distinct from old.provider_account_id then
        raise exception 'an account stays its payee''s and the provider''s' using errcode = '55000';
    end if;
    if old.standing = 'past' and new.standing <> 'past'
       or old.standing = 'current' and new.standing = 'proposed' then
        raise exception 'an account that is % is not % again', old.standing, new.standing
            using errcode = '55000';
    end if;
    if old.standing = 'proposed' and new.standing = 'current' and (
           new.confirmed_at is null or new.current_since is null
           or new.current_since < new.changed_at + interval '48 hours') then
        raise exception 'a new account needs a second person and 48 hours' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger changes before update or delete on payout_account
    for each row execute function payout_account_changes();
"""

# What a service is meant to see to, seen to once more where nobody gets past it.
PAYOUTS = """
create function payout_begins() returns trigger language plpgsql as $$
begin
    if new.needs_approval and new.state <> 'to_approve' then
        raise exception 'a payout above the limit waits for two operators' using errcode = '55000';
    end if;
    if exists (
        select from payout_account account
        where account.payee_id = new.payee_id
          and (account.standing = 'current' and account.changed_at is not null
               and (account.confirmed_at is null
                    or new.commanded_at < account.changed_at + interval '48 hours')
               or account.standing = 'proposed' and account.is_compromised)
    ) then
        raise exception 'the account of this payee was just changed' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger begins before insert on payout for each row execute function payout_begins();

create function payout_moves() returns trigger language plpgsql as $$
begin
    if new.payee_id <> old.payee_id or new.currency <> old.currency
       or new.amount_minor <> old.amount_minor or new.needs_approval <> old.needs_approval
       or new.account_id is distinct from old.account_id
       or new.returned_minor < old.returned_minor then
        raise exception 'what a payout is stays so' using errcode = '55000';
    end if;
    if new.state <> old.state and not (
           old.state = 'to_approve' and new.state in ('commanded', 'returned')
        or old.state = 'commanded' and new.state in ('paid', 'returned')
        or old.state = 'paid' and new.state = 'returned') then
        raise exception 'a payout that is % is never %', old.state, new.state
            using errcode = '55000';
    end if;
    if old.state = 'to_approve' and new.state = 'commanded' and (
        select count(*) from payout_approval where payout_id = new.id
    ) < 2 then
        raise exception 'two operators have to agree' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger moves before update on payout for each row execute function payout_moves();

create function payout_approval_is_honest() returns trigger language plpgsql as $$
begin
    if not exists (
        select from user_account
        where id = new.operator_id and is_operator and blocked_at is null
    ) then
        raise exception 'only operators agree to payouts' using errcode = '55000';
    end if;
    if exists (
        select from payout
        left join company_member member
          on member.company_id = payout.payee_id and member.user_id = new.operator_id
        left join project_owner owner
          on owner.project_id = payout.payee_id and owner.user_id = new.operator_id
        where payout.id = new.payout_id
          and (member.user_id is not null or owner.user_id is not null)
    ) then
        raise exception 'nobody agrees to a payout to themselves' using errcode = '55000';
    end if;
    return new;
end $$;
create trigger is_honest before insert on payout_approval
    for each row execute function payout_approval_is_honest();
create trigger append_only before update or delete on payout_approval
    for each row execute function deny_change();
create trigger append_only_whole before truncate on payout_approval
    for each statement execute function deny_change();
alter table payout_approval enable always trigger append_only;
alter table payout_approval enable always trigger append_only_whole;
"""

RIGHTS = """
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke update, delete on payout_approval from causeway_app;
        revoke delete on payout, payout_account, payout_run from causeway_app;
    end if;
end $$
"""


def moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def one_of(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=32)


def make_accounts() -> None:
    """Let a payee have more than one account, of which one is current."""
    table = "payout_account"
    op.drop_constraint(op.f(f"pk_{table}"), table, type_="primary")
    op.add_column(
        table,
        sa.Column("id", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()")),
    )
    op.alter_column(table, "id", server_default=None)
    op.create_primary_key(op.f(f"pk_{table}"), table, ["id"])
    op.alter_column(table, "provider_account_id", nullable=True)
    op.add_column(
        table, sa.Column("standing", sa.String(32), nullable=False, server_default="current")
    )
    op.alter_column(table, "standing", server_default=None)
    op.create_check_constraint(
        op.f(f"ck_{table}_payout_account_standing"),
        table,
        "standing in ('current', 'proposed', 'past')",
    )
    for name in ("has_details", "is_compromised"):
        op.add_column(
            table, sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
        op.alter_column(table, name, server_default=None)
    op.add_column(
        table,
        sa.Column("requirements", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )
    op.alter_column(table, "requirements", server_default=None)
    for name in ("bank_last4", "bank_fingerprint"):
        op.add_column(table, sa.Column(name, sa.Text()))
    for name in ("bank_refused_at", "seen_at", "changed_at", "confirmed_at", "current_since"):
        op.add_column(table, moment(name))
    for name in ("link_by_id", "changed_by_id", "confirmed_by_id"):
        op.add_column(table, sa.Column(name, sa.Uuid()))
        op.create_foreign_key(op.f(f"fk_{table}_{name}"), table, "user_account", [name], ["id"])
    guard_accounts(table)


def guard_accounts(table: str) -> None:
    """Hold accounts to what is true of each."""
    rules = {
        "payable_is_open": "not can_be_paid or provider_account_id is not null",
        "confirmed_by_somebody": "(confirmed_at is null) = (confirmed_by_id is null)",
        "confirmed_by_another": (
            "confirmed_by_id is null or confirmed_by_id is distinct from changed_by_id"
        ),
        "proposal_has_a_time": "standing <> 'proposed' or changed_at is not null",
    }
    for name, condition in rules.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    for standing in ("current", "proposed"):
        op.create_index(
            f"uq_{table}_{standing}",
            table,
            ["payee_id"],
            unique=True,
            postgresql_where=sa.text(f"standing = '{standing}'"),
        )


def make_runs() -> None:
    """Make the tables of schedules and runs."""
    op.create_table(
        "payout_schedule",
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column(
            "schedule", one_of("payout_schedule", "weekly monthly on_demand"), nullable=False
        ),
        moment("changed_at", nullable=False),
        sa.PrimaryKeyConstraint("payee_id", name=op.f("pk_payout_schedule")),
    )
    op.create_table(
        "payout_run",
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("since_day", sa.Date(), nullable=False),
        moment("began_at", nullable=False),
        moment("ended_at"),
        sa.PrimaryKeyConstraint("on_day", name=op.f("pk_payout_run")),
    )


def widen_payouts() -> None:
    """Let a payout wait for approval, belong to a run and come back in part."""
    table = "payout"
    op.add_column(
        table, sa.Column("returned_minor", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.execute("update payout set returned_minor = amount_minor where state = 'returned'")
    for name, kind in (
        ("account_id", sa.Uuid()),
        ("asked_by_id", sa.Uuid()),
        ("run_on", sa.Date()),
    ):
        op.add_column(table, sa.Column(name, kind))
    op.create_foreign_key(
        op.f("fk_payout_account_id"), table, "payout_account", ["account_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_payout_asked_by_id"), table, "user_account", ["asked_by_id"], ["id"]
    )
    op.add_column(
        table, sa.Column("needs_approval", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(table, sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.drop_constraint(op.f("ck_payout_payout_state"), table, type_="check")
    rules = {
        "payout_state": "state in ('to_approve', 'commanded', 'paid', 'returned')",
        "returns_at_most_what_went": "returned_minor between 0 and amount_minor",
        "returned_in_full": "(state = 'returned') = (returned_minor = amount_minor)",
        "approval_is_needed": "state <> 'to_approve' or needs_approval",
    }
    for name, condition in rules.items():
        op.create_check_constraint(op.f(f"ck_payout_{name}"), table, condition)
    op.create_index(
        "ix_payout_open", table, ["state"], postgresql_where=sa.text("state = 'to_approve'")
    )
    op.create_index(
        "uq_payout_one_for_each_run",
        table,
        ["payee_id", "currency", "run_on"],
        unique=True,
        postgresql_where=sa.text("run_on is not null"),
    )


def make_approvals() -> None:
    """Make the table of who agreed to what."""
    op.create_table(
        "payout_approval",
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        moment("at", nullable=False),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payout.id"], name=op.f("fk_payout_approval_payout_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["user_account.id"], name=op.f("fk_payout_approval_operator_id")
        ),
        sa.PrimaryKeyConstraint("payout_id", "operator_id", name=op.f("pk_payout_approval")),
    )


def upgrade() -> None:
    """Make the tables wider, and guard them."""
    op.drop_constraint(op.f("ck_provider_command_command_kind"), "provider_command", type_="check")
    op.create_check_constraint(
        op.f("ck_provider_command_command_kind"),
        "provider_command",
        f"kind in ({', '.join(repr(kind) for kind in COMMANDS)})",
    )
    make_accounts()
    make_runs()
    widen_payouts()
    make_approvals()
    for statements in (ACCOUNTS, PAYOUTS, RIGHTS):
        op.get_bind().connection.driver_connection.execute(statements)


def downgrade() -> None:
    """Who agreed to what is not forgotten."""
    raise NotImplementedError("Approvals are not taken back.")
