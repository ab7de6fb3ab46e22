"""What a training of prices found: tables of effects and of groups, and the test."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from features.clock import Window
from features.levels import IN
from features.prices import LinesPriced, PriceWeeks
from models.prices.elasticity import Elasticities
from models.prices.evidence import FACTS
from models.prices.out_of_time import OutOfTime


@dataclass(frozen=True, eq=False)
class PricesFound:
    """All that one training found.

    Attributes
    ----------
    business
        Name.
    as_of
        Day before which all was known.
    weeks
        Days that were looked at, whole weeks up to as_of.
    levels
        Of the products, above the items, the widest first.
    effects
        One row per item and effect: item, name and the label of its group at each level (str),
        units (double) and revenue (int64, minor units) over the weeks, those of
        `models.prices.evidence.FACTS`, and those of `models.prices.elasticity.Elasticities.rows`.
    groups
        One row per level, group and effect, see `models.prices.elasticity.Elasticities.groups`.
    test
        How well later weeks are told; None where it could not be tested.
    test_weeks
        Weeks of the test.
    lines
        What the weeks are made of.
    unpriced
        Items and weeks whose units were given away.
    """

    business: str
    as_of: date
    weeks: Window
    levels: tuple[str, ...]
    effects: pd.DataFrame
    groups: pd.DataFrame
    test: OutOfTime | None
    test_weeks: int
    lines: LinesPriced
    unpriced: int

    def of(self, effect: str) -> pd.DataFrame:
        """Rows of one effect."""
        return self.effects[self.effects["effect"] == effect]

    def own(self, effect: str) -> pd.DataFrame:
        """Rows of one effect of the items that have a figure of their own."""
        return self.effects[(self.effects["effect"] == effect) & self.effects["own"].notna()]

    def groups_of(self, level: str, effect: str) -> pd.DataFrame:
        """Groups of one level and effect, those with most items first."""
        own = self.groups[(self.groups["level"] == level) & (self.groups["effect"] == effect)]
        return own.sort_values(["members", "group"], ascending=[False, True])


def effects_table(sold: PriceWeeks, found: Elasticities) -> pd.DataFrame:
    """Rows of `PricesFound.effects`: the items in order of their label, each with its effects."""
    items = sold.items.to_pandas().rename(columns={IN + name: name for name in sold.levels})
    totals = sold.rows.group_by("item").aggregate([("units", "sum"), ("revenue", "sum")])
    summed = totals.to_pandas().rename(columns={"units_sum": "units", "revenue_sum": "revenue"})
    facts = found.evidence.frame[["item", *FACTS]]
    table = items.merge(summed, on="item").merge(facts, on="item")
    whole: pd.DataFrame = table.merge(found.rows, on="item", validate="one_to_many")
    return whole.sort_values(["item", "effect"], kind="stable", ignore_index=True)


def belongs_of(sold: PriceWeeks) -> pd.DataFrame:
    """Groups of each item by level, the widest first, as `models.prices.elasticity` takes them."""
    items: pd.DataFrame = sold.items.to_pandas().set_index("item")
    return items[[IN + name for name in sold.levels]].rename(columns=lambda name: name[len(IN) :])
