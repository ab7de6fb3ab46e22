"""Elasticities and promotion lifts of items, each beside what it is drawn to, or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import t as student

from models.metrics import Z_95
from models.prices.evidence import EFFECTS, Evidence, Wanted, evidence
from models.prices.panel import Panel
from models.prices.pooling import Pooled, pooled
from models.prices.regression import Fit, Slopes, fit
from models.spec import BoolArray, FloatArray, IntArray

OWN: Final = "own"
"""Basis of an item whose own weeks tell of the effect."""

EVERYTHING: Final = "everything"
"""The level above all others, and the name of its one group."""

ITEMS: Final = "items"
"""Stands as level and group for the items as they come, whatever they belong to."""

_SIDE: Final = 0.975


@dataclass(frozen=True, eq=False)
class Elasticities:
    """What price and promotion do to the units of each item.

    All figures are coefficients in logarithms: of ``price`` the elasticity (per cent of units for a
    per cent of price); of ``promotion`` the logarithm of what a promotion multiplies units by at an
    unchanged price, of ``promotion_whole`` with its usual price cut.

    Attributes
    ----------
    rows
        One row per item and effect (`EFFECTS`): item, effect; own, own_error, own_low, own_high
        (95 %, Student's t), NaN where it is refused; weight (0..1, of the own figure in the next);
        value, error, low, high (95 %): after pooling; basis: `OWN`, or the narrowest level with a
        figure, from which the item has its own (with the spread of items there), or null where
        there is none at all; reason (`models.prices.evidence.Refusal`; null: not refused).
    groups
        One row per level, group and effect: level, group, effect, members (items with a figure of
        their own), value, error, low, high; between (standard deviation of what belongs to a
        group). `ITEMS` first, the mean item; then `EVERYTHING`, around which the groups of the
        widest level lie, each with the same weight; then the levels. Groups without a member are
        left out.
    evidence
        What there is of each item.
    with_price, without_price
        The regressions: with price and promotion, and with promotion alone; where too few items
        were promoted, with the week effects of the former.
    """

    rows: pd.DataFrame
    groups: pd.DataFrame
    evidence: Evidence
    with_price: Fit
    without_price: Fit

    def values(self, effect: str, column: str = "value") -> FloatArray:
        """A column of the rows of one effect, in order of the panel; NaN where nothing is known."""
        found: FloatArray = self.rows.loc[self.rows["effect"] == effect, column].to_numpy()
        return found


def elasticities(panel: Panel, belongs: pd.DataFrame, wanted: Wanted) -> Elasticities:
    """Effects of price and promotion on each item, pooled by what it belongs to.

    Items are regressed one by one (`models.prices.regression.fit`) where their weeks tell something
    (`models.prices.evidence.evidence`), and drawn to their groups (`models.prices.pooling.pooled`).
    It is what went together in what was observed, not a trial: where prices were cut when demand
    was expected to rise, part of that rise counts as an effect of the price.

    Parameters
    ----------
    panel
        What was sold.
    belongs
        By item, for all of the panel: the group of each level, a column per level, the widest
        first. A group lies within one group of the level before.
    wanted
        What an item must show.

    Raises
    ------
    TooFewItems
        When week effects are asked, and too few items tell of their price (where none does: of
        promotions).
    """
    seen = evidence(panel, wanted)
    told = panel.where(~seen.alone)
    price, marked = seen.has("price"), seen.is_marked
    both = {"price": price, "promotion": price & marked}
    with_price = fit(told, both, week_effects=wanted.week_effects)
    whole = {"promotion": seen.has("promotion_whole")}
    without_price = fit(told, whole, week_effects=wanted.week_effects, other=with_price)
    slopes = {
        "price": with_price.slopes["price"],
        "promotion": with_price.slopes["promotion"],
        "promotion_whole": without_price.slopes["promotion"],
    }
    groups, names = _groups(panel, belongs)
    parts = [_of_effect(each, slopes[each], (panel.items, seen), groups) for each in EFFECTS]
    rows = pd.concat([part for part, _ in parts], ignore_index=True)
    tables: list[pd.DataFrame] = []
    for effect, (part, found) in zip(EFFECTS, parts, strict=True):
        plain = pooled(part["own"].to_numpy(), part["own_error"].to_numpy(), ())
        tables += [_of_groups(effect, plain, {ITEMS: (ITEMS,)}), _of_groups(effect, found, names)]
    return Elasticities(
        rows,
        pd.concat(tables, ignore_index=True),
        seen,
        with_price,
        without_price,
    )


def _groups(
    panel: Panel, belongs: pd.DataFrame
) -> tuple[dict[str, IntArray], dict[str, Sequence[str]]]:
    """Number of each item's group by level; and the names of the groups."""
    own = belongs.loc[list(panel.items)]
    numbers: dict[str, IntArray] = {}
    names: dict[str, Sequence[str]] = {EVERYTHING: (EVERYTHING,)}
    for level in map(str, belongs.columns):
        codes, found = pd.factorize(own[level], sort=True)
        numbers[level], names[level] = codes.astype(np.int64), found.astype(str).tolist()
    return numbers, names


def _of_effect(
    effect: str,
    slopes: Slopes,
    of: tuple[Sequence[str], Evidence],
    groups: Mapping[str, IntArray],
) -> tuple[pd.DataFrame, Pooled]:
    """Rows of one effect."""
    items, seen = of
    has = seen.has(effect) & (slopes.error > 0)  # none left by rounding: next to nothing told it
    reasons = np.where(seen.has(effect) & ~has, "lone_weeks", np.array(seen.refused[effect]))
    own, error = (np.where(has, each, np.nan) for each in (slopes.value, slopes.error))
    found = pooled(own, error, list(groups.values()))
    width = student.ppf(_SIDE, np.where(has, slopes.freedom, 1.0)) * error
    frame = pd.DataFrame(
        {
            "item": pd.Series(items, dtype=object),
            "effect": effect,
            "own": own,
            "own_error": error,
            "own_low": own - width,
            "own_high": own + width,
            "weight": found.weight,
            "value": found.value,
            "error": found.error,
            "low": found.value - Z_95 * found.error,
            "high": found.value + Z_95 * found.error,
            "basis": _bases(has, groups),
            "reason": pd.Series(reasons, dtype=object),
        }
    )
    return frame, found


def _bases(has: BoolArray, groups: Mapping[str, IntArray]) -> pd.Series:
    """Where each item's figure comes from."""
    basis = np.full(len(has), EVERYTHING if has.any() else None, dtype=object)
    for level, group in groups.items():
        basis[np.isin(group, group[has])] = level
    basis[has] = OWN
    return pd.Series(basis, dtype=object)


def _of_groups(effect: str, found: Pooled, names: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Rows of all groups for one effect."""
    parts = [
        pd.DataFrame(
            {
                "level": name,
                "group": pd.Series(names[name], dtype=object),
                "effect": effect,
                "members": level.members,
                "value": level.mean,
                "error": level.error,
                "low": level.mean - Z_95 * level.error,
                "high": level.mean + Z_95 * level.error,
                "between": level.between,
            }
        )
        for name, level in zip(names, found.levels, strict=False)
    ]
    columns = ["level", "group", "effect", "members", "value", "error", "low", "high", "between"]
    if not parts:
        return pd.DataFrame(columns=columns)
    whole = pd.concat(parts, ignore_index=True)
    return whole[whole["members"] > 0]
