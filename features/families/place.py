"""Place and time: which stores and channels, which hours and days of the week."""

from features.contract import Family, Feature, Shape, feature
from features.daily import SLOTS
from features.measures import ORDERS, STORE_LINES, STORES
from features.terms import Measure
from features.wording import lately, slug

MIX_DAYS = 182
"""Window over which mixes are told, or that of the config that is nearest."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Of a day number, (day + 3) modulo 7: 1970-01-01 was a Thursday."""


def place(shape: Shape) -> Family:
    """Stores per window, share of the main one, and the mix of channels, hours and weekdays."""
    if shape.orders is None:
        return Family("place", ())
    window = shape.nearest(MIX_DAYS)
    found: list[Feature] = []
    if shape.orders.has_stores:
        found += [_stores(days) for days in shape.windows_days]
        found.append(_main_store(window))
    for index, channel in enumerate(shape.orders.channels):
        measure = Measure("purchases", f"channel_{index}")
        found.append(_mix(f"{slug(channel)}_orders_share", f"through {channel}", measure, window))
    for slot, (first, last) in SLOTS.items():
        measure = Measure("purchases", f"{slot}_orders")
        phrase = f"from {first}:00 to {last}:59"
        found.append(_mix(f"{slot}_orders_share", phrase, measure, window))
    for index, weekday in enumerate(WEEKDAYS):
        is_it = f"((day + 3) % 7 + 7) % 7 = {index}"
        sql = f"CASE WHEN {is_it} THEN orders ELSE 0 END"
        measure = Measure("purchases", f"{weekday}_orders", sql)
        phrase = f"on a {weekday.capitalize()}"
        found.append(_mix(f"{weekday}_orders_share", phrase, measure, window))
    return Family("place", tuple(found))


def _stores(days: int) -> Feature:
    return feature(
        f"stores_count_{days}d",
        "stores",
        days,
        "never ordered at a named store",
        lately("different stores", days),
        term=STORES.distinct(days),
    )


def _main_store(days: int) -> Feature:
    return feature(
        f"main_store_share_{days}d",
        "share",
        days,
        "no item from a named store in the window",
        lately("share of items from the main store", days),
        term=STORES.top(STORE_LINES, days) / STORE_LINES.within(days),
    )


def _mix(name: str, phrase: str, measure: Measure, days: int) -> Feature:
    return feature(
        f"{name}_{days}d",
        "share",
        days,
        "no order in the window",
        lately(f"share of orders {phrase}", days),
        term=measure.within(days) / ORDERS.within(days),
    )
