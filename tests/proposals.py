"""A study of a business as a proposal is made of it, without any orders."""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd

from features.label_rates import Candidates
from features.segments import segments_of
from models.survival import kaplan_meier
from pipelines.check import load_config
from pipelines.config import Business
from pipelines.study import Study, Waiting

FIRST = date(2022, 1, 1)
LAST = FIRST + timedelta(days=699)
HORIZONS = (14, 28, 56, 91, 182)


def business(*assignments: str) -> Business:
    config = ("churn.test_as_of=2023-06-01", *assignments)
    return load_config("complete_journey", config).business


def waiting(days: Sequence[int], open_days: Sequence[int] = (), name: str = "") -> Waiting:
    both, opened = [*days, *open_days], [False] * len(days) + [True] * len(open_days)
    return Waiting(name, kaplan_meier(both, opened), len(both), len(open_days))


ENDED = [*range(1, 41)] * 4
"""Most are back within 40 days."""


def study(
    lost: dict[int, float],
    gaps: Waiting | None = None,
    *,
    of_one_time: float = 0.1,
    days: int = 12,
    gap_days: int = 0,
) -> Study:
    """A study of 1,000 customers a day with a loss by horizon, all bought 7 days ago.

    Of them a share has ordered once, and those have all left.
    """
    rows: list[tuple[date, int, int, int | None, int]] = []
    for place in range(days):
        as_of = LAST - timedelta(days=28 * (place + 1))
        once, before = round(1000 * of_one_time), 0
        for horizon in HORIZONS:
            back = round(1000 * (1 - lost[horizon])) - before
            rows.append((as_of, 7, 2, horizon, back))
            before += back
        rows += [(as_of, 7, 2, None, 1000 - before - once), (as_of, 7, 1, None, once)]
    columns = ["as_of", "active_days", "orders", "returned_days", "customers"]
    everyone = gaps or waiting(ENDED, [400] * 20)
    config = business()
    return Study(
        LAST + timedelta(days=1),
        FIRST,
        LAST,
        Candidates(gap_days, HORIZONS, (7, 28, 56)),
        everyone,
        everyone,
        segments_of(config.sources, "orders"),
        (everyone,),
        pd.DataFrame(rows, columns=columns),
    )


FALLING = {14: 0.7, 28: 0.5, 56: 0.3, 91: 0.2, 182: 0.15}
