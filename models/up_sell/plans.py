"""Upgrades of contracts: from the plan that a customer has to a higher one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.proportions import wilson
from models.spec import FloatArray
from models.up_sell.candidates import UpPairs
from models.up_sell.plan_pairs import PlanDays, pairs_of
from models.up_sell.propensity import UpSell, fit
from models.up_sell.settings import UpSellSpec
from models.up_sell.trials import Trial, trial

_UNEVEN: Final = 1.5
_TRIABLE: Final = 3
_COLUMNS: Final = ("customer", "as_of", "plan")


class PlansUnclear(RegularsError):
    """Snapshots of plans that no upgrade can be read from."""


@dataclass(frozen=True, eq=False)
class PlanUpgrades:
    """Transitions between plans, and who is expected to upgrade.

    Attributes
    ----------
    moves
        A row per from_plan and to_plan, in order of the levels: from_plan; to_plan; direction (up,
        same or down); moves (from one as_of to the next); customers (who did so); customers_from
        (that had from_plan and were there at the next as_of); share (0..1) with 95 % interval low
        and high (Wilson).
    scores
        A row per customer of the newest as_of with a plan above, by customer: customer; plan;
        to_plan; probability (of a higher plan at the next as_of); by (what the probability is of:
        the learner, or a baseline); extra_margin (minor units; null without ``worth``).
    model
        Learnt from all as_ofs that have a next one.
    trial
        On the newest as_of that has a next one; None where there are too few to learn from.
    reason
        The verdict in words, or why there is none.
    """

    moves: pd.DataFrame
    scores: pd.DataFrame
    model: UpSell
    trial: Trial | None
    reason: str


def plan_upgrades(
    snapshots: pd.DataFrame,
    levels: Sequence[str],
    *,
    worth: Mapping[str, float] | None = None,
    spec: UpSellSpec | None = None,
    resamples: int = 500,
) -> PlanUpgrades:
    """Moves between plans, and the chance of an upgrade until the next snapshot.

    The learner is used where it beats the rates of each plan on the newest as_of whose outcome is
    known, by its interval; otherwise the better rate is. Customers who are gone at the next as_of
    did not upgrade.

    Parameters
    ----------
    snapshots
        A row per customer and as_of (days since 1970-01-01, about evenly apart): customer, as_of,
        plan, and columns known on that day: numbers, flags, or text.
    levels
        Plans, the lowest first.
    worth
        What each plan earns from one as_of to the next, minor units: its margin, or its price where
        costs are unknown.
    spec
        Settings of the learner.
    resamples
        Of the bootstrap.

    Raises
    ------
    PlansUnclear
        When a column is missing or called level, a plan is unknown or has no worth, a customer has
        two plans on one day, there is one as_of only, or as_ofs are too uneven.
    NothingToLearn
        When nobody upgraded, or everybody did.
    """
    asked = spec or UpSellSpec()
    _require(snapshots, levels, worth)
    days = PlanDays.of(snapshots, levels)
    known = [pairs_of(days, place) for place in range(len(days.as_ofs) - 1)]
    model = fit(known, asked)
    tried, chosen, reason = None, "transition_rate", _untriable(known)
    if reason is None:
        tried = trial(fit(known[:-1], asked), known[-1], asked.seed, resamples)
        chosen, reason = tried.verdicts["all"].chosen, tried.verdicts["all"].reason
    scores = _scores(days, model, chosen, worth)
    return PlanUpgrades(_moves(days), scores, model, tried, reason)


def plan_moves(snapshots: pd.DataFrame, levels: Sequence[str]) -> pd.DataFrame:
    """Moves between plans alone, see `PlanUpgrades`; also where nobody upgraded.

    Parameters
    ----------
    snapshots, levels
        See `plan_upgrades`.

    Raises
    ------
    PlansUnclear
        See `plan_upgrades`.
    """
    _require(snapshots, levels, None)
    return _moves(PlanDays.of(snapshots, levels))


def _untriable(known: Sequence[UpPairs]) -> str | None:
    """Why there can be no trial."""
    if len(known) + 1 < _TRIABLE:
        return (
            f"a trial needs {_TRIABLE} or more as_of dates, but there are {len(known) + 1}; the "
            f"transition rate is used"
        )
    before, newest = (
        np.concatenate([each.bought for each in some if each.bought is not None])
        for some in (known[:-1], known[-1:])
    )
    if all(0 < some.sum() < len(some) for some in (before, newest)):
        return None
    return (
        f"a trial needs upgrades both before and after the last as_of but one, but there are "
        f"{int(before.sum()):,} and {int(newest.sum()):,}; the transition rate is used"
    )


def _scores(
    days: PlanDays, model: UpSell, chosen: str, worth: Mapping[str, float] | None
) -> pd.DataFrame:
    newest = pairs_of(days, len(days.as_ofs) - 1)
    said = model.said_by(chosen, newest)
    names = np.array(days.levels, dtype=object)
    plan, higher = (newest.keys[name].to_numpy(dtype=np.int64) for name in ("tier", "to_tier"))
    extra: FloatArray = np.full(len(newest), np.nan)
    if worth is not None:
        values = np.array([worth[name] for name in days.levels], dtype=np.float64)
        extra = said * (values[higher] - values[plan])
    return pd.DataFrame(
        {
            "customer": newest.keys["customer"],
            "plan": names[plan],
            "to_plan": names[higher],
            "probability": said,
            "by": chosen,
            "extra_margin": extra,
        }
    )


def _moves(days: PlanDays) -> pd.DataFrame:
    here = days.table.assign(next_level=days.next_level)
    told = here[here["next_level"] >= 0]
    whole = told.groupby("level")["customer"].nunique()
    rows = []
    pairs = np.unique(told[["level", "next_level"]].to_numpy(dtype=np.int64), axis=0)
    for source, target in pairs.tolist():
        part = told[(told["level"] == source) & (told["next_level"] == target)]
        customers, everyone = part["customer"].nunique(), int(whole.loc[source])
        share = wilson(customers, everyone)
        direction = ("same", "up", "down")[int(np.sign(target - source))]
        row = (days.levels[source], days.levels[target], direction, len(part))
        rows.append((*row, customers, everyone, share.value, share.low, share.high))
    columns = ["from_plan", "to_plan", "direction", "moves", "customers", "customers_from"]
    return pd.DataFrame(rows, columns=[*columns, "share", "low", "high"])


def _require(
    snapshots: pd.DataFrame, levels: Sequence[str], worth: Mapping[str, float] | None
) -> None:
    missing = [name for name in _COLUMNS if name not in snapshots.columns]
    if missing:
        message = (
            f"plan upgrades need the columns {list(_COLUMNS)}, but {missing} are missing; rename "
            f"or add them"
        )
        raise PlansUnclear(message)
    if "level" in snapshots.columns:
        message = (
            "plan upgrades keep the position of each plan in a column level, but the snapshots "
            "have a column of that name; rename it"
        )
        raise PlansUnclear(message)
    if not pd.api.types.is_integer_dtype(snapshots["as_of"]):
        message = (
            f"plan upgrades need an as_of in whole days since 1970-01-01, but the column holds "
            f"{snapshots['as_of'].dtype}; convert it"
        )
        raise PlansUnclear(message)
    if len(levels) < 2 or len(set(levels)) < len(levels):  # noqa: PLR2004  one plan is no upgrade
        message = (
            f"plan upgrades need two or more different levels, the lowest first, but they are "
            f"{list(levels)}; name the plans in order"
        )
        raise PlansUnclear(message)
    unknown = sorted({str(plan) for plan in snapshots["plan"].unique()} - set(levels))
    unpriced = [name for name in levels if worth is not None and name not in worth]
    if unknown or unpriced:
        message = (
            f"plan upgrades need a level for every plan, and a worth for every level, but "
            f"{unknown or unpriced} have none; the levels are {list(levels)}"
        )
        raise PlansUnclear(message)
    _require_days(snapshots)


def _require_days(snapshots: pd.DataFrame) -> None:
    twice = int(snapshots.duplicated(["customer", "as_of"]).sum())
    if twice:
        message = (
            f"plan upgrades need one row per customer and as_of, but {twice:,} rows are second "
            f"ones; keep one of each"
        )
        raise PlansUnclear(message)
    days = np.unique(snapshots["as_of"].to_numpy())
    if len(days) < 2:  # noqa: PLR2004  a change needs two days
        message = (
            f"plan upgrades are read from two or more as_of dates, but there is "
            f"{len(days)}; keep a snapshot at every date, and come back with more"
        )
        raise PlansUnclear(message)
    gaps = np.diff(days)
    if gaps.max() > _UNEVEN * gaps.min():
        message = (
            f"plan upgrades need as_of dates about evenly apart, but gaps run from {gaps.min()} to "
            f"{gaps.max()} days; leave out what lies between, or add what is missing"
        )
        raise PlansUnclear(message)
