"""Reads of the log, of what is not in it yet, and of what is owed."""
