"""Our book, the provider's statement and its payouts to the bank, compared to the cent each day."""
