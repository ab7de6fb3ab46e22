"""Seconds, CPU seconds and peak memory of behaviour tables, against SQL by hand, polars, pandas."""
