"""What methods on many columns say, each in one sentence without a term of statistics."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.numerals import decimal
from models.profile.canonical import Canonical
from models.profile.components import Components
from models.profile.discriminant import Discriminant
from models.profile.factors import Factors
from models.profile.findings import Finding
from models.profile.regression import Regression
from models.profile.words import Words, is_sure, listed, of_hundred, per_cent, sentence, sized

TOLD = 3
"""Columns that a sentence names."""

HEAVY = 0.5
"""Correlation from which on a column belongs to a factor."""


def of_many(found: Finding, p: float) -> str:
    """Whether groups differ at all.

    Parameters
    ----------
    found
        Multivariate analysis of variance.
    p
        Its corrected chance.
    """
    if not is_sure(p):
        return sentence(f"taken together, {found.subject} do not differ between groups for certain")
    share = per_cent(found.effect.estimate.value)
    return sentence(
        f"taken together, {found.subject} do differ between the groups: being in one or the other "
        f"explains up to {share} of what they say, {sized(found.effect)}"
    )


def of_discriminant(found: Discriminant, p: float, words: Words) -> str:
    """What tells groups apart, and how well; p: its corrected chance."""
    if not is_sure(p):
        return sentence(f"no line through all {len(found.structure)} columns tells groups apart")
    structure = found.structure.iloc[:, 0]
    order = np.argsort(-np.abs(structure.to_numpy()), kind="stable")[:TOLD]
    middles = found.centroids.iloc[:, 0].to_numpy(dtype=np.float64)
    farthest = int(np.argmax(np.abs(middles)))
    top, along = str(found.centroids.index[farthest]), float(middles[farthest])
    parts = [
        f"{words.meaning(str(structure.index[place]))} "
        f"({'higher' if structure.iloc[place] * along > 0 else 'lower'})"
        for place in order
    ]
    hit = found.finding.effect.estimate
    return sentence(
        f"what marks {top} most is {listed(parts)}; by all columns together "
        f"{of_hundred(hit.value)} customers are put into the right group, where guessing reaches "
        f"{of_hundred(found.by_chance).split(' ')[0]}"
    )


def of_components(found: Components, words: Words, differing: Sequence[str]) -> str:
    """In which directions customers differ, and in which of them groups do.

    Parameters
    ----------
    found
        Components.
    words
        Names.
    differing
        Components in which groups differ for certain, the most first.
    """
    k = len(found.loadings)
    held = per_cent(found.finding.effect.estimate.value)
    first = heaviest(found.loadings.iloc[:, 0])
    many = "direction holds" if found.kept == 1 else "directions hold"
    tail = (
        f"; groups differ most in {words.named(heaviest(found.loadings[differing[0]]))}"
        if differing
        else "; groups do not differ in them for certain"
    )
    return sentence(
        f"{found.kept} {many} {held} of what {k} columns say, the largest about "
        f"{words.named(first)}{tail}"
    )


def heaviest(loadings: pd.Series) -> list[str]:
    """Columns with the largest absolute loadings, the largest first."""
    order = np.argsort(-np.abs(loadings.to_numpy()), kind="stable")[:TOLD]
    return [str(loadings.index[place]) for place in order]


def of_factors(found: Factors, words: Words) -> str:
    """What lies behind the columns."""
    habits = []
    for name in found.loadings.columns:
        loadings = found.loadings[name]
        sizes = dict(zip(map(str, loadings.index), np.abs(loadings.to_numpy()), strict=True))
        heavy = [each for each in heaviest(loadings) if sizes[each] >= HEAVY]
        habits.append(words.named(heavy or heaviest(loadings)[:1]))
    count = len(habits)
    share = per_cent(found.finding.effect.estimate.value)
    behind = "one habit" if count == 1 else f"{count} habits"
    return sentence(
        f"behind {len(found.loadings)} columns lie {behind}, which explain {share} of them: "
        f"{'; '.join(habits)}"
    )


def of_map(found: Finding, p: float, between: pd.DataFrame) -> str:
    """How groups lie to each other.

    Parameters
    ----------
    found
        Whether customers lie nearer to their own group.
    p
        Its corrected chance.
    between
        Distances between groups, by name.
    """
    share = per_cent(found.effect.estimate.value)
    names = [str(each) for each in between.index]
    if not is_sure(p):
        return sentence("on the map, customers lie no nearer to their own group than to others")
    tail = ""
    if len(names) > 2:  # noqa: PLR2004
        values = between.to_numpy()
        upper = np.triu_indices(len(names), 1)
        near, far = int(np.argmin(values[upper])), int(np.argmax(values[upper]))
        pairs = [(names[upper[0][at]], names[upper[1][at]]) for at in (near, far)]
        tail = (
            f"; most alike are {pairs[0][0]} and {pairs[0][1]}, least {pairs[1][0]} and "
            f"{pairs[1][1]}"
        )
    return sentence(
        f"on the map, customers lie nearer to their own group, yet groups overlap: {share} of the "
        f"distances lie between groups{tail}"
    )


def of_canonical(found: Canonical, p: float, words: Words, names: tuple[str, str]) -> str:
    """How two sets of columns go together.

    Parameters
    ----------
    found, p
        Canonical correlations and the corrected chance.
    words
        Names of columns.
    names
        Of the sets.
    """
    held = found.finding.effect.estimate
    if not is_sure(p) or held.low <= 0:
        return sentence(f"{names[0]} and {names[1]} do not go together for certain")
    one, other = (heaviest(each.iloc[:, 0])[:1] for each in (found.first, found.second))
    along = _largest(found.first.iloc[:, 0]) * _largest(found.second.iloc[:, 0])
    how = "more" if along > 0 else "less"
    return sentence(
        f"{names[0]} and {names[1]} go together, by {decimal(held.value, 2)} on a scale from 0 to "
        f"1, on customers that it was not fitted to; most of all, more {words.meaning(one[0])} "
        f"with {how} {words.meaning(other[0])}"
    )


def _largest(loadings: pd.Series) -> float:
    """The loading of largest absolute value, with its sign."""
    values = loadings.to_numpy(dtype=np.float64)
    return float(values[np.argmax(np.abs(values))])


def of_linear(found: Regression, words: Words) -> str:
    """What goes with a number, beside all else."""
    share = per_cent(found.finding.effect.estimate.value)
    told = _slopes(found, words)
    what = words.meaning(found.finding.subject)
    return sentence(f"{what}: {told}; all columns together explain {share} of it")


def of_logistic(found: Regression, words: Words) -> str:
    """What goes with being in a group, beside all else."""
    order = of_hundred(found.finding.effect.estimate.value)
    told = _slopes(found, words)
    return sentence(
        f"being among {found.finding.subject}: {told}; by all columns together, {order} pairs of "
        f"one inside and one outside are put into the right order"
    )


def _slopes(found: Regression, words: Words) -> str:
    """The columns that count for certain, the strongest first."""
    sure = found.slopes[found.slopes["adjusted"].map(is_sure)]
    if sure.empty:
        return "no single column counts for certain when all others are equal"
    order = np.argsort(-np.abs(sure["value"].to_numpy()), kind="stable")[:TOLD]
    parts = [
        f"{'more' if sure['value'].iloc[place] > 0 else 'less'} with higher "
        f"{words.meaning(str(sure['column'].iloc[place]))}"
        for place in order
    ]
    return f"all else equal, {listed(parts)}"
