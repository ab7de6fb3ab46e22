"""Scores, cohorts, rates, profit and figures of held-out money by plain Python, row by row."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from math import nan, sqrt

Row = tuple[str, int, float]
"""Customer, day, amount."""


def score(values: Sequence[float], bins: int) -> list[int]:
    """1..bins of each value, the greatest best: the middle rank of its equals, cut evenly."""
    found = []
    for value in values:
        below = sum(other < value for other in values)
        equal = sum(other == value for other in values)
        middle = below + equal / 2
        found.append(min(int(bins * middle / len(values) + 1e-12), bins - 1) + 1)
    return found


def orders(rows: Sequence[Row], before: int) -> dict[str, dict[int, float]]:
    """By customer: days with an order before a day, and what it brought."""
    found: dict[str, dict[int, float]] = {}
    for customer, day, amount in rows:
        if day < before:
            days = found.setdefault(customer, {})
            days[day] = days.get(day, 0.0) + amount
    paid = {
        who: {d: money for d, money in days.items() if money > 0} for who, days in found.items()
    }
    return {who: days for who, days in paid.items() if days}


def cohort_cells(
    rows: Sequence[Row], edges: Sequence[int]
) -> dict[tuple[int, int], tuple[int, float]]:
    """By cohort and age: how many ordered, and the money of all rows; of periods that were seen."""
    known = orders(rows, edges[-1])
    found: dict[tuple[int, int], tuple[int, float]] = {}
    periods = len(edges) - 1
    for begun in range(periods):
        members = [
            who for who, days in known.items() if edges[begun] <= min(days) < edges[begun + 1]
        ]
        for age in range(periods - begun):
            low, high = edges[begun + age], edges[begun + age + 1]
            active = sum(any(low <= day < high for day in known[who]) for who in members)
            money = sum(amount for who, day, amount in rows if who in members and low <= day < high)
            found[begun, age] = (active, money)
    return found


def rates(rows: Sequence[Row], edges: Sequence[int]) -> list[dict[str, float]]:
    """Customers of each period: active, new, retained, lost and won back."""
    known = orders(rows, edges[-1])
    active = [
        {who for who, days in known.items() if any(low <= day < high for day in days)}
        for low, high in pairwise(edges)
    ]
    first = {who: min(days) for who, days in known.items()}
    found = []
    for k, now in enumerate(active):
        low, high = edges[k], edges[k + 1]
        row: dict[str, float] = {"active": len(now)}
        row["new"] = sum(low <= first[who] < high for who in now)
        if k == 0:
            if not any(day < low for day in first.values()):
                row["new"] = nan
            row |= dict.fromkeys(("retained", "lost", "won_back"), nan)
        else:
            before = active[k - 1]
            silent = {who for who, day in first.items() if day < edges[k - 1]} - before
            row |= {"retained": len(before & now), "lost": len(before - now)}
            row["won_back"] = len(silent & now)
        found.append(row)
    return found


def needed(profit: Sequence[float], asked: float) -> float:
    """Least share of customers, the most profitable first, that makes a share of the profit."""
    made, total = 0.0, sum(profit)
    for place, money in enumerate(sorted(profit, reverse=True)):
        if made + money >= asked * total and money > 0:
            return (place + (asked * total - made) / money) / len(profit)
        made += money
    return nan


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Correlation of middle ranks; NaN where one does not vary."""
    ranks = [[_rank(value, values) for value in values] for values in (one, other)]
    middle = (len(one) + 1) / 2
    both = sum((a - middle) * (b - middle) for a, b in zip(*ranks, strict=True))
    spread = [sum((a - middle) ** 2 for a in each) for each in ranks]
    return both / sqrt(spread[0] * spread[1]) if all(spread) else nan


def _rank(value: float, values: Sequence[float]) -> float:
    below = sum(other < value for other in values)
    equal = sum(other == value for other in values)
    return below + (equal + 1) / 2


def drawn(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Each value as often as it was drawn."""
    return [v for v, times in zip(values, weights, strict=True) for _ in range(int(times))]


def agreeing(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether no pair is put in opposite orders."""
    pairs = combinations(zip(one, other, strict=True), 2)
    return all((a - c) * (b - d) >= 0 for (a, b), (c, d) in pairs)
