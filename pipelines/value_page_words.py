"""The page about value in words: its headline, its figures, lifetime value, what is left out."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from models.metrics import Estimate
from models.value.forecast import ONE_PURCHASE
from pipelines.coins import Coins
from pipelines.proposal_words import Rows
from pipelines.rounding import count, day, interval, percent, signed, tenths, with_interval
from pipelines.value_found import ValueFound
from pipelines.worth_found import WorthFound
from pipelines.worth_profit import TOLD

WORDS: Final[Mapping[str, str]] = {
    "trees on behaviour": "Boosted trees that learn from how customers behaved: the chance to buy, "
    "times how much then.",
    "BG/NBD, Pareto/NBD": "Models of repeat buying: everybody buys at a rate of their own until "
    "they silently stop.",
    "the same again": "A naive forecast: everybody spends what they spent in the last days, as "
    "many as are forecast.",
    "error per customer": "How far the forecast of a customer is off, on average, up or down.",
    "forecast of the total": "How far the forecast of all customers together was off: 0 % is "
    "right.",
    "best tenth": "The tenth of customers who were expected to spend most.",
    "lifetime value": "What somebody is expected to bring within the days that are named, worth "
    "today.",
    "interval": "Repeated with other customers of the kind, a figure would lie within it 95 times "
    "in a hundred.",
}


def headline(found: ValueFound) -> str:
    """How much the best tenth brought."""
    share = found.held.value(found.shipped, "top_tenth_share")
    return (
        f"The tenth of customers expected to spend most brought {percent(share.value)} of the "
        f"money of the {found.horizon_days} days from {day(found.tested)}"
    )


def tiles(found: ValueFound, worth: WorthFound, coins: Coins) -> list[tuple[str, str, str]]:
    """The figures that matter most: name, number, interval or share."""
    shipped = found.held.value(found.shipped, "top_tenth_share")
    error, bias = (found.held.value(found.shipped, name) for name in ("mae", "total_bias"))
    told = [
        ("customers of the test", count(found.held.customers), ""),
        ("what they brought", coins.told(found.held.came), ""),
        ("from the best tenth", percent(shipped.value), interval(shipped, percent)),
        ("error per customer", coins.told(error.value), interval(error, coins.bare)),
        ("forecast of the total", _bias(found, found.shipped), _signed_ends(bias)),
    ]
    curve = worth.profits.curve
    if curve is not None:
        name = f"make {percent(curve.asked)} of {TOLD[worth.profits.basis]}"
        told.append((name, percent(curve.needed.value), interval(curve.needed, percent)))
    return told


def _signed_ends(found: Estimate) -> str:
    return " to ".join(signed(end, tenths) for end in (found.low, found.high))


def _bias(found: ValueFound, name: str) -> str:
    """``2.6 % too low``, of a total."""
    value = found.held.value(name, "total_bias").value
    if not np.isfinite(value):
        return "not defined"
    return f"{tenths(abs(value))} too {'high' if value > 0 else 'low'}"


def lifetime_rows(found: ValueFound, coins: Coins) -> Rows:
    """Lifetime value by tier of the tested customers."""
    value = found.customers["value"]
    if value.notna().sum() == 0:
        return Rows("", "", (), ())
    tiers = found.customers["tier"].dropna()
    names = list(
        dict.fromkeys(found.customers.sort_values("value", ascending=False)["tier"].dropna())
    )
    whole = float(value.sum())
    cells = []
    for name in names:
        inside = found.customers[found.customers["tier"] == name]
        total = float(inside["value"].sum())
        cells.append(
            (
                str(name),
                f"{count(len(inside))} ({percent(len(inside) / max(len(tiers), 1))})",
                f"{coins.told(total)} ({percent(total / whole if whole > 0 else np.nan)})",
                coins.told(float(inside["value"].median())),
                coins.told(float(inside["came"].sum())),
            )
        )
    columns = (
        "tier",
        "customers",
        "lifetime value",
        "of the one in the middle",
        f"came within {found.horizon_days} days",
    )
    return Rows("Lifetime value by tier", lifetime_told(found), columns, tuple(cells))


def lifetime_told(found: ValueFound) -> str:
    """What lifetime value is here."""
    source = {
        "settings": f"margin ({percent(found.margin_share)} of spend, by value.margin_share)",
        "costs": f"margin ({percent(found.margin_share)} of spend, by the goods' known costs)",
    }
    what = source.get(found.margin_source, "revenue, as no cost of goods is known")
    repeat = found.repeat_buying
    by = f", by {repeat.title}" if repeat is not None else ""
    return (
        f"What each customer is expected to bring within {found.clv_days} days from "
        f"{day(found.tested)} on, at {percent(found.discount_rate)} interest a year{by}: {what}."
    )


def tested_told(found: ValueFound) -> tuple[str, ...]:
    """How far off the model behind lifetime values was where that is known."""
    repeat = found.repeat_buying
    if repeat is None or repeat.name not in found.held.predictors:
        return ()
    told = (
        f"Only {found.horizon_days} days of a lifetime were tested: for these, {repeat.title} "
        f"was {_bias(found, repeat.name)} in all."
    )
    return (told,)


def alive_told(found: ValueFound) -> str:
    """How to take the chance to be still a customer."""
    if found.repeat_buying is None or "alive" not in found.customers:
        return ""
    once = int((found.customers["alive_reason"] == ONE_PURCHASE).sum())
    text = (
        "The chance to be still a customer, by a model of repeat buying, is no churn score: it "
        "says whether somebody has silently stopped, not whether they leave within a horizon. "
    )
    if once:
        text += (
            f"It is left open for the {count(once)} of {count(len(found.customers))} customers "
            f"who bought once: {found.repeat_buying.title} gives each of them 100 %, whatever "
            "happened. "
        )
    return f"{text}For leaving within a horizon, use regulars train churn."


def equity_told(worth: WorthFound, coins: Coins) -> tuple[str, ...]:
    """What all customers will be worth together, and what came of it."""
    equity = worth.equity
    if equity is None:
        return ()
    told = (
        f"All customers together: {coins.ends(equity.total)}, {equity.told}. The interval says how "
        "much hangs on few customers, and not how far the model itself may be off."
    )
    found = equity.returned
    if found is None:
        return (told,)
    change = coins.change(found.equity_end - found.equity_start)
    margin = "" if equity.share == 1 else f" of margin ({percent(equity.share)} of what they spent)"
    back = (
        f"Return on customers of the {worth.moved_days} days before {day(worth.as_of)}: "
        f"{with_interval(found.total, percent)}. They brought {coins.told(found.cash_flow)}"
        f"{margin}, and their value changed by {change}: {coins.change(found.change_kept)} of who "
        f"was there at both ends, {coins.change(found.change_new)} of the new."
    )
    return told, back


def left_out(worth: WorthFound) -> Iterator[str]:
    """What is not told of customers' worth so far, and why."""
    for what, reason in worth.left_out.items():
        yield f"{what[:1].upper()}{what[1:]}: {reason}."
