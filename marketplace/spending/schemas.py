"""What forms about receipts say, and what programs are told of them."""

from marshmallow import RAISE, Schema, fields, validate

from marketplace.core.documents import minor, next_page
from marketplace.core.fields import Day


class SpendingInput(Schema):
    """Money that was spent; the receipt comes beside it."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    amount = fields.String(required=True, validate=validate.Length(1, 20))
    currency = fields.String(load_default="", validate=validate.Length(max=3))
    rate = fields.String(load_default="", validate=validate.Length(max=20))
    rate_on = fields.String(load_default="", validate=validate.Length(max=10))
    rate_source = fields.String(load_default="", validate=validate.Length(max=200))
    spent_on = Day(required=True)
    payee = fields.String(required=True, validate=validate.Length(1, 200))
    purpose = fields.String(required=True, validate=validate.Length(1, 300))
    budget_line = fields.String(load_default="", validate=validate.Length(max=40))
    note = fields.String(load_default="", validate=validate.Length(max=1000))


class RateOutput(Schema):
    """What was paid in another currency."""

    currency = fields.String(required=True)
    amount_minor = minor("What was paid.")
    rate = fields.String(
        required=True, metadata={"description": "How much of it one unit of the project's was."}
    )
    rate_on = fields.Date(required=True)
    rate_source = fields.String(required=True)


class SpendingOutput(Schema):
    """A receipt."""

    id = fields.UUID(required=True)
    spent_on = fields.Date(required=True)
    amount_minor = minor("In the project's currency; zero takes another one back.")
    paid = fields.Nested(RateOutput, required=True, allow_none=True)
    payee = fields.String(required=True)
    purpose = fields.String(required=True)
    note = fields.String(required=True)
    receipt_url = fields.String(required=True)
    corrects = fields.UUID(required=True, allow_none=True)
    counts = fields.Boolean(
        required=True, metadata={"description": "False for what was corrected since."}
    )


class SpendingsOutput(Schema):
    """A page of receipts, the newest first."""

    currency = fields.String(required=True)
    items = fields.List(fields.Nested(SpendingOutput), required=True)
    next = next_page()
