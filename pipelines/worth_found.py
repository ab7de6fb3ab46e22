"""What customers were worth before a day: everything that pages and tables tell of it.

What the sources do not tell is left out, and why is kept beside it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
import pandas as pd

from features.clock import days_after
from features.settings import Currency
from models.metrics import Estimate
from models.migration import Migration, migration
from models.spec import FiguresUnfit, IntArray
from models.spending import PeriodsUnclear, calendar_months, equal_periods, spend_between
from models.worth.cohorts import Cohorts, cohorts
from models.worth.equity import (
    NoEquityToStart,
    ReturnOnCustomer,
    customer_equity,
    return_on_customer,
)
from models.worth.loyalty import (
    loyalty_figures,
    loyalty_kinds,
    loyalty_matrix,
    repurchase_rate,
)
from models.worth.quadrants import Quadrants, quadrants, still_active
from models.worth.rfm import (
    NobodyToScore,
    RfmCuts,
    RfmSpec,
    cells_of,
    rfm_cuts,
    rfm_figures,
    rfm_scores,
)
from models.worth.stage_moves import HistoryUnclear, StageMoves, stage_moves
from models.worth.stages import StageRule, stage_figures, stage_history, stages_of
from models.worth.tiers import tier_table, tiers_of
from models.worth.turnover import customer_rates
from pipelines.worth_gathered import EPOCH, Lifetime, WorthSeen
from pipelines.worth_profit import TOLD, Profits, profits_of
from pipelines.worth_settings import WorthSettings

Told = TypeVar("Told")


@dataclass(frozen=True, eq=False)
class Loyalty:
    """Loyalty in deed and in word.

    Attributes
    ----------
    repurchase
        Share of those who had bought who bought again within `WorthSettings.repurchase_days`.
    matrix
        See `models.worth.loyalty.loyalty_matrix`.
    is_told
        Whether anybody told a satisfaction; else the matrix knows frequency alone.
    """

    repurchase: Estimate
    matrix: pd.DataFrame
    is_told: bool


@dataclass(frozen=True, eq=False)
class Equity:
    """What all customers together will be worth.

    Attributes
    ----------
    told
        What lifetime value is here, in words.
    share
        What of the money customers pay counts in it, 0..1, and in the return on them.
    total
        Sum of the lifetime values.
    returned
        Return on customers of the days since the earlier values; None: those are not known.
    tiers
        See `models.worth.tiers.tier_table`, by lifetime value.
    """

    told: str
    share: float
    total: Estimate
    returned: ReturnOnCustomer | None
    tiers: pd.DataFrame


@dataclass(frozen=True, eq=False)
class WorthFound:
    """What customers were worth before a day; money in minor units.

    Attributes
    ----------
    business, currency
        Whose customers, and in what they pay.
    as_of, first
        Nothing from as_of on was seen; the first day that is known.
    asked
        Settings, their money in minor units too.
    moved_days
        Days between the two days that cells are compared on.
    customers
        By customer: figures, scores and cell; worth, net_present_value (of the periods of worth,
        on their first day) and tier; lifetime and lifetime_tier; quadrant; frequency, attitude,
        kind; stage. Null where nothing is known.
    bins
        Of recency and of frequency.
    cells
        See `models.worth.rfm.cells_of`; spend is money in all, also where that per order is scored.
    moved
        Between the cells of an earlier day and of as_of, by the cut points of as_of.
    profits
        Of customers and periods.
    equity
        None without lifetime values.
    triangle, rates
        Cohorts of first orders, and customers won, kept, lost and won back by period.
    loyalty, quadrants
        See their classes.
    rules, stages
        Rules of the stages in their order, and moves between stages.
    left_out
        What is not told, and why.
    """

    business: str
    currency: Currency
    as_of: date
    first: date
    asked: WorthSettings
    moved_days: int
    customers: pd.DataFrame
    bins: tuple[int, int]
    cells: pd.DataFrame
    moved: Migration | None
    profits: Profits
    equity: Equity | None
    triangle: Cohorts | None
    rates: pd.DataFrame | None
    loyalty: Loyalty
    quadrants: Quadrants
    rules: tuple[StageRule, ...]
    stages: StageMoves | None
    left_out: Mapping[str, str]


def worth_found(seen: WorthSeen) -> WorthFound:
    """All that can be told of what customers were worth before a day.

    Raises
    ------
    NobodyToScore
        When nobody ordered before it.
    ColumnsMissing, StagesUnclear
        When rules of stages look at columns that are not there, or leave customers out.
    """
    cuts, scores = _scored(seen)
    asked, profits = seen.asked, profits_of(seen)
    left_out: dict[str, str] = {}
    moved = _or_why(left_out, "migration", lambda: _moved(seen, cuts, scores["cell"]))
    triangle = _or_why(left_out, "cohorts", lambda: cohorts(seen.purchases, _periods(seen)))
    rates = _or_why(left_out, "rates", lambda: customer_rates(seen.purchases, _periods(seen)))
    kinds, loyalty = _loyalty(seen, profits)
    sides = quadrants(profits.worth, still_active(seen.purchases, seen.end, asked.active_days))
    rules = asked.stages.ruled(seen.horizon_days)
    stages = _or_why(left_out, "stages", lambda: _stages(seen, rules))
    equity = _equity(seen, seen.lifetime, left_out) if seen.lifetime else None
    told = {
        **_so_far(profits),
        "quadrant": sides.quadrant,
        "stage": stages_of(_stage_figures(seen), rules),
        **_ahead(seen),
    }
    customers = scores.join(kinds).join(pd.DataFrame(told), how="outer")
    return WorthFound(
        seen.business,
        seen.currency,
        seen.as_of,
        seen.first,
        asked,
        asked.moved_days(seen.horizon_days),
        customers.rename_axis("customer"),
        (cuts.bins("recency"), cuts.bins("frequency")),
        cells_of(scores.assign(spend=spent(scores, asked.rfm))),
        moved,
        profits,
        equity,
        triangle,
        rates,
        loyalty,
        sides,
        rules,
        stages,
        left_out | _unknown(seen, profits, loyalty),
    )


def _so_far(profits: Profits) -> dict[str, pd.Series]:
    tier = profits.tier.astype(object)
    return {"worth": profits.worth, "net_present_value": profits.present, "tier": tier}


def spent(scores: pd.DataFrame, asked: RfmSpec) -> pd.Series:
    """Money in all of customers whose money is scored in all, or per order."""
    money = scores["spend"]
    return money * scores["orders_count"] if asked.spend == "mean" else money


def _scored(seen: WorthSeen) -> tuple[RfmCuts, pd.DataFrame]:
    figures = rfm_figures(seen.purchases, seen.end, seen.asked.rfm)
    cuts = rfm_cuts(figures, seen.asked.rfm)
    return cuts, rfm_scores(figures, cuts, seen.asked.named_cells)


def _or_why(left_out: dict[str, str], what: str, tell: Callable[[], Told]) -> Told | None:
    """What is told; None, with the reason in ``left_out``, where the history is too short."""
    try:
        return tell()
    except (PeriodsUnclear, HistoryUnclear, NobodyToScore, NoEquityToStart, FiguresUnfit) as error:
        left_out[what] = str(error)
        return None


def _moved(seen: WorthSeen, cuts: RfmCuts, cell: pd.Series) -> Migration:
    """Cells of an earlier day and of as_of, both by the cut points of as_of."""
    length = seen.asked.moved_days(seen.horizon_days)
    middle = seen.end - length
    if middle - length < seen.begin:
        message = (
            f"a migration over {length} days needs {2 * length} days of orders before "
            f"{seen.as_of}, but they begin on {seen.first}; use fewer value.worth.migration_days"
        )
        raise PeriodsUnclear(message)
    figures = rfm_figures(seen.purchases, middle, seen.asked.rfm)
    if figures.empty:
        message = (
            f"a migration needs customers who ordered before {days_after(EPOCH, middle)}, but "
            "there are none; use a longer value.worth.rfm.window_days"
        )
        raise NobodyToScore(message)
    return migration(
        rfm_scores(figures, cuts, seen.asked.named_cells)["cell"],
        cell,
        spend_between(seen.purchases, middle - length, middle),
        spend_between(seen.purchases, middle, seen.end),
    )


def _periods(seen: WorthSeen) -> IntArray:
    if seen.asked.cohorts == "months":
        return calendar_months(seen.begin, seen.end)
    return equal_periods(seen.begin, seen.end, seen.asked.cohorts)


def _loyalty(seen: WorthSeen, profits: Profits) -> tuple[pd.DataFrame, Loyalty]:
    """Frequency, attitude and kind by customer, and the matrix of them."""
    asked = seen.asked
    figures = loyalty_figures(seen.purchases, seen.end, asked.loyalty, contacts=seen.satisfaction)
    kinds = loyalty_kinds(figures, asked.loyalty)
    again = repurchase_rate(seen.purchases, seen.end, asked.repurchase_days)
    is_told = bool(figures["satisfaction"].notna().any())
    return kinds, Loyalty(again, loyalty_matrix(kinds, profits.worth), is_told)


def _known(seen: WorthSeen) -> pd.Series | None:
    """First day on which each customer was sent something."""
    if seen.sendings is None or seen.sendings.empty:
        return None
    return seen.sendings.groupby("customer")["day"].min()


def _stage_figures(seen: WorthSeen, end: int | None = None) -> pd.DataFrame:
    step = seen.asked.stages.step(seen.horizon_days)
    day = seen.end if end is None else end
    return stage_figures(seen.purchases, day, step, _known(seen))


def _stages(seen: WorthSeen, rules: tuple[StageRule, ...]) -> StageMoves:
    """Moves between stages over the last steps that are ``quiet_days`` into the history."""
    asked, horizon = seen.asked.stages, seen.horizon_days
    step, quiet = asked.step(horizon), asked.quiet(horizon)
    room = (seen.end - seen.begin - quiet) // step
    if room < 1:
        message = (
            f"moves between stages over {step} days need {quiet + step} days of orders before "
            f"{seen.as_of}, but they begin on {seen.first}; use fewer value.worth.stages.quiet_days"
        )
        raise HistoryUnclear(message)
    days = [seen.end - step * back for back in range(min(room, asked.steps_most), -1, -1)]
    history = stage_history(seen.purchases, days, rules, step, _known(seen))
    return stage_moves(history, seed=seen.seed, resamples=seen.resamples)


def _equity(seen: WorthSeen, lifetime: Lifetime, left_out: dict[str, str]) -> Equity | None:
    values = lifetime.now.to_numpy(dtype=np.float64)
    total = _or_why(
        left_out,
        "customer equity",
        lambda: customer_equity(values, seed=seen.seed, resamples=seen.resamples),
    )
    if total is None:
        return None
    tiers = tier_table(lifetime.now, seen.asked.tier_rows)
    before, found = lifetime.before, None
    if before is None:
        left_out["return on customers"] = (
            "a return on customers needs their lifetime values on an earlier day too"
        )
    else:
        found = _or_why(left_out, "return on customers", lambda: _returned(seen, lifetime, before))
    return Equity(lifetime.told, lifetime.share, total, found, tiers)


def _returned(seen: WorthSeen, lifetime: Lifetime, before: pd.Series) -> ReturnOnCustomer:
    """Of what was spent, as much counts as in the values: margin is not held against revenue."""
    start = seen.end - seen.asked.moved_days(seen.horizon_days)
    cash = lifetime.share * spend_between(seen.purchases, start, seen.end)
    return return_on_customer(cash, before, lifetime.now, seed=seen.seed, resamples=seen.resamples)


def _ahead(seen: WorthSeen) -> dict[str, pd.Series]:
    if seen.lifetime is None:
        return {}
    value = seen.lifetime.now
    return {
        "lifetime": value,
        "lifetime_tier": tiers_of(value, seen.asked.tier_rows).astype(object),
    }


def _unknown(seen: WorthSeen, profits: Profits, loyalty: Loyalty) -> dict[str, str]:
    """What the sources do not tell, and what would."""
    found = {}
    lacking = profits.unknown.loc[profits.unknown["rows"] > 0, "cost"].tolist()
    if lacking:
        names = ", ".join(each.replace("_", " ") for each in lacking)
        found["profit"] = (
            f"profit needs every cost, but {names} is not known of all; what is told is "
            f"{TOLD[profits.basis]}. Give sources.products.columns.unit_cost and "
            "sources.campaigns.columns.cost, or what stands for them in value.worth.costs"
        )
    if profits.curve is None:
        found["value curve"] = "shares of profit need a profit in all, but there is none"
    if not loyalty.is_told:
        found["attitude"] = (
            "loyalty in word needs a satisfaction that customers told: "
            "sources.contacts.columns.satisfaction"
        )
    if seen.lifetime is None:
        found["customer equity"] = "customer equity needs lifetime values, but no model tells them"
    return found
