"""Reports of a company's social responsibility, each figure open to its entries."""
