r"""How strong a rule is: every measure a function of four numbers of baskets.

Of a rule A → C over n baskets, a hold A, c hold C, and z hold both. Every measure is a quotient of
whole numbers, each exact below 2^53, so that little is rounded. Where it is undefined (0/0) it is
NaN, and infinite where only the denominator is 0, unless its docstring says otherwise.

Sources that say more of all of them: Tan, Kumar and Srivastava 2004, "Selecting the right objective
measure for association analysis"; Geng and Hamilton 2006, "Interestingness measures for data
mining: a survey".
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from features.errors import RegularsError

FloatArray = npt.NDArray[np.float64]


class MeasureUnknown(RegularsError):
    """The name of a measure that there is not."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Baskets that hold the parts of rules.

    Attributes
    ----------
    both
        Shape (rules,): antecedent and consequent.
    antecedent, consequent
        Shape (rules,): each.
    baskets
        All baskets; shape (rules,) where each rule is looked for in baskets of its own.
    """

    both: FloatArray
    antecedent: FloatArray
    consequent: FloatArray
    baskets: float | FloatArray

    def part(self, rules: slice) -> "Counts":
        """Those of some rules; all baskets must be a number."""
        return replace(
            self,
            both=self.both[rules],
            antecedent=self.antecedent[rules],
            consequent=self.consequent[rules],
        )

    @property
    def beyond(self) -> FloatArray:
        """Baskets with both above those expected if neither told of the other, times all baskets.

        zn − ac, shape (rules,).
        """
        return self.both * self.baskets - self.antecedent * self.consequent

    @property
    def either(self) -> FloatArray:
        """Baskets with the antecedent, the consequent or both, shape (rules,)."""
        return self.antecedent + self.consequent - self.both


def over(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """The quotient; infinite where only the denominator is 0, NaN where both are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = np.divide(numerator, denominator)
    return found


def antecedent_support(counts: Counts) -> FloatArray:
    """Share of baskets with the antecedent: a/n."""
    return over(counts.antecedent, np.full_like(counts.antecedent, counts.baskets))


def consequent_support(counts: Counts) -> FloatArray:
    """Share of baskets with the consequent: c/n."""
    return over(counts.consequent, np.full_like(counts.consequent, counts.baskets))


def support(counts: Counts) -> FloatArray:
    """Share of baskets with both: z/n.

    Source: Agrawal, Imieliński and Swami 1993, "Mining association rules between sets of items in
    large databases".
    """
    return over(counts.both, np.full_like(counts.both, counts.baskets))


def confidence(counts: Counts) -> FloatArray:
    """Share of the antecedent's baskets that hold the consequent too: z/a.

    Source: Agrawal, Imieliński and Swami 1993.
    """
    return over(counts.both, counts.antecedent)


def lift(counts: Counts) -> FloatArray:
    """How many times as often both are together as if neither told of the other: zn/(ac).

    Source: Brin, Motwani, Ullman and Tsur 1997, "Dynamic itemset counting and implication rules for
    market basket data", where it is called interest.
    """
    return over(counts.both * counts.baskets, counts.antecedent * counts.consequent)


def representativity(counts: Counts) -> FloatArray:
    """Share of baskets that say of all items whether they hold them: 1, as no item is missing here.

    Source: Ragel and Crémilleux 1998, "Treatment of missing values for association rules".
    """
    return np.ones_like(counts.both)


def leverage(counts: Counts) -> FloatArray:
    """Share of baskets with both above that if neither told of the other: z/n − ac/n².

    Source: Piatetsky-Shapiro 1991, "Discovery, analysis, and presentation of strong rules".
    """
    return over(counts.beyond, np.full_like(counts.both, counts.baskets**2))


def conviction(counts: Counts) -> FloatArray:
    """How many times as often the rule would be wrong by chance: a(n − c)/(n(a − z)).

    Infinite where the rule is never wrong, also where the consequent is in every basket.

    Source: Brin, Motwani, Ullman and Tsur 1997.
    """
    wrong = counts.antecedent - counts.both
    found = over(
        counts.antecedent * (counts.baskets - counts.consequent), np.float64(counts.baskets) * wrong
    )
    return np.where((wrong == 0) & (counts.antecedent > 0), np.inf, found)


def zhangs_metric(counts: Counts) -> FloatArray:
    """From −1 (never together) over 0 (neither tells of the other) to 1 (always together).

    (zn − ac)/max(z(n − a), a(c − z)); 0 where that maximum is.

    Source: Yan, Zhang and Zhang 2009, "Confidence metrics for association rule mining"; first in
    Zhang 2000, "Association rules".
    """
    most = np.maximum(
        counts.both * (counts.baskets - counts.antecedent),
        counts.antecedent * (counts.consequent - counts.both),
    )
    return np.where(most == 0, 0.0, over(counts.beyond, most))


def jaccard(counts: Counts) -> FloatArray:
    """Share of the baskets with either that hold both: z/(a + c − z).

    Source: Jaccard 1912, "The distribution of the flora in the alpine zone".
    """
    return over(counts.both, counts.either)


def certainty(counts: Counts) -> FloatArray:
    """What the antecedent takes from the doubt about the consequent: (z/a − c/n)/(1 − c/n).

    0 where the consequent is in every basket. Below 0 it is not scaled to −1, as in mlxtend.

    Source: Shortliffe and Buchanan 1975, "A model of inexact reasoning in medicine", for what
    speaks for a consequent.
    """
    left = counts.antecedent * (counts.baskets - counts.consequent)
    found = over(counts.beyond, left)
    return np.where((counts.consequent == counts.baskets) & (counts.antecedent > 0), 0.0, found)


def kulczynski(counts: Counts) -> FloatArray:
    """Mean of the confidences of the rule and of its reverse: (z/a + z/c)/2.

    Source: Kulczyński 1927, "Die Pflanzenassoziationen der Pieninen".
    """
    there, back = over(counts.both, counts.antecedent), over(counts.both, counts.consequent)
    return (there + back) / 2


def cosine(counts: Counts) -> FloatArray:
    """Geometric mean of the confidences of the rule and of its reverse: z/√(ac).

    Source: Tan and Kumar 2000, "Interestingness measures for association patterns: a perspective".
    """
    return over(counts.both, np.sqrt(counts.antecedent * counts.consequent))


def imbalance_ratio(counts: Counts) -> FloatArray:
    """How unequal the two sides are, from 0 to 1: |a − c|/(a + c − z).

    Source: Wu, Chen and Han 2010, "Re-examination of interestingness measures in pattern mining: a
    unified framework".
    """
    return over(np.abs(counts.antecedent - counts.consequent), counts.either)


def odds_ratio(counts: Counts) -> FloatArray:
    """Odds of the consequent with the antecedent, over those without.

    z(n − a − c + z)/((a − z)(c − z)).

    Source: Cornfield 1951, "A method of estimating comparative rates from clinical data".
    """
    neither = counts.baskets - counts.either
    alone = (counts.antecedent - counts.both) * (counts.consequent - counts.both)
    return over(counts.both * neither, alone)


def phi(counts: Counts) -> FloatArray:
    """Pearson's correlation of holding the antecedent and holding the consequent, −1 to 1.

    (zn − ac)/√(ac(n − a)(n − c)).

    Source: Yule 1912, "On the methods of measuring association between two attributes".
    """
    spread = np.sqrt(counts.antecedent * (counts.baskets - counts.antecedent))
    other = np.sqrt(counts.consequent * (counts.baskets - counts.consequent))
    return over(counts.beyond, spread * other)


def added_value(counts: Counts) -> FloatArray:
    """Confidence above the consequent's share of all baskets: z/a − c/n.

    Source: Sahar and Mansour 1999, "An empirical evaluation of interest-level criteria".
    """
    return over(counts.beyond, counts.antecedent * counts.baskets)


def chi_squared(counts: Counts) -> FloatArray:
    """Pearson's statistic of the table of both sides, one degree of freedom, uncorrected: nφ².

    Source: Brin, Motwani and Silverstein 1997, "Beyond market baskets: generalizing association
    rules to correlations".
    """
    return counts.baskets * phi(counts) ** 2


Measure = Callable[[Counts], FloatArray]

MEASURES: Final = MappingProxyType(
    {
        "antecedent_support": antecedent_support,
        "consequent_support": consequent_support,
        "support": support,
        "confidence": confidence,
        "lift": lift,
        "representativity": representativity,
        "leverage": leverage,
        "conviction": conviction,
        "zhangs_metric": zhangs_metric,
        "jaccard": jaccard,
        "certainty": certainty,
        "kulczynski": kulczynski,
        "cosine": cosine,
        "imbalance_ratio": imbalance_ratio,
        "odds_ratio": odds_ratio,
        "phi": phi,
        "added_value": added_value,
        "chi_squared": chi_squared,
    }
)
"""Every measure by its name; mlxtend's first, in its order."""


def measure_named(name: str) -> Measure:
    """The measure of that name.

    Raises
    ------
    MeasureUnknown
        When there is none.
    """
    found = MEASURES.get(name)
    if found is None:
        message = f"a rule is measured by one of {', '.join(MEASURES)}, not by {name!r}"
        raise MeasureUnknown(message)
    return found
