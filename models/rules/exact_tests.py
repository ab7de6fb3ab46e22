"""Exact tests of rules in any baskets: what they condition on, and the chance of each rule."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from features.compiled import interpreted
from models.rules.association import Rules
from models.rules.baskets import Baskets, Codes, WholeArray
from models.rules.counting import by_size, counted, in_one
from models.rules.generalisations import generalised
from models.rules.measures import FloatArray
from models.rules.tails import chances, floors

Null = Literal["by_size", "fisher"]

_SMALL: Final = 300
"""Tests times strata below which Python is quicker than loading what is compiled."""

_PARTS: Final = 64
"""Pieces that tests are dealt out in, where several are made at a time."""

_Loop = Callable[[Codes, Codes, WholeArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Margins:
    """Baskets that hold each node.

    Attributes
    ----------
    held
        Shape (nodes,): in all.
    by_stratum
        Shape (nodes + 1, strata); the last row is all baskets. Nodes as long as the longest rule
        are no side of one, and have nothing here.
    """

    held: WholeArray
    by_stratum: Codes


def margins_in(
    rules: Rules, baskets: Baskets, null: Null, held: WholeArray | None = None
) -> Margins:
    """What tests of rules condition on.

    Parameters
    ----------
    rules
        Between nodes of their itemsets.
    baskets
        Where to count; any.
    null
        One stratum for ``fisher``; one of each size of a basket for ``by_size``.
    held
        Baskets that hold each node, if that is known.
    """
    itemsets = rules.itemsets
    whole = counted(itemsets, baskets)[:, 0].astype(np.int64) if held is None else held
    strata = in_one(baskets) if null == "fisher" else by_size(baskets)
    found = np.zeros((len(whole) + 1, len(strata.sizes)), dtype=np.int32)
    found[-1] = strata.sizes
    if null == "fisher":
        found[:-1, 0] = whole
    else:
        sides = are_sides(rules)
        found[:-1][sides] = counted(itemsets.only(sides), baskets, strata)
    return Margins(whole, found)


def are_sides(rules: Rules) -> npt.NDArray[np.bool_]:
    """Which nodes are short enough to be a side of a rule, or a part of one; shape (nodes,)."""
    lengths = rules.itemsets.lengths
    found: npt.NDArray[np.bool_] = lengths < lengths[rules.itemset].max(initial=0)
    return found


def chances_of(
    rules: Rules,
    margins: Margins,
    *,
    is_productive: bool,
    most: FloatArray | None = None,
    threads: int = 1,
) -> FloatArray:
    """The largest chance of each rule against its generalisations, shape (rules,).

    Parameters
    ----------
    rules
        To test.
    margins
        In the baskets to test in.
    is_productive
        Whether all generalisations are looked at, or only the one without a condition.
    most
        Shape (rules,): a larger chance than this need not be known, and is given as 1.
    threads
        Tests that are made at a time.

    Raises
    ------
    AntecedentTooLong
        See `generalised`.
    """
    if not len(rules):
        return np.empty(0)
    starts, parts = _generalisations(rules, is_productive=is_productive)
    owner = np.repeat(np.arange(len(rules)), np.diff(starts))
    tests = _Tests(
        margins,
        np.column_stack([parts[:, 0], rules.antecedent[owner], parts[:, 1]]),
        rules.itemset[owner],
        threads,
    )
    if most is None:
        return np.maximum.reduceat(tests.chances(np.arange(len(owner))), starts[:-1])
    least = tests.floors()
    p = (np.maximum.reduceat(least, starts[:-1]) > most).astype(np.float64)
    left = np.flatnonzero(p[owner] == 0)
    left = left[np.lexsort([-least[left], owner[left]])]
    is_first = np.diff(owner[left], prepend=-1) > 0  # of a rule, what it is likeliest to fail
    for some in (left[is_first], left[~is_first]):
        asked = some[p[owner[some]] <= most[owner[some]]]
        np.maximum.at(p, owner[asked], tests.chances(asked))
    return np.where(p > most, 1.0, p)


def _generalisations(rules: Rules, *, is_productive: bool) -> tuple[WholeArray, Codes]:
    """As `generalised`; or without a condition alone."""
    if is_productive:
        return generalised(rules)
    none = np.full(len(rules), len(rules.itemsets.parent))
    parts = np.column_stack([none, rules.consequent]).astype(np.int32)
    return np.arange(len(rules) + 1), parts


@dataclass(frozen=True, eq=False)
class _Tests:
    """Tests of rules, each among the baskets that hold a part.

    Attributes
    ----------
    margins
        In the baskets to test in.
    rows
        Shape (tests, 3): rows of the margins by stratum, as of `models.rules.tails.chances`.
    itemset
        Shape (tests,): node of both sides.
    threads
        Tests that are made at a time.
    """

    margins: Margins
    rows: Codes
    itemset: Codes
    threads: int

    def floors(self) -> FloatArray:
        """What the chance of each test is not below."""
        return self._run(floors, np.arange(len(self.rows)))

    def chances(self, asked: WholeArray) -> FloatArray:
        """The chances of some tests; those without a condition are the same for a rule's reverse.

        Parameters
        ----------
        asked
            Positions of these tests.
        """
        key = np.column_stack([self.rows[asked], self.itemset[asked]])
        plain = key[:, 0] == len(self.margins.held)
        key[plain, 1:3] = np.sort(key[plain, 1:3], axis=1)
        order = np.lexsort(key.T)
        is_new = np.ones(len(order), dtype=bool)
        is_new[1:] = (key[order][1:] != key[order][:-1]).any(axis=1)
        which = np.empty(len(order), dtype=np.int64)
        which[order] = np.cumsum(is_new) - 1
        return self._run(chances, asked[order[is_new]])[which]

    def _run(self, loop: _Loop, asked: WholeArray) -> FloatArray:
        """What a loop makes of some tests."""
        counts = self.margins.by_stratum
        is_small = len(asked) * counts.shape[1] < _SMALL
        run = interpreted(loop) if is_small else loop

        def part(some: WholeArray) -> FloatArray:
            return run(counts, self.rows[some], self.margins.held[self.itemset[some]])

        if is_small or self.threads == 1:
            return part(asked)
        with ThreadPoolExecutor(self.threads) as pool:
            return np.concatenate(list(pool.map(part, np.array_split(asked, _PARTS))))
