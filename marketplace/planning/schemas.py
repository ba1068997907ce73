"""What forms about plans say, column by column (a line left empty is none), and what is told."""

from marshmallow import RAISE, Schema, fields, validate

from marketplace.core.documents import minor
from marketplace.planning.rules import NeedKind, WrongKind


def _column(most: int) -> fields.List[str]:
    return fields.List(fields.String(validate=validate.Length(max=most)), load_default=list)


class _Rows(Schema):
    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    ids = _column(40)


class SectionsInput(_Rows):
    """Parts of a story."""

    titles = _column(200)
    bodies = _column(10_000)


class MilestonesInput(_Rows):
    """What is to be finished by when."""

    titles = _column(200)
    due = _column(10)
    reached = _column(10)
    updates = _column(40)


class NeedsInput(_Rows):
    """What is needed that is not money."""

    titles = _column(300)
    kinds = _column(20)
    until = _column(10)
    states = _column(20)


class GoalsInput(Schema):
    """Targets of the United Nations, and a place."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    targets = fields.String(load_default="", validate=validate.Length(max=400))
    latitude = fields.String(load_default="", validate=validate.Length(max=20))
    longitude = fields.String(load_default="", validate=validate.Length(max=20))


class AnswerInput(Schema):
    """Somebody offers what is needed."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    message = fields.String(required=True, validate=validate.Length(1, 2000))
    shares_email = fields.Boolean(load_default=False)


def _maybe_minor(about: str) -> fields.Integer:
    return fields.Integer(required=True, allow_none=True, metadata={"description": about})


class PlannedLineOutput(Schema):
    """A part of what the goal is needed for."""

    title = fields.String(required=True)
    amount_minor = minor("What it needs.")
    spent_minor = minor("What was spent of it, with receipts.")
    is_minimum = fields.Boolean(
        required=True, metadata={"description": "Whether the project cannot begin without it."}
    )


class RevisionOutput(Schema):
    """What goal or budget were before; a new line has no past, one that went has no present."""

    changed_at = fields.AwareDateTime(required=True, format="iso")
    is_goal = fields.Boolean(required=True)
    was_title = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    was_minor = _maybe_minor("What was planned before.")
    minor = _maybe_minor("What is planned since.")
    reason = fields.String(required=True)


class MilestoneOutput(Schema):
    """What is to be finished by a day, and when it was."""

    title = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    reached_on = fields.Date(required=True, allow_none=True)
    is_late = fields.Boolean(required=True)
    update = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The update that shows it."}
    )


class TargetOutput(Schema):
    """A target of the United Nations' Sustainable Development Goals."""

    number = fields.String(required=True, metadata={"description": "Like 6.1."})
    name = fields.String(required=True, metadata={"description": "In few words, in English."})


class PlannedIndicatorOutput(Schema):
    """What is measured, from where to where; its values are at `outcomes_url`."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    unit = fields.String(required=True)
    code = fields.String(required=True)
    kind = fields.String(required=True)
    baseline = fields.String(required=True, allow_none=True)
    target = fields.String(required=True, allow_none=True)
    target_on = fields.Date(required=True, allow_none=True)
    present = fields.String(required=True, allow_none=True)


class NeedOutput(Schema):
    """Something that is needed and is not money."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([*NeedKind]))
    title = fields.String(required=True)
    until_on = fields.Date(required=True, allow_none=True)
    url = fields.Url(required=True, require_tld=False)


class FundedOutput(Schema):
    """Money from elsewhere, as the project declares it."""

    funder = fields.String(required=True)
    amount_minor = minor("In the project's currency.")
    standing = fields.String(
        required=True,
        validate=validate.OneOf(["certain", "applied", "refused"]),
        metadata={"description": "Only what is certain leaves companies less to claim."},
    )


class WrongOutput(Schema):
    """Something that went wrong, as far as it is recorded."""

    kind = fields.String(required=True, validate=validate.OneOf([*WrongKind]))
    on_day = fields.Date(
        required=True, allow_none=True, metadata={"description": "None for what is wrong still."}
    )
    title = fields.String(required=True)
    note = fields.String(required=True)
    was_minor = _maybe_minor("What a corrected amount was.")
    minor = _maybe_minor("The amount that it is about.")
    update_id = fields.UUID(required=True, allow_none=True)


class PlanOutput(Schema):
    """What a project plans, what of it went wrong, and what it needs beside money."""

    project = fields.String(required=True)
    currency = fields.String(required=True)
    goal_minor = minor("What it needs.")
    minimum_minor = minor("What it needs to begin.")
    budget = fields.List(fields.Nested(PlannedLineOutput), required=True)
    changes = fields.List(fields.Nested(RevisionOutput), required=True)
    milestones = fields.List(fields.Nested(MilestoneOutput), required=True)
    sdgs = fields.List(fields.Integer(), required=True)
    targets = fields.List(fields.Nested(TargetOutput), required=True)
    indicators = fields.List(fields.Nested(PlannedIndicatorOutput), required=True)
    outcomes_url = fields.Url(required=True, require_tld=False)
    needs = fields.List(fields.Nested(NeedOutput), required=True)
    funding_elsewhere = fields.List(fields.Nested(FundedOutput), required=True)
    went_wrong = fields.List(fields.Nested(WrongOutput), required=True)
