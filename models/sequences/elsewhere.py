"""Patterns of sequences that another engine holds and mines.

The engine finds what is frequent; what that means, limits, lengths and what is closed are decided
here, so an answer is the one of `models.sequences.mining.frequent_sequences`, node by node.
"""

from dataclasses import replace
from typing import Final, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from features.errors import RegularsError
from models.coding import Codes, WholeArray
from models.limits import Cut, lowest_fitting
from models.sequences.closed import are_closed
from models.sequences.mining import Wanted, frequent_sequences
from models.sequences.patterns import Patterns
from models.sequences.sequences import Sequences
from models.thresholds import least_count
from models.tries import ROOT

_MOST: Final = 2**30
_MOST_SEQUENCES: Final = 2**31 - 1
_UNKNOWN: Final = ("top", "must", "min_gap", "max_gap", "window", "span")
"""Settings that another engine knows nothing of."""


class EngineUnable(RegularsError):
    """Another engine is asked for what it cannot do."""


class PartsMissing(RegularsError):
    """Patterns that do not come with all of their parts."""


class Engine(Protocol):
    """What has the sequences; items are numbers from 0."""

    @property
    def count(self) -> int:
        """Number of all sequences, the empty ones included."""

    def patterns(self, bounds: tuple[int, int, int, int]) -> pa.Table | None:
        """All frequent patterns, in any order, each once.

        Parameters
        ----------
        bounds
            Sequences of a pattern, at least (1 or more); patterns, items of one and elements of
            one, at most.

        Returns
        -------
        pyarrow.Table or None
            ``elements`` (lists of lists of numbers, each once in its element) and ``count``; None
            when there are more than the bounds allow.
        """


def frequent_elsewhere(engine: Engine, labels: pd.Index, wanted: Wanted) -> Patterns:
    """Patterns in enough sequences, as `models.sequences.mining.frequent_sequences` finds them.

    Parameters
    ----------
    engine
        What has the sequences.
    labels
        Name of each item, by its number; ascending.
    wanted
        Which patterns; ``threads`` are the engine's business.

    Raises
    ------
    EngineUnable
        When constraints of time, required items or the most frequent ones are asked for, or there
        are more sequences than counts have room for.
    ThresholdUnusable, PatternsUnclear
        See `models.sequences.mining.frequent_sequences`.
    PartsMissing
        When the engine leaves out a part of a pattern.
    """
    _require_able(engine, wanted)
    least = 1 if wanted.support is None else least_count(wanted.support, engine.count)
    fits, found = lowest_fitting(least, lambda count: _at(count, engine, labels, wanted))
    return found if fits == least else replace(found, cut=Cut(least, fits, wanted.limits.told()))


def _require_able(engine: Engine, wanted: Wanted) -> None:
    for name in _UNKNOWN:
        asked = getattr(wanted, name)
        if asked != Wanted.model_fields[name].default:
            message = (
                f"another engine finds all or closed patterns of a support, but {name}={asked!r} "
                "is asked for; leave it out, or take sequences of this machine"
            )
            raise EngineUnable(message)
    if engine.count > _MOST_SEQUENCES:
        message = (
            f"counts go up to {_MOST_SEQUENCES:,} sequences, but there are {engine.count:,}; mine "
            "a shorter time or a sample"
        )
        raise EngineUnable(message)
    none = np.zeros(1, dtype=np.int64)
    nothing = Sequences(none, none, np.empty(0, np.int32), none[:0], pd.Index([], dtype="str"))
    frequent_sequences(nothing, wanted)  # refuses lengths and shares that say nothing


def _at(least: int, engine: Engine, labels: pd.Index, wanted: Wanted) -> Patterns | None:
    """Patterns in so many sequences; None where the limits do not hold them."""
    more = int(wanted.kind == "closed")  # whether one is closed tells what is longer by one
    longest, widest = (each or _MOST for each in (wanted.max_length, wanted.max_elements))
    table = engine.patterns((least, wanted.limits.most, longest + more, widest + more))
    if table is None:
        return None
    parent, item, count = nodes_of(table)
    found = Patterns(parent, item, count, labels, engine.count, least)
    lengths, elements = found.sizes
    is_asked = (lengths >= wanted.min_length) & (elements >= wanted.min_elements)
    is_asked &= (lengths <= longest) & (elements <= widest)
    if wanted.kind == "closed":
        is_asked &= are_closed(parent, item, count)
    return found.only(is_asked)


def nodes_of(table: pa.Table) -> tuple[Codes, Codes, Codes]:
    """Parent, item and count of patterns, in the one order that the search here has.

    A node stands right before what it begins; of these, what joins its last element comes before
    what begins a new one, each by its item.

    Parameters
    ----------
    table
        See `Engine.patterns`.

    Raises
    ------
    PartsMissing
        When a pattern is there, but not the one without its last item.
    """
    keys, lengths, width = _keys(table["elements"])
    order = np.lexsort(keys.T[::-1])
    keys, lengths = keys[order], lengths[order]
    parent = np.full(len(order), ROOT, dtype=np.int64)
    for length in range(2, keys.shape[1] + 1):
        rows, above = (np.flatnonzero(lengths == each) for each in (length, length - 1))
        places = np.searchsorted(above, rows) - 1
        is_there = places >= 0
        parent[rows[is_there]] = above[places[is_there]]
        same = keys[parent[rows], : length - 1] == keys[rows, : length - 1]
        if not (is_there.all() and same.all()):
            message = (
                "patterns need every part of theirs, but of some a part is not there; mine all "
                "frequent patterns, those of one item included"
            )
            raise PartsMissing(message)
    last = keys[np.arange(len(order)), lengths - 1]
    item = np.where(last < width, ~last, last - width)
    counts = table["count"].to_numpy()[order]
    return parent.astype(np.int32), item.astype(np.int32), counts.astype(np.int32)


def _keys(elements: pa.ChunkedArray) -> tuple[WholeArray, WholeArray, int]:
    """What each pattern adds item by item, so that rows in order are nodes in order.

    Returns
    -------
    keys
        Shape (patterns, longest): the number of an item that joins; the width more of one that
        begins an element; -1 behind the last.
    lengths
        Items of each pattern, shape (patterns,).
    width
        Numbers of items.
    """
    outer = elements.combine_chunks()
    inner = outer.flatten()
    codes = inner.flatten().to_numpy().astype(np.int64)
    sizes = inner.value_lengths().to_numpy().astype(np.int64)
    widths = outer.value_lengths().to_numpy().astype(np.int64)
    element = np.repeat(np.arange(len(sizes)), sizes)
    codes = codes[np.lexsort((codes, element))]
    width = int(codes.max(initial=0)) + 1
    is_first = np.diff(element, prepend=-1) > 0
    owner = np.repeat(np.arange(len(widths)), widths)[element]
    lengths = np.bincount(owner, minlength=len(widths)).astype(np.int64)
    begins = np.cumsum(lengths) - lengths
    keys = np.full((len(widths), int(lengths.max(initial=1))), -1, dtype=np.int64)
    keys[owner, np.arange(len(codes)) - begins[owner]] = np.where(is_first, codes + width, codes)
    return keys, lengths, width
