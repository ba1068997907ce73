"""Facts that stop a use case. `core.web` maps each to its HTTP status, once."""

from collections.abc import Mapping

from marketplace.core.i18n import _l


class DomainError(Exception):
    """Something the caller asked for cannot be done; `message` says why and what to do."""

    status = 400
    message: object = _l("This cannot be done.")

    def __init__(self, message: object | None = None) -> None:
        self.message = message if message is not None else type(self).message
        super().__init__(message)

    def __str__(self) -> str:
        return str(self.message)


class NotFound(DomainError):
    """There is no such thing, or the caller may not know of it."""

    status = 404
    message = _l("We could not find that.")


class Forbidden(DomainError):
    """The caller is known, and may not do this."""

    status = 403
    message = _l("You may not do this.")


class Conflict(DomainError):
    """The thing has changed or is in another state than the caller believes."""

    status = 409
    message = _l("This has changed in the meantime. Reload the page and try again.")


class Invalid(DomainError):
    """Input that is well-formed but wrong; `fields` maps a field's name to its message."""

    status = 422
    message = _l("Please correct what is marked.")

    def __init__(
        self, message: object | None = None, *, fields: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class TooMany(DomainError):
    """Too many tries; `retry_after` is in seconds."""

    status = 429
    message = _l("Too many tries. Please wait a little and try again.")

    def __init__(self, message: object | None = None, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after
