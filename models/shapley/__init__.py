"""Exact contributions of columns to what boosted trees say, for many rows at once."""
