"""What comparisons of single columns say, each in one sentence without a term of statistics."""

from math import isfinite

import numpy as np
import pandas as pd

from models.dominance import ties
from models.profile.categories import Categories
from models.profile.covariance import Adjusted
from models.profile.numbers import Numbers
from models.profile.two_way import TwoWay
from models.profile.words import KNOWN, Words, is_sure, of_hundred, per_cent, sentence, sized

TIES_TOLD = 0.01
"""Share of pairs of customers with the same figure, from which on that is said."""


def of_numbers(found: Numbers, p: float, words: Words) -> str:
    """How groups differ in a number.

    Parameters
    ----------
    found
        The comparison.
    p
        Its chance, corrected for the number of columns that were looked at.
    words
        Names.
    """
    subject = found.finding.subject
    meaning, names = words.meaning(subject), found.groups["group"].tolist()
    if not is_sure(p):
        who = f"{names[0]} and {names[1]}" if len(names) == 2 else "the groups"  # noqa: PLR2004
        return sentence(f"{meaning}: no difference between {who} that chance could not make")
    typical, how = _typical(found)
    told = [words.value(subject, float(each)) for each in typical]
    effect = found.finding.effect
    if len(names) == 2:  # noqa: PLR2004
        equal = ties(*found.parts)
        pairs = _pairs(names[1], effect.estimate.value, equal)
        return sentence(f"{meaning}: {_values(names, told, how)}; {pairs}, {sized(effect)}")
    high, low = int(np.argmax(typical)), int(np.argmin(typical))
    share = per_cent(effect.estimate.value)
    return sentence(
        f"{meaning}: {how} most for {names[high]} ({told[high]}) and least for {names[low]} "
        f"({told[low]}); the group explains {share} of how customers differ, {sized(effect)}"
    )


def _typical(found: Numbers) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], str]:
    """Medians, or means where means were compared or medians are all alike."""
    medians = found.groups["median"].to_numpy(dtype=np.float64)
    if found.is_by_rank and np.ptp(medians) > 0:
        return medians, "typically"
    return found.groups["mean"].to_numpy(dtype=np.float64), "on average"


def _values(names: list[str], told: list[str], how: str) -> str:
    """What is typical of each of two groups."""
    if told[0] == told[1]:
        return f"{how} {told[0]} in both groups"
    return f"{how} {told[1]} for {names[1]}, {told[0]} for {names[0]}"


def _pairs(name: str, delta: float, equal: float) -> str:
    """How often a customer of the group has more, or less; where many have the same, both."""
    more, less = ("higher", "lower") if delta > 0 else ("lower", "higher")
    often, seldom = ((1 - equal + each) / 2 for each in (abs(delta), -abs(delta)))
    told = f"of one customer from each group, the one of {name} has the {more} figure in "
    if equal < TIES_TOLD:
        return f"{told}{of_hundred(often)} such pairs"
    return f"{told}{of_hundred(often)} such pairs and the {less} in {of_hundred(seldom)}"


def of_categories(found: Categories, p: float, words: Words) -> str:
    """How groups differ in a classification, by the level that stands out most.

    Parameters
    ----------
    found, p, words
        As of `of_numbers`.
    """
    meaning = words.meaning(found.finding.subject)
    if not is_sure(p):
        return sentence(f"{meaning}: no difference between the groups that chance could not make")
    place, at = told_cell(found)
    group, level = found.groups[place], found.levels[at]
    own, rest, _ = found.compared((place, at))
    others = found.groups[1 - place] if len(found.groups) == 2 else "all others"  # noqa: PLR2004
    return sentence(
        f"{meaning}: {level} for {per_cent(own.value)} of {group} and "
        f"{per_cent(rest.value)} of {others}, {sized(found.finding.effect)}"
    )


def told_cell(found: Categories) -> tuple[int, int]:
    """Group and level that are told of: the strongest; of who is known at all, who is not."""
    if not found.finding.subject.endswith(KNOWN) or "known" not in found.levels:
        return found.strongest
    unknown = 1 - found.levels.index("known")
    if len(found.groups) == 2:  # noqa: PLR2004
        return 1, unknown
    return int(np.argmax(found.residuals[:, unknown])), unknown


def of_two_way(found: TwoWay, p: tuple[float, float], words: Words, names: tuple[str, str]) -> str:
    """Whether the difference of groups is the same at every level of another classification.

    Parameters
    ----------
    found
        The comparison.
    p
        Corrected chances of the groups, and of both together (NaN: not looked at).
    words
        Names.
    names
        Of the number, and of the other classification.
    """
    outcome, factor = (words.meaning(name) for name in names)
    of_groups, together = p
    if isfinite(together) and is_sure(together):
        low, high = _gaps(found.cells)
        return sentence(
            f"{outcome}: how far the groups lie apart depends on {factor}: farthest for {high}, "
            f"least for {low}"
        )
    if is_sure(of_groups):
        tail = (
            "and for all that is known alike at each of its levels"
            if isfinite(together)
            else "but not every combination has customers enough to say whether alike at each level"
        )
        return sentence(f"{outcome}: customers alike in {factor} differ by group, too, {tail}")
    return sentence(f"{outcome}: customers alike in {factor} do not differ by group for certain")


def _gaps(cells: pd.DataFrame) -> tuple[str, str]:
    """Levels at which medians (all alike: means) of groups lie least and farthest apart."""
    wide = cells.pivot_table(index="level", columns="group", values="median")
    if np.ptp(wide.to_numpy()[np.isfinite(wide.to_numpy())]) == 0:
        wide = cells.pivot_table(index="level", columns="group", values="mean")
    gaps = (wide.max(axis=1) - wide.min(axis=1)).dropna()
    return str(gaps.idxmin()), str(gaps.idxmax())


def of_adjusted(
    found: Adjusted, p: tuple[float, float], words: Words, names: tuple[str, str]
) -> str:
    """What is left of the difference of groups at the same value of another number.

    Parameters
    ----------
    found, words
        As of `of_numbers`.
    p
        Corrected chances of the groups, and of their slopes.
    names
        Of the number, and of the other one.
    """
    subject, other = names
    outcome, beside = words.meaning(subject), words.meaning(other)
    count = found.means["group"].nunique()
    if is_sure(p[1]) and len(found.means) > count:
        parts = (found.means.iloc[:count], found.means.iloc[-count:])
        ends = [words.value(other, float(part["at"].iloc[0])) for part in parts]
        low, high = (_apart(part, words, subject) for part in parts)
        return sentence(
            f"{outcome}: how far customers alike in {beside} lie apart by group depends on it: at "
            f"{ends[0]} it would be {low}, at {ends[1]} {high}"
        )
    if not is_sure(p[0]):
        return sentence(
            f"{outcome}: customers alike in {beside} do not differ by group for certain"
        )
    middle = found.means.iloc[count : 2 * count] if len(found.means) > count else found.means
    values, plain = middle["value"].to_numpy(), middle["plain"].to_numpy()
    before = [
        words.value(subject, float(plain[int(place)]))
        for place in (np.argmax(values), np.argmin(values))
    ]
    return sentence(
        f"{outcome}: if all were alike in {beside}, it would be {_apart(middle, words, subject)}; "
        f"as they are, {before[0]} and {before[1]}"
    )


def _apart(means: pd.DataFrame, words: Words, subject: str) -> str:
    """Highest and lowest adjusted mean, and whose they are."""
    values, groups = means["value"].to_numpy(), means["group"].tolist()
    high, low = int(np.argmax(values)), int(np.argmin(values))
    told = [words.value(subject, float(values[place])) for place in (high, low)]
    return f"{told[0]} for {groups[high]} and {told[1]} for {groups[low]}"
