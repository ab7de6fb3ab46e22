"""Cross-sell: which category a customer who never bought it will buy first, and how likely."""
