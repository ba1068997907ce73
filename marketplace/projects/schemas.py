"""What forms about projects say, and what programs are told of them."""

from marshmallow import RAISE, Schema, fields, validate

from marketplace.core.documents import PageQuery, minor, next_page
from marketplace.core.i18n import _l
from marketplace.projects.rules import PUBLIC_STATES, SDGS, Sort


def _text(most: int, least: int = 1) -> validate.Length:
    return validate.Length(least, most)


class TextsInput(Schema):
    """What a project says of itself."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    title = fields.String(required=True, validate=_text(300))
    summary = fields.String(required=True, validate=_text(400))
    story = fields.String(load_default="", validate=_text(20_000, 0))
    risks = fields.String(load_default="", validate=_text(5_000, 0))
    place = fields.String(load_default="", validate=_text(200, 0))


class BudgetInput(Schema):
    """The lines of a budget, column by column; a line left empty is none."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    ids = fields.List(fields.String(validate=_text(40, 0)), load_default=list)
    titles = fields.List(fields.String(validate=_text(200, 0)), load_default=list)
    amounts = fields.List(fields.String(validate=_text(20, 0)), load_default=list)
    needed = fields.List(fields.String(validate=_text(20, 0)), load_default=list)
    goal = fields.String(load_default="", validate=_text(20, 0))
    reason = fields.String(load_default="", validate=_text(500, 0))


class ProposalInput(Schema):
    """A project put before the operator."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    title = fields.String(required=True, validate=_text(300))
    organisation = fields.String(required=True, validate=_text(200))
    summary = fields.String(required=True, validate=_text(400))
    story = fields.String(required=True, validate=_text(20_000))
    place = fields.String(required=True, validate=_text(200))
    country = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([A-Z]{2})?$", error=_l("Write two capital letters, like IT.")),
    )
    cause = fields.String(required=True, validate=_text(80))
    goal = fields.String(required=True, validate=_text(20))


class ProjectsQuery(PageQuery):
    """What a list of projects is narrowed to."""

    q = fields.String(load_default="", validate=validate.Length(max=100))
    cause = fields.String(load_default="", validate=validate.Length(max=80))
    sdg = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(SDGS.start, SDGS.stop - 1),
        metadata={"description": "A Sustainable Development Goal, 1 to 17."},
    )
    country = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([A-Z]{2})?$"),
        metadata={"description": "Two capital letters, like IT."},
    )
    state = fields.String(load_default="", validate=validate.OneOf(["", *PUBLIC_STATES]))
    sort = fields.String(load_default=Sort.NEWEST, validate=validate.OneOf([*Sort]))


class ProjectTotalsOutput(Schema):
    """A project's money, by how far it has come."""

    pending_minor = minor("Held until orders can no longer be returned.")
    available_minor = minor("Confirmed, and waits for its payout or is under way.")
    paid_out_minor = minor("Paid out, as the payment provider confirmed.")
    confirmed_minor = minor("Available and paid out together: what was raised.")
    spent_minor = minor("Spent, with receipts.")


class ProjectCardOutput(Schema):
    """A project as a list shows it."""

    id = fields.UUID(required=True, metadata={"description": "Names it in an order's choice."})
    slug = fields.String(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    organisation = fields.String(required=True)
    place = fields.String(required=True)
    cause = fields.String(required=True, metadata={"description": "The slug of its cause."})
    state = fields.String(
        required=True,
        validate=validate.OneOf(PUBLIC_STATES),
        metadata={"description": "Only what is open can be chosen."},
    )
    currency = fields.String(required=True)
    goal_minor = minor("What it needs.")
    totals = fields.Nested(ProjectTotalsOutput, required=True)
    is_held_back = fields.Boolean(
        required=True,
        metadata={"description": "Whether the totals stand still while a difference is explained."},
    )
    reconciled_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "As of when totals are that are held back; none where they live."},
    )
    verification = fields.Nested(
        "VerificationOutput",  # by its name: the feature stands above this one
        required=True,
        allow_none=True,
        metadata={"description": "What was checked; null where nothing is written down."},
    )
    url = fields.Url(required=True, require_tld=False)


class ProjectsOutput(Schema):
    """A page of projects."""

    items = fields.List(fields.Nested(ProjectCardOutput), required=True)
    next = next_page()
    counted_at = fields.AwareDateTime(required=True, format="iso")


class BudgetLineOutput(Schema):
    """A part of what the goal is needed for."""

    title = fields.String(required=True)
    amount_minor = minor("What it needs.")
    spent_minor = minor("What was spent of it, with receipts.")


class ProjectOutput(ProjectCardOutput):
    """A project, what it tells and what became of the money."""

    story_html = fields.String(required=True)
    risks_html = fields.String(required=True)
    country = fields.String(required=True, allow_none=True)
    sdgs = fields.List(fields.Integer(), required=True)
    source = fields.String(required=True)
    budget = fields.List(fields.Nested(BudgetLineOutput), required=True)
    counted_at = fields.AwareDateTime(required=True, format="iso")


class TranslationOutput(Schema):
    """An update in another language, by a volunteer or one of the project's people."""

    language = fields.String(required=True)
    title = fields.String(required=True)
    body_html = fields.String(required=True)
    translator = fields.String(
        required=True, metadata={"description": "Empty where the account is gone."}
    )
    is_by_volunteer = fields.Boolean(required=True)
    is_of_earlier_wording = fields.Boolean(
        required=True, metadata={"description": "The original was corrected afterwards."}
    )
    translated_at = fields.AwareDateTime(required=True, format="iso")


class ProjectUpdateOutput(Schema):
    """What a project told on a day."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    body_html = fields.String(required=True)
    language = fields.String(
        required=True, metadata={"description": "Of title and body: two letters."}
    )
    translations = fields.List(fields.Nested(TranslationOutput), required=True)
    author = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True, format="iso")
    photo_urls = fields.List(fields.Url(require_tld=False), required=True)


class ProjectUpdatesOutput(Schema):
    """A page of what a project told, the newest first."""

    items = fields.List(fields.Nested(ProjectUpdateOutput), required=True)
    next = next_page()


class SuccessorInput(Schema):
    """Who gets what is left: the end of its address, or the whole; empty for nobody."""

    class Meta:
        """marshmallow's options."""

        unknown = RAISE

    successor = fields.String(load_default="", validate=validate.Length(max=400))


class ClosingInput(Schema):
    """An owner ends a project for good."""

    class Meta:
        """marshmallow's options."""

        unknown = RAISE

    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))
    is_meant = fields.Boolean(load_default=False)
