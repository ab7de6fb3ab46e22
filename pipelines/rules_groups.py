"""Groups of baskets to mine, each with its later baskets; small ones are named, not mined."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.basket_groups import BasketGroup, groups, rows_of
from features.baskets import Bought, LinesSeen
from features.errors import RegularsError
from features.schemas import Sources
from models.rules.baskets import Baskets, Capped, capped
from pipelines.rule_baskets import coded
from pipelines.rule_settings import Rules
from pipelines.rules_found import EVERYTHING
from pipelines.rules_mining import GroupBaskets

NAMED = 10
"""Groups that a note names."""


class GroupsTooSmall(RegularsError):
    """No group has so many baskets that it would be mined."""


@dataclass(frozen=True)
class Grouped:
    """Groups in the order of the config, and sentences about what is in none of them."""

    groups: tuple[GroupBaskets, ...]
    notes: tuple[str, ...]


def grouped(bought: Bought, later: Bought, asked: Rules, sources: Sources) -> Grouped:
    """The groups of the config that have enough baskets.

    Parameters
    ----------
    bought, later
        Baskets to mine and to confirm in.
    asked
        Section of the config.
    sources
        Of the config.

    Raises
    ------
    GroupsTooSmall
        When none has ``rules.group_least`` baskets, and all baskets together are not asked for.
    """
    found = groups(bought, asked, sources)
    large = [each for each in found if _is_large(each, asked)]
    small = [each for each in found if not _is_large(each, asked)]
    if not large:
        most = max(small, key=lambda each: len(each.baskets))
        message = (
            f"rules of a group need {asked.group_least:,} baskets (rules.group_least), but the "
            f"largest group, {name_of(most)}, has {len(most.baskets):,}; use a smaller "
            f"rules.group_least, or overall among rules.splits"
        )
        raise GroupsTooSmall(message)
    after = later_baskets(later, asked, sources)
    made = tuple(_group(bought, each, after, asked) for each in large)
    return Grouped(made, (*_of_lines(bought.lines), *_of_small(small, asked.group_least)))


def name_of(group: BasketGroup) -> str:
    """``all``, ``segment: gold`` or ``store: 7``."""
    return EVERYTHING if group.split == "overall" else f"{group.split}: {group.name}"


def later_baskets(
    later: Bought, asked: Rules, sources: Sources
) -> Mapping[str, tuple[Baskets, Capped]]:
    """Baskets of each group by its name, with what the cap took away."""
    return {
        name_of(each): capped(
            coded(rows_of(later, each), len(each.baskets), later.items), asked.largest
        )
        for each in groups(later, asked, sources)
    }


def none_of(labels: pd.Index) -> tuple[Baskets, Capped]:
    """No basket of these items."""
    nothing = Baskets(np.zeros(1, np.int64), np.zeros(0, np.int32), labels)
    return nothing, Capped(0, 0, 0)


def _is_large(group: BasketGroup, asked: Rules) -> bool:
    return group.split == "overall" or len(group.baskets) >= asked.group_least


def _group(
    bought: Bought,
    group: BasketGroup,
    after: Mapping[str, tuple[Baskets, Capped]],
    asked: Rules,
) -> GroupBaskets:
    rows, name = rows_of(bought, group), name_of(group)
    baskets, cut = capped(coded(rows, len(group.baskets), bought.items), asked.largest)
    later, later_cut = after.get(name) or none_of(baskets.labels)
    margins = None
    if "margin" in asked.weights:
        margins, _ = capped(coded(rows, len(group.baskets), bought.items, "margin"), asked.largest)
    return GroupBaskets(name, baskets, later, cut, later_cut, margins)


def _of_lines(lines: LinesSeen) -> Iterator[str]:
    """What became of lines that are in no basket, or only in part."""
    told = {
        "were given back": lines.returned,
        "are fees or postage": lines.no_products,
        "carry a coupon only": lines.of_quantity_0,
        "belong to nobody known": lines.anonymous,
    }
    for what, count in told.items():
        if count:
            yield f"{count:,} lines {what} and are in no basket"
    if lines.without_product:
        yield f"{lines.without_product:,} lines name no product; their baskets count without it"
    if lines.without_cost:
        yield f"{lines.without_cost:,} lines have no known cost and count with a margin of 0"


def _of_small(small: list[BasketGroup], least: int) -> Iterator[str]:
    if small:
        first = [f"{name_of(each)} ({len(each.baskets):,})" for each in small[:NAMED]]
        more = f" and {len(small) - NAMED:,} more" if len(small) > NAMED else ""
        yield (
            f"not mined, for fewer than {least:,} baskets (rules.group_least): "
            f"{', '.join(first)}{more}"
        )
