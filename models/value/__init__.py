"""What customers will buy and spend: repeat buying, lifetime value, forecasts held out."""
