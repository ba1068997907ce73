"""Tables of CSR reports: what is published is never changed, a new version is put beside it."""

from marketplace.reports.models.claims import Claim, FundingElsewhere, Standing
from marketplace.reports.models.files import ReportFile
from marketplace.reports.models.report import (
    Drift,
    Report,
    ReportProject,
    Section,
    Version,
    VersionState,
)

__all__ = [
    "Claim",
    "Drift",
    "FundingElsewhere",
    "Report",
    "ReportFile",
    "ReportProject",
    "Section",
    "Standing",
    "Version",
    "VersionState",
]
