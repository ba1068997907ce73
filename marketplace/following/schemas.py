"""What people choose about what they follow and about letters."""

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from marketplace.core.i18n import _l
from marketplace.following.rules import Frequency
from marketplace.following.rules.letters import OPTIONAL


class FollowInput(Schema):
    """Begin, or stop."""

    how = fields.String(load_default="start", validate=validate.OneOf(["start", "stop"]))


class LettersInput(Schema):
    """How often letters come by follow, and which others are wanted: `frequency[i]` of `follow[i]`.

    `do` is the button: save what is chosen, or stop everything that can be stopped.
    """

    follow = fields.List(fields.UUID(), load_default=list)
    frequency = fields.List(
        fields.Enum(
            Frequency, by_value=True, error_messages={"unknown": _l("Choose one of the list.")}
        ),
        load_default=list,
    )
    wanted = fields.List(fields.String(validate=validate.OneOf(list(OPTIONAL))), load_default=list)
    do = fields.String(load_default="save", validate=validate.OneOf(["save", "stop"]))

    @validates_schema
    def check_pairs(self, data: dict[str, list[object]], **_rest: object) -> None:
        """Refuse what does not go together."""
        if len(data["follow"]) != len(data["frequency"]):
            raise ValidationError(str(_l("Choose one of the list.")), "frequency")
