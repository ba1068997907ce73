"""Where coverage looks away: inside libraries, which take most of the time and are not ours.

Python tells a tracer of each line of whatever runs, and coverage throws away what it is told of
others' code; that takes longer than the code itself. What is named here works a while before it
comes back to us. What of ours it calls meanwhile is told as never run, so nothing is named that
lives by calling us (a template that is rendered, a request that is answered).
"""

import pkgutil
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import jinja2
import psycopg
import sqlalchemy as sa
import werkzeug.test
from sqlalchemy import orm
from sqlalchemy.engine import result
from sqlalchemy.sql import dml
from stripe._api_requestor import _APIRequestor

import marketplace
from sandbox.app import _Breaker

ROWS = ("all", "fetchall", "first", "one", "one_or_none")
LIBRARIES: dict[type, tuple[str, ...]] = {
    psycopg.Connection: ("execute",),
    sa.Connection: ("execute", "exec_driver_sql", "commit", "rollback", "close"),
    sa.Select: ("where", "join", "outerjoin", "order_by", "group_by", "options", "limit"),
    sa.ColumnOperators: ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "in_"),
    dml.ValuesBase: ("values",),
    result.Result: (*ROWS, "scalar", "scalar_one", "scalar_one_or_none"),
    result.MappingResult: ROWS,
    result.ScalarResult: ROWS,
    orm.Session: (
        *("execute", "scalar", "scalars", "get", "refresh", "add", "delete", "flush"),
        *("commit", "rollback", "close", "expunge_all", "expire_all"),
    ),
    jinja2.Environment: ("compile",),
    werkzeug.test.EnvironBuilder: ("__init__", "get_environ"),
    _APIRequestor: ("request",),
    _Breaker: ("__call__",),  # the sandbox, which is not measured
}


def unseen(function: Callable[..., Any]) -> Callable[..., Any]:  # Any: whatever it takes
    """Return a function that does the same, and that no tracer follows."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:  # Any: as above
        tracer = sys.gettrace()
        if tracer is None:
            return function(*args, **kwargs)
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(tracer)

    return call


def look_away() -> None:
    """Let no tracer follow into these, once it has seen all of ours being imported."""
    for module in pkgutil.walk_packages(marketplace.__path__, "marketplace."):
        import_module(module.name)
    for owner, names in LIBRARIES.items():
        for name in names:
            setattr(owner, name, unseen(getattr(owner, name)))
