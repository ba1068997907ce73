"""Pages of people: signing up and in, the account and its settings."""
