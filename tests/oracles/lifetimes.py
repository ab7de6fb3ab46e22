"""Lifetimes day by day and survival metrics pair by pair: slow, and obviously right."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

Lifetime = tuple[int, bool]
"""Weeks watched, and whether the customer left in the last of them."""

Curve = Sequence[float]
"""Chance to be there still after weeks 1, 2, ...."""


def lifetime(
    purchases: Collection[date], as_of: date, horizon: int, known_until: date, most: int
) -> Lifetime:
    """Week after week whose every horizon is over, day after day: was its horizon silent?"""
    for week in range(1, most + 1):
        days = [as_of + timedelta(days=day) for day in range(7 * (week - 1), 7 * week)]
        if days[-1] + timedelta(days=horizon) > known_until:
            return week - 1, False
        for day in days:
            ahead = {day + timedelta(days=after) for after in range(horizon)}
            if not ahead & set(purchases):
                return week, True
    return most, False


def watching(lives: Sequence[Lifetime], weights: Sequence[float], week: int) -> float:
    """Chance that a week is watched."""
    chance = 1.0
    for earlier in range(1, week):
        there = lost = 0.0
        for (weeks, ended), weight in zip(lives, weights, strict=True):
            if weeks > earlier or (weeks == earlier and not ended):
                there += weight
            if weeks == earlier and not ended:
                lost += weight
        if there:
            chance *= 1 - lost / there
    return chance


def concordance(
    lives: Sequence[Lifetime],
    curves: Sequence[Curve],
    weights: Sequence[float],
    *,
    power: int = 0,
    is_timed: bool = False,
) -> float:
    """Share of pairs in which who leaves first was at more risk."""
    won = pairs = 0.0
    for i, (week, ended) in enumerate(lives):
        if not ended or week > len(curves[i]):
            continue
        counts = watching(lives, weights, week) ** -power if weights[i] else 0.0
        for j, (other, other_ended) in enumerate(lives):
            if not (other > week or (other == week and not other_ended)):
                continue
            if is_timed:
                risk, others = 1 - curves[i][week - 1], 1 - curves[j][week - 1]
            else:
                risk, others = -sum(curves[i]), -sum(curves[j])
            pairs += counts * weights[i] * weights[j]
            won += counts * weights[i] * weights[j] * ((risk > others) + (risk == others) / 2)
    return won / pairs


def brier(
    lives: Sequence[Lifetime], curves: Sequence[Curve], weights: Sequence[float], week: int
) -> float:
    """Squared error of the chance to be there after a week, by inverse chance of censoring."""
    total = 0.0
    for (weeks, ended), curve, weight in zip(lives, curves, weights, strict=True):
        if not weight:
            continue
        if weeks > week or (weeks == week and not ended):
            total += weight * (1 - curve[week - 1]) ** 2 / watching(lives, weights, week)
        elif ended:
            total += weight * curve[week - 1] ** 2 / watching(lives, weights, weeks)
    return total / sum(weights)


def integrated_brier(
    lives: Sequence[Lifetime], curves: Sequence[Curve], weights: Sequence[float]
) -> float:
    """Mean over the weeks of the curves."""
    weeks = len(curves[0])
    return sum(brier(lives, curves, weights, week) for week in range(1, weeks + 1)) / weeks


def gone_ratio(
    lives: Sequence[Lifetime], curves: Sequence[Curve], weights: Sequence[float], week: int
) -> float:
    """Those gone after a week by those who were said to be."""
    gone = said = 0.0
    for (weeks, ended), curve, weight in zip(lives, curves, weights, strict=True):
        is_gone = ended and weeks <= week
        outlasts = weeks > week or (weeks == week and not ended)
        if weight and (is_gone or outlasts):
            known = weight / watching(lives, weights, min(weeks, week))
            gone += known * is_gone
            said += known * (1 - curve[week - 1])
    return gone / said
