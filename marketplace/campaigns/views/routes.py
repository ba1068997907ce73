"""The blueprint of matching pools."""

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("pools", __name__)

Page = tuple[str, int] | Response
