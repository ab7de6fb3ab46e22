"""From which tier customers go to which: moves between purchases, first steps up, and who stays."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from models.proportions import wilson
from models.spec import BoolArray, IntArray
from models.survival import kaplan_meier
from models.up_sell.need_days import NeedDays, need_days
from models.up_sell.tiers import Tiers

_HALF: Final = 0.5


@dataclass(frozen=True, eq=False)
class Transitions:
    """What was observed before a day, of one purchase day after the other.

    The tier of a day is the one with the most units, of equals the highest.

    Attributes
    ----------
    moves
        A row per need, from_tier and to_tier, by these: need; from_tier; to_tier; direction (up,
        same or down); moves (times that a day of the latter tier came next after one of the
        former); customers (who did so); customers_from (with a day after one of the former tier);
        share (customers over customers_from, 0..1) with its 95 % interval low and high (Wilson);
        days (median between the two).
    steps
        A row per need and tier with one above, by these: need; tier; customers (who bought it
        before anything above); stepped (of them, who later bought above: their first step); share,
        low, high (of stepped, Wilson); days_p50 (median days from the first purchase of the tier
        until the step, by Kaplan and Meier: who has not stepped by as_of is counted as open; NaN
        where fewer than half were seen to); within_share, within_low, within_high (stepped within
        `within_days`, by the same; NaN where nobody was watched for so long); returned (who
        stepped and bought the need again on a later day); kept_next (of them: next time at the new
        tier or higher, 0..1), kept_low, kept_high (Wilson); kept_mostly (of them: on more than
        half of the later days, 0..1).
    as_of
        Nothing from this day on was seen.
    within_days
        See steps.
    """

    moves: pd.DataFrame
    steps: pd.DataFrame
    as_of: int
    within_days: int


def transitions(
    purchases: pd.DataFrame,
    tiers: Tiers,
    as_of: int,
    within_days: int = 90,
    *,
    days: NeedDays | None = None,
) -> Transitions:
    """Moves and steps of all needs, up to a day.

    What customers bought before the records begin is not known: a first step may be none.

    Parameters
    ----------
    purchases
        See `models.up_sell.unit_prices.unit_prices`.
    tiers
        Of the products.
    as_of
        Nothing from this day on (since 1970-01-01) is seen.
    within_days
        Days after which it is told how many stepped.
    days
        Of the same purchases, tiers and day, see `models.up_sell.need_days.need_days`; None: they
        are made here.

    Raises
    ------
    PurchasesUnclear
        When a column is missing or holds no numbers.
    """
    days = need_days(purchases, tiers, as_of) if days is None else days
    return Transitions(_moves(days), _steps(days, tiers, as_of, within_days), as_of, within_days)


def _moves(days: NeedDays) -> pd.DataFrame:
    here = np.flatnonzero(np.diff(days.pair) == 0)
    told = pd.DataFrame(
        {
            "need": days.need[here],
            "from_tier": days.tier[here],
            "to_tier": days.tier[here + 1],
            "customer": days.customer[here],
            "days": days.day[here + 1] - days.day[here],
        }
    )
    groups = told.groupby(["need", "from_tier", "to_tier"], sort=True)
    found = pd.DataFrame(
        {
            "moves": groups.size(),
            "customers": groups["customer"].nunique(),
            "days": groups["days"].median().astype(np.float64),
        }
    ).reset_index()
    whole = told.groupby(["need", "from_tier"])["customer"].nunique()
    places = pd.MultiIndex.from_frame(found[["need", "from_tier"]])
    found["customers_from"] = whole.reindex(places).to_numpy(dtype=np.int64)
    ends = found[["from_tier", "to_tier"]].to_numpy(dtype=np.int64)
    step = np.sign(ends[:, 1] - ends[:, 0])
    found["direction"] = np.array(["same", "up", "down"], dtype=object)[step]
    found = _with_share(found, "customers", "customers_from", ("share", "low", "high"))
    found["need"] = days.needs.take(found["need"].to_numpy())
    columns = ["need", "from_tier", "to_tier", "direction", "moves", "customers", "customers_from"]
    return found[[*columns, "share", "low", "high", "days"]]


@dataclass(frozen=True, eq=False)
class _Step:
    """Customers at a tier: rows of their first day of it, and of the first above (-1: none)."""

    tier: int
    entry: IntArray
    step: IntArray


def _steps(days: NeedDays, tiers: Tiers, as_of: int, within_days: int) -> pd.DataFrame:
    highest = tiers.counts - 1
    rows: list[dict[str, object]] = []
    for tier in range(int(highest.max(initial=0))):
        found = _first_steps(days, tier)
        is_kept, is_mostly = _kept(days, found.step)
        need = days.need[found.entry]
        for code in np.flatnonzero(highest > tier):
            of = need == code
            row: dict[str, object] = {"need": days.needs[int(code)], "tier": tier}
            row |= _waits(days, _Step(tier, found.entry[of], found.step[of]), as_of, within_days)
            returned = is_kept[of] >= 0
            next_time = int((is_kept[of] > 0).sum())
            share = wilson(next_time, int(returned.sum()))
            row |= {"returned": int(returned.sum()), "kept_next": share.value}
            row |= {"kept_low": share.low, "kept_high": share.high}
            row["kept_mostly"] = _mean(is_mostly[of][returned])
            rows.append(row)
    columns = ["need", "tier", "customers", "stepped", "share", "low", "high", "days_p50"]
    columns += ["within_share", "within_low", "within_high", "returned", "kept_next"]
    table = pd.DataFrame(rows, columns=[*columns, "kept_low", "kept_high", "kept_mostly"])
    return table.sort_values(["need", "tier"], kind="stable").reset_index(drop=True)


def _first_steps(days: NeedDays, tier: int) -> _Step:
    """Of customers and needs that came to a tier before any above it."""
    far = len(days.day)
    if far == 0:
        return _Step(tier, np.empty(0, np.int64), np.empty(0, np.int64))
    rows = np.arange(far)
    heads = days.starts[:-1]
    entry = np.minimum.reduceat(np.where(days.tier == tier, rows, far), heads)
    above = np.minimum.reduceat(np.where(days.tier > tier, rows, far), heads)
    came = (entry < far) & (entry < above)
    return _Step(tier, entry[came], np.where(above[came] < far, above[came], -1))


def _kept(days: NeedDays, step: IntArray) -> tuple[IntArray, BoolArray]:
    """Whether the day after a step was of its tier or higher (1, 0; -1: no step, or no day after).

    And whether most of the days after it were.
    """
    is_next = np.full(len(step), -1, dtype=np.int64)
    is_mostly = np.zeros(len(step), dtype=np.bool_)
    if not len(step):
        return is_next, is_mostly
    last = days.starts[1:][days.pair[np.maximum(step, 0)]] - 1
    goes_on = np.flatnonzero((step >= 0) & (step < last))
    is_next[goes_on] = days.tier[step[goes_on] + 1] >= days.tier[step[goes_on]]
    lengths = last[goes_on] - step[goes_on]
    owner = np.repeat(np.arange(len(goes_on)), lengths)
    ends = np.cumsum(lengths)
    after = np.arange(len(owner)) - np.repeat(ends - lengths, lengths) + step[goes_on][owner] + 1
    is_high = days.tier[after] >= days.tier[step[goes_on]][owner]
    is_mostly[goes_on] = np.bincount(owner, is_high, minlength=len(goes_on)) > _HALF * lengths
    return is_next, is_mostly


def _waits(days: NeedDays, found: _Step, as_of: int, within_days: int) -> dict[str, object]:
    """How many stepped, and how long it took."""
    is_open = found.step < 0
    # The last day that was seen is the one before as_of.
    ends = np.where(is_open, as_of - 1, days.day[np.maximum(found.step, 0)])
    survival = kaplan_meier(ends - days.day[found.entry], is_open)
    middle = survival.quantile(_HALF)
    within = survival.ending(within_days)
    stepped, customers = int((~is_open).sum()), len(found.entry)
    share = wilson(stepped, customers)
    return {
        "customers": customers,
        "stepped": stepped,
        "share": share.value,
        "low": share.low,
        "high": share.high,
        "days_p50": float("nan") if middle is None else float(middle),
        "within_share": within.value,
        "within_low": within.low,
        "within_high": within.high,
    }


def _mean(flags: BoolArray) -> float:
    return float(flags.mean()) if len(flags) else float("nan")


def _with_share(
    table: pd.DataFrame, part: str, whole: str, names: tuple[str, str, str]
) -> pd.DataFrame:
    """The table with a share and its interval."""
    shares = [wilson(some, every) for some, every in zip(table[part], table[whole], strict=True)]
    found = [[each.value, each.low, each.high] for each in shares]
    values = np.array(found, dtype=np.float64).reshape(-1, 3)
    return table.assign(**dict(zip(names, values.T, strict=True)))
