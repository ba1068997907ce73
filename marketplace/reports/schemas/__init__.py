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
from marketplace.reports.schemas.signing import digest_of, signed_output, signed_text

__all__ = [
    "DraftInput",
    "FundingAnswerInput",
    "FundingInput",
    "ReportOutput",
    "ReportsOutput",
    "ReviewInput",
    "WordsInput",
    "digest_of",
    "output_of",
    "part_moved",
    "signed_output",
    "signed_text",
]
