"""What the address of a product list may say; nothing in it is wrong enough for an error page."""

from marshmallow import Schema, fields, pre_load

from marketplace.catalog.rules import plain_query
from marketplace.core.money import NotAnAmount, parse_minor

Given = dict[str, str]


class ListingQuery(Schema):
    """A search, its filters, its order and where the page begins; all texts."""

    q = fields.String(load_default="")
    price_from = fields.String(load_default="")
    price_to = fields.String(load_default="")
    company = fields.String(load_default="")
    sort = fields.String(load_default="")
    after = fields.String(load_default="")

    @pre_load
    def shorten(self, data: Given, **_more: object) -> Given:
        """Put the search on one line and cut all that nobody types."""
        return {
            name: plain_query(text) if name == "q" else text[:600] for name, text in data.items()
        }


def price_bound(text: str, currency: str, *, decimal_comma: bool) -> int | None:
    """Return a bound of the price in minor units, or None where none was given.

    :raises NotAnAmount: something was given that is no price.
    """
    if not text:
        return None
    if len(text) > 20:  # longer than any price, shorter than what hurts
        raise NotAnAmount(text)
    return parse_minor(text, currency, decimal_comma=decimal_comma)
