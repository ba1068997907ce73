"""The one blueprint of what is shared."""

from flask import Blueprint

blueprint = Blueprint("sharing", __name__)
