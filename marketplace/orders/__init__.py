"""Orders, company orders, allocations, shipping, refunds."""
