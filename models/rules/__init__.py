"""What is bought together: frequent itemsets, association rules, and what is to be made of them."""
