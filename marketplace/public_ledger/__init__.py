"""The book of each project and company for everybody: entry by entry, without personal data."""
