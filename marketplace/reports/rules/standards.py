"""Where in a report the points of reporting standards are found: codes, and labels of our own.

A further standard is one more `Standard` in `STANDARDS`: page, PDF and JSON show it.
"""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from marketplace.core.i18n import _l
from marketplace.reports.rules.parts import Part


class Annex(enum.StrEnum):
    """What a report has beside its parts."""

    HEAD = "head"
    """Who reports, on which period, which version, up to which entry."""
    RESTATED = "restated"
    QUESTIONS = "questions"


Place = Part | Annex


@dataclass(frozen=True)
class Point:
    """One thing that a standard asks for."""

    code: str
    label: object
    """In our own few words, to be translated."""
    places: tuple[Place, ...] = ()
    """Where a report tells it, wherever it has these; nowhere where there is none."""


@dataclass(frozen=True)
class Standard:
    """A reporting standard, of which only the points that a company like these is asked."""

    id: str
    name: str
    points: Sequence[Point]


def found_in(point: Point, told: Collection[Place]) -> list[Place]:
    """Return where a report that tells certain things tells this; nowhere: it is not reported."""
    return [place for place in point.places if place in told]


_VSME = Standard(
    "vsme",
    "VSME (EFRAG 2024)",
    (
        Point("B1", _l("How the report was prepared"), (Annex.HEAD, Part.METHOD, Part.SIGN_OFF)),
        Point("B2", _l("What we do already, and what we plan"), (Part.GIVING,)),
        Point("B3", _l("Energy and greenhouse gases")),
        Point("B4", _l("Pollution of air, water and soil")),
        Point("B5", _l("Biodiversity")),
        Point("B6", _l("Water")),
        Point("B7", _l("Resources, circularity and waste")),
        Point("B8", _l("Workforce: who works here")),
        Point("B9", _l("Workforce: health and safety")),
        Point("B10", _l("Workforce: pay, agreements and training")),
        Point("B11", _l("Convictions and fines for corruption")),
        Point("C1", _l("Business model and sustainability"), (Part.OPENING, Part.SELLING)),
        Point("C2", _l("What we do already, in detail"), (Part.GIVING, Part.PROJECTS)),
        Point("C3", _l("Targets for greenhouse gases")),
        Point("C4", _l("Climate risks")),
        Point("C5", _l("Workforce: more about who works here")),
        Point("C6", _l("Human rights: policies")),
        Point("C7", _l("Human rights: severe incidents")),
        Point("C8", _l("Revenue from certain sectors")),
        Point("C9", _l("Women and men in the governing body")),
    ),
)
_ESRS_S3 = Standard(
    "esrs-s3",
    "ESRS S3 (2023)",
    (
        Point("S3-1", _l("Policies for affected communities")),
        Point("S3-2", _l("Talking with affected communities")),
        Point("S3-3", _l("Where concerns can be raised"), (Annex.QUESTIONS,)),
        Point(
            "S3-4",
            _l("What is done for affected communities, and what came of it"),
            (Part.GIVING, Part.PROJECTS, Part.OUTCOMES),
        ),
        Point("S3-5", _l("Targets for affected communities")),
    ),
)
_GRI = Standard(
    "gri",
    "GRI (2, 2021; 201, 203, 413, 2016)",
    (
        Point("2-1", _l("Who reports"), (Annex.HEAD,)),
        Point("2-3", _l("Period and contact"), (Annex.HEAD, Part.SIGN_OFF, Annex.QUESTIONS)),
        Point("2-4", _l("What was restated"), (Annex.RESTATED,)),
        Point("2-5", _l("Assurance by an outsider")),
        Point("2-6", _l("What the company does"), (Part.SELLING,)),
        Point("2-14", _l("Who in the company approves the report"), (Part.SIGN_OFF,)),
        Point("2-22", _l("A word from the management"), (Part.OPENING,)),
        Point("2-29", _l("How others are heard"), (Annex.QUESTIONS,)),
        Point("201-1", _l("Value made and passed on"), (Part.SELLING, Part.GIVING)),
        Point("203-1", _l("Support for what serves the public"), (Part.PROJECTS,)),
        Point("203-2", _l("Indirect economic effects"), (Part.OUTCOMES,)),
        Point("413-1", _l("Work with local communities"), (Part.PROJECTS, Part.OUTCOMES)),
        Point("413-2", _l("Harm to local communities")),
    ),
)
_B4SI = Standard(
    "b4si",
    "B4SI",
    (
        Point("Inputs: cash", _l("Money"), (Part.GIVING,)),
        Point("Inputs: time", _l("Hours of our people"), (Part.TIME,)),
        Point("Inputs: in kind", _l("Goods and services"), (Part.IN_KIND,)),
        Point("Inputs: management", _l("What running it costs"), (Part.MANAGEMENT,)),
        Point("Inputs: why", _l("Out of which motive")),
        Point("Inputs: what", _l("For which cause"), (Part.GOALS,)),
        Point("Inputs: where", _l("In which places"), (Part.COUNTRIES,)),
        Point("Outputs: community", _l("What was reached"), (Part.OUTCOMES,)),
        Point("Outputs: leverage", _l("What others added"), (Part.GIVING,)),
        Point("Outputs: business", _l("What the company has of it")),
        Point("Impacts: people", _l("What changed for people")),
        Point("Impacts: business", _l("What changed for the company")),
    ),
)

STANDARDS: Sequence[Standard] = (_VSME, _ESRS_S3, _GRI, _B4SI)
