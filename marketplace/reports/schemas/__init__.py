"""What forms about reports say, and what programs are told."""

from marketplace.reports.schemas.forms import (
    DraftInput,
    FundingAnswerInput,
    FundingInput,
    ReviewInput,
    WordsInput,
    part_moved,
)
from marketplace.reports.schemas.output import ReportOutput, ReportsOutput, output_of

__all__ = [
    "DraftInput",
    "FundingAnswerInput",
    "FundingInput",
    "ReportOutput",
    "ReportsOutput",
    "ReviewInput",
    "WordsInput",
    "output_of",
    "part_moved",
]
