"""Which files of reports were made: who has one can ask whether it is ours."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.core.db import Base, Moment, Text
from marketplace.reports.models.report import Version


class ReportFile(Base):
    """A document as it was handed out. The same words at the same moment are the same bytes."""

    __tablename__ = "report_file"

    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report_version.id"), index=True)
    language: Mapped[Text]
    made_at: Mapped[Moment]

    version: Mapped[Version] = relationship(lazy="raise_on_sql")

    __table_args__ = (sa.CheckConstraint("length(sha256) = 32", name="sha256_is_one"),)
