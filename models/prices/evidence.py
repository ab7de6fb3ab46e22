"""What the weeks of an item can tell of its price and its promotions, and why they cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from models.prices.panel import Panel
from models.spec import BoolArray, FloatArray, IntArray

Refusal = Literal[
    "few_weeks",
    "gaps",
    "never_varied",
    "few_prices",
    "lone_weeks",
    "with_promotion",
    "never_promoted",
    "always_promoted",
]
"""Why there is no estimate of an item's own, see `Evidence`."""

EFFECTS: Final = ("price", "promotion", "promotion_whole")
"""What is estimated: the elasticity, and the logarithm of what a promotion multiplies units by,
apart from its price cut and with it."""

FACTS: Final = (
    *("weeks", "weeks_share", "price_points", "price_spread", "price_spread_apart"),
    "promoted_share",
)
"""Columns of `Evidence.frame` beside the item."""

POINT: Final = 0.01
"""Step in the logarithm of the price, about 1 %: prices are counted by the step, from the median
on, that is nearest to them."""

PROMOTED_LEAST: Final = 0.05
"""Standard deviation of the promoted share, at least, before a lift is estimated."""

LONE_MOST: Final = 0.45
"""One over the number of weeks that tell of an effect, at most: two are too few, three do."""

LONE_SHARE: Final = 0.2
"""Share of what is known of an effect from which on a week is one of the few that tell it."""

_NOTHING: Final = 1e-12
_HALF: Final = 0.5


@dataclass(frozen=True)
class Wanted:
    """What an item must show before its own effects are estimated.

    Attributes
    ----------
    weeks_least
        Weeks with a sale; with several stores also rows, of each store all but the first.
    share_least
        Share (0..1) of the weeks from the first to the last sale that have one, in each of the
        item's stores on average. A week without a sale has no price and is not seen; where that
        happens often, what is seen are the good weeks, and an elasticity comes out too small.
    points_least
        Different prices, each rounded to the nearest step of `POINT` from the item's median: two
        that are more than a step apart are always two, two nearer ones where they round apart.
    spread_least
        Standard deviation of the logarithm of the price: all of it, and what promotion does not
        explain of it.
    week_effects
        Whether what all items have in common in a week (season, closed days, inflation) is taken
        off.
    """

    weeks_least: int = 26
    share_least: float = 0.9
    points_least: int = 3
    spread_least: float = 0.02
    week_effects: bool = True


@dataclass(frozen=True, eq=False)
class Evidence:
    """What there is of each item.

    Attributes
    ----------
    frame
        One row per item in order of the panel: item, weeks (with a sale), weeks_share (0..1: of
        those from the first to the last, mean of its stores), price_points, price_spread (standard
        deviation of the logarithm), price_spread_apart (of what promotion does not explain of it),
        promoted_share (0..1, mean over its rows); the latter four are 0 or NaN for items with too
        few weeks.
    refused
        Effect to the `Refusal` of each item, shape (i,); None: it is estimated.
    is_marked
        Shape (i,): whether promotion varied, so that the price has to be told apart from it.
    alone
        Shape (n,): rows of the one or two promoted weeks (or those without promotion) of an item
        that has no other, in all of its stores. They say nothing of the price, and are left out.
    """

    frame: pd.DataFrame
    refused: Mapping[str, tuple[Refusal | None, ...]]
    is_marked: BoolArray
    alone: BoolArray

    def has(self, effect: str) -> BoolArray:
        """Shape (i,): whether an item's own effect can be estimated."""
        return np.array([reason is None for reason in self.refused[effect]], dtype=np.bool_)


def evidence(panel: Panel, wanted: Wanted) -> Evidence:
    """Facts about each item, and which of its effects cannot be estimated.

    Reasons, the first that is true. Price: ``few_weeks`` and ``gaps`` (see `Wanted`),
    ``never_varied``, ``few_prices``, ``with_promotion`` (it moved with promotions only, so that the
    two cannot be told apart), ``lone_weeks`` (one or two weeks tell nearly all). Promotion with its
    price cut: ``few_weeks``, ``gaps``, ``never_promoted``, ``always_promoted``, ``lone_weeks``;
    apart from it: these, and those of the price.
    """
    facts = [_facts(panel, item, wanted) for item in range(len(panel.items))]
    frame = {name: [getattr(each, name) for each in facts] for name in FACTS}
    price = tuple(_of_price(each, wanted) for each in facts)
    whole = tuple(_of_promotion(each, wanted) for each in facts)
    apart = tuple(
        first or _of_lone_weeks(each.apart_lone) or second
        for each, first, second in zip(facts, whole, price, strict=True)
    )
    alone = np.zeros(len(panel), dtype=np.bool_)
    alone[[row for each in facts for row in each.alone]] = True
    return Evidence(
        pd.DataFrame({"item": pd.Series(panel.items, dtype=object), **frame}),
        {"price": price, "promotion": apart, "promotion_whole": whole},
        np.array([each.is_marked and not each.alone for each in facts], dtype=np.bool_),
        alone,
    )


@dataclass(frozen=True)
class _Facts:
    """What is counted of an item; ``told`` are rows beside the first of each store but one.

    ``alone`` are rows.
    """

    weeks: int
    weeks_share: float
    told: int
    price_points: int = 0
    price_spread: float = np.nan
    price_spread_apart: float = np.nan
    promoted_share: float = np.nan
    is_marked: bool = False
    price_lone: float = np.nan
    promoted_lone: float = np.nan
    apart_lone: float = np.nan
    alone: tuple[int, ...] = ()


def _facts(panel: Panel, item: int, wanted: Wanted) -> _Facts:
    rows = panel.rows_of(item)
    weeks, week = np.unique(panel.week[rows], return_inverse=True)
    if not len(weeks):
        return _Facts(0, np.nan, 0)
    count, stores = rows.stop - rows.start, len(np.unique(panel.store[rows]))
    share = count / float(stores * (weeks[-1] - weeks[0] + 1))
    told = count - stores + 1
    if min(len(weeks), told) < wanted.weeks_least:
        return _Facts(len(weeks), share, told)
    price, promoted = panel.log_price[rows], panel.promoted[rows]
    own, marked = (_within(panel.store[rows], column) for column in (price, promoted))
    is_marked = _spread(marked) >= PROMOTED_LEAST
    apart = _residual(own, marked) if is_marked else own
    is_alone = is_marked and _lone(marked, week) > LONE_MOST
    return _Facts(
        weeks=len(weeks),
        weeks_share=share,
        told=told,
        price_points=len(np.unique(np.round((price - np.median(price)) / POINT))),
        price_spread=_spread(own),
        price_spread_apart=_spread(apart),
        promoted_share=float(promoted.mean()),
        is_marked=is_marked,
        price_lone=_lone(apart, week),
        promoted_lone=_lone(marked, week),
        apart_lone=_lone(_residual(marked, own), week),
        alone=_telling(marked, week, rows.start) if is_alone else (),
    )


def _within(store: IntArray, column: FloatArray) -> FloatArray:
    """A column less its mean in each store."""
    count = np.bincount(store)
    means = np.bincount(store, column) / np.maximum(count, 1)
    found: FloatArray = column - means[store]
    return found


def _residual(column: FloatArray, other: FloatArray) -> FloatArray:
    """What another column does not explain of a column; both have mean 0."""
    whole = float(np.einsum("n,n->", other, other))
    if whole < _NOTHING:
        return column
    slope = float(np.einsum("n,n->", column, other)) / whole
    found: FloatArray = column - slope * other
    return found


def _spread(column: FloatArray) -> float:
    return float(np.sqrt(np.mean(column**2)))


def _lone(column: FloatArray, week: IntArray) -> float:
    """One over the number of weeks that the squares lie in, all alike: 1 of a single one.

    Stores share their promotions, so that one week of many is still one.
    """
    squares = np.bincount(week, column**2)
    whole = float(squares.sum())
    return float((squares**2).sum()) / whole**2 if whole > _NOTHING else 1.0


def _telling(column: FloatArray, week: IntArray, start: int) -> tuple[int, ...]:
    """Rows of the weeks in which the squares lie."""
    squares = np.bincount(week, column**2)
    is_telling = squares > LONE_SHARE * squares.sum()
    return tuple((start + np.flatnonzero(is_telling[week])).tolist())


def _of_weeks(facts: _Facts, wanted: Wanted) -> Refusal | None:
    if min(facts.weeks, facts.told) < wanted.weeks_least:
        return "few_weeks"
    return "gaps" if facts.weeks_share < wanted.share_least else None


def _of_lone_weeks(lone: float) -> Refusal | None:
    return "lone_weeks" if lone > LONE_MOST else None


def _of_price(facts: _Facts, wanted: Wanted) -> Refusal | None:
    if (reason := _of_weeks(facts, wanted)) is not None:
        return reason
    if facts.price_spread < wanted.spread_least:
        return "never_varied"
    if facts.price_points < wanted.points_least:
        return "few_prices"
    if facts.price_spread_apart < wanted.spread_least:
        return "with_promotion"
    return _of_lone_weeks(facts.price_lone)


def _of_promotion(facts: _Facts, wanted: Wanted) -> Refusal | None:
    if (reason := _of_weeks(facts, wanted)) is not None:
        return reason
    if not facts.is_marked:
        return "never_promoted" if facts.promoted_share < _HALF else "always_promoted"
    return _of_lone_weeks(facts.promoted_lone)
