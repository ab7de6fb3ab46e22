"""What customers are worth: repeat buying, lifetime value, profit, loyalty."""
