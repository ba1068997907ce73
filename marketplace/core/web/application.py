"""Flask and Jinja without questions that each page would ask, and that have one answer here."""

from collections.abc import Callable
from typing import Any

import jinja2
from flask import Flask
from flask.templating import Environment
from jinja2.environment import TemplateModule
from jinja2.runtime import Context


class Template(jinja2.Template):
    """A template whose macros are made once for all pages.

    Jinja looks first whether the page that imports them was loaded with globals of its own. None of
    ours is: all share the environment's.
    """

    def _get_default_module(
        self,
        ctx: Context | None = None,  # noqa: ARG002  # Jinja's own
    ) -> TemplateModule:
        return super()._get_default_module()


class Templates(Environment):
    """Where templates come from."""

    template_class = Template


class Application(Flask):
    """Flask, all of whose functions answer at once."""

    jinja_environment = Templates

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:  # Any: Flask's own
        """Return a function as it is: none of ours is a coroutine."""
        return func
