"""What part goes to whom: the pledge, the split, remembered choices."""
