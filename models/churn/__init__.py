"""Who is about to leave: one file per kind of churn model."""
