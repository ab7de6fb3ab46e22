"""What a customer buys next: recommenders of the next basket, their measures, and a learner."""
