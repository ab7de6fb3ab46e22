"""Proof that the house does what its documents say."""
