"""Figures of a customer and an item by plain Python, from days and sets, oldest basket first."""

from itertools import pairwise
from math import nan, sqrt
from statistics import fmean

from models.next_basket.own_past import BASKET_DECAYS, HALF_LIVES, NEWEST
from tests.oracles.next_basket import History, Past, decayed


def _spread(values: list[int]) -> float:
    middle = fmean(values)
    return sqrt(fmean([(value - middle) ** 2 for value in values]))


def own(history: History, item: int, as_of: int) -> dict[str, float]:
    """What the customer's past says of the item."""
    places = [place for place, (_, basket) in enumerate(history) if item in basket]
    days = [history[place][0] for place in places]
    sizes = [len(history[place][1]) for place in places]
    count, baskets = len(places), len(history)
    newest = history[-1][0] if history else 0
    ages = [baskets - 1 - place for place in places]
    found: dict[str, float] = {"own_count": count}
    found["own_share"] = count / baskets if count else 0.0
    found["own_share_since_first"] = count / (baskets - places[0]) if count else 0.0
    found["own_baskets_since_last"] = ages[-1] if count else nan
    found["own_days_since_last"] = newest - days[-1] if count else nan
    found["own_baskets_since_first"] = ages[0] if count else nan
    found["own_days_since_first"] = newest - days[0] if count else nan
    found |= _gaps(history, places, as_of)
    found["own_size_mean"] = fmean(sizes) if count else nan
    pairs = list(zip(ages, sizes, strict=True))
    found["own_inverse_size_decayed"] = sum(0.95**age / size for age, size in pairs)
    found["own_inverse_size_share"] = sum(1 / size for size in sizes) / baskets if count else 0.0
    found["own_size_last"] = sizes[-1] if count else nan
    found |= {f"own_decayed_{rate:g}": decayed(history, item, rate) for rate in BASKET_DECAYS}
    for half in HALF_LIVES:
        found[f"own_faded_{half:g}d"] = sum(0.5 ** ((newest - day) / half) for day in days)
    for most in NEWEST:
        found[f"own_count_newest_{most}"] = sum(age < most for age in ages)
    return found


def _gaps(history: History, places: list[int], as_of: int) -> dict[str, float]:
    names = ("days", "days_sd", "days_last", "baskets", "baskets_sd")
    if len(places) < 2:
        return {f"own_gap_{name}": nan for name in names} | {
            "own_overdue_days": nan,
            "own_overdue_baskets": nan,
        }
    days = [history[place][0] for place in places]
    newest = history[-1][0]
    in_days = [after - before for before, after in pairwise(days)]
    in_baskets = [after - before for before, after in pairwise(places)]
    usual = (newest - history[0][0]) / (len(history) - 1)
    next_on = max(newest + usual, as_of)
    values = (fmean(in_days), _spread(in_days), in_days[-1], fmean(in_baskets), _spread(in_baskets))
    return dict(zip([f"own_gap_{name}" for name in names], values, strict=True)) | {
        "own_overdue_days": (next_on - days[-1]) / fmean(in_days),
        "own_overdue_baskets": (len(history) - places[-1]) / fmean(in_baskets),
    }


def customer(history: History, as_of: int) -> dict[str, float]:
    """What is known of a customer with a basket, whatever the item."""
    sizes = [len(basket) for _, basket in history]
    days = [day for day, _ in history]
    distinct = len({item for _, basket in history for item in basket})
    several = len(days) > 1
    return {
        "customer_baskets": len(days),
        "customer_days": days[-1] - days[0],
        "customer_gap_days": (days[-1] - days[0]) / (len(days) - 1) if several else nan,
        "customer_gap_days_last": days[-1] - days[-2] if several else nan,
        "customer_days_since_last": as_of - days[-1],
        "customer_size_mean": fmean(sizes),
        "customer_size_sd": _spread(sizes),
        "customer_size_inverse_mean": fmean([1 / size for size in sizes]),
        "customer_size_last": sizes[-1],
        "customer_size_newest_3": fmean(sizes[-3:]),
        "customer_size_newest_10": fmean(sizes[-10:]),
        "customer_items": distinct,
        "customer_repeat_share": 1 - distinct / sum(sizes),
    }


def item(past: Past, one: int) -> dict[str, float]:
    """What is known of an item, whoever the customer."""
    every = [(day, basket) for history in past.values() for day, basket in history]
    today = max((day for day, _ in every), default=0)
    holding = [(day, basket) for day, basket in every if one in basket]
    counts = [sum(one in basket for _, basket in history) for history in past.values()]
    buyers = sum(count > 0 for count in counts)

    def share(days: int) -> float:
        recent = [basket for day, basket in every if today - day < days]
        return sum(one in basket for basket in recent) / max(1, len(recent))

    return {
        "item_baskets_share": len(holding) / max(1, len(every)),
        "item_buyers_share": buyers / max(1, sum(map(bool, past.values()))),
        "item_baskets_per_buyer": len(holding) / max(1, buyers),
        "item_repeat_rate": sum(count > 1 for count in counts) / max(1, buyers),
        "item_size_mean": fmean([len(basket) for _, basket in holding]) if holding else 0.0,
        "item_inverse_size": fmean([1 / len(b) for _, b in holding]) if holding else 0.0,
        "item_share_7d": share(7),
        "item_share_28d": share(28),
        "item_share_91d": share(91),
        "item_trend": share(28) / max(share(91), 1e-9),
        "item_days_since_first": today - min((day for day, _ in holding), default=today),
    }
