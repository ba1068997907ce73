"""A small double of Stripe: speaks its HTTP protocol, keeps its own books in its own PostgreSQL schema."""

from sandbox.app import create_app
from sandbox.schema import install_schema

__all__ = ["create_app", "install_schema"]
