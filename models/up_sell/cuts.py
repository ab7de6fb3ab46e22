"""How the products of one need are cut into tiers, or why they cannot be."""

from typing import Final, Literal

import numpy as np

from models.spec import BoolArray, FloatArray, IntArray
from models.up_sell.goods import Goods, Graded, median
from models.up_sell.settings import TiersWanted
from models.up_sell.sizes import comparable, told

Found = (
    Graded
    | Literal[
        "few_products",
        "few_purchases",
        "no_price",
        "sold_by_weight",
        "no_size",
        "sizes_unlike",
        "no_level",
        "one_tier",
    ]
)
"""Tiers, or why there are none."""

_NAMES: Final = {2: ("lower", "upper"), 3: ("lower", "middle", "upper")}
_ROUNDING: Final = 9
_NOTHING: Final = 1e-9


def by_price(goods: Goods, wanted: TiersWanted) -> Found:
    """Tiers by price of a unit, or of a pack of the usual size where sizes are known."""
    if goods.without(np.zeros(len(goods.price), dtype=np.bool_)).sum() == 0:
        return "no_price"
    whole = float(goods.purchases.sum())
    weighed = float(goods.purchases[goods.is_weighed].sum())
    if weighed > wanted.weighed_share_most * whole:
        return "sold_by_weight"
    taken = goods.without(goods.is_weighed)
    size, _ = comparable(goods.sizes, goods.purchases)
    sized = taken & np.isfinite(size)
    is_sized = goods.purchases[sized].sum() >= wanted.sized_share_least * max(whole, 1.0)
    if is_sized:
        taken = sized
    if (reason := _too_few(goods, taken, wanted)) is not None:
        return reason
    log_price, weight = np.log(goods.price[taken]), goods.purchases[taken]
    worth = _of_usual_size(log_price, np.log(size[taken]), weight) if is_sized else log_price
    for count in range(wanted.tiers, 1, -1):
        tier = _cut(worth, weight, count)
        if _are_apart(worth, tier, goods.purchases[taken], count, wanted) and _are_held(
            goods, taken, tier, count, wanted
        ):
            names = _NAMES.get(count) or tuple(f"{each + 1} of {count}" for each in range(count))
            prices = np.full(len(taken), np.nan)
            prices[taken] = np.exp(worth)
            return Graded(goods, _spread(taken, tier), size, prices, names)
    return "one_tier"


def by_size(goods: Goods, wanted: TiersWanted) -> Found:
    """Tiers by pack size, ascending; of sizes that can be compared only."""
    size, kind = comparable(goods.sizes, goods.purchases)
    taken = np.isfinite(size)
    share = goods.purchases[taken].sum()
    if not taken.any() or share < wanted.sized_share_least * goods.purchases.sum():
        return "no_size"
    if (reason := _too_few(goods, taken, wanted)) is not None:
        return reason
    priced = goods.without(~taken)
    if priced.any():
        logs = [np.log(each[priced]) for each in (goods.price, size)]
        if _slope(logs[0], logs[1], goods.purchases[priced]) < wanted.size_slope_least:
            return "sizes_unlike"
    tier = _steps(size[taken], wanted.size_step)
    found = _only_held(goods, _spread(taken, tier), wanted)
    count = int(found.max(initial=-1)) + 1
    if count < 2:  # noqa: PLR2004  one tier is none
        return "one_tier"
    middles = [median(size[found == each], goods.purchases[found == each]) for each in range(count)]
    return Graded(goods, found, size, goods.price, tuple(told(each, kind) for each in middles))


def by_level(goods: Goods, wanted: TiersWanted) -> Found:
    """Tiers by the given level, in order of the settings; those with too little are left out."""
    place = {level: each for each, level in enumerate(wanted.levels)}
    tier = np.array([place.get(level, -1) for level in goods.levels], dtype=np.int64)
    if (tier < 0).all():
        return "no_level"
    if (reason := _too_few(goods, tier >= 0, wanted)) is not None:
        return reason
    found = _only_held(goods, tier, wanted)
    kept = np.unique(tier[found >= 0])
    if len(kept) < 2:  # noqa: PLR2004  one tier is none
        return "one_tier"
    size, _ = comparable(goods.sizes, goods.purchases)
    return Graded(goods, found, size, goods.price, tuple(wanted.levels[int(each)] for each in kept))


def _too_few(
    goods: Goods, taken: BoolArray, wanted: TiersWanted
) -> Literal["few_products", "few_purchases"] | None:
    if taken.sum() < 2 * wanted.products_least:
        return "few_products"
    is_seen = not goods.has_purchases or goods.purchases[taken].sum() >= 2 * wanted.purchases_least
    return None if is_seen else "few_purchases"


def _of_usual_size(log_price: FloatArray, log_size: FloatArray, weight: FloatArray) -> FloatArray:
    """Logarithms of the price without what the size explains, by weighted least squares.

    The slope is held within 0 (size is free) and 1 (price in proportion to the size).
    """
    slope = min(max(_slope(log_price, log_size, weight), 0.0), 1.0)
    usual = float(np.average(log_size, weights=np.maximum(weight, _NOTHING)))
    found: FloatArray = log_price - slope * (log_size - usual)
    return found


def _slope(log_price: FloatArray, log_size: FloatArray, weight: FloatArray) -> float:
    """Per cent of price for a per cent of size; 0 where all are of one size."""
    known = np.maximum(weight, _NOTHING)
    apart = log_size - float(np.average(log_size, weights=known))
    spread = float(np.average(apart**2, weights=known))
    if spread <= _NOTHING:
        return 0.0
    level = float(np.average(log_price, weights=known))
    return float(np.average(apart * (log_price - level), weights=known)) / spread


def _cut(worth: FloatArray, weight: FloatArray, count: int) -> IntArray:
    """Tiers with about equal weight, shape (n,); what is equal is in the tier of its middle."""
    _, place = np.unique(np.round(worth, _ROUNDING), return_inverse=True)
    each = np.bincount(place, np.maximum(weight, _NOTHING))
    middle = (np.cumsum(each) - each / 2) / each.sum()
    found: IntArray = np.minimum((count * middle).astype(np.int64), count - 1)[place]
    return found


def _steps(size: FloatArray, step: float) -> IntArray:
    """Tiers of sizes: each begins with the first size beyond the step from where the last began."""
    values, place = np.unique(np.round(size, _ROUNDING), return_inverse=True)
    tier = np.zeros(len(values), dtype=np.int64)
    begin = values[0]
    for each in range(1, len(values)):
        is_next = values[each] > begin * step * (1 + _NOTHING)
        begin = values[each] if is_next else begin
        tier[each] = tier[each - 1] + is_next
    found: IntArray = tier[place]
    return found


def _are_held(
    goods: Goods, taken: BoolArray, tier: IntArray, count: int, wanted: TiersWanted
) -> bool:
    products = np.bincount(tier, minlength=count)
    purchases = np.bincount(tier, goods.purchases[taken], minlength=count)
    is_seen = not goods.has_purchases or (purchases >= wanted.purchases_least).all()
    return bool((products >= wanted.products_least).all() and is_seen)


def _are_apart(
    worth: FloatArray, tier: IntArray, weight: FloatArray, count: int, wanted: TiersWanted
) -> bool:
    """Whether the middle of each tier costs enough more than that of the one below."""
    if len(np.unique(tier)) < count:
        return False
    known = np.maximum(weight, _NOTHING)
    middles = [median(worth[tier == each], known[tier == each]) for each in range(count)]
    return bool((np.diff(middles) >= np.log(wanted.ratio_least) - _NOTHING).all())


def _only_held(goods: Goods, tier: IntArray, wanted: TiersWanted) -> IntArray:
    """Tiers with enough products and purchases, numbered anew; products of the others have none."""
    has = tier >= 0
    count = int(tier.max(initial=-1)) + 1
    products = np.bincount(tier[has], minlength=count)
    purchases = np.bincount(tier[has], goods.purchases[has], minlength=count)
    kept = products >= wanted.products_least
    if goods.has_purchases:
        kept &= purchases >= wanted.purchases_least
    numbers = np.where(kept, np.cumsum(kept) - 1, -1)
    found: IntArray = np.where(has, numbers[tier], -1).astype(np.int64)
    return found


def _spread(taken: BoolArray, tier: IntArray) -> IntArray:
    found = np.full(len(taken), -1, dtype=np.int64)
    found[taken] = tier
    return found
