"""Feature families, one file each; `features.catalogue` lists them."""
