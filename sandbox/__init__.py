"""A small double of Stripe: speaks its HTTP protocol, keeps its books in a schema of its own."""

from sandbox.app import create_app
from sandbox.schema import install_schema

__all__ = ["create_app", "install_schema"]
