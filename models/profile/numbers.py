"""Numbers of groups compared: analysis of variance, or what stands in where it does not hold."""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import f_oneway, kruskal, mannwhitneyu, rankdata, tukey_hsd
from scipy.stats import t as student
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.oneway import anova_oneway

from models.dominance import cliffs_delta
from models.profile.assumptions import bell_shaped, equal_spread
from models.profile.effects import (
    OF_DELTA,
    OF_ETA,
    omega_squared,
    partial_eta_squared,
    rank_epsilon_squared,
    size_of,
)
from models.profile.findings import Effect, Finding, Test, without_interval
from models.profile.groups import ColumnsUnfit, Groups
from models.spec import FloatArray

LEAST: Final = 2
"""Known values that a group needs to be looked at."""

FEW: Final = 5
"""Values of a group below which ranks are permuted, since chi-squared is too rough by then."""

PERMUTATIONS: Final = 9_999

ANOVA: Final = "analysis of variance"
WELCH: Final = "Welch's analysis of variance"
KRUSKAL: Final = "Kruskal and Wallis' test"
WELCH_OF_RANKS: Final = "Welch's analysis of variance of ranks"
PERMUTED: Final = "Kruskal and Wallis' test by permutations"

_UNEQUAL: Final = "Welch's test, which allows for unequal spread"
_COUNTED: Final = "said only: unequal spread, too, counts as a difference of ranks"
_SIDE: Final = 0.975


@dataclass(frozen=True, eq=False)
class Numbers:
    """How a number differs between groups.

    Attributes
    ----------
    finding
        Tests, assumptions and effect sizes.
    groups
        One row per group: group, customers, mean, low, high (95 % interval of the mean, Student's
        t), lower_quartile, median, upper_quartile.
    parts
        Known values of each group, in the order of the rows.
    """

    finding: Finding
    groups: pd.DataFrame
    parts: tuple[FloatArray, ...]

    @property
    def is_by_rank(self) -> bool:
        """Whether ranks were compared, so that medians tell more than means."""
        return self.finding.method in (KRUSKAL, WELCH_OF_RANKS, PERMUTED)


def numbers(subject: str, values: FloatArray, groups: Groups, seed: int) -> Numbers:
    """How a number differs between groups, by a test whose assumptions hold.

    One-way analysis of variance where values are bell-shaped and spread alike; Welch's (1951, "On
    the comparison of several mean values: an alternative approach") where they are bell-shaped and
    do not spread alike. Where they are not bell-shaped, Kruskal and Wallis' (1952, "Use of ranks in
    one-criterion variance analysis"), which takes unequal spread for a difference, so that where
    ranks do not spread alike it is Welch's of the ranks (Zimmerman and Zumbo 1993, "Rank
    transformations and the power of the Student t test and Welch t' test for non-normal populations
    with unequal variances"); and where a group has fewer than `FEW` values, permutations. All are
    in the finding, the one that decides first.

    Effects: of ranks epsilon squared, of others eta and omega squared, without an interval where
    groups do not spread alike; of two groups Cliff's delta comes first, of the second group against
    the first.

    Parameters
    ----------
    subject
        Name of the column.
    values
        Shape (n,); NaN: not known, and not looked at.
    groups
        Of the customers.
    seed
        Of the permutations.

    Raises
    ------
    ColumnsUnfit
        When fewer than two groups have two known values, or all values are alike.
    """
    kept = groups.kept(np.isfinite(values), LEAST)
    own = groups.where(kept, LEAST)
    known = values[kept]
    if len(own) < 2 or np.ptp(known) <= 1e-12 * float(np.abs(known).max()):  # noqa: PLR2004
        message = (
            f"{subject} needs two groups of {LEAST} known values or more, and values that differ, "
            f"but found {len(own)} such groups; leave the column out"
        )
        raise ColumnsUnfit(message)
    parts = tuple(own.split(known))
    finding = _finding(subject, parts, seed)
    return Numbers(finding, _table(own.names, parts), parts)


def _finding(subject: str, parts: tuple[FloatArray, ...], seed: int) -> Finding:
    shape = bell_shaped(parts, "ranks are compared instead of means")
    ranks = _ranks(parts)
    spread = equal_spread(parts if shape.is_met else ranks, _UNEQUAL)
    everything = _tests(parts, ranks, seed)
    plain, unequal = (ANOVA, WELCH) if shape.is_met else (KRUSKAL, WELCH_OF_RANKS)
    name = plain if spread.is_met or unequal not in everything else unequal
    if not shape.is_met and PERMUTED in everything:
        name = PERMUTED
    if not (spread.is_met or name in (WELCH, WELCH_OF_RANKS)):
        spread = replace(spread, instead=_COUNTED)
    first = everything[name]
    return Finding(
        method=name,
        subject=subject,
        customers=sum(len(part) for part in parts),
        tests=(first, *(each for each in everything.values() if each is not first)),
        checks=(shape, spread),
        effects=tuple(_effects(parts, everything, name)),
    )


def _ranks(parts: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    """Ranks among all values, group by group."""
    ends = np.cumsum([len(part) for part in parts])[:-1]
    return tuple(np.split(rankdata(np.concatenate(parts)), ends))


def _tests(
    parts: tuple[FloatArray, ...], ranks: tuple[FloatArray, ...], seed: int
) -> dict[str, Test]:
    """Every test that is defined, by name."""
    customers, groups = sum(len(part) for part in parts), len(parts)
    found: dict[str, Test] = {}
    if any(np.ptp(part) > 0 for part in parts):
        plain = f_oneway(*parts)
        freedom = (float(groups - 1), float(customers - groups))
        found[ANOVA] = Test(ANOVA, float(plain.statistic), freedom, float(plain.pvalue))
    if all(np.ptp(part) > 0 for part in parts):
        for name, each in ((WELCH, parts), (WELCH_OF_RANKS, ranks)):
            welch = anova_oneway(each, use_var="unequal")
            freedom = (float(welch.df_num), float(welch.df_denom))
            found[name] = Test(name, float(welch.statistic), freedom, float(welch.pvalue))
    ranked = kruskal(*parts)
    h, p = float(ranked.statistic), float(ranked.pvalue)
    found[KRUSKAL] = Test(KRUSKAL, h, (float(groups - 1),), p)
    if min(len(part) for part in parts) < FEW:
        found[PERMUTED] = Test(PERMUTED, h, (), _permuted(parts, seed))
    return found


def _permuted(parts: tuple[FloatArray, ...], seed: int) -> float:
    """Share of permutations of the ranks with as large a statistic, the one that was seen counted.

    The statistic rises with the sum of the squared sums of ranks, each over its group's size.
    """
    random = np.random.default_rng(seed)
    sizes = np.array([len(part) for part in parts])
    starts = np.r_[0, np.cumsum(sizes)[:-1]]
    ranks = rankdata(np.concatenate(parts))
    seen = float((np.add.reduceat(ranks, starts) ** 2 / sizes).sum())
    reached = 1
    for _ in range(PERMUTATIONS):
        sums = np.add.reduceat(random.permutation(ranks), starts)
        reached += bool((sums**2 / sizes).sum() >= seen * (1 - 1e-12))
    return reached / (PERMUTATIONS + 1)


def _effects(parts: tuple[FloatArray, ...], tests: dict[str, Test], name: str) -> list[Effect]:
    customers, groups = sum(len(part) for part in parts), len(parts)
    ranked = rank_epsilon_squared(tests[KRUSKAL].statistic, groups, customers)
    of_ranks = Effect("epsilon squared of ranks", ranked, size_of(ranked.value, OF_ETA))
    found = [of_ranks]
    if name in (ANOVA, WELCH):
        plain = tests[ANOVA]  # Welch's F weighs groups by their spread: no share of variance
        eta = partial_eta_squared(plain.statistic, *plain.freedom)
        eta = eta if name == ANOVA else without_interval(eta.value)
        omega = omega_squared(plain.statistic, *plain.freedom)
        omega = omega if name == ANOVA else without_interval(omega.value)
        found = [
            Effect("eta squared", eta, size_of(eta.value, OF_ETA)),
            Effect("omega squared", omega, size_of(omega.value, OF_ETA)),
            of_ranks,
        ]
    if groups == 2:  # noqa: PLR2004
        delta = cliffs_delta(parts[1], parts[0])
        found = [Effect("Cliff's delta", delta, size_of(delta.value, OF_DELTA)), *found]
    return found


def _table(names: tuple[str, ...], parts: tuple[FloatArray, ...]) -> pd.DataFrame:
    rows = []
    for name, part in zip(names, parts, strict=True):
        mean, n = float(part.mean()), len(part)
        half = float(student.ppf(_SIDE, n - 1)) * float(part.std(ddof=1)) / np.sqrt(n)
        lower, middle, upper = np.quantile(part, [0.25, 0.5, 0.75])
        rows.append((name, n, mean, mean - half, mean + half, lower, middle, upper))
    columns = ["group", "customers", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "lower_quartile", "median", "upper_quartile"])


def pairs(found: Numbers) -> pd.DataFrame:
    """Which groups differ from which, after a comparison of all, corrected for the number of pairs.

    After an analysis of variance Tukey's honest significance; after Welch's that of Games and
    Howell (1976); by rank Mann and Whitney's tests, with Holm's correction
    (1979), and Cliff's delta as the difference.

    Returns
    -------
    pandas.DataFrame
        One row per pair: one, other, difference (of means, one less other, in the column's unit;
        by rank Cliff's delta, -1..1), low, high (95 %; of all pairs together but for delta's), p.
    """
    names = found.groups["group"].tolist()
    places = list(combinations(range(len(names)), 2))
    if found.is_by_rank:
        tests = [
            mannwhitneyu(found.parts[a], found.parts[b], method="asymptotic") for a, b in places
        ]
        chances = multipletests([float(each.pvalue) for each in tests], method="holm")[1]
        deltas = [cliffs_delta(found.parts[a], found.parts[b]) for a, b in places]
        rows = [(each.value, each.low, each.high) for each in deltas]
    else:
        told = tukey_hsd(*found.parts, equal_var=found.finding.method == ANOVA)
        ends = told.confidence_interval(0.95)
        chances = np.array([told.pvalue[place] for place in places])
        rows = [(told.statistic[at], ends.low[at], ends.high[at]) for at in places]
    return pd.DataFrame(
        {
            "one": [names[a] for a, _ in places],
            "other": [names[b] for _, b in places],
            "difference": [float(row[0]) for row in rows],
            "low": [float(row[1]) for row in rows],
            "high": [float(row[2]) for row in rows],
            "p": np.asarray(chances, dtype=np.float64),
        }
    )
