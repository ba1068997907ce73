"""What every template may use."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from flask import Flask, has_request_context, request
from markupsafe import Markup

from marketplace.core.addresses import public_url
from marketplace.core.days import long_day, long_moment
from marketplace.core.i18n import LANGUAGES
from marketplace.core.money import format_minor, to_decimal_text
from marketplace.core.web.languages import alternates, current_language
from marketplace.core.web.tokens import form_token
from marketplace.look.jinja import globals_for_templates


def money(amount_minor: int, currency: str = "EUR", cls: str = "") -> Markup:
    """Return an amount for people and machines at once; `cls` may be "big" or "routed"."""
    return money_in(amount_minor, currency, cls, current_language())


@lru_cache(maxsize=16_384)
def money_in(amount_minor: int, currency: str, cls: str, language: str) -> Markup:
    """Return the same in a language: for long lists, which know it already."""
    classes = " ".join(["money", *(f"money--{name}" for name in cls.split())])
    words = format_minor(amount_minor, currency, language)
    return Markup('<data class="{}" value="{}">{}</data>').format(
        classes, to_decimal_text(amount_minor, currency), words
    )


def plain_money(amount_minor: int, currency: str = "EUR") -> str:
    """Return an amount as text in the page's language."""
    return format_minor(amount_minor, currency, current_language())


@dataclass(frozen=True)
class AmountWriter:
    """Writes minor units of a currency in a language, as a chart wants them written."""

    currency: str
    language: str

    def __call__(self, amount_minor: int) -> str:
        """Return an amount as text."""
        return format_minor(amount_minor, self.currency, self.language)


def amount_writer(currency: str) -> AmountWriter:
    """Return what writes amounts in the page's language."""
    return AmountWriter(currency, current_language())


def long_date(moment: date | datetime | None) -> str:
    """Return "12 March 2026" in the page's language."""
    if moment is None:
        return ""
    return long_day(moment, current_language())


def short_day(moment: date) -> str:
    """Return "12 Mar" in the page's language, for the axis of a chart."""
    return format_date(moment, "d MMM", locale=current_language())


def long_time(moment: datetime | None) -> str:
    """Return "12 March 2026, 18:42" (UTC) in the page's language."""
    if moment is None:
        return ""
    return long_moment(moment, current_language())


def number(value: Decimal, language: str | None = None) -> str:
    """Return a number as people of the page's language write it, with all its decimals."""
    whole, _point, rest = f"{value.copy_abs():f}".partition(".")
    gap, point = {"fr": ("\N{NARROW NO-BREAK SPACE}", ","), "it": (".", ",")}.get(
        language or current_language(), (",", ".")
    )
    rest = rest.rstrip("0")
    grouped = f"{int(whole):,}".replace(",", gap)
    return ("−" if value < 0 else "") + grouped + (point + rest if rest else "")


def percent(share_bp: int) -> str:
    """Return basis points as people read them: 8%, 7.5%; fr: 8 %."""
    from_bp = f"{share_bp / 100:g}"
    return {
        "fr": f"{from_bp.replace('.', ',')}\N{NO-BREAK SPACE}%",
        "it": f"{from_bp.replace('.', ',')}%",
    }.get(current_language(), f"{from_bp}%")


def country_name(code: str) -> str:
    """Return a country in the page's language; an unknown one is told by its code."""
    return str(_locale(current_language()).territories.get(code, code))


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def path(plain: str) -> str:
    """Return an address of this site in the language of this page."""
    return (request.script_root if has_request_context() else "") + plain


def csrf() -> Markup:
    """Return the hidden field that each form carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(form_token())


def init_app(app: Flask) -> None:
    """Give the templates their functions."""
    app.jinja_env.globals.update(globals_for_templates())
    app.jinja_env.globals.update(
        money=money,
        money_in=money_in,
        plain_money=plain_money,
        long_date=long_date,
        long_time=long_time,
        number=number,
        percent=percent,
        path=path,
        csrf=csrf,
        LANGUAGES=LANGUAGES,
        current_language=current_language,
    )

    @app.context_processor
    def addresses() -> dict[str, object]:
        if not has_request_context():
            return {}
        pages = alternates(public_url())
        own = dict(pages)[current_language()]
        return {"alternates": pages, "canonical_url": own}
