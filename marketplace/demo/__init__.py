"""The demo world: seven companies, twelve projects, a year of purchases made by the services."""
