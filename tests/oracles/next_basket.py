"""Recommenders of the next basket as plain loops over lists of sets, oldest basket first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log, sqrt

History = Sequence[tuple[int, frozenset[int]]]
"""Days and baskets."""

Past = Mapping[int, History]
"""By customer."""


def popularity(past: Past) -> Counter[int]:
    """Baskets that hold each item."""
    return Counter(item for history in past.values() for _, basket in history for item in basket)


def gp_top_freq(past: Past, customer: int, items: int) -> list[int]:
    """Own items by count, ties by first seen, then all others by popularity."""
    counts: Counter[int] = Counter()
    seen: list[int] = []
    for _, basket in past[customer]:
        for item in sorted(basket):
            counts[item] += 1
            if item not in seen:
                seen.append(item)
    own = sorted(seen, key=lambda item: (-counts[item], seen.index(item)))
    common = popularity(past)
    others = [item for item in range(items) if item not in counts]
    return own + sorted(others, key=lambda item: (-common[item], item))


def decayed(history: History, item: int, rate: float) -> float:
    """Sum of the rate to the power of baskets ago."""
    return sum(rate**ago for ago, (_, basket) in enumerate(reversed(history)) if item in basket)


def rates(past: Past, item: int, edges: Sequence[int], prior: float) -> list[float]:
    """Share of the baskets so much later than a purchase that hold the item again, shrunk."""
    found = []
    every = {one for history in past.values() for _, basket in history for one in basket}
    for low, high in pairwise(edges):
        again = dict.fromkeys(every | {item}, 0)
        chances = dict(again)
        for history in past.values():
            for place, (_, basket) in enumerate(history):
                for later in range(low, high):
                    if place + later < len(history):
                        for one in basket:
                            chances[one] += 1
                            again[one] += one in history[place + later][1]
        total = sum(chances.values())
        common = sum(again.values()) / total if total else 0.0
        found.append((again[item] + prior * common) / (chances[item] + prior))
    return found


def tifu_vector(
    history: History, items: int, groups: int, decays: tuple[float, float]
) -> list[float]:
    """Means within groups of baskets, then over groups, both decayed."""
    within, between = decays
    count = min(groups, len(history))
    size, more = divmod(len(history), count) if count else (0, 0)
    vector = [0.0] * items
    begin = 0
    for group in range(count):
        length = size + (group >= count - more)
        for place in range(length):
            weight = (
                within ** (length - 1 - place) / length * between ** (count - 1 - group) / count
            )
            for item in history[begin + place][1]:
                vector[item] += weight
        begin += length
    return vector


def tifu(
    past: Past, customer: int, vectors: Mapping[int, list[float]], settings: tuple[float, int]
) -> list[float]:
    """Own vector and the mean of the nearest."""
    own_weight, neighbours = settings
    own = vectors[customer]
    others = [v for other, v in vectors.items() if other != customer and past[other]]
    near = sorted(others, key=lambda v: sum((a - b) ** 2 for a, b in zip(own, v, strict=True)))
    near = near[:neighbours]
    return [
        own_weight * own[item]
        + (1 - own_weight) * (sum(v[item] for v in near) / len(near) if near else 0.0)
        for item in range(len(own))
    ]


def up_cf(past: Past, customer: int, items: int, settings: tuple[int, float, float]) -> list[float]:
    """Recent shares of everybody, weighted by likeness to a power; the customer's own by 1."""
    recent, asymmetry, locality = settings
    sets = {who: {one for _, basket in history for one in basket} for who, history in past.items()}
    found = [0.0] * items
    for who, history in past.items():
        both = len(sets[customer] & sets[who])
        weight = 1.0 if who == customer else 0.0
        if both and who != customer:
            scale = len(sets[customer]) ** asymmetry * len(sets[who]) ** (1 - asymmetry)
            weight = (both / scale) ** locality
        newest = history[-recent:]
        for _, basket in newest:
            for item in basket:
                found[item] += weight / len(newest)
    return found


def user_knn(past: Past, customer: int, items: int, neighbours: int) -> list[float]:
    """Decayed frequency of the nearest by cosine of rarities, weighted by its square."""
    sets = {who: {one for _, basket in h for one in basket} for who, h in past.items()}
    buyers = [sum(item in held for held in sets.values()) for item in range(items)]
    present = sum(bool(history) for history in past.values())
    rarity = [log((present + 1) / (count + 1)) for count in buyers]

    def cosine(one: set[int], other: set[int]) -> float:
        length = sqrt(sum(rarity[i] ** 2 for i in one) * sum(rarity[i] ** 2 for i in other))
        return sum(rarity[i] ** 2 for i in one & other) / length if length else 0.0

    like = {who: cosine(sets[customer], sets[who]) for who in past if who != customer and past[who]}
    near = sorted(like, key=lambda who: -like[who])[:neighbours]
    total = sum(like[who] ** 2 for who in near) or 1.0
    return [
        sum(like[who] ** 2 * decayed(past[who], item, 0.9) for who in near) / total
        for item in range(items)
    ]


def item_knn(columns: Sequence[Sequence[float]], own: Sequence[float]) -> list[float]:
    """Sum of what one has times the cosine of its column with that of the item."""

    def cosine(one: Sequence[float], other: Sequence[float]) -> float:
        length = sqrt(sum(a * a for a in one) * sum(b * b for b in other))
        return sum(a * b for a, b in zip(one, other, strict=True)) / length if length else 0.0

    return [
        sum(have * cosine(columns[j], columns[i]) for j, have in enumerate(own) if j != i)
        for i in range(len(own))
    ]
