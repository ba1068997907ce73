"""The blueprint, to which each module of pages adds its own."""

from flask import Blueprint

blueprint = Blueprint("proofs", __name__)
