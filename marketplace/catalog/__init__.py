"""What is sold: products, variants, stock, categories, search, import."""
