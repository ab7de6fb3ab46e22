"""Association rules: which items come with which others, from frequent itemsets."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import RegularsError
from models.room import room
from models.rules.baskets import Codes, WholeArray
from models.rules.itemsets import Itemsets
from models.rules.measures import Counts, FloatArray, measure_named
from models.rules.rule_kernels import GRID, MAY_FOLLOW, MAY_LEAD, Flags, splits
from models.rules.subsets import Subsets, subsets_of
from models.thresholds import exactly

BYTES_PER_RULE: Final = 12
"""Three nodes of four bytes."""

COUNTS: Final = ("antecedent_count", "consequent_count", "count")
"""Columns of numbers of baskets that a table of rules may have, besides measures."""

_UNBOUNDED: Final = 2**31

_PART: Final = 1 << 15
"""Rules that are measured at a time."""


class RulesUnclear(RegularsError):
    """Limits on rules that no rule can keep, or that name an item that there is not."""


class RulesTooMany(RegularsError):
    """More rules than the limit, whatever their confidence."""


@dataclass(frozen=True)
class RulesWanted:
    """Which rules are meant.

    Attributes
    ----------
    confidence
        Share of the antecedent's baskets that hold the consequent, at least; see
        `models.thresholds.exactly`.
    least_antecedent, most_antecedent
        Items of an antecedent; no limit where the most is None.
    least_consequent, most_consequent
        Items of a consequent.
    antecedents, consequents
        Labels that an antecedent, and a consequent, may hold; any where None.
    most_rules
        How many rules there may be; above that, the least confidence is raised.
    most_bytes
        Memory that they may take, at twelve bytes a rule; no limit where None.
    """

    confidence: float = 0.3
    least_antecedent: int = 1
    most_antecedent: int | None = None
    least_consequent: int = 1
    most_consequent: int | None = None
    antecedents: Collection[object] | None = None
    consequents: Collection[object] | None = None
    most_rules: int = 10_000_000
    most_bytes: int | None = None

    @property
    def room(self) -> int:
        """Rules that both limits allow."""
        if self.most_bytes is None:
            return self.most_rules
        return min(self.most_rules, self.most_bytes // BYTES_PER_RULE)

    @property
    def limit(self) -> str:
        """The limit that binds, in words."""
        if self.room == self.most_rules:
            return f"{self.most_rules:,} rules"
        return f"{self.most_bytes:,} bytes ({self.room:,} rules)"


@dataclass(frozen=True)
class RulesCut:
    """What a limit took away: no rule below the confidence that fits.

    Attributes
    ----------
    asked
        Confidence that a rule was to have, at least.
    kept
        Confidence that the rules here have, at least: the lowest ten-thousandth that fits.
    limit
        The limit in words, such as ``1,000,000 rules``.
    """

    asked: float
    kept: float
    limit: str

    def __str__(self) -> str:
        """A sentence for the reader."""
        return (
            f"more than {self.limit} have a confidence of {self.asked:g} or more; "
            f"those of {self.kept:g} or more fit and are here, the others are not"
        )


@dataclass(frozen=True, eq=False)
class Rules:
    """Rules, each by the nodes of its antecedent, its consequent and both together.

    They lie by itemset, and are in the same order for the same itemsets.

    Attributes
    ----------
    itemsets
        All frequent itemsets.
    antecedent, consequent, itemset
        Shape (rules,): positions in ``itemsets``.
    wanted
        Which rules were meant.
    cut
        What a limit took away; None where nothing was.
    """

    itemsets: Itemsets
    antecedent: Codes
    consequent: Codes
    itemset: Codes
    wanted: RulesWanted
    cut: RulesCut | None = None

    def __len__(self) -> int:
        """Number of rules."""
        return len(self.itemset)

    @cached_property
    def subsets(self) -> Subsets:
        """Table of the itemsets by what they hold."""
        return subsets_of(self.itemsets)

    @cached_property
    def counts(self) -> Counts:
        """Baskets that hold the parts of each rule."""
        both, antecedent, consequent = (
            self.itemsets.count[nodes].astype(np.float64)
            for nodes in (self.itemset, self.antecedent, self.consequent)
        )
        return Counts(both, antecedent, consequent, float(self.itemsets.baskets))

    def measure(self, name: str) -> FloatArray:
        """One measure of every rule, shape (rules,); nothing else is computed.

        Raises
        ------
        MeasureUnknown
            When there is none of that name.
        """
        measured, counts = measure_named(name), self.counts
        found = room(len(self.itemset), np.float64)
        for begin in range(0, len(found), _PART):  # what is in between stays near the processor
            part = slice(begin, begin + _PART)
            found[part] = measured(counts.part(part))
        return found

    def where(self, chosen: npt.NDArray[np.bool_] | WholeArray) -> "Rules":
        """The rules of a mask, or of positions in their order."""
        return replace(
            self,
            antecedent=self.antecedent[chosen],
            consequent=self.consequent[chosen],
            itemset=self.itemset[chosen],
        )

    def names(self, nodes: Codes) -> list[tuple[object, ...]]:
        """Labels of each node's items, in the order of the labels.

        Parameters
        ----------
        nodes
            Such as ``rules.antecedent``, shape (rules,).
        """
        distinct, which = np.unique(nodes, return_inverse=True)
        is_asked = np.zeros(len(self.itemsets.parent), dtype=bool)
        is_asked[distinct] = True
        starts, found = replace(self.itemsets, is_asked=is_asked).members()
        labels = self.itemsets.labels.to_numpy(dtype=object)[found].tolist()
        ends = starts.tolist()
        named = [tuple(labels[ends[i] : ends[i + 1]]) for i in range(len(distinct))]
        return [named[i] for i in which.tolist()]

    def frame(self, columns: Iterable[str] = ("support", "confidence", "lift")) -> pd.DataFrame:
        """A table with a row per rule: antecedent, consequent, and the columns that are asked for.

        Parameters
        ----------
        columns
            Names of measures, and any of `COUNTS`.

        Returns
        -------
        pandas.DataFrame
            ``antecedent`` and ``consequent`` as tuples of labels.

        Raises
        ------
        MeasureUnknown
            When a column is neither.
        """
        found = {name: self.column(name) for name in columns}
        sides = {
            "antecedent": objects(self.names(self.antecedent)),
            "consequent": objects(self.names(self.consequent)),
        }
        return pd.DataFrame(sides | found)

    def column(self, name: str) -> npt.NDArray[np.generic]:
        """A measure, or one of `COUNTS`, shape (rules,).

        Raises
        ------
        MeasureUnknown
            When it is neither.
        """
        if name not in COUNTS:
            return self.measure(name)
        nodes = dict(zip(COUNTS, (self.antecedent, self.consequent, self.itemset), strict=True))
        return self.itemsets.count[nodes[name]]


def rules_of(itemsets: Itemsets, wanted: RulesWanted | None = None) -> Rules:
    """Rules between the two parts of every frequent itemset, of a confidence or more.

    Confidence is compared in whole numbers: rules that have exactly what is asked are there. Where
    more rules are found than the limit allows, the least confidence is raised to the lowest
    ten-thousandth from which on all fit, and the result says so.

    Parameters
    ----------
    itemsets
        All frequent ones.
    wanted
        Which rules are meant.

    Raises
    ------
    ItemsetsIncomplete
        When subsets of some are not there; see `subsets_of`.
    ThresholdUnusable
        When the confidence is no share; see `exactly`.
    RulesUnclear
        When no rule can keep the limits, or a label is that of no item.
    RulesTooMany
        When not even the rules of confidence 1 fit.

    Notes
    -----
    Source: Agrawal and Srikant 1994, "Fast algorithms for mining association rules"; consequents
    grow from those that hold, as in their ap-genrules.
    """
    asked = wanted or RulesWanted()
    confidence = exactly(asked.confidence, "confidence")
    sides, limits = sides_of(itemsets.labels, asked), _limits(itemsets, asked)
    subsets = subsets_of(itemsets)
    split = subsets.loop(splits)

    def mined(least: Fraction, step: int = -1) -> tuple[Codes, WholeArray]:
        most = _most(itemsets.count, least)
        return split(subsets.trie, subsets.index, most, sides, np.array([*limits, step]))

    found, _ = mined(confidence)
    cut = None
    if len(found) > asked.room:
        _, (step, _) = mined(confidence, int(confidence * GRID))
        if step > GRID:
            message = (
                f"more than {asked.limit} have a confidence of 1; ask for shorter antecedents or "
                "consequents, for chosen ones, or raise the limit"
            )
            raise RulesTooMany(message)
        cut = RulesCut(asked.confidence, int(step) / GRID, asked.limit)
        found, _ = mined(Fraction(int(step), GRID))
    antecedent, consequent, itemset = (np.ascontiguousarray(found[:, i]) for i in range(3))
    rules = Rules(itemsets, antecedent, consequent, itemset, asked, cut)
    rules.__dict__["subsets"] = subsets  # what was made need not be made again
    return rules


def _most(count: Codes, least: Fraction) -> WholeArray:
    """Baskets that an antecedent may be in, so that so many are the least share of it, or more."""
    above, below = least.denominator, least.numerator
    if above * int(count.max(initial=1)) < 2**62:
        return count.astype(np.int64) * above // below
    distinct, which = np.unique(count, return_inverse=True)
    most = [min(each * above // below, 2**62) for each in distinct.tolist()]
    return np.array(most, dtype=np.int64)[which]


def sides_of(labels: pd.Index, wanted: RulesWanted) -> Flags:
    """Flags of each item, shape (items,): `MAY_LEAD`, `MAY_FOLLOW`, both or none.

    Raises
    ------
    RulesUnclear
        When a chosen label is that of no item.
    """
    sides = np.zeros(len(labels), dtype=np.uint8)
    for flag, name in ((MAY_LEAD, "antecedents"), (MAY_FOLLOW, "consequents")):
        chosen: Collection[object] | None = getattr(wanted, name)
        if chosen is None:
            sides |= flag
            continue
        places = labels.get_indexer(pd.Index(list(chosen), dtype=labels.dtype))
        if (places < 0).any():
            odd = [label for label, place in zip(chosen, places, strict=True) if place < 0]
            listed = ", ".join(map(repr, odd[:5]))
            message = f"{name} may hold items of the baskets, but {listed} is none of them"
            raise RulesUnclear(message)
        sides[places] |= flag
    return sides


def _limits(itemsets: Itemsets, wanted: RulesWanted) -> list[int]:
    """The limits of `splits`, but for the last."""
    limits = []
    for side in ("antecedent", "consequent"):
        least: int = getattr(wanted, f"least_{side}")
        most: int | None = getattr(wanted, f"most_{side}")
        if least < 1 or (most is not None and most < least):
            least_said = f"{least} to {'any' if most is None else most}"
            message = (
                f"an {side} has 1 item or more, and at least as many at most as at least, "
                f"but {least_said} are asked for"
            ).replace("an consequent", "a consequent")
            raise RulesUnclear(message)
        limits += [least, _UNBOUNDED if most is None else most]
    if wanted.room < 1:
        message = f"rules need room for one at least, but the limit is {wanted.limit}"
        raise RulesUnclear(message)
    return [*limits, int(itemsets.lengths.max(initial=1)), wanted.room]


def objects(values: Sequence[object]) -> npt.NDArray[np.object_]:
    """A column of collections, which numpy would take for rows of a table."""
    return np.fromiter(values, dtype=object, count=len(values))
