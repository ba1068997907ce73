"""The forms of a company's desk. Amounts and shares come as people write them."""

import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from marketplace.catalog.imports.records import LARGEST_STOCK, LONGEST_BODY
from marketplace.catalog.imports.source import FORMATS
from marketplace.catalog.service import ProductFacts, VariantFacts
from marketplace.core.i18n import _l
from marketplace.core.money import NotAnAmount, parse_minor

MOST_ROWS = 200
HIGHEST_VAT = 50
PLEDGES = ("company", "share", "amount")
_ROW = ("variant_title", "variant_sku", "variant_price", "variant_stock")

Data = dict[str, Any]  # Any: what the fields made of a form


def _texts(most: int = 200) -> fields.List[str]:
    text = fields.String(validate=validate.Length(max=most))
    return fields.List(text, load_default=list, validate=validate.Length(max=MOST_ROWS))


class ProductInput(Schema):
    """A product and the rows of its variants, one value of each list a row."""

    title = fields.String(required=True, validate=validate.Length(1, 300))
    summary = fields.String(load_default="", validate=validate.Length(max=1000))
    description = fields.String(load_default="", validate=validate.Length(max=LONGEST_BODY))
    material = fields.String(load_default="", validate=validate.Length(max=300))
    category = fields.String(load_default="")
    vat = fields.String(load_default="22")
    pledge_kind = fields.String(load_default="company", validate=validate.OneOf(PLEDGES))
    pledge = fields.String(load_default="")
    variant_id = _texts()
    variant_title = _texts()
    variant_sku = _texts()
    variant_price = _texts()
    variant_stock = _texts()
    variant_stock_before = _texts()
    variant_offered = _texts()
    action = fields.String(load_default="save")

    def __init__(self, *, currency: str, categories: Mapping[str, uuid.UUID]) -> None:
        super().__init__()
        self._currency = currency
        self._categories = categories

    @post_load
    def understand(self, data: Data, **_more: object) -> Data:
        """Turn texts into facts; each mistake is told at its field."""
        wrong: dict[str, list[object]] = {}
        pledge = self._pledge(data, wrong)
        facts = ProductFacts(
            title=" ".join(data["title"].split()),
            summary=" ".join(data["summary"].split()),
            description=data["description"],
            material=data["material"],
            category_id=self._categories.get(data["category"]),
            vat_bp=_share(data["vat"], "vat", wrong, most=HIGHEST_VAT),
            pledge_bp=pledge if data["pledge_kind"] == "share" else None,
            pledge_unit_minor=pledge if data["pledge_kind"] == "amount" else None,
        )
        variants = self._variants(data, wrong)
        if wrong:
            raise ValidationError(wrong)
        return {"facts": facts, "variants": variants}

    def _pledge(self, data: Data, wrong: dict[str, list[object]]) -> int:
        if data["pledge_kind"] == "share":
            return _share(data["pledge"], "pledge", wrong, most=100)
        if data["pledge_kind"] == "amount":
            return self._amount(data["pledge"], "pledge", wrong)
        return 0

    def _amount(self, text: str, name: str, wrong: dict[str, list[object]]) -> int:
        try:
            return parse_minor(text, self._currency)
        except NotAnAmount:
            wrong[name] = [_l("Write an amount, such as 12.50.")]
            return 0

    def _variants(self, data: Data, wrong: dict[str, list[object]]) -> list[VariantFacts]:
        columns = [name for name in data if name.startswith("variant_")]
        lengths = {len(data[name]) for name in columns}
        if len(lengths) > 1:
            wrong["variants"] = [_l("The rows of the variants do not fit together.")]
            return []
        rows = [
            {name: data[name][at] for name in columns} for at in range(len(data["variant_title"]))
        ]
        filled = [row for row in rows if row["variant_id"] or any(row[name] for name in _ROW)]
        return [self._variant(row, wrong) for row in filled]

    def _variant(self, row: Mapping[str, str], wrong: dict[str, list[object]]) -> VariantFacts:
        stock, before = row["variant_stock"] or "0", row["variant_stock_before"] or "0"
        numbers = [_whole(text) for text in (stock, before)]
        if None in numbers:
            wrong["variants"] = [_l("Write the stock as a whole number.")]
        price = self._amount(row["variant_price"], "variants", wrong)
        if price == 0 and "variants" not in wrong:
            wrong["variants"] = [_l("Each variant needs a price above zero.")]
        try:
            variant_id = uuid.UUID(row["variant_id"]) if row["variant_id"] else None
        except ValueError:
            wrong["variants"] = [_l("The rows of the variants do not fit together.")]
            variant_id = None
        return VariantFacts(
            id=variant_id,
            title=" ".join(row["variant_title"].split()),
            sku=" ".join(row["variant_sku"].split()),
            price_minor=price,
            is_offered=row["variant_offered"] != "no",
            on_hand=numbers[0] or 0,
            on_hand_before=numbers[1] or 0,
        )


def _whole(text: str) -> int | None:
    is_whole = re.fullmatch(r"\d{1,10}", text, re.ASCII) and int(text) <= LARGEST_STOCK
    return int(text) if is_whole else None


def _share(text: str, name: str, wrong: dict[str, list[object]], *, most: int) -> int:
    """Return a percentage in basis points."""
    plain = text.replace("%", "").replace(",", ".").strip()
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", plain, re.ASCII) or Decimal(plain) > most:
        wrong[name] = [_l("Write a percentage from 0 to %(most)s.", most=most)]
        return 0
    return int(Decimal(plain) * 100)


class PhotoInput(Schema):
    """What a person who cannot see the photo should know."""

    alt = fields.String(load_default="", validate=validate.Length(max=500))


class ImportInput(Schema):
    """An upload's kind."""

    format = fields.String(load_default="auto", validate=validate.OneOf(["auto", *FORMATS]))
