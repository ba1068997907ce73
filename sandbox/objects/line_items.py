"""The lines of a Checkout Session, out of `price_data` and `quantity`."""

from sandbox.errors import invalid
from sandbox.params import Params
from sandbox.shapes import Json, nulls
from sandbox.store import Unit, new_id


def make_item(unit: Unit, line: Params) -> Json:
    """One line item with its price, out of `price_data` and `quantity`."""
    line.only(("price_data", "quantity"))
    if "price_data" not in line:
        raise line.absent("price_data")
    price_data = line.nested("price_data")
    price_data.only(("currency", "product_data", "unit_amount", "tax_behavior"))
    currency = price_data.currency()
    product = price_data.nested("product_data")
    product.only(("name", "description", "images", "metadata", "tax_code"))
    name = product.required("name")
    unit_amount, quantity = price_data.integer("unit_amount"), line.integer("quantity")
    if unit_amount is None:
        raise price_data.absent("unit_amount")
    if unit_amount < 0:
        raise invalid("Invalid non-negative integer", param=price_data.name_of("unit_amount"))
    if quantity is None:
        raise line.absent("quantity")
    if not 1 <= quantity <= 999_999:
        raise invalid("Invalid quantity", param=line.name_of("quantity"))
    total = unit_amount * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": name,
        "metadata": {},
        "price": _price(unit, currency, unit_amount),
        "quantity": quantity,
    }


def _price(unit: Unit, currency: str, unit_amount: int) -> Json:
    absent = "custom_unit_amount lookup_key nickname recurring tiers_mode transform_quantity"
    return {
        "id": new_id("price"),
        "object": "price",
        **nulls(absent),
        "active": False,
        "billing_scheme": "per_unit",
        "created": unit.now,
        "currency": currency,
        "livemode": False,
        "metadata": {},
        "product": new_id("prod", 14),
        "tax_behavior": "unspecified",
        "type": "one_time",
        "unit_amount": unit_amount,
        "unit_amount_decimal": str(unit_amount),
    }
