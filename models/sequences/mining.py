"""Frequent sequential patterns: all or closed, under constraints of time, with limits."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from features.errors import RegularsError
from models.coding import Codes, WholeArray, positions_of
from models.limits import MOST, NODE_BYTES, Cut, held_by, limit_told, lowest_fitting
from models.sequences.closed import are_closed
from models.sequences.ground import Ground
from models.sequences.patterns import Patterns
from models.sequences.sequences import Sequences
from models.sequences.windows import UNBOUNDED, Gaps
from models.thresholds import least_count
from models.tries import most_frequent

Kind = Literal["all", "closed"]


class PatternsUnclear(RegularsError):
    """Constraints that no pattern can keep, or under which a kind means nothing."""


class Limits(BaseModel):
    """How much may be found before a higher support is looked for that gives less."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patterns: int = Field(10_000_000, ge=1, description="Patterns, at most.")
    bytes: int = Field(
        1_000_000_000, ge=NODE_BYTES, description="Memory of what is found, at most."
    )

    @property
    def most(self) -> int:
        """Patterns within both."""
        return held_by(self.patterns, self.bytes)

    def told(self) -> str:
        """The narrower of both, in words."""
        return limit_told(self.patterns, self.bytes, "patterns")


class Wanted(BaseModel):
    """Which patterns are looked for; times are in the unit of the instants of the sequences."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    support: float | None = Field(
        None,
        description="Share of all sequences, above 0 and at most 1, that hold a pattern, at least; "
        "null: one sequence.",
    )
    kind: Kind = Field(
        "all", description="all; closed: those that are in no longer one of as many sequences."
    )
    top: Annotated[int, Field(ge=1)] | None = Field(
        None, description="So many of the most frequent, and what ties with the last of them."
    )
    min_length: int = Field(1, ge=1, description="Items, at least.")
    max_length: Annotated[int, Field(ge=1)] | None = Field(None, description="Items, at most.")
    min_elements: int = Field(1, ge=1, description="Elements, at least.")
    max_elements: Annotated[int, Field(ge=1)] | None = Field(None, description="Elements, at most.")
    must: tuple[str | int, ...] = Field((), description="Items that each pattern holds.")
    min_gap: int = Field(
        0, ge=0, description="From the end of an element to the beginning of the next, at least."
    )
    max_gap: Annotated[int, Field(ge=0)] | None = Field(
        None, description="From the beginning of an element to the end of the next, at most."
    )
    window: int = Field(
        0, ge=0, description="From the first to the last instant that make one element, at most."
    )
    span: Annotated[int, Field(ge=0)] | None = Field(
        None, description="From the beginning of the first to the end of the last, at most."
    )
    limits: Limits = Limits()
    threads: int = Field(1, ge=1, description="First items that are grown at a time.")

    @property
    def gaps(self) -> Gaps:
        """Constraints of time as the search has them."""
        most, span = (UNBOUNDED if each is None else each for each in (self.max_gap, self.span))
        return self.min_gap, most, span, self.window


def frequent_sequences(sequences: Sequences, wanted: Wanted) -> Patterns:
    """Patterns in enough sequences.

    A pattern is a list of elements, each a set of items. A sequence holds it where every element
    lies within one window, one behind the other, within the gaps and the span (Srikant and Agrawal
    1996, "Mining sequential patterns: generalizations and performance improvements"; a least gap
    may be equal here, where theirs has to be less). Without constraints that is: each element
    within one of the sequence, in the same order. It counts once, however often it is there.

    Supports are compared as whole numbers of sequences, so a pattern that is in exactly the share
    that was asked for is there. Where a limit would be passed, patterns are those of a higher
    support that fits, and all of them: ``cut`` tells both. A limit counts all frequent patterns,
    also where closed or required ones alone are meant.

    Closed patterns after Yan, Han and Afshar 2003, "CloSpan: mining closed sequential patterns in
    large datasets".

    Parameters
    ----------
    sequences
        To look at.
    wanted
        Which patterns.

    Raises
    ------
    ThresholdUnusable
        When the support is not above 0 and at most 1.
    NoSuchItem
        When an item of ``must`` is no label.
    PatternsUnclear
        When nothing could be found, or closed patterns are asked for under a most gap.
    """
    _require_sense(wanted)
    least = 1 if wanted.support is None else least_count(wanted.support, sequences.count)
    search = _Search(sequences, wanted, positions_of(sequences.labels, wanted.must, "must"))
    return search.fitting(least) if wanted.top is None else search.most_frequent(least, wanted.top)


def _require_sense(wanted: Wanted) -> None:
    for name in ("length", "elements"):
        low, high = (getattr(wanted, f"{side}_{name}") for side in ("min", "max"))
        if high is not None and high < low:
            message = f"max_{name} is at least min_{name}, but they are {high} and {low}"
            raise PatternsUnclear(message)
    if wanted.max_gap is not None and wanted.max_gap < wanted.min_gap:
        message = f"max_gap is at least min_gap, but they are {wanted.max_gap} and {wanted.min_gap}"
        raise PatternsUnclear(message)
    if wanted.kind == "closed" and wanted.max_gap is not None:
        message = (
            "closed patterns are not defined by max_gap, since a part of a pattern may break what "
            "the whole keeps; ask for kind='all', or for a span"
        )
        raise PatternsUnclear(message)


def holding(sequences: Sequences, items: Codes) -> WholeArray:
    """Positions of the sequences that hold every one of some distinct items."""
    is_wanted = np.isin(sequences.codes, items)
    pairs = np.column_stack([sequences.owners[is_wanted], sequences.codes[is_wanted]])
    owners = np.unique(pairs, axis=0)[:, 0]
    return np.flatnonzero(np.bincount(owners, minlength=sequences.count) == len(items))


@dataclass(frozen=True, eq=False)
class _Search:
    """One question to some sequences.

    Attributes
    ----------
    sequences, wanted
        The question.
    must
        Positions in the labels.
    """

    sequences: Sequences
    wanted: Wanted
    must: Codes

    @cached_property
    def within(self) -> Sequences:
        """The sequences of required items."""
        if not len(self.must):
            return self.sequences
        return self.sequences.only(holding(self.sequences, self.must))

    @cached_property
    def frequencies(self) -> WholeArray:
        """Of each item within these sequences."""
        return self.within.frequencies()

    def fitting(self, least: int) -> Patterns:
        """Patterns of the count asked for, or of the lowest found that is within the limits."""
        wanted = self.wanted
        ground = Ground(self.within, self.frequencies, least, wanted.gaps, wanted.threads)
        fits, found = lowest_fitting(least, lambda count: self.at(count, ground))
        if fits == least:
            return found
        return replace(found, cut=Cut(least, fits, wanted.limits.told()))

    def most_frequent(self, least: int, top: int) -> Patterns:
        """So many of the highest counts, and what ties with the last of them.

        It is looked for from above in small steps, since a little below there may be millions.
        """
        count = max(least, int(self.frequencies.max(initial=1)))
        return most_frequent(self.fitting, (count, least), top, step=(6, 7))

    def at(self, least: int, ground: Ground) -> Patterns | None:
        """Patterns in so many sequences; None where the limits do not hold them."""
        wanted = self.wanted
        more = int(wanted.kind == "closed")  # whether one is closed tells what is longer by one
        most = [
            min((each or MOST) + more, MOST) for each in (wanted.max_length, wanted.max_elements)
        ]
        mined = ground.found((least, wanted.limits.most, most[0], most[1]))
        if mined is None:
            return None
        parent, item, count, _ = mined
        found = Patterns(parent, item, count, self.sequences.labels, self.sequences.count, least)
        lengths, elements = found.sizes
        is_asked = (lengths >= wanted.min_length) & (elements >= wanted.min_elements)
        is_asked &= (lengths <= (wanted.max_length or MOST)) & (
            elements <= (wanted.max_elements or MOST)
        )
        if wanted.kind == "closed":
            is_asked &= are_closed(parent, item, count)
        for required in self.must.tolist():
            is_asked &= _have(found, required)
        return found.only(is_asked)


def _have(found: Patterns, item: int) -> npt.NDArray[np.bool_]:
    """Which nodes have an item anywhere, shape (nodes,)."""
    has: npt.NDArray[np.bool_] = (found.item == item) | (found.item == ~item)
    lengths = found.sizes[0]
    for length in range(2, int(lengths.max(initial=0)) + 1):
        here = np.flatnonzero(lengths == length)
        has[here] |= has[found.parent[here]]
    return has
