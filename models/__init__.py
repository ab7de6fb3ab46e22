"""From tables to fitted objects: pure, without files, clock or tracking."""
