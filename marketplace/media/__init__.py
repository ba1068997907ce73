"""Photos and documents: checked, re-encoded, stored on disk or S3."""
