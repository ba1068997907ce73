"""Tables of our keys, of people and servers elsewhere, and of what goes to and fro."""

import datetime as dt
import enum
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Id, Moment, Text, states
from marketplace.projects.models import Project, ProjectUpdate


class FederationKey(Base):
    """The key pair of a project, or of the whole site; the private half lies here sealed."""

    __tablename__ = "federation_key"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE")
    )
    public_pem: Mapped[Text]
    sealed: Mapped[bytes]
    created_at: Mapped[Moment]

    __table_args__ = (
        sa.Index(
            "uq_federation_key_project_id",
            "project_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )


class RemoteHost(Base):
    """Another server, and whether it answers."""

    __tablename__ = "remote_host"

    host: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    first_seen_at: Mapped[Moment]
    heard_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When it last sent something that it had signed, or took something of ours."""
    failing_since: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    problem: Mapped[Text] = mapped_column(default="")
    """What the last failed try ended with."""


class RemoteActor(Base):
    """Somebody elsewhere, as their server described them."""

    __tablename__ = "remote_actor"

    id: Mapped[Id]
    uri: Mapped[Text] = mapped_column(unique=True)
    host: Mapped[str] = mapped_column(sa.ForeignKey("remote_host.host"), index=True)
    handle: Mapped[Text]
    """Without host and @."""
    name: Mapped[Text]
    url: Mapped[Text]
    inbox: Mapped[Text]
    shared_inbox: Mapped[Text] = mapped_column(default="")
    keys: Mapped[dict[str, str]] = mapped_column(postgresql.JSONB)
    """Public keys (PEM) by their ids."""
    fetched_at: Mapped[Moment]

    @property
    def address(self) -> str:
        """Return @name@host."""
        return f"@{self.handle}@{self.host}"


class RemoteFollow(Base):
    """Somebody elsewhere follows a project."""

    __tablename__ = "remote_follow"

    project_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    actor_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("remote_actor.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    follow_uri: Mapped[Text]
    created_at: Mapped[Moment]

    actor: Mapped[RemoteActor] = relationship(lazy="raise_on_sql")


class FederationBlock(Base):
    """A server, or somebody at one, with whom we have nothing to do."""

    __tablename__ = "federation_block"

    id: Mapped[Id]
    target: Mapped[Text] = mapped_column(unique=True)
    """A host, which stands for all below it, or an actor's id."""
    reason: Mapped[Text]
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[Moment]

    by: Mapped[User] = relationship(lazy="raise_on_sql")


class OutgoingActivity(Base):
    """Something that we tell others."""

    __tablename__ = "outgoing_activity"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    update_id: Mapped[uuid.UUID | None]
    """Which update it tells of; that may be gone."""
    kind: Mapped[Text]
    digest: Mapped[Text] = mapped_column(default="")
    """Of the update as it was told."""
    document: Mapped[dict[str, Any]] = mapped_column(postgresql.JSONB)  # Any: JSON
    created_at: Mapped[Moment] = mapped_column(index=True)

    __table_args__ = (
        sa.Index("ix_outgoing_activity_update_id", "update_id", "id"),
        sa.Index("ix_outgoing_activity_project_id", "project_id"),
    )


class DeliveryState(enum.StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(Base):
    """An activity on its way to one inbox."""

    __tablename__ = "delivery"

    id: Mapped[Id]
    activity_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("outgoing_activity.id", ondelete="CASCADE")
    )
    inbox: Mapped[Text]
    host: Mapped[str] = mapped_column(sa.ForeignKey("remote_host.host"))
    state: Mapped[DeliveryState] = mapped_column(states(DeliveryState, "delivery_state"))
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[Text] = mapped_column(default="")
    created_at: Mapped[Moment]
    tried_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    activity: Mapped[OutgoingActivity] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.Index("uq_delivery_activity_id_inbox", "activity_id", "inbox", unique=True),
        sa.Index("ix_delivery_host", "host", "state"),
        sa.Index("ix_delivery_state", "state", "id"),
    )


class IncomingActivity(Base):
    """Something signed with a key that we have to ask for first."""

    __tablename__ = "incoming_activity"

    id: Mapped[Id]
    method: Mapped[Text]
    path: Mapped[Text]
    headers: Mapped[dict[str, str]] = mapped_column(postgresql.JSONB)
    body: Mapped[bytes]
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[Moment]


class CommentState(enum.StrEnum):
    """Whether everybody may read a comment."""

    WAITING = "waiting"
    SHOWN = "shown"
    REFUSED = "refused"


class UpdateComment(Base):
    """What somebody elsewhere answered to an update; shown once somebody here agreed."""

    __tablename__ = "update_comment"

    id: Mapped[Id]
    update_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project_update.id", ondelete="CASCADE")
    )
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    actor_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("remote_actor.id", ondelete="CASCADE"), index=True
    )
    uri: Mapped[Text] = mapped_column(unique=True)
    url: Mapped[Text]
    html: Mapped[Text]
    """Cleaned when it came."""
    state: Mapped[CommentState] = mapped_column(states(CommentState, "comment_state"))
    published_at: Mapped[Moment]
    received_at: Mapped[Moment]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    actor: Mapped[RemoteActor] = relationship(lazy="raise_on_sql")
    update: Mapped[ProjectUpdate] = relationship(lazy="raise_on_sql")
    project: Mapped[Project] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.Index("ix_update_comment_shown", "update_id", "state", "published_at", "id"),
        sa.Index("ix_update_comment_waiting", "project_id", "state", "id"),
        sa.Index("ix_update_comment_state", "state", "id"),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at is null)", name="decided_has_its_time"
        ),
    )


class RemoteReport(Base):
    """A moderator elsewhere complains of something here."""

    __tablename__ = "remote_report"

    id: Mapped[Id]
    host: Mapped[str] = mapped_column(sa.ForeignKey("remote_host.host"))
    uri: Mapped[Text] = mapped_column(unique=True)
    about: Mapped[list[str]] = mapped_column(postgresql.ARRAY(sa.Text))
    """Ids of what it is about, ours only."""
    text: Mapped[Text]
    received_at: Mapped[Moment]
    closed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    closed_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))

    __table_args__ = (sa.Index("ix_remote_report_open", "closed_at", "id"),)


class AnswerNotice(Base):
    """When a project's people were last told by letter that answers wait for them."""

    __tablename__ = "answer_notice"

    project_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    told_at: Mapped[Moment]
