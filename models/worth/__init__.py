"""What customers were worth: recency, frequency and money, profit, cohorts, loyalty, stages."""
