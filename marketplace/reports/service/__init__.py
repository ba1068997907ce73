"""Drafting, reviewing, publishing and restating reports; what is published stays as it was."""

from marketplace.reports.service.checking import look_again
from marketplace.reports.service.claiming import declare_elsewhere, paid_by_project
from marketplace.reports.service.drafting import begin, discard, move, restate, write
from marketplace.reports.service.filing import remember_file
from marketplace.reports.service.publishing import approve, publish, send_back, submit

__all__ = [
    "approve",
    "begin",
    "declare_elsewhere",
    "discard",
    "look_again",
    "move",
    "paid_by_project",
    "publish",
    "remember_file",
    "restate",
    "send_back",
    "submit",
    "write",
]
