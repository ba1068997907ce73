"""Every field of every form and program that people can write words into."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

from marshmallow import Schema, ValidationError, fields

import marketplace

PROBES = [
    "<b onx=y>'\"&amp;",
    "=1+1 <script>pwned(1)</script> {{7*7}} " * 2,
    "#(1) $x$ \x1b[31m " * 9,
]
NUMBERS = 20
"""Texts so short are amounts, days and rates: services read them as such and keep no words."""

COMPARED = "is compared with what we know, and never shown"
CHOSEN = "names something of ours, or one of what is offered"
COUNTED = "is read as an amount or a number"

LEFT_OUT = {
    "accounts.SignInInput.email": COMPARED,
    "catalog.ProductInput.category": CHOSEN,
    "catalog.ProductInput.pledge": COUNTED,
    "catalog.ProductInput.vat": COUNTED,
    "reports.FundingInput.amount": COUNTED,
    "reports.FundingAnswerInput.amount": COUNTED,
    "drafts.DraftInput.milestone": CHOSEN,
    "drafts.DraftInput.outcome": CHOSEN,
    "drafts.DraftInput.zone": CHOSEN,
    "projects.SuccessorInput.successor": CHOSEN,
    "community.NamedInput.token": CHOSEN,
    "campaigns.PayInput.form_key": "is the form's own, so that it counts once; nobody sees it",
    "privacy.ForgetOrderInput.email": COMPARED,
    "federation.BlockInput.target": "the name of a server or of somebody there, checked as such",
}
"""Fields that need not be covered, with the reason."""

LEFT_OUT_BY_NAME = {
    **dict.fromkeys(("password", "current_password", "code", "codes"), COMPARED),
    **dict.fromkeys(
        ("ids", "kept", "updates", "budget_line", "cause", "project", "projects"), CHOSEN
    ),
    **dict.fromkeys(("action", "how", "publish", "preview", "nudge", "checkout_key"), CHOSEN),
    **dict.fromkeys(("variant_id", "variant_offered", "targets"), CHOSEN),
    **dict.fromkeys(("variant_price", "variant_stock", "variant_stock_before"), COUNTED),
    **dict.fromkeys(("q", "words"), "narrows a list: test_robust.py"),
    "next": "an address that is checked: tests/accounts/test_entering.py",
}
"""The same for fields that are alike wherever they are."""


def _schemas() -> Iterator[type[Schema]]:
    for module in walk_packages(marketplace.__path__, "marketplace."):
        if ".schemas" in module.name:
            import_module(module.name)
    kinds = [Schema]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if name_of(kind) and kind.__name__.endswith("Input") and not kind.__name__.startswith("_"):
            yield kind


def name_of(kind: type[Schema]) -> str:
    """Return the feature and the name of a schema; "" for those that are none of ours."""
    modules = [one.__module__ for one in kind.__mro__ if one.__module__.startswith("marketplace.")]
    return f"{modules[0].split('.')[1]}.{kind.__name__}" if modules else ""


def _takes_words(field: fields.Field[object]) -> bool:
    """Tell whether a field lets in what could do harm."""
    one = field.inner if isinstance(field, fields.List) else field
    if not isinstance(one, fields.String) or _most(one) <= NUMBERS:
        return False
    return any(_is_let_in(one, probe[: _most(one)]) for probe in PROBES)


def _most(field: fields.Field[object]) -> int:
    longest = [getattr(check, "max", None) for check in field.validators]
    return min([one for one in longest if isinstance(one, int)] or [10_000])


def _is_let_in(field: fields.Field[object], text: str) -> bool:
    try:
        field.deserialize(text)
    except ValidationError:
        return False
    return True


def fields_for_words() -> set[str]:
    """Return each field that takes words: feature, schema and name."""
    return {
        f"{name_of(kind)}.{name}"
        for kind in _schemas()
        for name, field in kind._declared_fields.items()
        if not field.dump_only and name not in LEFT_OUT_BY_NAME and _takes_words(field)
    }
