"""A database in which commits are commits, for a journey that many people make at once."""

from tests.concurrency.conftest import committing_engine, market

__all__ = ["committing_engine", "market"]
