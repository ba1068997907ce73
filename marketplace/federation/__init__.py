"""Projects can be followed from Mastodon and the like, and be answered from there."""
