"""The table of patterns that every search writes, and how its tables get room for more."""

import numpy as np

from features.compiled import compiled
from models.sequences.layout import Whole32, Whole64

PARENT, ADDED, COUNT, LENGTH = 0, 1, 2, 3
"""Columns of what is found."""


@compiled
def longer(found: Whole32, used: int, wanted: int) -> Whole32:
    """What is used of the patterns, with room for twice as many as are wanted."""
    made = np.empty((2 * wanted, 4), np.int32)
    made[:used] = found[:used]
    return made


@compiled
def wider(table: Whole64, columns: int) -> Whole64:
    """The table with so many columns, of which those that are new are 0."""
    made = np.zeros((table.shape[0], columns), np.int64)
    made[:, : table.shape[1]] = table
    return made
