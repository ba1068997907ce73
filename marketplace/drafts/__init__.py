"""What project owners write before everybody reads it: drafts, set times, letters that come in."""
