"""Products from the files of other shops."""
