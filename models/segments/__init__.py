"""Segments: groups of customers that are alike, found again when the customers are drawn anew."""
