"""Kaplan and Meier's estimate in fractions, duration by duration: slow, and obviously right."""

import math
from collections.abc import Sequence
from fractions import Fraction

Duration = tuple[int, bool]
"""How long it was watched, and whether it was still open then."""


def outlasting(durations: Sequence[Duration], time: int, given: int = 0) -> Fraction:
    """Chance that a duration outlasts ``time`` when it outlasts ``given``: day after day."""
    chance = Fraction(1)
    for day in range(given + 1, time + 1):
        waiting = sum(length >= day for length, _ in durations)
        ending = sum(length == day and not is_open for length, is_open in durations)
        if waiting:
            chance *= 1 - Fraction(ending, waiting)
    return chance


def standard_error(durations: Sequence[Duration], time: int, given: int = 0) -> float:
    """Greenwood's, of the chance itself."""
    terms = Fraction(0)
    for day in range(given + 1, time + 1):
        waiting = sum(length >= day for length, _ in durations)
        ending = sum(length == day and not is_open for length, is_open in durations)
        if ending:
            terms += Fraction(ending, waiting * (waiting - ending))
    return float(outlasting(durations, time, given)) * math.sqrt(terms)
