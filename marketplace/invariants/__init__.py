"""The invariants of domain.md, proved over everything that is in the database."""
