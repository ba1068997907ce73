"""Money out to companies and projects, and the proof that it is there."""
