"""What customers were worth, in words and tables of text: cells, moves, profit, tiers, rates."""

from collections.abc import Hashable, Mapping
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from models.metrics import Estimate
from models.migration import ABSENT
from models.worth.stages import StageRule
from pipelines.card_parts import DASH
from pipelines.coins import Coins
from pipelines.proposal_words import Rows
from pipelines.rounding import count, day, interval, percent, signed, with_interval
from pipelines.worth_found import WorthFound
from pipelines.worth_gathered import EPOCH
from pipelines.worth_profit import TOLD

MOST_MOVES: Final = 12
"""Moves between cells with a row, those of most money."""

SURE: Final = 0.05
"""Below this chance, equal times are ruled out."""

LOOKED_AT: Final[Mapping[str, str]] = {
    "orders_count": "orders",
    "days_since_order": "days since the last order",
    "tenure_days": "days since the first order",
    "gap_p50_days": "usual days between orders",
    "silence_ratio": "silence over the usual gap",
    "spend_window": "spent in the last step",
    "spend_window_before": "spent in the step before",
    "spend_ratio": "spent in the last step over the one before",
}
"""Columns of `models.worth.stages.stage_figures` in words."""

WORDS: Final[Mapping[str, str]] = {
    "RFM": "How recent (R), how frequent (F) and how large in money (M) somebody's buying is, each "
    "scored from 1, the worst.",
    "cell": "A name for customers of similar scores, such as champions.",
    "tier": "Customers by what they are worth, the highest first, with what is done for them.",
    "cohort": "Customers whose first order fell into the same period.",
    "friends, butterflies, barnacles, strangers": "Worth high and likely to stay; high and likely "
    "gone; low and likely to stay; low and likely gone.",
    "stage": "Where the relationship stands, by the rules that are written beside it.",
    "order": "Here a day on which a customer ordered: two baskets of one day count once.",
}


def cell_rows(found: WorthFound, coins: Coins) -> Rows:
    """Customers and money of every cell."""
    cells = tuple(
        (
            str(row["cell"]),
            f"{count(row['customers'])} ({percent(row['customers_share'])})",
            f"{coins.told(row['spend'])} ({percent(row['spend_share'])})",
            _days_of(row["days_since_order"]),
            count(row["orders_count"]),
            coins.told(row["spend_median"]),
        )
        for row in found.cells.to_dict("records")
    )
    text = "Of the customers of each cell; the last three columns are of the one in the middle."
    if (days := found.asked.rfm.window_days) is not None:
        text += f" Orders and money: of the last {days} days."
    columns = ("cell", "customers", "spent in all", "last order before", "orders", "spent by each")
    return Rows("Cells of recency, frequency and money", text, columns, cells)


def _days_of(days: float) -> str:
    return f"{count(days)} day" if days == 1 else f"{count(days)} days"


def move_rows(found: WorthFound, coins: Coins) -> Rows:
    """Moves between cells by the money that moved with them, the most first."""
    if found.moved is None:
        return Rows("", "", (), ())
    moves = found.moved.moves
    ranked = moves[moves["source"] != moves["target"]]
    order = np.argsort(-ranked["revenue_moved"].abs().to_numpy(), kind="stable")
    cells = tuple(
        (
            f"{group_name(found, row['source'])} → {group_name(found, row['target'])}",
            count(row["customers"]),
            with_interval(Estimate(row["share"], row["low"], row["high"]), percent),
            coins.told(row["revenue_before"]),
            coins.told(row["revenue_after"]),
            _change(coins, Estimate(row["revenue_moved"], row["moved_low"], row["moved_high"])),
        )
        for row in ranked.iloc[order[:MOST_MOVES]].to_dict("records")
    )
    text = (
        f"The {len(cells)} moves between cells with which most money came or went; spent: in the "
        f"{found.moved_days} days before each of the two days."
    )
    columns = ("move", "customers", "of those there", "spent before", "spent after", "difference")
    return Rows("What moved with them", text, columns, cells)


def group_name(found: WorthFound, group: object) -> str:
    """A group of a migration; of who was in none of its cells on a day, why."""
    if group != ABSENT:
        return str(group)
    return "not yet there" if found.asked.rfm.window_days is None else "no order lately"


def money_told(found: WorthFound) -> str:
    """Which money the cells tell of."""
    days = found.asked.rfm.window_days
    return "all that was ever spent" if days is None else f"all spent in the last {days} days"


def _change(coins: Coins, found: Estimate) -> str:
    ends = interval(found, coins.bare)
    return f"{signed(found.value, coins.bare)} ({ends})"


def tier_rows(table: pd.DataFrame, coins: Coins, what: str) -> Rows:
    """Customers and money of every tier, and what is done for them."""
    cells = tuple(
        (
            str(row["tier"]),
            f"{count(row['customers'])} ({percent(row['customers_share'])})",
            f"{coins.told(row['value'])} ({percent(row['value_share'])})",
            DASH if np.isnan(row["least"]) else coins.told(row["least"]),
            str(row["policy"]),
        )
        for row in table.to_dict("records")
    )
    columns = ("tier", "customers", what, "each from", "what is done for them")
    return Rows(f"Tiers by {what}", "Change them in value.worth.tiers.", columns, cells)


def period_rows(found: WorthFound, coins: Coins) -> Rows:
    """Revenue, costs and profit of every period."""
    profits = found.profits
    ends = dict(zip(profits.edges[:-1].tolist(), profits.edges[1:].tolist(), strict=True))
    cells = tuple(
        (
            f"{_day(int(row['period']))} to {_day(ends[int(row['period'])] - 1)}",
            count(row["customers"]),
            count(row["orders"]),
            coins.told(row["revenue"]),
            _known(coins, row["product_cost"]),
            _known(coins, row["serving_cost"]),
            _known(coins, row["marketing_cost"]),
            _known(coins, row["profit"]),
        )
        for row in profits.periods.to_dict("records")
    )
    costs = ("product cost", "serving cost", "marketing cost", "profit")
    text = "A cost that is not known of every order stays unknown, and the profit with it."
    if profits.assumed:
        names = ", ".join(name.replace("_", " ") for name in profits.assumed)
        text += f" Assumed where not recorded: {names}."
    what, first = TOLD[profits.basis], _day(int(profits.edges[0]))
    text += (
        f" Net present value of the {what} of all periods, at {percent(found.asked.discount_rate)} "
        f"interest a year on {first}: {coins.told(float(profits.present.sum()))}."
    )
    return Rows(
        "Profit by period", text, ("period", "customers", "orders", "revenue", *costs), cells
    )


def _known(coins: Coins, value: float) -> str:
    return "not known" if np.isnan(value) else coins.told(value)


def rate_rows(found: WorthFound) -> Rows:
    """Customers won, kept, lost and won back in every period, the newest first."""
    if found.rates is None:
        return Rows("", "", (), ())
    cells = tuple(
        (
            period_name(found.asked.cohorts, int(row["period"])),
            count(row["active"]),
            _rate(row["new"], row, "acquisition_rate"),
            _rate(row["retained"], row, "retention_rate"),
            _rate(row["lost"], row, "attrition_rate"),
            _rate(row["won_back"], row, "win_back_rate"),
        )
        for row in found.rates.iloc[::-1].to_dict("records")
    )
    text = (
        "Active: who ordered. New among the active; kept and lost among the active of the period "
        "before; won back among those known and silent in the period before."
    )
    columns = ("period", "active", "new", "kept", "lost", "won back")
    return Rows("Customers won, kept, lost and won back", text, columns, cells)


def _rate(part: float, row: Mapping[Hashable, Any], name: str) -> str:
    value, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    if np.isnan(value):
        return DASH
    return f"{count(part)}: {with_interval(Estimate(value, low, high), percent)}"


def quadrant_rows(found: WorthFound, coins: Coins) -> Rows:
    """Friends, butterflies, barnacles and strangers."""
    cells = tuple(
        (
            str(row["quadrant"]),
            f"{count(row['customers'])} ({percent(row['customers_share'])})",
            f"{coins.told(row['profit'])} ({percent(row['profit_share'])})",
        )
        for row in found.quadrants.table.to_dict("records")
        if row["customers"]
    )
    sides = found.quadrants
    text = (
        f"Worth is high from {coins.told(sides.profit_from)} on, that of the customer in the "
        f"middle; likely to stay are those whose chance to be still active is "
        f"{percent(sides.duration_from)} or more, roughly, by their rhythm in the last "
        f"{found.asked.active_days} days."
    )
    what = TOLD[found.profits.basis]
    return Rows("Worth beside loyalty", text, ("", "customers", what), cells)


def loyalty_rows(found: WorthFound, coins: Coins) -> Rows:
    """Frequency and attitude; no row where no satisfaction was told."""
    if not found.loyalty.is_told:
        return Rows("", "", (), ())
    known = found.loyalty.matrix[found.loyalty.matrix["customers"] > 0]
    cells = tuple(
        (
            str(row["frequency"]),
            str(row["attitude"]),
            str(row["kind"]),
            f"{count(row['customers'])} ({percent(row['customers_share'])})",
            coins.told(row["worth"]),
        )
        for row in known.to_dict("records")
    )
    asked = found.asked.loyalty
    text = (
        f"Frequency: middle from {asked.middle_from} orders on, high from {asked.high_from}, "
        f"within {asked.window_days} days. Attitude: from the satisfaction that customers told."
    )
    columns = ("frequency", "attitude", "kind", "customers", TOLD[found.profits.basis])
    return Rows("Loyalty in deed and in word", text, columns, cells)


def span_told(found: WorthFound) -> str:
    """Of which days customers' worth is, and what it is."""
    what = TOLD[found.profits.basis]
    return f"{what[:1].upper()}{what[1:]} of {days_told(found)}."


def days_told(found: WorthFound) -> str:
    """The days whose profit is told."""
    edges = found.profits.edges
    return f"{_day(int(edges[0]))} to {_day(int(edges[-1]) - 1)}"


def loyalty_told(found: WorthFound) -> str:
    """How many buy again."""
    again, days = found.loyalty.repurchase, found.asked.repurchase_days
    middle = day(found.as_of - timedelta(days=days))
    if np.isnan(again.value):
        return (
            f"Nobody bought before {middle}, who could have bought again in the {days} days since."
        )
    share = with_interval(again, percent)
    return f"Of those who bought before {middle}, {share} bought again in the {days} days since."


def stage_rows(found: WorthFound) -> Rows:
    """How long customers are in a stage, and how many are in it today."""
    if found.stages is None:
        return Rows("", "", (), ())
    days = found.stages.period_days
    today = found.customers["stage"].value_counts()
    cells = tuple(
        (
            str(row["stage"]),
            count(today.get(row["stage"], 0)),
            _days(Estimate(row["expected_periods"], row["low"], row["high"]), days),
            DASH
            if row["until"] == 0
            else _days(Estimate(row["until"], row["until_low"], row["until_high"]), days),
        )
        for row in found.stages.times.to_dict("records")
        if row["count"] or today.get(row["stage"], 0)
    )
    columns = ("stage", "customers today", "days in it, once entered", "days until dissolution")
    text = f"Expected, from moves between stages every {days} days; who is won back counts anew."
    return Rows("How long customers are in a stage", text, columns, cells)


def _days(periods: Estimate, days: int) -> str:
    if np.isnan(periods.value):
        return DASH
    found = Estimate(*(days * end for end in (periods.value, periods.low, periods.high)))
    return with_interval(found, _or_never)


def _or_never(value: float) -> str:
    return "no end seen" if np.isinf(value) else count(value)


def rule_told(rule: StageRule) -> str:
    """A rule with what it looks at in words."""
    named = (
        each.model_copy(update={"column": LOOKED_AT.get(each.column, each.column)})
        for each in rule.when
    )
    return rule.model_copy(update={"when": tuple(named)}).told


def stages_told(found: WorthFound) -> tuple[str, ...]:
    """How to read the rules, and whether the chances to move were always the same."""
    stages, told = found.stages, ("The first rule that holds names the stage:",)
    if stages is None or not stages.p_homogeneous < SURE:
        return told
    changed = (
        "The chances to move were not the same at all times (test of Anderson and Goodman): what "
        "is expected is a mean over changing times."
    )
    return (changed, *told)


def period_name(periods: str | int, begins: int) -> str:
    """``2017-03`` of months, else the first day."""
    on = EPOCH + timedelta(days=begins)
    return f"{on:%Y-%m}" if periods == "months" else f"{on:%Y-%m-%d}"


def _day(number: int) -> str:
    return day(EPOCH + timedelta(days=number))
