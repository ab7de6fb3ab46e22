"""Baskets that the rules of each group are compared between, from the warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.basket_groups import groups, rows_of
from features.baskets import Bought, NoBaskets, build_baskets
from features.clock import Window, days_after
from features.items import OF_PROMOTION, Items
from features.schemas import Sources
from features.warehouse import Connection
from models.rules.baskets import Baskets
from pipelines.rule_baskets import coded
from pipelines.rule_periods import Periods
from pipelines.rule_settings import Rules
from pipelines.rules_changes import Compared
from pipelines.rules_groups import Grouped, later_baskets, name_of, none_of
from pipelines.rules_mining import GroupBaskets

_Sides = tuple[Mapping[str, Baskets], Mapping[str, Baskets]]
"""Baskets of each group, of the older and of the newer period."""


@dataclass(frozen=True)
class Asked:
    """What baskets are made of: section of the config, its sources, days mined, and periods."""

    rules: Rules
    sources: Sources
    mined: Window
    periods: Periods | None


def with_compared(con: Connection, bought: Bought, grouped: Grouped, asked: Asked) -> Grouped:
    """The groups with the baskets that their rules are compared between.

    Parameters
    ----------
    con
        Connection to the warehouse.
    bought
        Baskets to mine.
    grouped
        Their groups.
    asked
        What is to be compared.

    Raises
    ------
    ItemsUnclear
        When a level is called as the promoted items of another would be.
    """
    promoted = _promoted(con, bought, asked)
    periods, notes = _of_periods(con, asked)

    def sides(group: GroupBaskets) -> Compared:
        none, _ = none_of(group.baskets.labels)
        discounted = promoted.get(group.name)
        return Compared(
            periods and (periods[0].get(group.name, none), periods[1].get(group.name, none)),
            None if discounted is None else (group.baskets, discounted),
        )

    found = tuple(replace(group, compared=sides(group)) for group in grouped.groups)
    return Grouped(found, (*grouped.notes, *notes))


def _of_periods(con: Connection, asked: Asked) -> tuple[_Sides | None, tuple[str, ...]]:
    """Capped baskets of each group, of the older and of the newer period; and why there are none.

    The periods' baskets are made anew: one that goes on in both, as a customer's does, is two.
    """
    if asked.periods is None:
        return None, ()
    plain = asked.rules.model_copy(update={"weights": ()})
    found: list[Mapping[str, Baskets]] = []
    for window in (asked.periods.older, asked.periods.newer):
        try:
            bought = build_baskets(con, plain, window, asked.sources)
        except NoBaskets:
            days = f"{window.start} to {days_after(window.end, -1)}"
            return None, (f"not compared between periods: nothing was bought from {days}",)
        capped = later_baskets(bought, plain, asked.sources)
        found.append({name: baskets for name, (baskets, _) in capped.items()})
    older, newer = found
    return (older, newer), ()


def _promoted(con: Connection, bought: Bought, asked: Asked) -> Mapping[str, Baskets]:
    """Of each basket to mine the items that were discounted, by group; empty where not asked for.

    Baskets of equal days and lines are numbered alike, whatever counts as an item beside.
    """
    orders = asked.sources.orders
    if not asked.rules.changes.promotion or orders is None or orders.columns.discount is None:
        return {}
    given = asked.rules.context
    context = given if "promoted" in given else (*given, "promoted")
    wanted = asked.rules.model_copy(update={"weights": (), "context": context})
    found = bought
    if wanted.context != given:
        found = build_baskets(con, wanted, asked.mined, asked.sources)
    return {
        name_of(group): _discounted(
            coded(rows_of(found, group), len(group.baskets), found.items), found.items, wanted
        )
        for group in groups(found, wanted, asked.sources)
    }


def _discounted(baskets: Baskets, items: Items, asked: Rules) -> Baskets:
    """Of each basket only the items that were discounted, by the labels of the items themselves."""
    table = items.table.to_pandas()
    levels = [OF_PROMOTION + name for name in asked.items]
    is_promoted = (table["is_context"] & table["level"].isin(levels)).to_numpy()
    place = np.cumsum(is_promoted, dtype=np.int32) - 1
    is_entry = is_promoted[baskets.codes]
    starts = np.concatenate([[0], np.cumsum(is_entry)])[baskets.starts].astype(np.int64)
    labels = table.loc[is_promoted, "label"].str.removeprefix(OF_PROMOTION)
    codes = place[baskets.codes[is_entry]].astype(np.int32)
    return Baskets(starts, codes, pd.Index(labels.tolist(), dtype=object))
