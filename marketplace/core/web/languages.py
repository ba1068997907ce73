"""Languages in addresses: `/fr/products` is French for everybody, `/products` asks the browser."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, g, has_app_context, has_request_context, request
from flask_babel import Babel, get_locale, get_translations
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from marketplace.core.i18n import DEFAULT_LANGUAGE, LANGUAGES

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
    # A page asks for some sixty texts: Flask-Babel looks for the catalogue anew for each of them.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of Jinja's extension
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, number: _catalogue().ungettext(one, many, number),
        pgettext=lambda about, text: _catalogue().upgettext(about, text),
        npgettext=lambda about, one, many, n: _catalogue().unpgettext(about, one, many, n),
        newstyle=True,
    )


_catalogues: dict[str, Any] = {}  # Any: Babel's translations, which have no types


def _catalogue() -> Any:  # Any: Babel's translations, which have no types
    """Return the texts of the language in use; they are read once in a process."""
    language = current_language()
    if language not in _catalogues:
        _catalogues[language] = get_translations()
    return _catalogues[language]


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
    g.language = language
    return str(language)


def current_language() -> str:
    """Return the two letters of the language in use, also in a job."""
    language = g.get("language") if has_app_context() else None
    if language:
        return str(language)
    locale = get_locale()
    return locale.language if locale else DEFAULT_LANGUAGE


def alternates(public_url: str) -> list[tuple[str, str]]:
    """Return this page's address in each language, and without one for `x-default`."""
    path = request.path if request.path != "/" else ""
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    pages = [(code, f"{public_url}/{code}{path}{query}") for code in LANGUAGES]
    return [*pages, ("x-default", f"{public_url}{path or '/'}{query}")]
