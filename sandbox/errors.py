"""The errors that Stripe's API answers with."""

from sandbox.shapes import Json


class ApiError(Exception):
    """An answer other than 200, in Stripe's shape.

    `keeps_effects` says that the request did something before it failed (a declined card leaves a
    failed charge behind). `saved` says that the answer is stored under the idempotency key.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        saved: bool = False,
        keeps_effects: bool = False,
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.saved = saved
        self.keeps_effects = keeps_effects
        fields: Json = {"type": kind, "code": code, "message": message, "param": param, **more}
        self.error: Json = {key: value for key, value in fields.items() if value is not None}

    @property
    def body(self) -> Json:
        """The JSON body of the answer."""
        return {"error": self.error}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """A parameter is wrong: nothing began, nothing is saved under the key."""
    return ApiError(400, "invalid_request_error", message, code=code, param=param)


def refused(message: str, *, code: str | None = None, param: str | None = None) -> ApiError:
    """The parameters are right but the state forbids it: the answer is saved under the key."""
    return ApiError(400, "invalid_request_error", message, code=code, param=param, saved=True)


def missing(kind: str, object_id: str, *, param: str = "id", status: int = 404) -> ApiError:
    """There is no such object (404), or a parameter names one that does not exist (400)."""
    return ApiError(
        status,
        "invalid_request_error",
        f"No such {kind}: '{object_id}'",
        code="resource_missing",
        param=param,
    )
