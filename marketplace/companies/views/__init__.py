"""Public pages of companies."""
