"""Forms about who is behind a project or a company, and about concerns."""

from marshmallow import Schema, fields, pre_load, validate

from marketplace.accounts.schemas import Email, PeopleForm, Values
from marketplace.core.i18n import _l
from marketplace.verification.rules import (
    BackedBy,
    ConcernOutcome,
    ConcernState,
    Level,
    Result,
    Step,
)

_SHORT = validate.Length(max=200)
_UNKNOWN = {"unknown": _l("Choose one of what is offered.")}


class _Blanks(PeopleForm):
    """A form in which what is left empty is not there."""

    @pre_load
    def without_blanks(self, data: Values, **_more: object) -> Values:
        """Leave out what is empty."""
        return {name: value for name, value in data.items() if value != ""}


class BackingInput(PeopleForm):
    """What stands behind a project or company."""

    kind = fields.Enum(BackedBy, by_value=True, required=True, error_messages=_UNKNOWN)
    register_entry = fields.String(load_default="", validate=_SHORT)
    host = fields.String(load_default="", validate=_SHORT)
    consents = fields.Boolean(load_default=False)


class CheckInput(_Blanks):
    """One thing that was checked."""

    step = fields.Enum(Step, by_value=True, required=True, error_messages=_UNKNOWN)
    result = fields.Enum(Result, by_value=True, required=True, error_messages=_UNKNOWN)
    what = fields.String(required=True, validate=validate.Length(min=1, max=300))
    checked_on = fields.Date(required=True)
    list_on = fields.Date(load_default=None, allow_none=True)


class ReasonInput(PeopleForm):
    """Why an operator decides something."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))


class AskInput(PeopleForm):
    """Another paper."""

    what = fields.String(required=True, validate=validate.Length(min=1, max=200))


class JudgeInput(PeopleForm):
    """Whether a paper is accepted."""

    what = fields.String(required=True, validate=validate.OneOf(["accept", "refuse"]))
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class ConcernInput(_Blanks):
    """A concern; who leaves an address gets a letter."""

    body = fields.String(required=True, validate=validate.Length(min=1, max=5000))
    email = Email(load_default="")


class MoreInput(PeopleForm):
    """What a reporter adds."""

    body = fields.String(required=True, validate=validate.Length(min=1, max=5000))


class HandleInput(_Blanks):
    """Where a concern stands."""

    state = fields.Enum(ConcernState, by_value=True, required=True, error_messages=_UNKNOWN)
    outcome = fields.Enum(
        ConcernOutcome, by_value=True, load_default=None, allow_none=True, error_messages=_UNKNOWN
    )
    answer = fields.String(load_default="", validate=validate.Length(max=5000))
    note = fields.String(load_default="", validate=validate.Length(max=5000))


class HandoverInput(PeopleForm):
    """Who answers from now on."""

    email = Email(required=True)
    title = fields.String(load_default="", validate=validate.Length(max=80))
    said = fields.String(required=True, validate=validate.Length(min=1, max=300))


class PassedCheckOutput(Schema):
    """One thing that an operator checked, and found to be so."""

    step = fields.Enum(
        Step, by_value=True, required=True, metadata={"description": "What kind of check it is."}
    )
    what = fields.String(
        required=True, metadata={"description": "What was looked at, in the operator's words."}
    )
    checked_on = fields.Date(required=True)
    list_on = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "Of which day the sanctions list was; null for other steps."},
    )


class VerificationOutput(Schema):
    """What was checked of a company or project, as its public page shows it."""

    level = fields.Enum(
        Level,
        by_value=True,
        required=True,
        metadata={"description": "What the checks carry, from the least to the most."},
    )
    decided_on = fields.Date(required=True, metadata={"description": "When an operator decided."})
    valid_until = fields.Date(required=True, metadata={"description": "The last day it holds."})
    has_lapsed = fields.Boolean(
        required=True, metadata={"description": "Whether that day is over: it was not renewed."}
    )
    checks = fields.List(
        fields.Nested(PassedCheckOutput),
        required=True,
        metadata={"description": "The last check of each step, if it passed."},
    )
