"""What forms about indicators and values say, and what programs are told of them."""

from decimal import Decimal

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from marketplace.core.documents import minor
from marketplace.core.fields import Day
from marketplace.core.i18n import _l
from marketplace.outcomes.rules import (
    CODES,
    Freshness,
    IndicatorKind,
    NotANumber,
    parse_number,
)


class Measure(fields.Field[Decimal | None]):
    """A number as people write it; nothing where nothing was written."""

    def _deserialize(self, value: object, *_where: object, **_more: object) -> Decimal | None:
        if not str(value).strip() and not self.required:
            return None
        try:
            return parse_number(str(value))
        except NotANumber:
            raise ValidationError(str(_l("Write a number like 212 or 0.6."))) from None


class Typed(Schema):
    """A form; unknown fields are mistakes."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE


class IndicatorInput(Typed):
    """What is to be counted."""

    title = fields.String(required=True, validate=validate.Length(1, 200))
    unit = fields.String(required=True, validate=validate.Length(1, 60))
    kind = fields.Enum(IndicatorKind, by_value=True, required=True)
    code = fields.String(load_default="", validate=validate.OneOf(["", *CODES]))
    baseline = Measure(load_default=None)
    baseline_on = Day(load_default=None)
    target = Measure(load_default=None)
    target_on = Day(load_default=None)
    budget_line = fields.String(load_default="", validate=validate.Length(max=40))


class OutcomeInput(Typed):
    """A measured value; files come beside it."""

    value = Measure(required=True)
    measured_on = Day(required=True)
    method = fields.String(required=True, validate=validate.Length(1, 1000))
    note = fields.String(load_default="", validate=validate.Length(max=2000))
    titles = fields.List(fields.String(validate=validate.Length(max=200)), load_default=list)
    url = fields.String(load_default="", validate=validate.Length(max=500))
    url_title = fields.String(load_default="", validate=validate.Length(max=200))
    is_withdrawn = fields.Boolean(load_default=False)
    publish = fields.String(load_default="")


class ReviewInput(Typed):
    """What somebody says who looked at a value."""

    note = fields.String(load_default="", validate=validate.Length(max=1000))


class EvidenceOutput(Schema):
    """A proof of a value."""

    title = fields.String(required=True)
    url = fields.String(required=True)


class ReviewOutput(Schema):
    """Who looked at a value and found it right."""

    by = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(["owner", "operator"]))
    at = fields.AwareDateTime(required=True, format="iso")
    note = fields.String(required=True)


class OutcomeOutput(Schema):
    """A published value."""

    id = fields.UUID(required=True)
    value = fields.String(required=True, metadata={"description": "A decimal number."})
    measured_on = fields.Date(required=True)
    method = fields.String(required=True)
    note = fields.String(required=True)
    author = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True, format="iso")
    corrects = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The value that it corrects."}
    )
    counts = fields.Boolean(
        required=True,
        metadata={"description": "Neither corrected since nor withdrawn."},
    )
    evidence = fields.List(fields.Nested(EvidenceOutput), required=True)
    reviews = fields.List(fields.Nested(ReviewOutput), required=True)


class CostOutput(Schema):
    """What one unit cost, from actual reports."""

    currency = fields.String(required=True)
    cost_minor = minor("As of the newest report; null while it is unknown.", allow_none=True)
    lowest_minor = minor("The lowest of all reports.", allow_none=True)
    highest_minor = minor("The highest of all reports.", allow_none=True)
    reports = fields.Integer(required=True)
    newest_on = fields.Date(required=True, allow_none=True)
    freshness = fields.String(
        required=True,
        validate=validate.OneOf([*Freshness]),
        metadata={"description": "`unknown` once the newest report is older than 18 months."},
    )


class IndicatorOutput(Schema):
    """What a project counts, and how far it is."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    unit = fields.String(required=True)
    code = fields.String(
        required=True, metadata={"description": "Of the UN's list of indicators, or empty."}
    )
    kind = fields.String(
        required=True,
        validate=validate.OneOf([*IndicatorKind]),
        metadata={"description": "`adds`: values add up; `level`: each is the whole state."},
    )
    baseline = fields.String(required=True, allow_none=True)
    baseline_on = fields.Date(required=True, allow_none=True)
    target = fields.String(required=True, allow_none=True)
    target_on = fields.Date(required=True, allow_none=True)
    present = fields.String(
        required=True, allow_none=True, metadata={"description": "Where it stands."}
    )
    cost_per_unit = fields.Nested(CostOutput, required=True)
    outcomes = fields.List(fields.Nested(OutcomeOutput), required=True)


class OutcomesOutput(Schema):
    """All that a project measures."""

    project = fields.String(required=True)
    indicators = fields.List(fields.Nested(IndicatorOutput), required=True)
