"""The operator's desk: what waits for somebody, jobs that failed, and who did what."""
