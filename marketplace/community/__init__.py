"""What people share of their giving: impact, years, teams and what these set out to do."""
