"""What forms about reports say, and what programs are told."""

from marketplace.reports.schemas.forms import (
    AnswerInput,
    ComplaintInput,
    DraftInput,
    FundingInput,
    QuestionInput,
    ReviewInput,
    SettleInput,
    WordsInput,
    part_moved,
)
from marketplace.reports.schemas.output import ReportOutput, ReportsOutput, output_of
from marketplace.reports.schemas.signing import digest_of, signed_output, signed_text

__all__ = [
    "AnswerInput",
    "ComplaintInput",
    "DraftInput",
    "FundingInput",
    "QuestionInput",
    "ReportOutput",
    "ReportsOutput",
    "ReviewInput",
    "SettleInput",
    "WordsInput",
    "digest_of",
    "output_of",
    "part_moved",
    "signed_output",
    "signed_text",
]
