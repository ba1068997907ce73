"""What forms about teams and shared impact say."""

from typing import Any

from marshmallow import (
    RAISE,
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_load,
    validate,
    validates_schema,
)

from marketplace.community.rules import (
    LONGEST_ABOUT,
    LONGEST_NAME,
    LONGEST_TITLE,
    SHORTEST_NAME,
    Counts,
    MadeOf,
    seen_name,
)
from marketplace.community.service import ChallengeWish, TeamWish
from marketplace.core.fields import Day
from marketplace.core.i18n import _l
from marketplace.core.money import parse_minor

MOST_COUNTED = 1_000_000
LONGEST_TOKEN = 100


class _Words(Schema):
    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE


class TeamInput(_Words):
    """What a team is called and made of; who founds it says whether they are named."""

    name = fields.String(required=True, validate=validate.Length(SHORTEST_NAME, LONGEST_NAME))
    made_of = fields.Enum(MadeOf, by_value=True, required=True)
    about = fields.String(load_default="", validate=validate.Length(max=LONGEST_ABOUT))
    is_public = fields.Boolean(required=True)
    company = fields.String(load_default="", validate=validate.Length(max=200))
    is_named = fields.Boolean(load_default=False)

    @pre_load
    def see(self, data: dict[str, Any], **_more: object) -> dict[str, Any]:  # Any: its own
        """Take out of the name what nobody sees."""
        return data | {"name": seen_name(data.get("name", ""))}

    @post_load
    def gather(self, data: dict[str, Any], **_more: object) -> dict[str, Any]:  # Any: its own
        """Put what is said of the team together."""
        return {"is_named": data.pop("is_named"), "wish": TeamWish(**data)}


class NamedInput(_Words):
    """Whether a name may stand in public; `token` where the team is by invitation."""

    is_named = fields.Boolean(load_default=False)
    token = fields.String(load_default="", validate=validate.Length(max=LONGEST_TOKEN))


class ChallengeInput(_Words):
    """What a team sets out to do; the goal is an amount or a number, by what it counts."""

    title = fields.String(required=True, validate=validate.Length(1, LONGEST_TITLE))
    counts = fields.Enum(Counts, by_value=True, required=True)
    goal = fields.String(required=True, validate=validate.Length(1, 20))
    starts_on = Day(required=True)
    ends_on = Day(required=True)

    def __init__(self, *, currency: str, decimal_comma: bool) -> None:
        """Read amounts as people write them in a currency and in their language."""
        super().__init__()
        self._currency, self._decimal_comma = currency, decimal_comma

    @pre_load
    def see(self, data: dict[str, Any], **_more: object) -> dict[str, Any]:  # Any: its own
        """Take out of the title what nobody sees."""
        return data | {"title": seen_name(data.get("title", ""))}

    @validates_schema
    def check_goal(self, data: dict[str, Any], **_more: object) -> None:  # Any: its own
        """Refuse what is no goal."""
        self._goal(data["counts"], data["goal"])

    def _goal(self, counts: Counts, text: str) -> int:
        try:
            goal = self._minor(text) if counts is Counts.PLEDGE else int(text)
        except ValueError:
            goal = 0
        most = MOST_COUNTED * 100 if counts is Counts.PLEDGE else MOST_COUNTED
        if not 0 < goal <= most:
            says = _l("Write an amount or a whole number above zero.")
            raise ValidationError({"goal": [str(says)]})
        return goal

    def _minor(self, text: str) -> int:
        return parse_minor(text, self._currency, decimal_comma=self._decimal_comma)

    @post_load
    def gather(self, data: dict[str, Any], **_more: object) -> dict[str, Any]:  # Any: its own
        """Put it together, with the goal as a number."""
        goal = self._goal(data["counts"], data.pop("goal"))
        return {"wish": ChallengeWish(goal=goal, **data)}


class TeamComplaintInput(_Words):
    """What is wrong with a team's name or words."""

    why = fields.String(required=True, validate=validate.Length(1, 1_000))


class TeamSettleInput(_Words):
    """What the operator makes of it."""

    what = fields.String(required=True, validate=validate.OneOf(["suspend", "keep", "lift"]))
    reason = fields.String(required=True, validate=validate.Length(1, 1_000))


class CompanyAnswerInput(_Words):
    """What a company says of a team that names it."""

    what = fields.String(required=True, validate=validate.OneOf(["confirm", "refuse"]))


class ShareInput(_Words):
    """What a person's link shows."""

    shows_amounts = fields.Boolean(load_default=False)
    shows_name = fields.Boolean(load_default=False)
    is_indexed = fields.Boolean(load_default=False)
