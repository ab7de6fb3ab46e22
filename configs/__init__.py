"""One YAML per business: data, no logic."""
