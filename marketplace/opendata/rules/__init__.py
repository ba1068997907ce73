"""What a grant is here, how it is named for good, and how it is written down in each format."""
