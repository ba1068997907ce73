"""What forms about reports say, and what programs are told."""

from marketplace.reports.schemas.forms import DraftInput, ReviewInput, WordsInput, part_moved
from marketplace.reports.schemas.output import ReportOutput, ReportsOutput, output_of

__all__ = [
    "DraftInput",
    "ReportOutput",
    "ReportsOutput",
    "ReviewInput",
    "WordsInput",
    "output_of",
    "part_moved",
]
