"""Reports on a company's desk, and in public as page, PDF, CSV and JSON."""

from marketplace.reports.views import answering, asking, checking, comparing, entries, files, review
from marketplace.reports.views.desk import blueprint as desk
from marketplace.reports.views.funding import blueprint as funding
from marketplace.reports.views.public import blueprint

__all__ = [
    "answering",
    "asking",
    "blueprint",
    "checking",
    "comparing",
    "desk",
    "entries",
    "files",
    "funding",
    "review",
]
