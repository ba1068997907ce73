"""Where the marketplace is found: addresses that hold outside of a request, too."""

from flask import current_app


def public_url(path: str = "", language: str = "") -> str:
    """Return the whole address of a path, in a language where one is named.

    A path begins with a slash. Without one it is the marketplace's own address, which ends in none.
    """
    prefix = f"/{language}" if language else ""
    return f"{current_app.config['PUBLIC_URL']}{prefix}{path}"
