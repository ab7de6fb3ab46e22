"""Baskets that the rules of each group are compared between, from the warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.basket_groups import groups, rows_of
from features.baskets import Bought, NoBaskets, build_baskets
from features.clock import Window, days_after
from features.items import OF_PROMOTION
from features.promoted import is_promoted, without_promoted
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


@dataclass(frozen=True)
class Material:
    """Baskets to mine, and the same with an item more for each that was discounted.

    The second is None where promotions are not asked for, or discounts are not known.
    """

    bought: Bought
    promoted: Bought | None


def baskets_to_mine(con: Connection, asked: Asked) -> Material:
    """Baskets of the days mined, made once, whether their promotions are looked at or not.

    Parameters
    ----------
    con
        Connection to the warehouse.
    asked
        What they are, and what is to be compared.

    Raises
    ------
    ItemsUnclear, NoBaskets
        As of `build_baskets`.
    """
    rules, orders = asked.rules, asked.sources.orders
    if not rules.changes.promotion or orders is None or orders.columns.discount is None:
        return Material(build_baskets(con, rules, asked.mined, asked.sources), None)
    context = tuple(dict.fromkeys((*rules.context, "promoted")))
    wanted = rules.model_copy(update={"context": context})
    promoted = build_baskets(con, wanted, asked.mined, asked.sources)
    if context == rules.context:
        return Material(promoted, promoted)
    return Material(without_promoted(promoted, rules.items), promoted)


def with_compared(con: Connection, material: Material, grouped: Grouped, asked: Asked) -> Grouped:
    """The groups with the baskets that their rules are compared between.

    Parameters
    ----------
    con
        Connection to the warehouse.
    material
        Of `baskets_to_mine`.
    grouped
        Groups of the baskets to mine.
    asked
        What is to be compared.
    """
    promoted = {} if material.promoted is None else _promoted(material.promoted, asked)
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


def _promoted(bought: Bought, asked: Asked) -> Mapping[str, Baskets]:
    """Of each basket to mine the items that were discounted, by group."""
    return {
        name_of(group): _discounted(
            coded(rows_of(bought, group), len(group.baskets), bought.items),
            is_promoted(bought.items, asked.rules.items),
        )
        for group in groups(bought, asked.rules, asked.sources)
    }


def _discounted(baskets: Baskets, is_one: npt.NDArray[np.bool_]) -> Baskets:
    """Of each basket only the items that were discounted, by the labels of the items themselves."""
    place = np.cumsum(is_one, dtype=np.int32) - 1
    is_entry = is_one[baskets.codes]
    starts = np.concatenate([[0], np.cumsum(is_entry)])[baskets.starts].astype(np.int64)
    labels = [str(label).removeprefix(OF_PROMOTION) for label in baskets.labels[is_one]]
    return Baskets(starts, place[baskets.codes[is_entry]], pd.Index(labels, dtype=object))
