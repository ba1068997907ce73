"""Formats of what is shared: feeds and calendars."""
