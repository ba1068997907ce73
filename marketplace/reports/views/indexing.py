"""The index of a report: where the points of reporting standards are found in it."""

from dataclasses import dataclass

from marketplace.core.i18n import _
from marketplace.reports.models import Version
from marketplace.reports.policies import told_in
from marketplace.reports.rules import STANDARDS, found_in
from marketplace.reports.views.words import place_name


@dataclass(frozen=True)
class Found:
    """A point of a standard, and where the report tells it: nowhere, it is not reported."""

    code: str
    label: str
    places: list[tuple[str, str]]
    """Of each place its anchor on the page and its title."""


@dataclass(frozen=True)
class Index:
    """A standard with its points."""

    id: str
    name: str
    points: list[Found]


def index_of(version: Version, *, has_outcomes: bool) -> list[Index]:
    """Return each standard with where its points are found."""
    told = told_in(version, has_outcomes=has_outcomes)
    return [
        Index(
            standard.id,
            standard.name,
            [
                Found(
                    point.code,
                    str(point.label),
                    [(str(place), place_name(place)) for place in found_in(point, told)],
                )
                for point in standard.points
            ],
        )
        for standard in STANDARDS
    ]


def index_text() -> str:
    """Return what the index is, and is not."""
    return str(
        _(
            "For readers who know these standards: where this report tells what their points ask "
            "for. The words are ours. This is no report according to any of them, and nobody has "
            "checked it as one."
        )
    )


def target_text() -> str:
    """Return by which rule the money is told by target."""
    return str(
        _(
            "What goes to a project that names several targets is split in equal parts among "
            "them, so that each cent stands under one target and the rows add up. This is a way "
            "of counting: nobody has measured how much served which target."
        )
    )


def inputs_text() -> str:
    """Return what the words about hours, goods and costs are."""
    return str(_("In our own words: the ledger does not know it, and it is added to nothing here."))
