"""Frequent itemsets of baskets: all, closed, maximal or generators, with limits that are told."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from models.coding import NoSuchItem, positions_of
from models.limits import MOST, NODE_BYTES, Cut, held_by, limit_told, lowest_fitting
from models.rules.baskets import Baskets, Codes, WholeArray
from models.rules.elsewhere import Elsewhere, EngineUnable, FarGround
from models.rules.generators import are_generators
from models.rules.ground import Ground
from models.rules.itemsets import Itemsets
from models.rules.projection import ALL, CLOSED, FREE
from models.thresholds import least_count
from models.tries import most_frequent

Kind = Literal["all", "closed", "maximal", "generators"]

_GROWN: Final = {"all": ALL, "closed": CLOSED, "maximal": CLOSED, "generators": FREE}


class Limits(BaseModel):
    """How much may be found before a higher support is looked for that gives less."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    itemsets: int = Field(10_000_000, ge=1, description="Itemsets, at most.")
    bytes: int = Field(
        1_000_000_000, ge=NODE_BYTES, description="Memory of what is found, at most."
    )

    @property
    def most(self) -> int:
        """Itemsets within both."""
        return held_by(self.itemsets, self.bytes)

    def told(self) -> str:
        """The narrower of both, in words."""
        return limit_told(self.itemsets, self.bytes, "itemsets")


class Wanted(BaseModel):
    """Which itemsets are looked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    support: float | None = Field(
        None,
        description="Share of all baskets, above 0 and at most 1, that hold an itemset, at least; "
        "null: one basket.",
    )
    kind: Kind = Field(
        "all",
        description="all; closed: those that no other item joins without losing a basket; maximal: "
        "those that are in no other frequent one; generators: those that lose no item without "
        "gaining a basket.",
    )
    top: Annotated[int, Field(ge=1)] | None = Field(
        None, description="So many of the most frequent, and what ties with the last of them."
    )
    min_length: int = Field(1, ge=1, description="Items, at least.")
    max_length: Annotated[int, Field(ge=1)] | None = Field(None, description="Items, at most.")
    must: tuple[str | int, ...] = Field((), description="Items that each itemset holds.")
    without: tuple[str | int, ...] = Field((), description="Items that are left aside.")
    limits: Limits = Limits()
    threads: int = Field(1, ge=1, description="First items that are grown at a time.")


def frequent(baskets: Baskets | Elsewhere, wanted: Wanted) -> Itemsets:
    """Itemsets in enough baskets.

    Supports are compared as whole numbers of baskets, so an itemset that is in exactly the share
    that was asked for is there. Where a limit would be passed, itemsets are those of a higher
    support that fits, and all of them: ``cut`` tells both.

    Kinds: closed and generators after Pasquier, Bastide, Taouil and Lakhal 1999, "Discovering
    frequent closed itemsets for association rules"; maximal after Bayardo 1998, "Efficiently mining
    long patterns from databases". The empty itemset is never given, though it makes an item of
    every basket no generator. Items left aside do not count for any kind.

    Parameters
    ----------
    baskets
        Of distinct items; or those of another engine, which then searches: for all itemsets, with
        as many threads as it has itself.
    wanted
        Which itemsets.

    Raises
    ------
    EngineUnable
        When another engine is to find another kind than all.
    ThresholdUnusable
        When the support is not above 0 and at most 1.
    NoSuchItem
        When an item of ``must`` is no label, or is left aside.
    """
    if isinstance(baskets, Elsewhere) and wanted.kind != "all":
        message = (
            f"another engine finds itemsets of kind='all', not kind={wanted.kind!r}; take that "
            "kind, or baskets of this machine"
        )
        raise EngineUnable(message)
    least = 1 if wanted.support is None else least_count(wanted.support, baskets.count)
    must = positions_of(baskets.labels, wanted.must, "must")
    left_out = positions_of(baskets.labels, wanted.without, "without")
    both = np.intersect1d(must, left_out)
    if len(both):
        named = ", ".join(map(repr, baskets.labels[both].tolist()))
        message = (
            f"an item is either in every itemset or left aside, but must and without have {named}"
        )
        raise NoSuchItem(message)
    search = _Search(baskets, wanted, must, left_out)
    return search.fitting(least) if wanted.top is None else search.most_frequent(least, wanted.top)


def holding(baskets: Baskets | Elsewhere, items: Codes) -> Baskets | Elsewhere:
    """The baskets that hold every one of some distinct items."""
    if isinstance(baskets, Elsewhere):
        return baskets.holding(items)
    is_wanted = np.isin(baskets.codes, items)
    owner = baskets.owners
    is_kept = np.bincount(owner[is_wanted], minlength=baskets.count) == len(items)
    starts = np.concatenate([[0], np.cumsum(baskets.sizes[is_kept])]).astype(np.int64)
    entries = is_kept[owner]
    weights = None if baskets.weights is None else baskets.weights[entries]
    return Baskets(starts, baskets.codes[entries], baskets.labels, weights)


_Mined = tuple[Codes, Codes, Codes, Codes]
"""Parent, item, count and length, as `models.rules.growing.grown` tells them."""

_NOTHING: Final[_Mined] = (np.empty(0, np.int32),) * 4


@dataclass(frozen=True, eq=False)
class _Search:
    """One question to some baskets.

    Attributes
    ----------
    baskets, wanted
        The question.
    must, left_out
        Positions in the labels.
    """

    baskets: Baskets | Elsewhere
    wanted: Wanted
    must: Codes
    left_out: Codes

    @cached_property
    def within(self) -> Baskets | Elsewhere:
        """The baskets of required items; which generators hold them is found afterwards."""
        if self.wanted.kind == "generators" or not len(self.must):
            return self.baskets
        return holding(self.baskets, self.must)

    @cached_property
    def frequencies(self) -> WholeArray:
        """Of each item within these baskets; 0 where it cannot be added."""
        found = self.within.frequencies()
        found[self.left_out] = 0
        if self.wanted.kind != "generators":
            found[self.must] = 0
        return found

    def fitting(self, least: int) -> Itemsets:
        """Itemsets of the count asked for, or of the lowest found that is within the limits."""
        ground = self._ground(least)
        fits, found = lowest_fitting(least, lambda count: self.at(count, ground))
        if fits == least:
            return found
        return replace(found, cut=Cut(least, found.least, self.wanted.limits.told()))

    def most_frequent(self, least: int, top: int) -> Itemsets:
        """So many of the highest counts, and what ties with the last of them."""
        ordered = np.sort(self.frequencies)[::-1]
        is_enough = self.wanted.min_length == 1 and top <= len(ordered)
        start = int(ordered[top - 1] if is_enough else ordered[:1].max(initial=1) * 2 // 3)
        # A higher support has other maximal itemsets, but the same of other kinds.
        count = least if self.wanted.kind == "maximal" else max(least, start)
        return most_frequent(self.fitting, (count, least), top, step=(3, 4))

    def at(self, least: int, ground: Ground | FarGround) -> Itemsets | None:
        """Itemsets in so many baskets; None where the limits do not hold them."""
        longest = (self.wanted.max_length or MOST) - len(self._above)
        bounds = (least, self.wanted.limits.most, longest, _GROWN[self.wanted.kind])
        mined = ground.found(bounds) if longest > 0 else _NOTHING
        if mined is None:
            return None
        parent, item, count, length = self._below_required(least, mined)
        if self.wanted.kind == "all" and self.wanted.min_length == 1 and not len(self._above):
            return Itemsets(parent, item, count, self.baskets.labels, self.baskets.count, least)
        is_asked = (np.abs(length) >= self.wanted.min_length) & (item >= 0)
        if self.wanted.kind == "maximal":
            is_asked &= length < 0
        item = np.where(item < 0, ~item, item)
        found = Itemsets(parent, item, count, self.baskets.labels, self.baskets.count, least)
        if self.wanted.kind == "generators":
            is_asked &= self._are_generators(found)
        return found.only(is_asked)

    def _ground(self, least: int) -> Ground | FarGround:
        if isinstance(self.within, Elsewhere):
            return FarGround(self.within, self.frequencies)
        return Ground(self.within, self.frequencies, least, self.wanted.threads)

    @property
    def _above(self) -> Codes:
        """Required items that are put above what is found."""
        return self.must[:0] if self.wanted.kind == "generators" else self.must

    @cached_property
    def _counts_above(self) -> Codes:
        """Baskets that hold the first of the required items, the first two, and so on to all."""
        ends = range(1, len(self._above))
        counts = [holding(self.baskets, self._above[:end]).count for end in ends]
        return np.array([*counts, self.within.count], dtype=np.int32)

    def _below_required(self, least: int, mined: _Mined) -> _Mined:
        """The itemsets with the required items above them, which are an itemset, too."""
        above = self._above
        if not len(above):
            return mined
        parent, item, count, length = mined
        if self.within.count < least:
            return _NOTHING
        found = self.frequencies
        is_closed = self.wanted.kind == "all" or not (found == self.within.count).any()
        is_maximal = not (found >= least).any()
        own = np.arange(len(above), dtype=np.int32)
        items = np.where(own < len(above) - 1, ~above, above if is_closed else ~above)
        lengths = own + 1
        lengths[-1] *= -1 if is_maximal else 1
        deeper = np.where(length < 0, length - len(above), length + len(above))
        return (
            np.concatenate([own - 1, np.where(parent < 0, len(above) - 1, parent + len(above))]),
            np.concatenate([items, item]),
            np.concatenate([self._counts_above, count]),
            np.concatenate([lengths, deeper]),
        )

    def _are_generators(self, found: Itemsets) -> npt.NDArray[np.bool_]:
        """Which nodes are generators that hold the required items."""
        members = found.members()
        is_one = are_generators(members, found.count, self.baskets.count, len(found.labels))
        owner = np.repeat(np.arange(len(found)), np.diff(members[0]))
        held = np.bincount(owner[np.isin(members[1], self.must)], minlength=len(found))
        holds: npt.NDArray[np.bool_] = is_one & (held == len(self.must))
        return holds
