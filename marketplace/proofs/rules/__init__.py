"""How the log is made: its tree and tiles, its entries, its signatures, and what solvency means."""
