"""Made-up weeks of items whose elasticities and promotion lifts are known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.spec import FloatArray


@dataclass(frozen=True)
class Market:
    """What a made-up market is like.

    Attributes
    ----------
    items, categories, weeks, stores
        How many; items are dealt to categories in turn.
    elasticity, lift
        Mean over everything: of the elasticity, and of the logarithm of what a promotion multiplies
        units by at an unchanged price.
    between
        Standard deviation of both between categories, and between items of one category.
    noise
        Standard deviation of the logarithm of units.
    """

    items: int = 60
    categories: int = 6
    weeks: int = 52
    stores: int = 1
    elasticity: float = -1.5
    lift: float = 0.3
    between: tuple[float, float] = (0.4, 0.4)
    noise: float = 0.3


@dataclass(frozen=True, eq=False)
class MadeUp:
    """Rows of a market, what its items belong to, and what is true of each, by name."""

    rows: pd.DataFrame
    belongs: pd.DataFrame
    elasticity: FloatArray
    lift: FloatArray


def made_up(market: Market, seed: int = 7) -> MadeUp:
    """A market in which every item is sold in every week.

    Prices change for good once or twice a year and are cut by a tenth to a third in promotions of
    one to three weeks; a season moves all items alike.
    """
    chance = np.random.default_rng(seed)
    category = np.arange(market.items) % market.categories
    means = (market.elasticity, market.lift)
    true = [_spread(chance, mean, market, category) for mean in means]
    season = np.cumsum(chance.normal(0, 0.1, market.weeks))
    names = [f"item {number:04}" for number in range(market.items)]
    parts = []
    for item, name in enumerate(names):
        price, promoted = _prices(chance, market.weeks)
        for store in range(market.stores):
            level = chance.normal(3, 1)
            told = true[0][item] * np.log(price) + true[1][item] * promoted
            units = np.exp(level + season + told + chance.normal(0, market.noise, market.weeks))
            row = {"item": name, "week": np.arange(market.weeks), "units": units}
            own = pd.DataFrame(row | {"price_paid": price, "promoted_share": promoted})
            parts.append(own.assign(store=f"s{store}") if market.stores > 1 else own)
    return MadeUp(
        pd.concat(parts, ignore_index=True),
        pd.DataFrame({"category": [f"c{each}" for each in category]}, index=names),
        *true,
    )


def _spread(
    chance: np.random.Generator, mean: float, market: Market, category: np.ndarray
) -> FloatArray:
    """Of each item: around that of its category, which is around the mean."""
    of_category = mean + chance.normal(0, market.between[0], market.categories)
    found: FloatArray = of_category[category] + chance.normal(0, market.between[1], market.items)
    return found


def _prices(chance: np.random.Generator, weeks: int) -> tuple[FloatArray, FloatArray]:
    """Price of a unit in minor units, and whether it is a promotion's."""
    changes = np.cumsum(np.where(chance.random(weeks) < 0.04, chance.normal(0, 0.1, weeks), 0.0))
    promoted, week = np.zeros(weeks), int(chance.integers(6))
    while week < weeks:
        long = int(chance.integers(1, 4))
        promoted[week : week + long] = 1.0
        week += long + int(chance.integers(3, 9))
    cut = np.log(1 - chance.uniform(0.1, 0.33, weeks)) * promoted
    return np.exp(6 + changes + cut + chance.normal(0, 0.02, weeks)), promoted
