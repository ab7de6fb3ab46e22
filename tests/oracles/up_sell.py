"""Tiers of purchase days, moves, steps and outcomes by plain Python, line by line."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from statistics import median

Line = tuple[str, int, str, int, float]
"""Customer, day, need, tier and units."""

Days = dict[tuple[str, str], list[tuple[int, int, int]]]
"""By customer and need: day, tier with most units (of equals the highest), and highest tier."""


def days_of(lines: Iterable[Line], before: int) -> Days:
    """Purchase days before a day, ascending."""
    units: dict[tuple[str, str], dict[int, dict[int, float]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(float))
    )
    for customer, day, need, tier, count in lines:
        if day < before:
            units[customer, need][day][tier] += count
    return {
        pair: [
            (day, max(tiers, key=lambda tier: (tiers[tier], tier)), max(tiers))
            for day, tiers in sorted(by_day.items())
        ]
        for pair, by_day in units.items()
    }


def moves(days: Days) -> dict[tuple[str, int, int], tuple[int, int, int, float]]:
    """By need, tier and next tier: moves, customers, customers from there, median days between."""
    times: dict[tuple[str, int, int], list[tuple[str, int]]] = defaultdict(list)
    starters: dict[tuple[str, int], set[str]] = defaultdict(set)
    for (customer, need), history in days.items():
        for (day, tier, _), (later, next_tier, _) in pairwise(history):
            times[need, tier, next_tier].append((customer, later - day))
            starters[need, tier].add(customer)
    return {
        (need, tier, to): (
            len(found),
            len({customer for customer, _ in found}),
            len(starters[need, tier]),
            median([gap for _, gap in found]),
        )
        for (need, tier, to), found in times.items()
    }


def steps(days: Days, need: str, tier: int) -> tuple[int, int, int, int, int]:
    """Customers who began at a tier, stepped up, came back, stayed next time, stayed mostly."""
    customers = stepped = returned = kept = mostly = 0
    for (_, of), history in days.items():
        tiers = [each for _, each, _ in history]
        if of != need or tier not in tiers:
            continue
        entry = tiers.index(tier)
        if any(each > tier for each in tiers[:entry]):
            continue
        customers += 1
        above = [place for place in range(entry, len(tiers)) if tiers[place] > tier]
        if not above:
            continue
        stepped += 1
        after = tiers[above[0] + 1 :]
        if after:
            returned += 1
            kept += after[0] >= tiers[above[0]]
            mostly += sum(each >= tiers[above[0]] for each in after) > len(after) / 2
    return customers, stepped, returned, kept, mostly


def waits(days: Days, need: str, tier: int, as_of: int) -> list[tuple[int, bool]]:
    """Days from a customer's first of a tier to the first above it, or to the last seen: if open.

    Of customers who were not above it before.
    """
    found = []
    for (_, of), history in days.items():
        entry = next((day for day, each, _ in history if of == need and each == tier), None)
        above = next((day for day, each, _ in history if each > tier), None)
        if entry is None or (above is not None and above < entry):
            continue
        found.append((as_of - 1 - entry, True) if above is None else (above - entry, False))
    return found


def within(waited: list[tuple[int, bool]], time: int) -> float | None:
    """Share of waits that end within a time, by Kaplan and Meier; None beyond the longest."""
    longest = max((length for length, _ in waited if length > 0), default=0)
    if time > longest and not (longest and (longest, True) not in waited):
        return None
    left = 1.0
    for each in sorted({length for length, is_open in waited if length <= time and not is_open}):
        at_risk = sum(length >= each for length, _ in waited)
        left *= 1 - waited.count((each, False)) / at_risk
    return 1 - left


def usual(history: list[tuple[int, int, int]], as_of: int, half_life: float, tiers: int) -> int:
    """The tier with the greatest sum of faded days; of equals the highest."""
    sums = [0.0] * tiers
    for day, tier, _ in history:
        sums[tier] += 0.5 ** ((as_of - day) / half_life)
    best = max(sums)
    return max(tier for tier in range(tiers) if sums[tier] >= best * (1 - 1e-9))


def pairs(
    lines: list[Line], as_of: int, horizon: int, tiers: int
) -> dict[tuple[str, str], tuple[int, int | None, bool]]:
    """By customer and need: usual tier, days since one above, whether one above came.

    Of those with two days or more, the last within 182, whose usual tier has one above.
    """
    before, found = days_of(lines, as_of), {}
    for pair, history in before.items():
        own = usual(history, as_of, 90.0, tiers)
        if len(history) < 2 or history[-1][0] < as_of - 182 or own == tiers - 1:
            continue
        above = [day for day, _, top in history if top > own]
        came = any(
            (customer, need) == pair and as_of <= day < as_of + horizon and tier > own
            for customer, day, need, tier, _ in lines
        )
        found[pair] = (own, as_of - above[-1] if above else None, came)
    return found


def next_products(
    lines: Iterable[Line], products: Iterable[tuple[str, str, int]], as_of: int, allowed: set[str]
) -> dict[tuple[str, int], tuple[str, float]]:
    """By need and usual tier: the product to offer, and its share of the days above the tier.

    Lines are those of one product each: customer, day, need, tier and units.
    """
    recent = [line for line in lines if as_of - 56 <= line[1] < as_of]
    found = {}
    known = sorted(products)
    for need, usual in {(need, tier - 1) for _, need, tier in known if tier > 0}:
        days = {
            name: len({line[:2] for line in recent if line[2:4] == (need, tier)})
            for name, own, tier in known
            if (own, tier) == (need, usual + 1) and name in allowed
        }
        best = max(days, key=lambda name: days[name], default=None)
        above = len({line[:2] for line in recent if line[2] == need and line[3] > usual})
        if best is not None and days[best] > 0:
            found[need, usual] = (best, days[best] / above)
    return found
