"""Baskets that another engine holds and mines, as `models.rules.mining.frequent` takes them.

The search stays here: what is exactly frequent, required items, lengths, limits and the most
frequent ones. So an answer is the same wherever the baskets are.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from features.errors import RegularsError
from models.rules.baskets import Codes, WholeArray
from models.rules.projection import Bounds
from models.rules.trie import trie_of

_MOST_BASKETS: Final = 2**31 - 1


class EngineUnable(RegularsError):
    """Another engine is asked for what it cannot do."""


class Engine(Protocol):
    """What has the baskets; items are numbers from 0."""

    @property
    def count(self) -> int:
        """Number of all baskets, the empty ones included."""

    def frequencies(self) -> WholeArray:
        """Baskets that hold each item, shape (items,)."""

    def holding(self, items: Codes) -> "Engine":
        """The baskets that hold every one of some distinct items."""

    def itemsets(self, bounds: tuple[int, int, int], without: Codes) -> pa.Table | None:
        """All frequent itemsets, in any order, each once.

        Parameters
        ----------
        bounds
            Baskets of an itemset, at least (1 or more); itemsets, at most; items of an itemset,
            at most (1 or more).
        without
            Items that are left aside.

        Returns
        -------
        pyarrow.Table or None
            ``items`` (lists of numbers, each once) and ``count``; None when there are more than
            the bounds allow.
        """


@dataclass(frozen=True, eq=False)
class Elsewhere:
    """Baskets of another engine, which stand for `models.rules.baskets.Baskets`.

    Attributes
    ----------
    engine
        Where they are.
    labels
        Name of each item, by its number.

    Raises
    ------
    EngineUnable
        When there are more baskets than counts have room for.
    """

    engine: Engine
    labels: pd.Index

    def __post_init__(self) -> None:
        if self.count > _MOST_BASKETS:
            message = (
                f"counts go up to {_MOST_BASKETS:,} baskets, but there are {self.count:,}; mine "
                "a shorter time or a sample"
            )
            raise EngineUnable(message)

    @cached_property
    def count(self) -> int:
        """Number of baskets, the empty ones included."""
        return self.engine.count

    def frequencies(self) -> WholeArray:
        """Baskets that hold each item, shape (items,); an array of its own each time."""
        return self._frequencies.copy()

    @cached_property
    def _frequencies(self) -> WholeArray:
        return self.engine.frequencies()

    def holding(self, items: Codes) -> "Elsewhere":
        """The baskets that hold every one of some distinct items."""
        return Elsewhere(self.engine.holding(items), self.labels)


@dataclass(frozen=True, eq=False)
class FarGround:
    """What `models.rules.ground.Ground` is, where another engine searches.

    Attributes
    ----------
    baskets
        To search in.
    frequencies
        Baskets of each item, shape (items,); 0 where it is left aside.
    """

    baskets: Elsewhere
    frequencies: WholeArray

    def found(self, bounds: Bounds) -> tuple[Codes, Codes, Codes, Codes] | None:
        """Parent, item, count and length of itemsets, all of them; in one order.

        None where there are more than the bounds allow.
        """
        left_out = (self.frequencies == 0) & (self.baskets.frequencies() > 0)
        without = np.flatnonzero(left_out).astype(np.int32)
        table = self.baskets.engine.itemsets(bounds[:3], without)
        if table is None:
            return None
        lists = table["items"].combine_chunks()
        starts = np.concatenate([[0], np.cumsum(lists.value_lengths().to_numpy(), dtype=np.int64)])
        codes = lists.flatten().to_numpy().astype(np.int32)
        return trie_of(starts, codes, table["count"].to_numpy())
