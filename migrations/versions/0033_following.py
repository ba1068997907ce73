"""Follow companies and persons, too; what is told; letters; changes of promises."""

import uuid

import sqlalchemy as sa
from alembic import op

from marketplace.following.rules import day_of_spending

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

FREQUENCIES = ("at_once", "daily", "weekly", "never")
KINDS = ("update", "correction", "outcome", "spending", "report", "answer", "pledge")

GUARDS = """
create trigger append_only before update or delete on pledge_change
    for each row execute function deny_change();
create trigger append_only_whole before truncate on pledge_change
    for each statement execute function deny_change();
alter table pledge_change enable always trigger append_only;
alter table pledge_change enable always trigger append_only_whole;
"""

RIGHTS = """
do $$
begin
    if exists (select from pg_roles where rolname = 'causeway_app') then
        revoke update, delete on pledge_change from causeway_app;
    end if;
end $$
"""

# What was told before there was this table.
TOLD = """
    insert into news (id, kind, subject_id, project_id, company_id, person_id, at)
    select gen_random_uuid(), 'update', id, project_id, null::uuid, author_id, published_at
    from project_update
    union all
    select gen_random_uuid(), 'correction', former.id, told.project_id, null,
        former.replaced_by_id, former.replaced_at
    from update_version former join project_update told on told.id = former.update_id
    union all
    select gen_random_uuid(), 'outcome', outcome.id, indicator.project_id, null,
        outcome.author_id, outcome.published_at
    from outcome join indicator on indicator.id = outcome.indicator_id
    where outcome.state = 'published'
    union all
    select gen_random_uuid(), 'report', version.id, null, report.company_id,
        version.published_by_id, version.published_at
    from report_version version join report on report.id = version.report_id
    where version.state = 'published'
    union all
    select gen_random_uuid(), 'answer', question.id, null, report.company_id,
        question.answered_by_id, question.answered_at
    from report_question question join report on report.id = question.report_id
    where question.answered_at is not null
"""
SPENT = """
    select distinct on (project_id, created_at::date) project_id, created_by_id, created_at
    from spending where update_id is null order by project_id, created_at::date, created_at
"""


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def key(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def link(table: str, column: str, target: str, ondelete: str | None = "CASCADE") -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def one_of(column: str, name: str, values: tuple[str, ...]) -> sa.Column:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(column, kind, nullable=False)


def widen_follows() -> None:
    """Let a row be of a company or a person, too; letters come at once where they came."""
    op.drop_constraint("pk_follow", "follow", type_="primary")
    op.add_column("follow", key("id"))
    op.execute("update follow set id = gen_random_uuid()")
    op.alter_column("follow", "id", nullable=False)
    op.create_primary_key(op.f("pk_follow"), "follow", ["id"])
    op.alter_column("follow", "project_id", nullable=True)
    for column, target in (("company_id", "company"), ("person_id", "user_account")):
        op.add_column("follow", key(column))
        op.create_foreign_key(
            op.f(f"fk_follow_{column}"), "follow", target, [column], ["id"], ondelete="CASCADE"
        )
        op.create_index(op.f(f"ix_follow_{column}"), "follow", [column])
    op.add_column("follow", sa.Column("frequency", sa.String(32)))
    op.add_column("follow", moment("since_at", nullable=True))
    op.execute(
        "update follow set since_at = created_at, "
        "frequency = case when by_mail then 'at_once' else 'never' end"
    )
    op.alter_column("follow", "frequency", nullable=False)
    op.alter_column("follow", "since_at", nullable=False)
    op.drop_column("follow", "by_mail")
    listed = ", ".join(f"'{one}'" for one in FREQUENCIES)
    for name, said in (
        ("follow_frequency", f"frequency in ({listed})"),
        ("is_of_one_thing", "num_nonnulls(project_id, company_id, person_id) = 1"),
        ("is_of_somebody_else", "person_id <> user_id"),
    ):
        op.create_check_constraint(op.f(f"ck_follow_{name}"), "follow", said)
    for column in ("project_id", "company_id", "person_id"):
        op.create_unique_constraint(
            op.f(f"uq_follow_user_id_{column}"), "follow", ["user_id", column]
        )


def make_promises() -> None:
    """Make the table of changed promises, which only grows."""
    op.create_table(
        "pledge_change",
        key("id", nullable=False),
        key("company_id", nullable=False),
        key("product_id"),
        sa.Column("before_bp", sa.Integer()),
        sa.Column("before_unit_minor", sa.BigInteger()),
        sa.Column("after_bp", sa.Integer()),
        sa.Column("after_unit_minor", sa.BigInteger()),
        key("by_id", nullable=False),
        moment("at"),
        link("pledge_change", "company_id", "company", None),
        link("pledge_change", "product_id", "product", None),
        link("pledge_change", "by_id", "user_account", None),
        sa.CheckConstraint(
            "num_nonnulls(before_bp, before_unit_minor) <= 1 "
            "and num_nonnulls(after_bp, after_unit_minor) <= 1",
            name=op.f("ck_pledge_change_is_a_share_or_an_amount"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_change")),
    )
    op.create_index("ix_pledge_change_company", "pledge_change", ["company_id", "at", "id"])
    op.execute(GUARDS)
    op.execute(RIGHTS)


def make_news() -> None:
    """Make the table of what was told."""
    op.create_table(
        "news",
        key("id", nullable=False),
        one_of("kind", "news_kind", KINDS),
        key("subject_id", nullable=False),
        key("project_id"),
        key("company_id"),
        key("person_id"),
        moment("at"),
        link("news", "project_id", "project"),
        link("news", "company_id", "company"),
        link("news", "person_id", "user_account", None),
        sa.CheckConstraint(
            "num_nonnulls(project_id, company_id) = 1", name=op.f("ck_news_is_of_one_thing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_news_kind_subject_id")),
    )
    op.create_index("ix_news_newest", "news", ["at", "id"])
    for kind in ("project", "company", "person"):
        op.create_index(f"ix_news_{kind}", "news", [f"{kind}_id", "at", "id"])


def make_letters() -> None:
    """Make the tables of what was written to whom, and of what nobody wants to read."""
    op.create_table(
        "news_sent",
        key("user_id", nullable=False),
        key("news_id", nullable=False),
        sa.Column("on_day", sa.Date()),
        moment("sent_at", nullable=True),
        link("news_sent", "user_id", "user_account"),
        link("news_sent", "news_id", "news"),
        sa.PrimaryKeyConstraint("user_id", "news_id", name=op.f("pk_news_sent")),
    )
    op.create_index(op.f("ix_news_sent_news_id"), "news_sent", ["news_id"])
    op.create_index("ix_news_sent_day", "news_sent", ["user_id", "on_day"])
    op.create_table(
        "digest",
        key("user_id", nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        moment("made_at"),
        moment("sent_at", nullable=True),
        link("digest", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("user_id", "on_day", name=op.f("pk_digest")),
    )
    op.create_table(
        "unwanted_letter",
        key("user_id", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        moment("created_at"),
        link("unwanted_letter", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_unwanted_letter")),
    )


def tell_what_was_told() -> None:
    """Write down what was told until today."""
    connection = op.get_bind()
    connection.execute(sa.text(TOLD))
    days = connection.execute(sa.text(SPENT)).all()
    told = sa.text(
        "insert into news (id, kind, subject_id, project_id, person_id, at) "
        "values (:id, 'spending', :day, :project, :person, :at)"
    )
    for project, person, at in days:
        values = {"project": project, "person": person, "at": at}
        connection.execute(told, values | {"id": uuid.uuid4(), "day": day_of_spending(project, at)})


def upgrade() -> None:
    """Widen the one table and make the others."""
    widen_follows()
    make_promises()
    make_news()
    make_letters()
    tell_what_was_told()
    op.execute("create unique index ix_user_account_key on user_account (right(id::text, 12))")


def downgrade() -> None:
    """Let follows be of projects alone, and forget the rest."""
    op.execute("drop index ix_user_account_key")
    for table in ("unwanted_letter", "digest", "news_sent", "news", "pledge_change"):
        op.drop_table(table)
    op.execute("delete from follow where project_id is null")
    for column in ("project_id", "company_id", "person_id"):
        op.drop_constraint(f"uq_follow_user_id_{column}", "follow", type_="unique")
    for name in ("follow_frequency", "is_of_one_thing", "is_of_somebody_else"):
        op.drop_constraint(f"ck_follow_{name}", "follow", type_="check")
    op.add_column("follow", sa.Column("by_mail", sa.Boolean(), server_default=sa.true()))
    op.execute("update follow set by_mail = frequency <> 'never'")
    op.alter_column("follow", "by_mail", nullable=False, server_default=None)
    for column in ("since_at", "frequency", "person_id", "company_id"):
        op.drop_column("follow", column)
    op.drop_constraint("pk_follow", "follow", type_="primary")
    op.drop_column("follow", "id")
    op.alter_column("follow", "project_id", nullable=False)
    op.create_primary_key("pk_follow", "follow", ["user_id", "project_id"])
