"""Translating an update, deciding on it, and reading an update in one's own language."""
