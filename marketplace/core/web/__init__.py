"""The edge of HTTP: who may call what, forms, answers, headers, errors, languages."""

from marketplace.core.web.access import access, tokenless
from marketplace.core.web.answers import redirect_to, render, safe_next
from marketplace.core.web.forms import Form, attempt, load_form, load_query

__all__ = [
    "Form",
    "access",
    "attempt",
    "load_form",
    "load_query",
    "redirect_to",
    "render",
    "safe_next",
    "tokenless",
]
