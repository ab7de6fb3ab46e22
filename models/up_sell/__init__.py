"""Up-sell: from the tier or plan that a customer buys to the next one up."""
