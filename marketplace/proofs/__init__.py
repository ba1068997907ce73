"""A public, append-only log of all money for projects, by which anybody can check what we say."""
