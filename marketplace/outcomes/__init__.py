"""What projects measure: indicators, measured values with their proof, and what each unit cost."""
