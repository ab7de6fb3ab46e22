"""Made-up customers who buy as a model says, for tests and benchmarks of repeat buying."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Buyers:
    """Who is made up.

    Attributes
    ----------
    customers
        How many.
    r, alpha, a, b
        Of the rate and of the chance to leave, in weeks.
    regularity
        Of times between purchases: k of an Erlang distribution.
    leave_at_once
        Whether the first purchase may be the last (MBG) or not (BG).
    weeks
        From the first day to the last day seen.
    joining
        Weeks over which customers join.
    is_by_day
        Whether purchases fall on whole days, those of one day together.
    """

    customers: int = 2000
    r: float = 0.243
    alpha: float = 4.414
    a: float = 0.793
    b: float = 2.426
    regularity: int = 1
    leave_at_once: bool = False
    weeks: float = 39.0
    joining: float = 12.0
    is_by_day: bool = False


class Made(NamedTuple):
    """What they did: a row per customer, and the purchases after the last day seen."""

    summary: pd.DataFrame
    later: Floats


def made_up(buyers: Buyers, seed: int = 1, later: float = 0.0) -> Made:
    """Customers drawn one purchase after the other.

    Parameters
    ----------
    buyers
        Who is made up.
    seed
        Equal seeds make equal customers.
    later
        Weeks after the last one seen in which purchases are counted.
    """
    random = np.random.default_rng(seed)
    count, unit = buyers.customers, 1 / 7 if buyers.is_by_day else 1e-9
    rate = random.gamma(buyers.r, 1 / buyers.alpha, count)
    leaving = random.beta(buyers.a, buyers.b, count)
    age = np.floor((buyers.weeks - random.random(count) * buyers.joining) / unit) * unit
    found = {name: np.zeros(count) for name in ("repeats", "last_at", "log_intervals", "later")}
    at, seen = np.zeros(count), np.zeros(count)
    rows = np.arange(count)
    if buyers.leave_at_once:
        rows = rows[random.random(count) >= leaving]
    while len(rows):
        with np.errstate(divide="ignore", over="ignore"):
            at[rows] += random.gamma(buyers.regularity, 1.0, len(rows)) / rate[rows]
        rows = rows[at[rows] <= age[rows] + later]
        day = np.floor(at[rows] / unit) * unit
        is_new = day > seen[rows]
        here, bought = day <= age[rows], rows[is_new]
        inside = rows[here & is_new]
        found["repeats"][inside] += 1
        found["log_intervals"][inside] += np.log(day[here & is_new] - seen[inside])
        found["last_at"][inside] = day[here & is_new]
        found["later"][rows[~here & is_new]] += 1
        seen[bought] = day[is_new]
        rows = rows[random.random(len(rows)) >= leaving[rows]]
    later_found = found.pop("later")
    summary = pd.DataFrame({"customer": np.arange(count), **found, "age": age})
    return Made(summary, later_found)
