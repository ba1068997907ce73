"""Commands to the payment provider and events from it."""
