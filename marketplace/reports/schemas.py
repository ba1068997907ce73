"""What forms about reports say."""

from marshmallow import RAISE, Schema, fields, validate

from marketplace.core.documents import minor


class DraftInput(Schema):
    """A new report."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    title = fields.String(required=True, validate=validate.Length(1, 200))
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)


class WordsInput(Schema):
    """The words of a draft; `what` says whether to save or to publish."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    title = fields.String(required=True, validate=validate.Length(1, 200))
    message = fields.String(load_default="", validate=validate.Length(0, 10_000))
    done_badly = fields.String(load_default="", validate=validate.Length(0, 10_000))
    what = fields.String(load_default="save", validate=validate.OneOf(["save", "publish"]))


class ReportCardOutput(Schema):
    """A published report as a list shows it."""

    slug = fields.String(required=True)
    title = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, metadata={"description": "Included."})
    currency = fields.String(required=True)
    as_of = fields.AwareDateTime(
        required=True, format="iso", metadata={"description": "When the figures were taken."}
    )
    last_transaction = fields.Integer(
        required=True,
        metadata={"description": "The last transaction of the ledger that the figures know of."},
    )
    published_at = fields.AwareDateTime(required=True, format="iso")
    url = fields.Url(required=True, require_tld=False)


class ReportsOutput(Schema):
    """A company's published reports, the newest period first; there are few."""

    items = fields.List(fields.Nested(ReportCardOutput), required=True)


class ProjectFigureOutput(Schema):
    """What one project was given in the period."""

    slug = fields.String(required=True)
    title = fields.String(required=True)
    amount_minor = minor("What the company gave, less what was taken back.")
    entries = fields.Integer(required=True)


class MonthFigureOutput(Schema):
    """What was given in one month."""

    month = fields.String(required=True, metadata={"description": "2026-03"})
    amount_minor = minor("What the company gave, less what was taken back.")


class FiguresOutput(Schema):
    """A company's figures for a period, as they were published."""

    sales_minor = minor("Sales, VAT included.")
    returned_minor = minor("What was given back to shoppers.")
    orders = fields.Integer(required=True)
    given_minor = minor("What the company gave out of its prices.")
    pending_minor = minor("Of it, held until orders can no longer be returned.")
    confirmed_minor = minor("Of it, what can no longer be taken back.")
    top_up_minor = minor("Shoppers' own gifts beside: never counted as the company's.")
    projects = fields.List(fields.Nested(ProjectFigureOutput), required=True)
    months = fields.List(fields.Nested(MonthFigureOutput), required=True)
    net_sales_minor = minor(
        "What stayed sold, without VAT; null in a report published before this was told.",
        allow_none=True,
    )


class ReportOutput(ReportCardOutput):
    """A published report with its figures and the company's own words."""

    is_company_suspended = fields.Boolean(
        required=True,
        metadata={"description": "It stays readable then; the company publishes nothing new."},
    )
    message_html = fields.String(required=True)
    done_badly_html = fields.String(required=True)
    figures = fields.Nested(FiguresOutput, required=True)
