"""Requests that change something must come from our own pages (beside the token in the form)."""

from flask import Flask, request
from werkzeug.exceptions import BadRequest

from marketplace.core.errors import Forbidden
from marketplace.core.i18n import _l

SAFE = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask) -> None:
    """Refuse a form that another site sent with our visitor's cookies.

    Browsers say where a POST comes from: in Sec-Fetch-Site, older ones in Origin. Programs say
    neither and carry no cookies of a person. The provider's webhook is signed instead.
    """

    @app.before_request
    def refuse_what_no_text_has() -> None:
        """PostgreSQL stores no NUL, and no address of ours has one."""
        if "%00" in request.query_string.decode("latin-1") or "\x00" in request.path:
            raise BadRequest

    @app.before_request
    def refuse_other_sites() -> None:
        if request.method in SAFE or request.endpoint in app.config["SIGNED_ENDPOINTS"]:
            return
        site = request.headers.get("Sec-Fetch-Site")
        if site in ("same-origin", "none"):
            return
        origin = request.headers.get("Origin")
        if site is None and (origin is None or origin == request.host_url.rstrip("/")):
            return
        raise Forbidden(
            _l("This form was sent from another site. Open the page here and try again.")
        )
