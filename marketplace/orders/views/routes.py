"""The blueprint, to which each module of pages adds its own."""

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("orders", __name__)

Page = Response | tuple[str, int]
