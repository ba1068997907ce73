"""Tables of products, variants and their stock."""

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.companies.models import Company
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.media.models import Photo


class ProductState(enum.StrEnum):
    """Whether a product is offered."""

    DRAFT = "draft"
    LIVE = "live"
    ARCHIVED = "archived"


class Category(Base):
    """A shelf of the shop."""

    __tablename__ = "category"

    id: Mapped[Id]
    slug: Mapped[Text] = mapped_column(unique=True)
    name_en: Mapped[Text]
    name_fr: Mapped[Text]
    name_it: Mapped[Text]
    glyph: Mapped[Text] = mapped_column(default="parcel")
    """The silhouette that the look draws where there is no photo."""
    position: Mapped[int] = mapped_column(default=0)

    def name_in(self, language: str) -> str:
        """Return the name in a language, in English where there is none."""
        return {"fr": self.name_fr, "it": self.name_it}.get(language) or self.name_en


class Product(Base):
    """Something a company sells, in one or more variants."""

    __tablename__ = "product"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company.id"), index=True)
    category_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("category.id"))
    slug: Mapped[Text] = mapped_column(unique=True)
    title: Mapped[Text]
    summary: Mapped[Text] = mapped_column(default="")
    description_html: Mapped[Text] = mapped_column(default="")
    """Sanitised HTML."""
    material: Mapped[Text] = mapped_column(default="")
    state: Mapped[ProductState] = mapped_column(states(ProductState, "product_state"))
    currency: Mapped[Currency]
    vat_bp: Mapped[int] = mapped_column(default=2200)
    price_from_minor: Mapped[Minor] = mapped_column(default=0)
    """The lowest price of an offered variant, kept by `catalog.service` for sorting."""
    pledge_bp: Mapped[int | None]
    pledge_unit_minor: Mapped[Minor | None]
    """What is given of this product, where it differs from the company's pledge."""
    external_ref: Mapped[str | None] = mapped_column(sa.Text)
    """The product's name in the file it was imported from."""
    import_hash: Mapped[bytes | None]
    """Digest of what the import said last, so that a second run changes nothing."""
    source_photo_url: Mapped[str | None] = mapped_column(sa.Text)
    photo_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("photo.id"))
    created_at: Mapped[Moment]
    published_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    search: Mapped[str | None] = mapped_column(
        postgresql.TSVECTOR,
        sa.Computed(
            "setweight(to_tsvector('public.plain_words'::regconfig, title), 'A') || "
            "setweight(to_tsvector('public.plain_words'::regconfig, "
            "summary || ' ' || material), 'B') || "
            "setweight(to_tsvector('public.plain_words'::regconfig, "
            "left(regexp_replace(description_html, '<[^>]*>', ' ', 'g'), 20000)), 'C')",
            persisted=True,
        ),
        deferred=True,
    )

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    category: Mapped[Category | None] = relationship(lazy="raise_on_sql")
    photo: Mapped[Photo | None] = relationship(lazy="raise_on_sql")
    variants: Mapped[list["Variant"]] = relationship(
        back_populates="product", lazy="raise_on_sql", order_by="Variant.position"
    )

    __table_args__ = (
        sa.UniqueConstraint("company_id", "external_ref"),
        sa.CheckConstraint("vat_bp between 0 and 5000", name="vat_is_a_rate"),
        sa.CheckConstraint("price_from_minor >= 0", name="price_is_not_negative"),
        sa.CheckConstraint(
            "num_nonnulls(pledge_bp, pledge_unit_minor) <= 1", name="gives_a_share_or_an_amount"
        ),
        sa.CheckConstraint("pledge_bp between 0 and 10000", name="pledge_is_a_share"),
        sa.CheckConstraint("length(title) between 1 and 300", name="title_is_short"),
        sa.Index("ix_product_search", "search", postgresql_using="gin"),
        sa.Index(
            "ix_product_title_similar",
            "title",
            postgresql_using="gin",
            postgresql_ops={"title": "gin_trgm_ops"},
        ),
        sa.Index(
            "ix_product_newest",
            "published_at",
            "id",
            postgresql_where=sa.text("state = 'live'"),
        ),
        sa.Index(
            "ix_product_price",
            "price_from_minor",
            "id",
            postgresql_where=sa.text("state = 'live'"),
        ),
        sa.Index(
            "ix_product_category_price",
            "category_id",
            "price_from_minor",
            "id",
            postgresql_where=sa.text("state = 'live'"),
        ),
        sa.Index(
            "ix_product_category_newest",
            "category_id",
            "published_at",
            "id",
            postgresql_where=sa.text("state = 'live'"),
        ),
    )


class Variant(Base):
    """The thing with a price, a SKU and a stock."""

    __tablename__ = "variant"

    id: Mapped[Id]
    product_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("product.id", ondelete="CASCADE"), index=True
    )
    sku: Mapped[Text] = mapped_column(default="")
    title: Mapped[Text] = mapped_column(default="")
    """What tells it from its sisters: "Large, blue"; empty where there is only one."""
    position: Mapped[int] = mapped_column(default=0)
    price_minor: Mapped[Minor]
    """VAT included, in the product's currency."""
    is_offered: Mapped[bool] = mapped_column(default=True)
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)

    product: Mapped[Product] = relationship(back_populates="variants", lazy="raise_on_sql")

    __table_args__ = (
        sa.UniqueConstraint("product_id", "title"),
        sa.CheckConstraint("price_minor >= 0", name="price_is_not_negative"),
        sa.CheckConstraint("on_hand >= 0", name="on_hand_is_not_negative"),
        sa.CheckConstraint("reserved >= 0", name="reserved_is_not_negative"),
        sa.CheckConstraint("reserved <= on_hand", name="reserved_is_on_hand"),
    )

    @property
    def available(self) -> int:
        """Return how many pieces can be bought now."""
        return self.on_hand - self.reserved


class ProductPhoto(Base):
    """A further picture of a product."""

    __tablename__ = "product_photo"

    product_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("product.id", ondelete="CASCADE"), primary_key=True
    )
    photo_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("photo.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)

    photo: Mapped[Photo] = relationship(lazy="raise_on_sql")


class ImportRun(Base):
    """One import that a company made in the browser, with what was refused."""

    __tablename__ = "import_run"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company.id"), index=True)
    file_name: Mapped[Text]
    format: Mapped[Text]
    storage_key: Mapped[Text]
    state: Mapped[Text] = mapped_column(default="previewed")
    """previewed, running, done, failed."""
    result: Mapped[dict[str, object]] = mapped_column(postgresql.JSONB, default=dict)
    created_at: Mapped[Moment]
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
