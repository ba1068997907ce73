"""Causeway: a marketplace in which every sale carries a cause."""

from importlib import import_module
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import sandbox
from config import Settings
from marketplace import cli
from marketplace.accounts.views import present
from marketplace.accounts.views.theme import shown_theme
from marketplace.checkout.views.visit import shown_pieces
from marketplace.core import db, logs, mail, remembered
from marketplace.core.web import (
    api,
    failures,
    fragments,
    given,
    headers,
    health,
    kept,
    languages,
    origin,
    texts,
    tokens,
)
from marketplace.core.web.application import Application
from marketplace.look.assets import build_dir
from marketplace.payments import gateway
from sandbox.transport import WSGITransport

BLUEPRINTS: tuple[tuple[str, str], ...] = (
    # module, the name of its blueprint: the only place that knows every edge
    ("accounts.views", "blueprint"),
    ("accounts.staff", "blueprint"),
    ("look.views", "blueprint"),
    ("projects.views", "blueprint"),
    ("projects.views", "desk"),
    ("projects.staff", "blueprint"),
    ("drafts.views", "blueprint"),
    ("companies.staff", "blueprint"),
    ("orders.staff", "blueprint"),
    ("ledger.staff", "blueprint"),
    ("payments.staff", "blueprint"),
    ("desk.staff", "blueprint"),
    ("reconciliation.staff", "blueprint"),
    ("media.views", "blueprint"),
    ("outcomes.views", "blueprint"),
    ("outcomes.views", "desk"),
    ("outcomes.staff", "blueprint"),
    ("spending.views", "blueprint"),
    ("planning.views", "blueprint"),
    ("planning.views", "desk"),
    ("spending.views", "desk"),
    ("catalog.views.shop", "blueprint"),
    ("catalog.views.desk", "blueprint"),
    ("catalog.views.imports", "blueprint"),
    ("companies.views.public", "blueprint"),
    ("companies.views.desk", "blueprint"),
    ("companies.views.orders", "blueprint"),
    ("companies.views.defaults", "blueprint"),
    ("people.views", "blueprint"),
    ("verification.views", "blueprint"),
    ("verification.views", "desk"),
    ("verification.staff", "blueprint"),
    ("following.views", "blueprint"),
    ("payouts.views", "blueprint"),
    ("payouts.staff", "blueprint"),
    ("campaigns.views", "blueprint"),
    ("campaigns.staff", "blueprint"),
    ("pages.views", "blueprint"),
    ("privacy.views", "blueprint"),
    ("privacy.staff", "blueprint"),
    ("disclosures.views", "blueprint"),
    ("checkout.views", "blueprint"),
    ("payments.views", "blueprint"),
    ("orders.views", "blueprint"),
    ("papers.views", "blueprint"),
    ("papers.staff", "blueprint"),
    ("reports.views", "desk"),
    ("reports.views", "blueprint"),
    ("reports.views", "funding"),
    ("questions.views.public", "blueprint"),
    ("questions.views.desk", "blueprint"),
    ("questions.staff", "blueprint"),
    ("proofs.views", "blueprint"),
    ("public_ledger.views", "blueprint"),
    ("federation.views", "blueprint"),
    ("corrections.views", "blueprint"),
    ("volunteer_translations.views.writing", "blueprint"),
    ("volunteer_translations.views.desk", "blueprint"),
    ("volunteer_translations.views.complaints", "blueprint"),
    ("volunteer_translations.staff", "blueprint"),
    ("federation.staff", "blueprint"),
    ("opendata.views", "blueprint"),
    ("sharing.views", "blueprint"),
    ("impact.views", "blueprint"),
    ("community.views", "blueprint"),
    ("community.staff", "blueprint"),
)

APIS: tuple[str, ...] = (
    # modules whose `blueprint` is a part of the JSON API
    "catalog.api",
    "companies.api",
    "projects.api",
    "outcomes.api",
    "planning.api",
    "spending.api",
    "impact.api",
    "reports.api",
    "checkout.api",
)

JOBS: tuple[str, ...] = (
    # modules whose tasks the worker knows
    "accounts.jobs",
    "media.jobs",
    "projects.jobs",
    "planning.jobs",
    "drafts.jobs",
    "volunteer_translations.jobs",
    "people.jobs",
    "verification.jobs",
    "following.jobs",
    "privacy.jobs",
    "invariants.jobs",
    "catalog.jobs",
    "checkout.jobs",
    "orders.jobs",
    "reports.jobs",
    "questions.jobs",
    "community.jobs",
    "payouts.jobs",
    "papers.jobs",
    "campaigns.jobs",
    "proofs.jobs",
    "reconciliation.jobs",
    "federation.jobs",
    "opendata.jobs",
)

SIGNED_ENDPOINTS = frozenset({"payments.webhook"})
"""Called by programs that sign what they send."""

SHOWN_COOKIES = {"basket": shown_pieces, "theme": shown_theme}
"""Cookies that say of a visitor only what stands on every page."""

UPLOAD_LIMIT = 12 * 1024 * 1024
IMPORT_LIMIT = 200 * 1024 * 1024


def create_app(settings: Settings, *, engine: sa.Engine | None = None) -> Flask:
    """Wire the house together: the only function that knows everyone."""
    app = Application(__name__, template_folder="../templates", static_folder=None)
    app.config.from_mapping(_flask_config(settings))
    _stand_behind_proxies(app, settings)
    given.init_app(app)
    logs.init_app(app, settings)
    kept.init_app(app, settings.page_seconds, SHOWN_COOKIES)
    remembered.keep_for(settings.page_seconds)
    db.bind(engine or db.make_engine(settings.database_url))
    app.teardown_appcontext(lambda _error: db.session.remove())
    languages.init_app(app)
    present.init_app(app)
    mail.init_app(app, settings.mail_url)
    gateway.bind(_gateway(settings))
    form_tokens = tokens.FormTokens(app)
    origin.init_app(app)
    headers.init_app(app)
    failures.init_app(app)
    texts.init_app(app)
    fragments.init_app(app)
    health.init_app(app)
    for module_name, blueprint_name in BLUEPRINTS:
        module = import_module(f"marketplace.{module_name}")
        app.register_blueprint(getattr(module, blueprint_name))
    api.init_app(
        app, [import_module(f"marketplace.{module_name}").blueprint for module_name in APIS]
    )
    for module_name in JOBS:
        import_module(f"marketplace.{module_name}")
    _exempt(app, form_tokens)
    cli.init_app(app)
    _serve_static(app)
    return app


def _gateway(settings: Settings) -> gateway.Gateway:
    """Return the way to Stripe, or to its double: over HTTP where it is served, else in process."""
    secret = settings.stripe_webhook_secret or "whsec_sandbox"
    if settings.uses_sandbox and not settings.stripe_api_base:
        double = sandbox.create_app(
            settings.database_url,
            public_url=settings.public_url,
            webhook_url=None,
            webhook_secret=secret,
            production=settings.is_production,
        )
        return gateway.in_process(transport=WSGITransport(double), webhook_secret=secret)
    return gateway.over_http(
        secret_key=settings.stripe_secret_key or "sk_test_sandbox",
        webhook_secret=secret,
        api_base=settings.stripe_api_base or None,
    )


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "LOG_SIGNER": _log_signer(settings),
        "PUBLIC_URL": settings.public_url,
        "IS_PRODUCTION": settings.is_production,
        "FEDERATION": settings.federation,
        "MAIL_DOMAIN": settings.mail_domain.lower(),
        "OUTGOING_TO_PRIVATE": settings.outgoing_to_private,
        "SECOND_FACTOR_REQUIRED": True,
        "PAYMENT_PAGE_ORIGINS": _payment_pages(settings),
        "SIGNED_ENDPOINTS": SIGNED_ENDPOINTS,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_production,
        "SESSION_COOKIE_PATH": "/",
        "SESSION_COOKIE_NAME": "causeway",
        "MAX_CONTENT_LENGTH": UPLOAD_LIMIT,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": True,
    }


def _log_signer(settings: Settings) -> object:
    """Return who signs the public log; its name is where the log is, without the scheme.

    What the verifier is made of is imported late: it is run as a program of its own, too.
    """
    notes = import_module("marketplace.proofs.rules.notes")
    name = f"{urlsplit(settings.public_url).netloc}/log"
    return notes.Signer.from_text(name, settings.log_secret())


def _payment_pages(settings: Settings) -> list[str]:
    """Return where hosted payment pages stand; the double's are beside us, on its own port."""
    if not settings.stripe_api_base:
        return ["https://checkout.stripe.com", "https://connect.stripe.com"]
    served, shown = urlsplit(settings.stripe_api_base), urlsplit(settings.public_url)
    beside = f"{served.scheme}://{shown.hostname}:{served.port}"
    return list(dict.fromkeys([settings.stripe_api_base, beside]))


def _stand_behind_proxies(app: Flask, settings: Settings) -> None:
    """Believe exactly as many proxies as are ours, and answer only to our own names."""
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own way
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    if settings.trusted_hosts:
        app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts)


def _exempt(app: Flask, form_tokens: tokens.FormTokens) -> None:
    """Tokens are for people's forms: not for signed webhooks, programs and `tokenless` views."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        is_api = rule.rule.startswith("/api/")
        if rule.endpoint in SIGNED_ENDPOINTS or is_api or getattr(view, "tokenless", False):
            form_tokens.exempt(view)


def _serve_static(app: Flask) -> None:
    """Serve the built files, compressed and for good: their names change with their content."""
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # Flask's own way
        app.wsgi_app,
        root=build_dir(),
        prefix="static/",
        max_age=60,
        immutable_file_test=r"\.[0-9a-f]{12}\.",
    )
