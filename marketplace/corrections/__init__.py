"""What a project told is corrected in the open, or taken back."""
