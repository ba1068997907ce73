"""What somebody says who wants to be forgotten: with an account, or as a guest."""

from marshmallow import Schema, fields, validate

from marketplace.core.i18n import _l


class EraseInput(Schema):
    """The password, and that it is meant."""

    current_password = fields.String(required=True, validate=validate.Length(min=1, max=1000))
    is_meant = fields.Boolean(
        required=True,
        validate=validate.Equal(True, error=_l("Tick this, if you mean it.")),
        error_messages={"required": _l("Tick this, if you mean it.")},
    )


class ForgetOrderInput(Schema):
    """The address that the order was sent to, and that it is meant."""

    email = fields.String(required=True, validate=validate.Length(min=1, max=254))
    is_meant = fields.Boolean(
        required=True,
        validate=validate.Equal(True, error=_l("Tick this, if you mean it.")),
        error_messages={"required": _l("Tick this, if you mean it.")},
    )
