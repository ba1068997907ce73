"""Tables of the public log. All but the salts and the horizon are added to, never changed."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Currency, Minor, Moment, Text
from marketplace.ledger.models import Following


class Leaf(Base):
    """An entry of the log at its place: an event, or a project's sums of a day.

    No foreign keys: a million rows an hour may come in, and `flask check` holds them together.
    """

    __tablename__ = "proof_leaf"

    index: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    entry: Mapped[bytes]
    day: Mapped[dt.date]
    project_id: Mapped[uuid.UUID]
    currency: Mapped[Currency]
    transfer_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    """The transfer of the ledger that an event is made of; None for a day's sums."""
    position: Mapped[int | None]
    """The event's place in its project's tree of that day."""
    move: Mapped[int | None] = mapped_column(sa.SmallInteger)
    amount_minor: Mapped[Minor | None]

    __table_args__ = (
        sa.UniqueConstraint("transfer_id", "project_id"),
        sa.UniqueConstraint("project_id", "currency", "day", "position"),
        sa.CheckConstraint("index >= 0 and length(entry) between 1 and 65535", name="fits"),
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint(
            "num_nulls(transfer_id, position, move, amount_minor) in (0, 4)",
            name="is_an_event_or_sums",
        ),
    )


class Salt(Base):
    """What opens an event's commitment. Deleting it makes the leaf anonymous for good."""

    __tablename__ = "proof_salt"

    index: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    salt: Mapped[bytes]


class Forgotten(Base):
    """An order of somebody who asked to be forgotten: no salt of its events is kept, ever."""

    __tablename__ = "proof_forgotten"

    order_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    forgotten_at: Mapped[Moment]


class DayOfProject(Base):
    """The sums of a project's day, read out of its leaf; `sums` and `total` as they are hashed."""

    __tablename__ = "proof_day"

    index: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    project_id: Mapped[uuid.UUID]
    currency: Mapped[Currency]
    day: Mapped[dt.date]
    count: Mapped[int]
    root: Mapped[bytes]
    sums: Mapped[bytes]
    total: Mapped[bytes]

    __table_args__ = (sa.UniqueConstraint("project_id", "currency", "day"),)


class Chunk(Base):
    """The root over 256 events of a project's day: what a path needs of a large tree."""

    __tablename__ = "proof_chunk"

    day_index: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    sums: Mapped[bytes]


class FullTile(Base):
    """256 hashes of the log's tree, and the hash above them (C2SP tlog-tiles)."""

    __tablename__ = "proof_tile"

    level: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes]
    root: Mapped[bytes]

    __table_args__ = (
        sa.CheckConstraint("length(hashes) = 8192 and length(root) = 32", name="is_full"),
    )


class SignedCheckpoint(Base):
    """What was signed: of each size at most one, so that no two views can be given."""

    __tablename__ = "proof_checkpoint"

    size: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    note: Mapped[Text]
    signed_at: Mapped[Moment]


class Cosignature(Base):
    """A witness's line under a checkpoint: it saw that the log had only grown."""

    __tablename__ = "proof_cosignature"

    size: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    line: Mapped[Text]
    signed_at: Mapped[Moment]


class Horizon(Following, Base):
    """How far all transfers are known to be in the log."""

    __tablename__ = "proof_horizon"
