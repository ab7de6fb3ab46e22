"""Which rules are more than chance: exact tests, and the share of false ones among those kept.

**The null.** With every basket's size and every item's frequency given, all ways to fill the
baskets are equally likely (the swap randomisation of Gionis, Mannila, Mielikäinen and Tsaparas
2007, "Assessing data mining results via swap randomization"). Two frequent items are then together
more often than the product of their shares says, since both lie in the large baskets; Fisher's test
over all baskets takes that for association. Among baskets of one size, that null makes items
compete for room: to hold some and to hold others is negatively correlated (Borcea, Brändén and
Liggett 2009, "Negative dependence and the geometry of polynomials", on independent items given
their number). So the number of baskets with both sides is stochastically at most hypergeometric,
stratum by stratum, and the exact test stratified by size keeps its level: ``by_size``, the
default. ``fisher`` is the plain test over all baskets, for the null that sizes tell nothing of.

**Several levels and context.** What is dealt out anew is what was bought, and a basket's size is
the number of these items (`models.rules.hierarchy.leaves`). That it holds a category says that it
holds one item or more of it; sides without an item and its own ancestor are such statements about
different items, so they too are negatively correlated, given the number (Joag-Dev and Proschan
1983, "Negative association of random variables, with applications": growing functions of disjoint
parts of what is negatively associated). Context stays with its basket and is dealt nothing. Were
ancestors counted as well, baskets of one size would be those of few items from many categories and
those of many items from few, and what they hold may be related by that alone. Levels that cross,
such as brands beside categories, have products in common: a rule between two of these may be true
of the assortment, whatever is bought.

**The family.** Hypotheses are told by margins alone, on which the tests condition, never by what
was found of both sides: every pair of a frequent antecedent and a frequent consequent without a
common item, of the lengths and labels that were asked for. A pair that is not frequent, or below
the least confidence, counts with a chance of 1. Pairs of one pair of lengths are a layer; all
layers have the same part of the false discoveries, so that the many long rules do not drown the few
short ones (Webb 2008, "Layered critical values: a powerful direct-adjustment approach to
discovering significant patterns"). A layer is adjusted for its own size (Benjamini and Hochberg
1995, "Controlling the false discovery rate"; under any dependence Benjamini and Yekutieli 2001,
"The control of the false discovery rate in multiple testing under dependency") and then multiplied
by the number of layers: the false share of all is at most the sum of those of the layers.

**Productive** rules are better than every generalisation, by the same test among the baskets that
hold the generalisation's antecedent (Webb 2007, "Discovering significant patterns"); the chance of
a rule is the largest of these, the one without a condition among them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from features.errors import RegularsError
from models.false_discoveries import Adjustment, false_discovery_rate, weight
from models.rules.association import Rules, sides_of
from models.rules.baskets import Baskets, WholeArray
from models.rules.exact_tests import Margins, Null, are_sides, chances_of, margins_in
from models.rules.measures import FloatArray
from models.rules.rule_kernels import MAY_FOLLOW, MAY_LEAD
from models.tries import ROOT

_ROUNDED: Final = 1e-9
"""Share of a chance by which rounding might move it."""


class BasketsOther(RegularsError):
    """Baskets that are not those that the itemsets were mined from."""


class RateUnknown(RegularsError):
    """Rules were tested for a lower false discovery rate than the one that is asked for."""


@dataclass(frozen=True)
class SignificanceWanted:
    """How rules are tested.

    Attributes
    ----------
    null
        What chance is: ``by_size`` knows the sizes of baskets, ``fisher`` does not.
    adjustment
        For the number of hypotheses.
    is_productive
        Whether a rule has to be better than every generalisation, not only than none.
    share
        False discovery rate that rules are kept at, at most. The chance of a rule that cannot be
        kept at it is not told apart from 1, which saves most of the work; those of the others are
        the same, whatever the share.
    threads
        Tests that are made at a time; the result is the same for any number.
    """

    null: Null = "by_size"
    adjustment: Adjustment = "benjamini_hochberg"
    is_productive: bool = True
    share: float = 1.0
    threads: int = 1


@dataclass(frozen=True)
class Layer:
    """Hypotheses of a pair of lengths.

    Attributes
    ----------
    antecedent, consequent
        Items of each.
    hypotheses
        How many there are, those that were not found among them.
    rules
        How many of them were found.
    """

    antecedent: int
    consequent: int
    hypotheses: int
    rules: int


@dataclass(frozen=True, eq=False)
class Significance:
    """What a test says of rules.

    Attributes
    ----------
    p
        Shape (rules,): chance of so many baskets with both sides, or more; 0 below 1e-308; 1 of
        rules that cannot be kept at the share.
    adjusted
        Shape (rules,): share of false ones, at most, among the rules up to this one.
    layers
        The family of hypotheses.
    share
        False discovery rate up to which it is known which rules are kept.
    """

    p: FloatArray
    adjusted: FloatArray
    layers: tuple[Layer, ...]
    share: float = 1.0

    def found(self, share: float) -> npt.NDArray[np.bool_]:
        """Which rules are kept at a false discovery rate, shape (rules,).

        Raises
        ------
        RateUnknown
            When rules were tested for a lower one only.
        """
        if share > self.share:
            message = (
                f"rules were tested for a false discovery rate of {self.share:g} at most, so which "
                f"are kept at {share:g} is not known; test them with share={share:g}"
            )
            raise RateUnknown(message)
        return self.adjusted <= share


def significance_of(
    rules: Rules, baskets: Baskets, wanted: SignificanceWanted | None = None
) -> Significance:
    """The chance of each rule, and the false discovery rate at which it is kept.

    Parameters
    ----------
    rules
        Of any least confidence; the family does not depend on it.
    baskets
        Those that the itemsets were mined from.
    wanted
        How to test.

    Raises
    ------
    BasketsOther
        When the itemsets are in other numbers of these baskets.
    AntecedentTooLong
        See `generalised`.
    """
    asked = wanted or SignificanceWanted()
    margins = _own_margins(rules, baskets, asked.null)
    layers, layer_of = _layers(rules)
    p = chances_of(
        rules,
        margins,
        is_productive=asked.is_productive,
        most=_largest_kept(layers, asked)[layer_of] if asked.share < 1 else None,
        threads=asked.threads,
    )
    adjusted = np.ones(len(rules))
    for i, layer in enumerate(layers):
        here = layer_of == i
        adjusted[here] = false_discovery_rate(p[here], layer.hypotheses, asked.adjustment)
    return Significance(p, np.minimum(1.0, adjusted * len(layers)), layers, asked.share)


def _largest_kept(layers: tuple[Layer, ...], asked: SignificanceWanted) -> FloatArray:
    """The largest chance that a rule of each layer might be kept at, all rules of it being kept."""
    kept = [
        asked.share * each.rules / (weight(each.hypotheses, asked.adjustment) * len(layers))
        for each in layers
    ]
    return np.array(kept) * (1 + _ROUNDED)


def _own_margins(rules: Rules, baskets: Baskets, null: Null) -> Margins:
    """As `margins_in`; what the itemsets tell is not counted again."""
    itemsets = rules.itemsets
    found = margins_in(rules, baskets, null, itemsets.count.astype(np.int64))
    sides = are_sides(rules) if null == "by_size" else np.zeros(len(found.held), dtype=bool)
    odd = int((found.by_stratum[:-1][sides].sum(axis=1) != found.held[sides]).sum())
    if odd or baskets.count != itemsets.baskets:
        message = (
            f"rules are tested on the {itemsets.baskets:,} baskets they were mined from, but of "
            f"these {baskets.count:,} other numbers hold {odd:,} of the itemsets; "
            "pass the same baskets, with the same cap"
        )
        raise BasketsOther(message)
    return found


def _layers(rules: Rules) -> tuple[tuple[Layer, ...], WholeArray]:
    """Pairs of lengths that there are frequent itemsets for, and each rule's."""
    itemsets, wanted = rules.itemsets, rules.wanted
    lengths = itemsets.lengths
    longest = int(lengths.max(initial=0))
    leads, follows = (_allowed(rules, flag) for flag in (MAY_LEAD, MAY_FOLLOW))
    lead, follow = lengths[rules.antecedent], lengths[rules.consequent]
    layers: list[Layer] = []
    layer_of = np.full(len(rules), -1, dtype=np.int64)
    for a in range(wanted.least_antecedent, min(wanted.most_antecedent or longest, longest) + 1):
        most = min(wanted.most_consequent or longest, longest - a)
        for c in range(wanted.least_consequent, most + 1):
            pairs = _pairs(rules, leads & (lengths == a), follows & (lengths == c))
            here = (lead == a) & (follow == c)
            if pairs:
                layer_of[here] = len(layers)
                layers.append(Layer(a, c, pairs, int(here.sum())))
    return tuple(layers), layer_of


def _pairs(rules: Rules, leads: npt.NDArray[np.bool_], follows: npt.NDArray[np.bool_]) -> int:
    """Pairs of such nodes without a common item; where both are longer, with one too."""
    count = int(leads.sum()) * int(follows.sum())
    lengths = rules.itemsets.lengths
    if count == 0:
        return 0
    single, other = leads, follows
    if lengths[leads][0] != 1:
        single, other = follows, leads
    if lengths[single][0] != 1:
        return count
    is_single = np.zeros(len(rules.itemsets.labels), dtype=bool)
    is_single[rules.itemsets.item[single]] = True
    shared, above = 0, np.flatnonzero(other)
    while len(above):
        shared += int(is_single[rules.itemsets.item[above]].sum())
        above = rules.itemsets.parent[above].astype(np.int64)
        above = above[above >= 0]
    return count - shared


def _allowed(rules: Rules, flag: int) -> npt.NDArray[np.bool_]:
    """Nodes all of whose items may be on a side, shape (nodes,)."""
    itemsets = rules.itemsets
    is_known = sides_of(itemsets.labels, rules.wanted) & flag > 0
    found: npt.NDArray[np.bool_] = is_known[itemsets.item]
    above = itemsets.parent.copy()
    while (is_below := above >= 0).any():
        found &= ~is_below | is_known[itemsets.item[above]]
        above = np.where(is_below, itemsets.parent[above], ROOT).astype(np.int32)
    return found
