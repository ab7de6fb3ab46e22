"""Rules in other baskets: whether they hold out of time, and what changed between two periods."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from features.compiled import interpreted
from models.false_discoveries import Adjustment, false_discovery_rate
from models.rules.association import Rules, objects
from models.rules.baskets import Baskets, WholeArray
from models.rules.counting import counted
from models.rules.exact_tests import Null, chances_of, margins_in
from models.rules.measures import Counts, FloatArray, confidence, lift, over
from models.rules.tails import chances
from models.thresholds import exactly

BoolArray = npt.NDArray[np.bool_]

CHANGES: Final = ("turned", "appeared", "faded", "strengthened", "weakened", "steady")
"""What may have become of a rule; the first that is true."""

_SMALL: Final = 300
"""Tests below which Python is quicker than loading what is compiled."""

_HALF: Final = 0.5
"""Added to every number of baskets, so that none is 0 (Haldane 1956, Anscombe 1956)."""


@dataclass(frozen=True, eq=False)
class Confirmed:
    """Rules as they were found, and as they are in later baskets.

    Attributes
    ----------
    rules
        As they were mined.
    later
        Numbers of later baskets.
    p, adjusted
        Shape (rules,): chance of so many later baskets with both sides, or more, if neither told of
        the other; and the false discovery rate at which the rule is kept, over all rules here.
    low, high
        Shape (rules,): Wilson's interval of the later confidence; NaN without the antecedent.
    held
        Shape (rules,): see `confirmed`.
    """

    rules: Rules
    later: Counts
    p: FloatArray
    adjusted: FloatArray
    low: FloatArray
    high: FloatArray
    held: BoolArray

    @property
    def rate(self) -> float:
        """Share of the rules that held; NaN without a rule."""
        return float(self.held.mean()) if len(self.held) else float("nan")

    def frame(self) -> pd.DataFrame:
        """A table with a row per rule: both figures of support, confidence and lift, and the test.

        Columns of later baskets begin with ``later_``.
        """
        found = self.rules.frame(("count", "support", "confidence", "lift"))
        later = {
            "later_count": self.later.both.astype(np.int64),
            "later_support": over(self.later.both, np.full(len(found), self.later.baskets)),
            "later_confidence": confidence(self.later),
            "later_confidence_low": self.low,
            "later_confidence_high": self.high,
            "later_lift": lift(self.later),
            "later_p": self.p,
            "later_adjusted": self.adjusted,
            "held": self.held,
        }
        return found.assign(**later)


def counts_in(rules: Rules, baskets: Baskets) -> Counts:
    """Numbers of any baskets that hold the parts of each rule.

    Parameters
    ----------
    rules
        Mined from these or other baskets.
    baskets
        Where to count; an item that they do not know is in none of them.
    """
    return _counts(rules, counted(rules.itemsets, baskets)[:, 0].astype(np.int64), baskets.count)


def confirmed(
    rules: Rules, later: Baskets, *, null: Null = "by_size", share: float = 0.05
) -> Confirmed:
    """Whether rules hold in baskets that they were not mined from.

    A rule held if both are true: the later baskets show the association once more, by the exact
    test of the null at a false discovery rate over the rules here; and they do not show that its
    confidence is below the least that was asked for, which is within or below Wilson's interval.

    Parameters
    ----------
    rules
        Mined before as_of.
    later
        Baskets from as_of on.
    null
        As of `SignificanceWanted`.
    share
        False discovery rate, and the chance that the interval leaves the confidence out.

    Raises
    ------
    ThresholdUnusable
        When the share is none.

    Notes
    -----
    Sources: holdout evaluation of Webb 2007, "Discovering significant patterns", where only the
    rules that were found count as hypotheses; Wilson 1927, "Probable inference, the law of
    succession, and statistical inference".
    """
    exactly(share, "the false discovery rate")
    margins = margins_in(rules, later, null)
    counts = _counts(rules, margins.held, later.count)
    p = chances_of(rules, margins, is_productive=False)
    adjusted = false_discovery_rate(p, len(p), "benjamini_hochberg")
    low, high = wilson(counts.both, counts.antecedent, share)
    held = (adjusted <= share) & (high >= rules.wanted.confidence)
    return Confirmed(rules, counts, p, adjusted, low, high, held)


def wilson(found: FloatArray, trials: FloatArray, share: float) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval of a proportion, which leaves it out with that chance; NaN for none.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    z = float(norm.isf(share / 2))
    ratio, whole = over(found, trials), trials + z**2
    centre = (found + z**2 / 2) / whole
    with np.errstate(invalid="ignore"):
        reach = z / whole * np.sqrt(found * (1 - ratio) + z**2 / 4)
    return np.maximum(centre - reach, 0.0), np.minimum(centre + reach, 1.0)


def changed(
    rules: Rules,
    earlier: Baskets,
    later: Baskets,
    *,
    least: float | None = None,
    share: float = 0.05,
    adjustment: Adjustment = "benjamini_hochberg",
) -> pd.DataFrame:
    r"""What became of rules between two periods.

    Two tests, each adjusted for all rules: of the confidence, Fisher's exact one of the table of
    periods and baskets of the antecedent with and without the consequent, two-sided by doubling;
    and of the odds ratio, whose logarithms' difference is held against its standard error,

    .. math:: z = \frac{\ln \omega_2 - \ln \omega_1}{\sqrt{\sum_{i=1}^{8} 1/(n_i + 1/2)}}

    with one half added to each of the eight numbers. The confidence also changes where the
    consequent alone does, as with a season; the odds ratio does not.

    A rule *turned* if the odds ratio's test finds a change, and the odds ratio is above 1 in one
    period and below in the other, each beyond the interval of Woolf's error. If the confidence's
    test finds one, it *appeared* or *faded* where the least confidence asked for lies between the
    two, *strengthened* or *weakened* elsewhere; and without a finding it is *steady*. A rule that
    is below the least confidence in both periods counts with a chance of 1, as one that was not
    looked at.

    Parameters
    ----------
    rules
        Mined from both periods' baskets together: then they are chosen by sums on which Fisher's
        test conditions, and the choice does not favour changes. Rules that are mined from one
        period look weaker in the other by that alone. What has the least confidence in one of two
        equal periods only has half of it or more in both together: mine for that.
    earlier, later
        Baskets of the periods.
    least
        Confidence that a rule is to have in one of the periods, at least; None: that which the
        rules were mined for.
    share
        False discovery rate of each test.
    adjustment
        For the number of rules.

    Returns
    -------
    pandas.DataFrame
        One row per rule: its sides; ``count``, ``antecedent_count``, ``confidence``, ``lift`` and
        ``odds_ratio`` of both periods; ``confidence_p``, ``odds_ratio_p`` and both
        ``…_adjusted``; ``change``, one of `CHANGES`.

    Raises
    ------
    ThresholdUnusable
        When the share is none.

    Notes
    -----
    Sources: Fisher 1935, "The logic of inductive inference"; Woolf 1955, "On estimating the
    relation between blood group and disease"; Liu, Hsu, Han and Xia 2000, "Mining changes for
    real-life applications".
    """
    counts = counts_in(rules, earlier), counts_in(rules, later)
    return compared(rules, counts, least=least, share=share, adjustment=adjustment)


def compared(
    rules: Rules,
    counts: tuple[Counts, Counts],
    *,
    least: float | None = None,
    share: float = 0.05,
    adjustment: Adjustment = "benjamini_hochberg",
    has_common: bool = False,
) -> pd.DataFrame:
    """What became of rules between any two sets of baskets, counted already; see `changed`.

    Parameters
    ----------
    rules
        Chosen by the sum of both counts.
    counts
        In the baskets of each set.
    least, share, adjustment
        Of `changed`.
    has_common
        Whether the baskets without an antecedent are the same ones in both sets, as those of
        `promoted_counts` are. They cancel in the difference of the odds ratios' logarithms, and so
        they have no part in its error, which is the sum over the other four numbers.

    Raises
    ------
    ThresholdUnusable
        When the share is none.
    """
    exactly(share, "the false discovery rate")
    before, after = counts
    bound = rules.wanted.confidence if least is None else least
    is_asked = (confidence(before) >= bound) | (confidence(after) >= bound)
    tests = {
        "confidence": _confidence_test(before, after),
        "odds_ratio": _odds_test(before, after, has_common=has_common),
    }
    found: dict[str, npt.NDArray[np.generic]] = {
        "antecedent": objects(rules.names(rules.antecedent)),
        "consequent": objects(rules.names(rules.consequent)),
    }
    for period, held in (("earlier", before), ("later", after)):
        found[f"{period}_count"] = held.both.astype(np.int64)
        found[f"{period}_antecedent_count"] = held.antecedent.astype(np.int64)
        found[f"{period}_confidence"] = confidence(held)
        found[f"{period}_lift"] = lift(held)
        found[f"{period}_odds_ratio"] = np.exp(_log_odds(held))
    for name, p in tests.items():
        asked = np.where(is_asked, p, 1.0)
        found[f"{name}_p"] = asked
        found[f"{name}_adjusted"] = false_discovery_rate(asked, len(p), adjustment)
    table = pd.DataFrame(found)
    is_turned = (table["odds_ratio_adjusted"] <= share) & (
        _way(before, share) * _way(after, share) < 0
    )
    return table.assign(change=_named(table, is_turned, bound, share))


def _named(
    table: pd.DataFrame, is_turned: pd.Series, least: float, share: float
) -> npt.NDArray[np.object_]:
    """The change of each rule."""
    before, after = table["earlier_confidence"], table["later_confidence"]
    is_moved = table["confidence_adjusted"] <= share
    conditions = [
        is_turned,
        is_moved & (before < least) & (after >= least),
        is_moved & (before >= least) & (after < least),
        is_moved & (after > before),
        is_moved & (after < before),
    ]
    return np.select(conditions, CHANGES[:-1], CHANGES[-1]).astype(object)


def _confidence_test(before: Counts, after: Counts) -> FloatArray:
    """Fisher's exact test of one confidence in both periods, two-sided; shape (rules,)."""
    leads = np.column_stack([before.antecedent, after.antecedent])
    both = np.column_stack([before.both, after.both])
    margins = np.concatenate([leads.sum(axis=1), both.sum(axis=1), leads[:, 0], leads[:, 1]])
    counts, n = margins.astype(np.int32)[:, None], len(leads)
    run = interpreted(chances) if n < _SMALL else chances
    row = np.arange(n)
    sides = [
        run(
            counts,
            np.column_stack([row, row + (2 + i) * n, row + n]).astype(np.int32),
            both[:, i].astype(np.int64),
        )
        for i in range(2)
    ]
    found: FloatArray = np.minimum(1.0, 2 * np.minimum(sides[0], sides[1]))
    return found


def _odds_test(before: Counts, after: Counts, *, has_common: bool) -> FloatArray:
    """Chance of so large a difference of the odds ratios' logarithms, two-sided; shape (rules,)."""
    own = slice(2) if has_common else slice(4)
    error = np.sqrt(sum(1 / cell for counts in (before, after) for cell in _cells(counts)[own]))
    found: FloatArray = 2 * norm.sf(np.abs(_log_odds(after) - _log_odds(before)) / error)
    return found


def _way(counts: Counts, share: float) -> FloatArray:
    """1 where the odds ratio is surely above 1, −1 where it is below, else 0; shape (rules,)."""
    log_odds = _log_odds(counts)
    error = np.sqrt(sum(1 / cell for cell in _cells(counts)))
    found: FloatArray = np.sign(log_odds) * (np.abs(log_odds) > norm.isf(share / 2) * error)
    return found


def _log_odds(counts: Counts) -> FloatArray:
    """Logarithm of the odds ratio, with one half added to each number; shape (rules,)."""
    both, lead, follow, neither = _cells(counts)
    found: FloatArray = np.log(both) + np.log(neither) - np.log(lead) - np.log(follow)
    return found


def _cells(counts: Counts) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Baskets with both, with either side alone, and with none, and one half more each."""
    cells = (
        counts.both,
        counts.antecedent - counts.both,
        counts.consequent - counts.both,
        counts.baskets - counts.either,
    )
    both, lead, follow, neither = (cell + _HALF for cell in cells)
    return both, lead, follow, neither


def _counts(rules: Rules, held: WholeArray, baskets: int) -> Counts:
    """Of baskets that hold each node."""
    both, lead, follow = (
        held[nodes].astype(np.float64)
        for nodes in (rules.itemset, rules.antecedent, rules.consequent)
    )
    return Counts(both, lead, follow, float(baskets))
