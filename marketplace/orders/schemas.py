"""What programs are told of orders: figures and states, no address."""

from marshmallow import Schema, fields

from marketplace.core.documents import minor


class OrderLineOutput(Schema):
    """What was bought, at what price, and what of it is given."""

    variant_id = fields.UUID(required=True)
    product_slug = fields.String(required=True)
    title = fields.String(required=True)
    variant_title = fields.String(required=True)
    sku = fields.String(required=True)
    company = fields.String(required=True, metadata={"description": "The slug of the company."})
    quantity = fields.Integer(required=True)
    refunded_quantity = fields.Integer(required=True)
    unit_price_minor = minor("VAT included.")
    gross_minor = minor("The price of all pieces, VAT included.")
    vat_minor = minor("The VAT inside it.")
    share_minor = minor("What the company gives of it.")
    sentence = fields.String(
        required=True, metadata={"description": "Show it to the shopper before they pay."}
    )


class ParcelOutput(Schema):
    """The part of an order that one company serves."""

    number = fields.String(required=True)
    company = fields.String(required=True, metadata={"description": "The slug of the company."})
    state = fields.String(required=True)
    shipping_minor = minor("VAT included.")
    tracking = fields.String(required=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")


class AllocationOutput(Schema):
    """What one line (or the shopper's own gift) gives to one project."""

    project = fields.String(required=True, metadata={"description": "The slug of the project."})
    source = fields.String(
        required=True,
        metadata={"description": "pledge: a company gives; top_up: the shopper; match: a sponsor."},
    )
    company = fields.String(required=True, allow_none=True)
    amount_minor = minor("What it gives.")


class RefundOutput(Schema):
    """Money on its way back, or back."""

    amount_minor = minor("All that is given back.")
    top_up_minor = minor("How much of it is the shopper's own gift.")
    state = fields.String(required=True)
    requested_at = fields.AwareDateTime(required=True, format="iso")
    done_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")


class OrderOutput(Schema):
    """An order: what it costs, where its money goes, where it stands."""

    number = fields.String(required=True)
    token = fields.String(
        required=True, metadata={"description": "The secret of its receipt: keep it."}
    )
    state = fields.String(required=True, metadata={"description": "placed, paid or lapsed."})
    currency = fields.String(required=True)
    items_minor = minor("The price of all lines.")
    shipping_minor = minor("The price of all parcels.")
    top_up_minor = minor("The shopper's own gift.")
    total_minor = minor("What is paid.")
    vat_minor = minor("The VAT inside it.")
    share_minor = minor("What the companies give.")
    matched_minor = minor("What sponsors were to add when it was placed, beside what is paid.")
    refunded_minor = minor("What was given back.")
    disclosure_version = fields.String(
        required=True, metadata={"description": "Which wording of /disclosures was told."}
    )
    disclosure = fields.String(
        required=True,
        metadata={
            "description": "What the shopper has to be told before paying, word for word: a "
            "sentence or two on each line, in the language of the order."
        },
    )
    placed_at = fields.AwareDateTime(required=True, format="iso")
    expires_at = fields.AwareDateTime(
        required=True, format="iso", metadata={"description": "Until then it can be paid."}
    )
    paid_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    payment_url = fields.Url(
        required=True,
        allow_none=True,
        require_tld=False,
        metadata={
            "description": "Send the shopper there. Null when there is nothing to pay, or while "
            "the page is not open yet: then ask again."
        },
    )
    receipt_url = fields.Url(required=True, require_tld=False)
    lines = fields.List(fields.Nested(OrderLineOutput), required=True)
    parcels = fields.List(fields.Nested(ParcelOutput), required=True)
    allocations = fields.List(fields.Nested(AllocationOutput), required=True)
    refunds = fields.List(fields.Nested(RefundOutput), required=True)
