"""Forms about people."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate

from marketplace.accounts.rules import NAME_LENGTH, SCOPES, clean_name
from marketplace.core.i18n import LANGUAGES, _l

EMAIL_LENGTH = 254
PASSWORD_READ = 1000  # longer is refused before it costs anything

Values = dict[str, Any]  # Any: what a form sent


class Email(fields.String):
    """An address that letters can reach, in lower case and ASCII."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:  # Any: marshmallow's
        text = super()._deserialize(value, *args, **kwargs)
        try:
            known = validate_email(
                text, check_deliverability=False, allow_smtputf8=False, strict=True
            )
        except EmailNotValidError as error:
            message = _l("Enter an e-mail address, like name@example.org")
            raise ValidationError(message) from error
        return (known.ascii_email or known.normalized).lower()


def _needed(message: object) -> dict[str, Any]:  # Any: marshmallow takes text, we give lazy text
    return {
        "required": True,
        "validate": validate.Length(min=1, error=message),  # type: ignore[arg-type]  # lazy text
        "error_messages": {"required": message},
    }


def _password(message: object) -> fields.String:
    field = fields.String(**_needed(message))
    field.validators.append(validate.Length(max=PASSWORD_READ, error=message))  # type: ignore[arg-type]  # lazy text
    return field


class PeopleForm(Schema):
    """Refuses fields it does not know."""

    class Meta:
        """marshmallow's options."""

        unknown = RAISE


class Named(PeopleForm):
    """A form with a person's name."""

    name = fields.String(
        required=True,
        validate=validate.Length(
            min=1,
            max=NAME_LENGTH,
            error=_l("Tell us your name, in at most 120 characters."),
        ),
        error_messages={"required": _l("Tell us your name, in at most 120 characters.")},
    )

    @pre_load
    def tidy(self, data: Values, **_more: object) -> Values:
        """Put the name on one line."""
        return {**data, "name": clean_name(data["name"])} if "name" in data else data


class SignUpInput(Named):
    """Who wants an account."""

    email = Email(**_needed(_l("Enter an e-mail address, like name@example.org")))


class SignInInput(PeopleForm):
    """Who comes back. The address is only compared, so it need not be well formed."""

    email = fields.String(
        **(
            _needed(_l("Enter your e-mail address"))
            | {"validate": validate.Length(min=1, max=EMAIL_LENGTH)}
        )
    )
    password = _password(_l("Enter your password"))
    stays = fields.Boolean(load_default=False)
    next = fields.String(load_default="")


class CodeInput(PeopleForm):
    """A code of the second factor, or a recovery code where `how` says so."""

    code = fields.String(**_needed(_l("Enter the code")))
    how = fields.String(load_default="")
    next = fields.String(load_default="")


class AskResetInput(PeopleForm):
    """Who has forgotten their password."""

    email = Email(**_needed(_l("Enter an e-mail address, like name@example.org")))


class NewPasswordInput(PeopleForm):
    """A password to be set through a link."""

    password = _password(_l("Choose a password"))


class ChangePasswordInput(NewPasswordInput):
    """A password to be changed."""

    current_password = _password(_l("Enter your password"))


class ChangeEmailInput(AskResetInput):
    """A new address."""

    current_password = _password(_l("Enter your password"))


class ProfileInput(Named):
    """How somebody is called and addressed."""

    locale = fields.String(required=True, validate=validate.OneOf(list(LANGUAGES)))
    is_public_supporter = fields.Boolean(load_default=False)


class SecondFactorInput(PeopleForm):
    """A serious change: password and code."""

    current_password = _password(_l("Enter your password"))
    code = fields.String(**_needed(_l("Enter the code")))
    next = fields.String(load_default="")


class RecoveryTextInput(PeopleForm):
    """The codes that the page shows, to be written to a file."""

    codes = fields.List(fields.String(validate=validate.Length(max=40)), load_default=list)


class NewTokenInput(PeopleForm):
    """A key for a program."""

    name = fields.String(
        required=True,
        validate=validate.Length(min=1, max=NAME_LENGTH, error=_l("Say which program it is for.")),
    )
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)),
        required=True,
        error_messages={"required": _l("Choose what the key may do.")},
    )


class ReasonInput(PeopleForm):
    """Why somebody with power does what they do."""

    reason = fields.String(
        required=True,
        validate=validate.Length(min=5, max=500, error=_l("Say why, in at least five letters.")),
        error_messages={"required": _l("Say why, in at least five letters.")},
    )
