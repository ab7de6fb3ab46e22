"""How groups of customers differ: tests with their assumptions, effect sizes and plain words."""
