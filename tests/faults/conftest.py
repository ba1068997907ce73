"""The market of the storm, over a database of its own."""

from tests.concurrency.conftest import committing_engine, market

__all__ = ["committing_engine", "market"]
