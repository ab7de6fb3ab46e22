"""What follows what by looking at every order that the elements of a sequence may have."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise, permutations, product

from tests.oracles.sequences import Element, Timed


def trial(sequence: Timed, lead: Element, follow: Element, within: int, until: int) -> int | None:
    """Time from the first antecedent to the first consequent within it, -1 without one.

    None where it was not observed for so long, or there is no antecedent.
    """
    firsts = [time for time, items in sequence if lead <= items]
    if not firsts or firsts[0] + within >= until:
        return None
    waits = [
        time - firsts[0]
        for time, items in sequence
        if follow <= items and 0 < time - firsts[0] <= within
    ]
    return min(waits, default=-1)


def chance(sequence: Timed, lead: Element, follow: Element, within: int) -> Fraction:
    """Share of the orders with the first antecedent where it is in which the consequent follows."""
    times = [time for time, _ in sequence]
    contents = [items for _, items in sequence]
    place = next(number for number, items in enumerate(contents) if lead <= items)
    orders = [
        order
        for order in permutations(contents)
        if lead <= order[place] and not any(lead <= items for items in order[:place])
    ]
    hits = [
        trial(list(zip(times, order, strict=True)), lead, follow, within, 10**9) != -1
        for order in orders
    ]
    return Fraction(sum(hits), len(orders))


def completed(sequence: Timed, steps: Sequence[Element], within: int) -> int | None:
    """Place of the first element that ends all steps, each within the time behind the last."""
    ways = [
        way
        for way in combinations(range(len(sequence)), len(steps))
        if all(step <= sequence[place][1] for place, step in zip(way, steps, strict=True))
        and all(sequence[b][0] - sequence[a][0] <= within for a, b in pairwise(way))
    ]
    return min((way[-1] for way in ways), default=None)


def trial_behind(
    sequence: Timed, steps: Sequence[Element], follow: Element, within: int, until: int
) -> int | None:
    """Time from where all steps have first happened to the first consequent within it, -1 without.

    None where it was not observed for so long, or they have not happened.
    """
    place = completed(sequence, steps, within)
    if place is None or sequence[place][0] + within >= until:
        return None
    begin = sequence[place][0]
    waits = [
        time - begin
        for time, items in sequence[place + 1 :]
        if follow <= items and time - begin <= within
    ]
    return min(waits, default=-1)


def chance_behind(
    sequence: Timed, steps: Sequence[Element], follow: Element, within: int
) -> Fraction:
    """Share of the orders that are the same up to where all steps have first happened."""
    times = [time for time, _ in sequence]
    contents = [items for _, items in sequence]
    place = completed(sequence, steps, within)
    assert place is not None
    orders = [
        order
        for order in permutations(contents)
        if list(order[: place + 1]) == contents[: place + 1]
        and completed(list(zip(times, order, strict=True)), steps, within) == place
    ]
    hits = [
        trial_behind(list(zip(times, order, strict=True)), steps, follow, within, 10**9) != -1
        for order in orders
    ]
    return Fraction(sum(hits), len(orders))


def tail(chances: Sequence[Fraction], successes: int) -> Fraction:
    """Chance of so many successes or more, over every way that trials may end."""
    total = Fraction(0)
    for ends in product((False, True), repeat=len(chances)):
        if sum(ends) >= successes:
            way = Fraction(1)
            for one, share in zip(ends, chances, strict=True):
                way *= share if one else 1 - share
            total += way
    return total
