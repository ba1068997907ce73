"""The append-only double-entry book; it knows no orders."""
