"""Open data: what was given here, in the formats in which grants are told all over the world."""
