"""From raw files to point-in-time tables; every function takes as_of."""
