"""What became of the money at the projects: receipts, corrections, payouts they belong to, CSV."""
