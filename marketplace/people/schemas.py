"""Forms about the people of a company or a project."""

from marshmallow import fields, validate

from marketplace.accounts.models import MemberRole
from marketplace.accounts.schemas import Email, Named, NewPasswordInput, PeopleForm
from marketplace.core.i18n import _l
from marketplace.people.rules import TITLE_LENGTH


class MemberInput(PeopleForm):
    """What somebody may do, and what the public is told that they do."""

    role = fields.Enum(
        MemberRole,
        by_value=True,
        required=True,
        error_messages={"unknown": _l("Choose one of the two.")},
    )
    title = fields.String(load_default="", validate=validate.Length(max=TITLE_LENGTH))


class InviteInput(MemberInput):
    """Whom to write to."""

    email = Email(
        required=True,
        error_messages={"required": _l("Enter an e-mail address, like name@example.org")},
    )


class JoinInput(NewPasswordInput, Named):
    """Who comes without an account: the letter has proved the address."""
