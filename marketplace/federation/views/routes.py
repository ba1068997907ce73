"""The blueprint of all these views."""

from flask import Blueprint

blueprint = Blueprint("federation", __name__)
