r"""What follows what in which time, and its exact chance under a shuffled order: compiled loops.

**The trial.** Each sequence gives one at most: its first element with the antecedent, if all of the
time within which the consequent may follow has been observed. It succeeds where a later element
within that time has the consequent. One trial a sequence, so trials are independent of each other.

**The null.** The elements of each sequence are in any order, all equally likely, over the instants
that the sequence has, given where the first antecedent stands. Then, of n elements, of which a have
the antecedent and the first of them stands behind k others, those k are a random draw from the
n - a without it, and what is left stands behind in any order. With w instants within the time of
the m = n - 1 - k behind, and b consequents among them, none is within with the chance

.. math:: \binom{m - b}{w} / \binom{m}{w},

which is averaged over b: hypergeometric by the draw of the k, and less by one where the first
antecedent's own element has the consequent. The number of successes is a sum of independent trials
of unlike chances (Poisson-binomial), whose tail is added up exactly (Hong 2013, "On computing the
distribution function for the Poisson binomial distribution").
"""

import math

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from models.coding import WholeArray

FloatArray = npt.NDArray[np.float64]

NEVER = -1
"""Wait of a trial that did not succeed."""

_NONE = 1e-300
"""Chances below this are none."""


@compiled
def log_factorials(most: int) -> FloatArray:
    """Logarithms of 0!, 1!, ... of a whole number."""
    found = np.zeros(most + 1)
    for number in range(2, most + 1):
        found[number] = found[number - 1] + math.log(number)
    return found


@compiled
def trials_of(
    sides: tuple[WholeArray, WholeArray],
    sequences: tuple[WholeArray, WholeArray, WholeArray],
    within: int,
    until: int,
    logs: FloatArray,
) -> tuple[WholeArray, FloatArray]:
    """The wait of each trial of a rule, `NEVER` without success, and its chance under the null.

    Parameters
    ----------
    sides
        Elements with the antecedent, and with the consequent, ascending.
    sequences
        Where the elements of each begin, shape (sequences + 1,); the instant of each element, and
        its sequence.
    within
        Time in which the consequent may follow.
    until
        First instant that has not been observed.
    logs
        Of `log_factorials`, up to the elements of the longest sequence.
    """
    leads, follows = sides
    heads, instants, owners = sequences
    waits, chances = np.empty(leads.size, np.int64), np.empty(leads.size, np.float64)
    used, place, other = 0, 0, 0
    while place < leads.size:
        first, owner, begin = leads[place], owners[leads[place]], place
        while place < leads.size and owners[leads[place]] == owner:
            place += 1
        while other < follows.size and owners[follows[other]] < owner:
            other += 1
        if instants[first] + within >= until:
            continue
        wait, at, both, consequents = np.int64(NEVER), begin, 0, 0
        while other < follows.size and owners[follows[other]] == owner:
            follow = follows[other]
            if wait == NEVER and follow > first and instants[follow] - instants[first] <= within:
                wait = instants[follow] - instants[first]
            while at < place and leads[at] < follow:
                at += 1
            both += int(at < place and leads[at] == follow)
            consequents += 1
            other += 1
        end = first + 1
        while end < heads[owner + 1] and instants[end] - instants[first] <= within:
            end += 1
        sizes = (heads[owner + 1] - heads[owner], first - heads[owner], end - first - 1)
        waits[used] = wait
        chances[used] = 1 - _none(sizes, (place - begin, consequents - both, both), logs)
        used += 1
    return waits[:used].copy(), chances[:used].copy()


@compiled
def _none(sizes: tuple[int, int, int], held: tuple[int, int, int], logs: FloatArray) -> float:
    """The chance that no consequent is within the time.

    ``sizes`` are elements of the sequence, those before the first antecedent and those within the
    time behind it; ``held`` those with the antecedent, with the consequent alone, and with both.
    """
    elements, before, near = sizes
    leads, alone, both = held
    if alone + both == 0 or near == 0:
        return 1.0
    others, behind = elements - leads, elements - 1 - before
    total = 0.0
    for drawn in range(max(0, before - (others - alone)), min(alone, before) + 1):
        share = math.exp(
            _choose(alone, drawn, logs)
            + _choose(others - alone, before - drawn, logs)
            - _choose(others, before, logs)
        )
        for own in range(2):
            chance = both / leads if own else 1 - both / leads
            left = behind - (alone - drawn + both - own)
            if chance > 0 and left >= near:
                missed = math.exp(_choose(left, near, logs) - _choose(behind, near, logs))
                total += share * chance * missed
    return min(total, 1.0)


@compiled
def _choose(of: int, some: int, logs: FloatArray) -> float:
    return float(logs[of] - logs[some] - logs[of - some])


@compiled
def at_least(chances: FloatArray, successes: int) -> float:
    """Chance of so many successes or more in independent trials; 0 below 1e-300."""
    if successes <= 0:
        return 1.0
    found = np.zeros(successes)
    found[0] = 1.0
    tail, low, high = 0.0, 0, 0
    for chance in chances:
        if high == successes - 1:
            tail += found[high] * chance
        high = min(high + 1, successes - 1)
        for number in range(high, low, -1):
            found[number] = found[number] * (1 - chance) + found[number - 1] * chance
        found[low] *= 1 - chance
        while low < high and found[low] < _NONE:
            found[low] = 0.0
            low += 1
    return min(tail, 1.0)
