"""What programs ask of the shop and what they are told."""

from marshmallow import Schema, fields, validate

from marketplace.catalog.rules import LONGEST_QUERY, Sort
from marketplace.companies.schemas import PledgeOutput
from marketplace.core.documents import PageQuery, minor, next_page
from marketplace.core.money import LARGEST_MINOR

_AMOUNT = validate.Range(0, LARGEST_MINOR)
_SLUG = validate.Length(max=80)


class ProductsQuery(PageQuery):
    """What a list of products is narrowed to."""

    q = fields.String(load_default="", validate=validate.Length(max=LONGEST_QUERY))
    category = fields.String(load_default="", validate=_SLUG)
    company = fields.String(load_default="", validate=_SLUG)
    price_from_minor = fields.Integer(load_default=None, validate=_AMOUNT)
    price_to_minor = fields.Integer(load_default=None, validate=_AMOUNT)
    sort = fields.String(load_default="", validate=validate.OneOf(["", *Sort]))


class SellerOutput(Schema):
    """Who sells it."""

    slug = fields.String(required=True)
    name = fields.String(required=True)


class ProductCardOutput(Schema):
    """A product as a list shows it."""

    slug = fields.String(required=True)
    title = fields.String(required=True)
    currency = fields.String(required=True)
    price_minor = minor("The lowest price of its variants, VAT included.")
    routed_minor = minor("What is given of that price.")
    is_available = fields.Boolean(required=True)
    company = fields.Nested(SellerOutput, required=True)
    url = fields.Url(required=True, require_tld=False)


class ProductsOutput(Schema):
    """A page of products."""

    items = fields.List(fields.Nested(ProductCardOutput), required=True)
    next = next_page()


class VariantOutput(Schema):
    """What can be bought, and where each cent of its price goes."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    sku = fields.String(required=True)
    available = fields.Integer(required=True)
    price_minor = minor("VAT included.")
    vat_minor = minor("The VAT inside the price.")
    routed_minor = minor("What the company gives of it to projects.")
    commission_minor = minor("What the marketplace keeps.")
    company_minor = minor("What the company keeps, without VAT.")


class ProductOutput(Schema):
    """A product with all its variants."""

    slug = fields.String(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    description_html = fields.String(required=True)
    material = fields.String(required=True)
    category = fields.String(
        required=True, allow_none=True, metadata={"description": "The slug of its category."}
    )
    company = fields.Nested(SellerOutput, required=True)
    currency = fields.String(required=True)
    vat_bp = fields.Integer(required=True)
    price_from_minor = minor("The lowest price of its variants, VAT included.")
    pledge = fields.Nested(PledgeOutput, required=True)
    pledge_sentence = fields.String(required=True)
    variants = fields.List(fields.Nested(VariantOutput), required=True)
    photo_url = fields.Url(required=True, allow_none=True, require_tld=False)
    url = fields.Url(required=True, require_tld=False)


class CategoryOutput(Schema):
    """A shelf of the shop."""

    slug = fields.String(required=True)
    name = fields.String(required=True)


class CategoriesOutput(Schema):
    """All shelves in the shop's order; there are few."""

    items = fields.List(fields.Nested(CategoryOutput), required=True)
