"""Reports on a company's desk, and in public as page, PDF, CSV and JSON."""

from marketplace.reports.views import checking, comparing, entries, files, review
from marketplace.reports.views.desk import blueprint as desk
from marketplace.reports.views.funding import blueprint as funding
from marketplace.reports.views.public import blueprint

__all__ = [
    "blueprint",
    "checking",
    "comparing",
    "desk",
    "entries",
    "files",
    "funding",
    "review",
]
