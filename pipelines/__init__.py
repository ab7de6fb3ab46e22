"""Jobs: the only layer with side effects."""
