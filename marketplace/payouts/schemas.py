"""Forms about where money goes and when."""

from marshmallow import fields, validate

from marketplace.accounts.schemas import PASSWORD_READ, PeopleForm
from marketplace.core.i18n import _l
from marketplace.payouts.rules import Schedule

_ENTER_PASSWORD = _l("Enter your password")
_SAY_WHY = _l("Say why: it goes into the audit log.")


class ProvedInput(PeopleForm):
    """A change of where money goes: whoever asks for it shows who they are."""

    current_password = fields.String(
        required=True,
        validate=validate.Length(min=1, max=PASSWORD_READ, error=_ENTER_PASSWORD),
        error_messages={"required": _ENTER_PASSWORD},
    )


class OpenInput(ProvedInput):
    """An account, the first or another one."""

    is_compromised = fields.Boolean(load_default=False)


class ScheduleInput(PeopleForm):
    """How often to be paid."""

    schedule = fields.Enum(
        Schedule,
        by_value=True,
        required=True,
        error_messages={"unknown": _l("Choose one of these.")},
    )


class WhyInput(PeopleForm):
    """An operator's reason."""

    reason = fields.String(
        required=True,
        validate=validate.Length(min=1, max=500, error=_SAY_WHY),
        error_messages={"required": _SAY_WHY},
    )
