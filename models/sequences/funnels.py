"""Funnels: how many get from step to step, and in which time."""

from collections.abc import Hashable
from typing import Final

import numpy as np
import pandas as pd

from features.compiled import compiled, interpreted
from models.coding import WholeArray
from models.sequences.layout import Parts
from models.sequences.sequences import Sequences
from models.sequences.transitions import StepsUnclear

_SMALL: Final = 5_000
"""Entries up to which Python is quicker than loading what is compiled."""

_NEVER: Final = -(2**62)


def funnel_of(
    sequences: Sequences, steps: tuple[Hashable, ...], within: int | None = None
) -> pd.DataFrame:
    """How many sequences reach each of some ordered steps.

    A sequence reaches a step where it has all up to this one, each later than the one before, and
    the first and this one at most so far apart; whatever is between. Of several ways the one that
    leads deepest tells the times, and of these the one that begins first.

    Parameters
    ----------
    sequences
        To look at.
    steps
        Items, in order.
    within
        Time from the first step, at most, in the unit of the instants; no limit where None.

    Returns
    -------
    pandas.DataFrame
        A row per step: ``step`` (from 1), ``item``, ``sequences`` (that reach it), ``share`` (of
        all), ``step_share`` (of those that reach the step before; of the first one, of all),
        ``lost`` (that reach the step before and not this one), and ``wait_p25``, ``wait_p50`` and
        ``wait_p75`` of the time from the step before, NaN for the first.

    Raises
    ------
    StepsUnclear
        When there is no step, or one is no item of the sequences.
    """
    places = sequences.labels.get_indexer(pd.Index(list(steps)))
    unknown = [step for step, place in zip(steps, places, strict=True) if place < 0]
    if unknown or not steps:
        named = ", ".join(map(repr, unknown))
        found = f"none is called {named}" if unknown else "none is given"
        message = f"a funnel needs steps that some row names, but {found}"
        raise StepsUnclear(message)
    loop = interpreted(_reached) if len(sequences.codes) <= _SMALL else _reached
    times = loop(
        (sequences.elements, sequences.starts, sequences.codes),
        sequences.instants,
        places.astype(np.int64),
        2**61 if within is None else within,
    )
    is_there = times > _NEVER
    reached = is_there.sum(axis=0)
    before = np.concatenate([[sequences.count], reached[:-1]])
    waits = np.full((len(steps), 3), np.nan)
    for step in range(1, len(steps)):
        if reached[step]:
            some = times[is_there[:, step], step - 1 : step + 1]
            waits[step] = np.quantile(np.diff(some).ravel(), (0.25, 0.5, 0.75))
    return pd.DataFrame(
        {
            "step": np.arange(1, len(steps) + 1),
            "item": list(steps),
            "sequences": reached,
            "share": reached / max(sequences.count, 1),
            "step_share": reached / np.maximum(before, 1),
            "lost": before - reached,
            "wait_p25": waits[:, 0],
            "wait_p50": waits[:, 1],
            "wait_p75": waits[:, 2],
        }
    )


@compiled
def _reached(parts: Parts, instants: WholeArray, steps: WholeArray, within: int) -> WholeArray:
    """When each sequence was at each step, shape (sequences, steps); `_NEVER` where it was not."""
    elements, starts, codes = parts
    found = np.full((elements.size - 1, steps.size), _NEVER, np.int64)
    way = np.empty(steps.size, np.int64)
    for number in range(elements.size - 1):
        deepest = 0
        for begin in range(elements[number], elements[number + 1]):
            deep, is_searched = 0, True
            for element in range(begin, elements[number + 1]):
                if deep == steps.size or (deep > 0 and instants[element] - way[0] > within):
                    is_searched = False
                    break
                has = False
                for entry in range(starts[element], starts[element + 1]):
                    has |= codes[entry] == steps[deep]
                if has:
                    way[deep] = instants[element]
                    deep += 1
                elif deep == 0:
                    is_searched = False
                    break
            if deep > deepest:
                deepest = deep
                found[number, :deep] = way[:deep]
            if is_searched or deepest == steps.size:
                break  # what begins later does not get farther
    return found
