"""Languages in addresses: `/fr/products` is French for everybody, `/products` asks the browser."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from marketplace.core.i18n import DEFAULT_LANGUAGE, LANGUAGES, catalogue

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class LanguagePrefix:
    """Move a leading `/en`, `/fr` or `/it` from the path to SCRIPT_NAME: `url_for` keeps it."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request, knowing the language that its address names."""
        path = environ.get("PATH_INFO", "")
        code = path[1:3]
        if code in LANGUAGES and path[3:4] in ("", "/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/" + code
            environ["PATH_INFO"] = path[3:] or "/"
            environ["causeway.language"] = code
        return self.app(environ, start_response)


def init_app(app: Flask) -> None:
    """Give the app its languages."""
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    Babel(app, locale_selector=choose, default_locale=DEFAULT_LANGUAGE)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]  # `trans` gives names
    app.jinja_env.globals.update(Texts.in_use())

    @app.context_processor
    def texts() -> dict[str, object]:
        return texts_in(current_language()).names()


class Texts:
    """The texts of one language as templates ask for them: a page needs some hundred.

    Each is looked up once in a process. Values are put in as `%(name)s`, escaped where the
    template escapes; a text without values may hold `%%` all the same.
    """

    def __init__(self, language: str) -> None:
        self._catalogue = catalogue(language)
        self._raw: dict[tuple[str | None, str], str] = {}
        self._whole: dict[tuple[str | None, str], Markup] = {}

    def names(self) -> dict[str, object]:
        """Return the functions under the names that Jinja's `trans` and our templates know."""
        return {
            "_": self.gettext,
            "gettext": self.gettext,
            "ngettext": self.ngettext,
            "pgettext": self.pgettext,
            "npgettext": self.npgettext,
        }

    @classmethod
    def in_use(cls) -> dict[str, object]:
        """Return the same for macros that are imported without a page: in the language in use."""

        def named(name: str) -> Callable[..., object]:
            method = getattr(cls, name)

            def ask(*said: object, **values: object) -> object:
                return method(texts_in(current_language()), *said, **values)

            return pass_eval_context(ask)

        return {name: named("gettext" if name == "_" else name) for name in NAMES}

    @pass_eval_context
    def gettext(self, escaping: EvalContext, text: str, /, **values: object) -> str:
        """Return a text."""
        return self._said(escaping, None, text, values)

    @pass_eval_context
    def pgettext(self, escaping: EvalContext, about: str, text: str, /, **values: object) -> str:
        """Return a text whose meaning hangs on what it is about."""
        return self._said(escaping, about, text, values)

    @pass_eval_context
    def ngettext(
        self, escaping: EvalContext, one: str, many: str, number: int, /, **values: object
    ) -> str:
        """Return the form for a number, which the text calls `num`."""
        text = self._catalogue.ungettext(one, many, number)
        return _fill(escaping, text, {"num": number, **values})

    @pass_eval_context
    def npgettext(
        self, escaping: EvalContext, about: str, one: str, many: str, num: int, /, **values: object
    ) -> str:
        """Return the form for a number of a text that is about something."""
        text = self._catalogue.unpgettext(about, one, many, num)
        return _fill(escaping, text, {"num": num, **values})

    def _said(
        self, escaping: EvalContext, about: str | None, text: str, values: dict[str, object]
    ) -> str:
        key = (about, text)
        if not values and escaping.autoescape and key in self._whole:
            return self._whole[key]
        if key not in self._raw:
            self._raw[key] = (
                self._catalogue.ugettext(text)
                if about is None
                else self._catalogue.upgettext(about, text)
            )
        said = _fill(escaping, self._raw[key], values)
        if not values and isinstance(said, Markup):
            self._whole[key] = said
        return said


def _fill(escaping: EvalContext, text: str, values: dict[str, object]) -> str:
    if not escaping.autoescape:
        return text % values
    return Markup(text) % values  # noqa: S704  # our own text; Markup escapes the values


NAMES = ("_", "gettext", "ngettext", "pgettext", "npgettext")


@lru_cache(maxsize=8)
def texts_in(language: str) -> Texts:
    """Return the texts of a language; they are read once in a process."""
    return Texts(language)


def choose() -> str:
    """Return the language of this answer: the address's, then the browser's, then English."""
    if "language" in g:
        return str(g.language)
    if not has_request_context():
        return DEFAULT_LANGUAGE
    language = request.environ.get("causeway.language")
    if not language:
        accepted = parse_accept_header(request.headers.get("Accept-Language"), LanguageAccept)
        language = accepted.best_match(LANGUAGES, DEFAULT_LANGUAGE)
    g.language = str(language)
    return str(language)


def current_language() -> str:
    """Return the two letters of the language in use, also in a job."""
    try:
        language: str = g.language  # asked some hundred times for a page
    except (AttributeError, RuntimeError):  # nobody chose one yet, or no page is made
        pass
    else:
        return language
    locale = get_locale()
    return locale.language if locale else DEFAULT_LANGUAGE


def alternates(public_url: str) -> list[tuple[str, str]]:
    """Return this page's address in each language, and without one for `x-default`."""
    path = request.path if request.path != "/" else ""
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    pages = [(code, f"{public_url}/{code}{path}{query}") for code in LANGUAGES]
    return [*pages, ("x-default", f"{public_url}{path or '/'}{query}")]
