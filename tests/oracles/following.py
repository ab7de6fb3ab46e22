"""What follows what by looking at every order that the elements of a sequence may have."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations, product

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
