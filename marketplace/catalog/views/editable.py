"""A product as the texts of its form."""

import html
import re
from collections.abc import Sequence
from typing import Any

from marketplace.catalog.models import Category, Product
from marketplace.core.money import to_decimal_text

Values = dict[str, Any]  # Any: text, or a list of texts


def blank_values() -> Values:
    """Return the values of a new product's form."""
    return {
        "vat": "22",
        "pledge_kind": "company",
        "variant_id": [""],
        "variant_title": [""],
        "variant_sku": [""],
        "variant_price": [""],
        "variant_stock": [""],
        "variant_stock_before": [""],
        "variant_offered": ["yes"],
    }


def values_of(product: Product, categories: Sequence[Category]) -> Values:
    """Return a product as the values of its form."""
    slugs = {category.id: category.slug for category in categories}
    stock = [str(variant.on_hand) for variant in product.variants]
    kind, pledge = _pledge(product)
    return {
        "title": product.title,
        "summary": product.summary,
        "description": plain_description(product.description_html),
        "material": product.material,
        "category": slugs.get(product.category_id, "") if product.category_id else "",
        "vat": f"{product.vat_bp / 100:g}",
        "pledge_kind": kind,
        "pledge": pledge,
        "variant_id": [str(variant.id) for variant in product.variants],
        "variant_title": [variant.title for variant in product.variants],
        "variant_sku": [variant.sku for variant in product.variants],
        "variant_price": [
            to_decimal_text(variant.price_minor, product.currency) for variant in product.variants
        ],
        "variant_stock": stock,
        "variant_stock_before": stock,
        "variant_offered": ["yes" if variant.is_offered else "no" for variant in product.variants],
    }


def _pledge(product: Product) -> tuple[str, str]:
    if product.pledge_bp is not None:
        return "share", f"{product.pledge_bp / 100:g}"
    if product.pledge_unit_minor is not None:
        return "amount", to_decimal_text(product.pledge_unit_minor, product.currency)
    return "company", ""


def plain_description(markup: str) -> str:
    """Return a description as text, if it is only paragraphs; else as it is, in HTML."""
    if set(re.findall(r"</?([a-z0-9]+)", markup)) - {"p", "br"}:
        return markup
    text = re.sub(r"<br ?/?>", "\n", markup).replace("</p>", "\n\n").replace("<p>", "")
    return html.unescape(text).strip()
