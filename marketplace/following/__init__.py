"""Who follows what, what there is to hear, and the letters about it."""
