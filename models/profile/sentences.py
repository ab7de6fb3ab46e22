"""What comparisons of single columns say, each in one sentence without a term of statistics."""

from math import isfinite

import numpy as np
import pandas as pd

from models.profile.categories import Categories
from models.profile.covariance import Adjusted
from models.profile.numbers import Numbers
from models.profile.two_way import TwoWay
from models.profile.words import KNOWN, Words, is_sure, of_hundred, per_cent, sentence, sized


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
        return _of_two(meaning, names, told, (how, effect.estimate.value, sized(effect)))
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


def _of_two(meaning: str, names: list[str], told: list[str], about: tuple[str, float, str]) -> str:
    how, delta, size = about
    share = (1 + abs(delta)) / 2
    more = "higher" if delta > 0 else "lower"
    values = (
        f"{how} {told[0]} in both groups"
        if told[0] == told[1]
        else f"{how} {told[1]} for {names[1]}, {told[0]} for {names[0]}"
    )
    return sentence(
        f"{meaning}: {values}; of one customer from each group, the one of {names[1]} has the "
        f"{more} figure in {of_hundred(share)} such pairs, {size}"
    )


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
    """Levels at which means of groups are least and farthest apart, in shares of the level's."""
    wide = cells.pivot_table(index="level", columns="group", values="median")
    if np.ptp(wide.to_numpy()[np.isfinite(wide.to_numpy())]) == 0:
        wide = cells.pivot_table(index="level", columns="group", values="mean")
    gaps = (wide.max(axis=1) - wide.min(axis=1)).dropna()
    return str(gaps.idxmin()), str(gaps.idxmax())


def of_adjusted(found: Adjusted, p: float, words: Words, names: tuple[str, str]) -> str:
    """What is left of the difference of groups at the same value of another number.

    Parameters
    ----------
    found, p, words
        As of `of_numbers`.
    names
        Of the number, and of the other one.
    """
    subject, other = names
    outcome, beside = words.meaning(subject), words.meaning(other)
    count = found.means["group"].nunique()
    middle = found.means.iloc[count : 2 * count] if len(found.means) > count else found.means
    values, plain = middle["value"].to_numpy(), middle["plain"].to_numpy()
    high, low = int(np.argmax(values)), int(np.argmin(values))
    groups = middle["group"].tolist()
    if not is_sure(p):
        return sentence(
            f"{outcome}: customers alike in {beside} do not differ by group for certain"
        )
    told = [words.value(subject, float(values[place])) for place in (high, low)]
    before = [words.value(subject, float(plain[place])) for place in (high, low)]
    return sentence(
        f"{outcome}: if all were alike in {beside}, it would be {told[0]} for {groups[high]} and "
        f"{told[1]} for {groups[low]}; as they are, {before[0]} and {before[1]}"
    )
