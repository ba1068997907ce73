"""Matching pools: a company adds to what shoppers route to projects, out of a budget it paid in."""
