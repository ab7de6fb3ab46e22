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
of unlike chances (Poisson-binomial); see `models.sequences.tails`.

**Antecedents of several elements.** The trial begins where the whole of the antecedent has happened
for the first time. Whether it has is decided by what stands up to there, so given all of that, as
it is, what is left stands behind in any order: the same null, with more of it given. Then b is
known, and the chance is that fraction itself. An antecedent of one element needs less to be given.
"""

import math

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from models.coding import WholeArray

FloatArray = npt.NDArray[np.float64]

NEVER = -1
"""Wait of a trial that did not succeed."""


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
def trials_behind(
    sides: tuple[WholeArray, WholeArray],
    sequences: tuple[WholeArray, WholeArray, WholeArray],
    within: int,
    until: int,
    logs: FloatArray,
) -> tuple[WholeArray, FloatArray]:
    """What `trials_of` returns, given all that stands up to where each trial begins.

    Parameters
    ----------
    sides
        Element with which the antecedent has happened, one a sequence at most, and elements with
        the consequent, ascending.
    sequences, within, until, logs
        As of `trials_of`.
    """
    firsts, follows = sides
    heads, instants, owners = sequences
    waits, chances = np.empty(firsts.size, np.int64), np.empty(firsts.size, np.float64)
    used, other = 0, 0
    for first in firsts:
        if instants[first] + within >= until:
            continue
        end, near = heads[owners[first] + 1], first + 1
        while near < end and instants[near] - instants[first] <= within:
            near += 1
        while other < follows.size and follows[other] <= first:
            other += 1
        wait = np.int64(NEVER)
        if other < follows.size and follows[other] < near:
            wait = instants[follows[other]] - instants[first]
        consequents = 0
        while other < follows.size and follows[other] < end:
            consequents += 1
            other += 1
        behind, places, missed = end - first - 1, near - first - 1, 0.0
        if behind - consequents >= places:
            fewer = _choose(behind - consequents, places, logs)
            missed = math.exp(fewer - _choose(behind, places, logs))
        waits[used], chances[used] = wait, 1 - min(missed, 1.0)
        used += 1
    return waits[:used].copy(), chances[:used].copy()
