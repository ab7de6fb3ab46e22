"""Sequential patterns: what comes after what, in which time."""
