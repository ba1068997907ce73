"""Tables of people and their sessions."""

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.core.db import Base, Id, Moment, Text


class User(Base):
    """A person with an account. `email` is kept in lower case."""

    __tablename__ = "user_account"

    id: Mapped[Id]
    email: Mapped[Text] = mapped_column(unique=True)
    name: Mapped[Text]
    password_hash: Mapped[Text]
    locale: Mapped[str] = mapped_column(sa.String(5), default="en")
    is_operator: Mapped[bool] = mapped_column(default=False)
    is_public_supporter: Mapped[bool] = mapped_column(default=False)
    """Whether the person's name may stand among a project's supporters."""
    totp_secret: Mapped[str | None] = mapped_column(sa.Text)
    totp_confirmed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    email_confirmed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    blocked_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    erased_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When everything about the person was taken out; the row stays for what hangs on it."""
    created_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        sa.CheckConstraint("length(name) between 1 and 120", name="name_is_short"),
        sa.Index("ix_user_account_key", sa.text("right(id::text, 12)"), unique=True),
    )

    # What flask-login asks of a user.
    @property
    def is_authenticated(self) -> bool:
        """Say that a loaded user is signed in."""
        return True

    @property
    def is_active(self) -> bool:
        """Say whether the account may be used."""
        return self.blocked_at is None

    @property
    def is_anonymous(self) -> bool:
        """Say that a loaded user is somebody."""
        return False


class UserSession(Base):
    """One browser in which somebody is signed in; ends when revoked or old."""

    __tablename__ = "user_session"

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256 of the token in the browser's cookie."""
    user_agent: Mapped[Text] = mapped_column(default="")
    second_factor_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    revoked_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class RecoveryCode(Base):
    """What lets somebody in once without their phone; only a hash of it is kept."""

    __tablename__ = "recovery_code"

    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    created_at: Mapped[Moment]
    used_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))


class ApiToken(Base):
    """A key of a program: `cw_<id>_<secret>`, of which only the hash is kept."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[Text]
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(postgresql.ARRAY(sa.Text), default=list)
    created_at: Mapped[Moment]
    used_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    revoked_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class RateWindow(Base):
    """How often something was tried in a window of time; unlogged, it may be lost."""

    __tablename__ = "rate_window"

    key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    hits: Mapped[int] = mapped_column(sa.Integer, default=0)
    expires_at: Mapped[Moment] = mapped_column(index=True)

    __table_args__ = ({"prefixes": ["UNLOGGED"]},)


class AuditEntry(Base):
    """What somebody with power did, to what, and why; append-only."""

    __tablename__ = "audit_entry"

    id: Mapped[Id]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    action: Mapped[Text]
    subject_kind: Mapped[Text]
    subject_id: Mapped[Text]
    reason: Mapped[Text] = mapped_column(default="")
    at: Mapped[Moment] = mapped_column(index=True)

    actor: Mapped[User | None] = relationship(lazy="joined")

    __table_args__ = (
        sa.Index("ix_audit_entry_subject", "subject_kind", "subject_id", "at"),
        sa.Index("ix_audit_entry_actor", "actor_id", "at"),
    )


class MemberRole(enum.StrEnum):
    """What a person may do for a company or project."""

    OWNER = "owner"
    EDITOR = "editor"
