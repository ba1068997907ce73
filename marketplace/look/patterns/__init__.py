"""Placeholder art: the same name gives the same bytes; no script, no inline style."""
