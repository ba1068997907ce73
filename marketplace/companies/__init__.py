"""Sellers: profile, members, pledge, verification."""
