"""What programs are told of the whole marketplace."""

from marshmallow import Schema, fields

from marketplace.core.documents import minor


class PlatformTotalsOutput(Schema):
    """Everything that was given here in the marketplace's currency."""

    currency = fields.String(required=True)
    counted_at = fields.AwareDateTime(required=True, format="iso")
    is_held_back = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the totals stand still since `counted_at`, because our book "
            "and the payment provider differ and nobody has explained it yet."
        },
    )
    since = fields.Date(
        required=True, allow_none=True, metadata={"description": "The day of the first payment."}
    )
    companies = fields.Integer(
        required=True, metadata={"description": "How many companies sold something."}
    )
    projects = fields.Integer(
        required=True, metadata={"description": "How many projects were given something."}
    )
    given_minor = minor("All of it: pending, available and paid out.")
    pending_minor = minor("Held until orders can no longer be returned.")
    available_minor = minor("Confirmed, and waits for its payout or is under way.")
    paid_out_minor = minor("Paid out, as the payment provider confirmed.")
    spent_minor = minor("Of what was paid out, spent with receipts.")
    by_companies_minor = minor("Of all that was given, what came out of companies' prices.")
    own_gifts_minor = minor("Of all that was given, shoppers' own gifts.")
    matched_minor = minor("Of all that was given, what sponsors' pools added.")
