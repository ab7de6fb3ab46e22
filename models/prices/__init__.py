"""Price elasticities and promotion lifts: of single items, pooled by what they belong to."""
