"""The table of the API's endpoints; the modules of `sandbox.objects` fill it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeAlias

from sandbox.params import Params
from sandbox.shapes import Json
from sandbox.store import Unit

Ids = ParamSpec("Ids")
Handler: TypeAlias = Callable[..., Json]


@dataclass(frozen=True)
class Endpoint:
    """One method and path of the API, and the function that answers it."""

    method: str
    path: str
    handler: Handler


ENDPOINTS: list[Endpoint] = []


def endpoint(
    method: str, path: str
) -> Callable[
    [Callable[Concatenate[Unit, Params, Ids], Json]],
    Callable[Concatenate[Unit, Params, Ids], Json],
]:
    """Enter a function as the handler of a method and path (below `/v1`)."""

    def enter(
        handler: Callable[Concatenate[Unit, Params, Ids], Json],
    ) -> Callable[Concatenate[Unit, Params, Ids], Json]:
        ENDPOINTS.append(Endpoint(method, f"/v1{path}", handler))
        return handler

    return enter
