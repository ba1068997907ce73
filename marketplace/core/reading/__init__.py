"""Files of others as streams: whatever is in them, memory stays small and lines are known."""
