"""What to offer next to whom: candidates of every kind, policies, ranks and reasons."""
