"""From the basket to a paid order and back: place, settle, refund."""
