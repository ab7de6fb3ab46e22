"""What customers will spend, in words and tables of text: the test, its verdict, lifetime value."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pandas as pd

from models.metrics import Estimate
from models.value.held_out import MEASURES
from pipelines.card_parts import DASH
from pipelines.coins import Coins
from pipelines.proposal_words import Rows
from pipelines.rounding import (
    count,
    day,
    fraction,
    interval,
    percent,
    signed,
    tenths,
    with_interval,
)
from pipelines.value_found import ValueFound
from pipelines.worth_found import WorthFound
from pipelines.worth_profit import TOLD

PREDICTORS: Final[Mapping[str, str]] = {
    "learner": "the learner",
    "learner_at_seasonal_total": "the learner at the season's total",
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "same_again": "same again",
    "year_ago": "as a year ago",
    "seasonal_total": "same again, at the season's total",
    "latest_total": "same again, at the latest trend",
    "overall_mean": "the mean for everybody",
}
"""Predictors as people call them."""

WORDS: Final[Mapping[str, str]] = {
    "the learner": "Boosted trees on how customers behaved: the chance to buy, times how much then.",
    "BG/NBD, Pareto/NBD": "Models of repeat buying: each customer buys at a rate of their own until "
    "they silently stop.",
    "same again": "The naive forecast: each customer spends what they spent in the last days, as "
    "many as are forecast.",
    "mean error": "How far the forecast of a customer is off, on average, up or down.",
    "total": "All that was promised over all that came, less 1: 0 % is right.",
    "best tenth": "The tenth of customers that most was promised of.",
    "lifetime value": "What a customer is expected to leave within the days that are named, worth "
    "today.",
    "interval": "Repeated with other customers of the kind, the figure would lie within it 95 times "
    "in a hundred.",
}


def called(name: str) -> str:
    """A predictor as people call it."""
    return PREDICTORS.get(name, name)


def capitalized(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def headline(found: ValueFound) -> str:
    """How much the best tenth brought."""
    share = found.held.value(found.shipped, "top_tenth_share")
    return (
        f"The tenth of customers that most was promised of brought {percent(share.value)} of the "
        f"money of the {found.horizon_days} days from {day(found.tested)} on"
    )


def label(found: ValueFound) -> str:
    """Who won, in three words."""
    if found.is_model:
        return f"{capitalized(called(found.shipped))} beats every naive forecast"
    return f"The naive forecast won: {called(found.shipped)}"


def reading(found: ValueFound, coins: Coins) -> str:
    """Why that predictor is used, with what it gains or lacks."""
    told, verdict = found.held, found.verdict
    error = coins.ends(told.value(found.shipped, "mae"))
    used = f"{capitalized(called(found.shipped))} is used; its forecast of a customer is off by {error}"
    if verdict is None:
        return f"{used} on average. No model could be fitted: {'; '.join(found.untold.values())}."
    worst = min(verdict.gains, key=lambda name: verdict.gains[name].low)
    gain = verdict.gains[worst]
    ends = interval(gain, coins.bare)
    if found.is_model:
        return (
            f"{used} on average, {coins.told(gain.value)} ({ends}) less than the nearest naive "
            f"forecast, {called(worst)}. The total was {_bias(found, found.shipped)}."
        )
    far = [name for name, each in verdict.bias_gains.items() if each.high < 0]
    if far and all(each.low > 0 for each in verdict.gains.values()):
        return (
            f"{used} on average. {capitalized(called(verdict.model))} is nearer to each customer, "
            f"but its total is surely farther off: {_bias(found, verdict.model)}, against "
            f"{_bias(found, far[0])} of {called(far[0])}."
        )
    better = "better" if gain.value > 0 else "worse"
    return (
        f"{used} on average. The best model, {called(verdict.model)}, is {better} than "
        f"{called(worst)} by {coins.told(abs(gain.value))} ({signed(gain.low, coins.bare)} to "
        f"{signed(gain.high, coins.bare)}; above 0 it would surely be better): too close, so the "
        "forecast that takes no model is kept."
    )


def _bias(found: ValueFound, name: str) -> str:
    """``2.6 % too low``."""
    value = found.held.value(name, "total_bias").value
    if not np.isfinite(value):
        return "not defined"
    return f"{tenths(abs(value))} too {'high' if value > 0 else 'low'}"


def tiles(found: ValueFound, worth: WorthFound, coins: Coins) -> list[tuple[str, str, str]]:
    """The figures that matter most: name, number, interval or share."""
    shipped = found.held.value(found.shipped, "top_tenth_share")
    error, bias = (found.held.value(found.shipped, name) for name in ("mae", "total_bias"))
    told = [
        ("customers of the test", count(found.held.customers), ""),
        ("what they brought", coins.told(found.held.came), ""),
        ("from the best tenth", percent(shipped.value), interval(shipped, percent)),
        ("mean error of a customer", coins.told(error.value), interval(error, coins.bare)),
        ("total", _bias(found, found.shipped), _signed_ends(bias)),
    ]
    curve = worth.profits.curve
    if curve is not None:
        name = f"make {percent(curve.asked)} of {TOLD[worth.profits.basis]}"
        told.append((name, percent(curve.needed.value), interval(curve.needed, percent)))
    return told


def _signed_ends(found: Estimate) -> str:
    return " to ".join(signed(end, tenths) for end in (found.low, found.high))


def predictor_rows(found: ValueFound, coins: Coins) -> Rows:
    """Every measure of every predictor, and its gain over the nearest naive one."""
    naive = min(found.baselines, key=lambda name: found.held.value(name, "mae").value)
    ranked = sorted(found.held.predictors, key=lambda name: found.held.value(name, "mae").value)
    cells = []
    for name in ranked:
        each = {measure: found.held.value(name, measure) for measure in MEASURES}
        gain = found.held.gain("mae", name, naive)
        mark = ", used" if name == found.shipped else ""
        kind = "naive" if name in found.baselines else "model"
        cells.append(
            (
                f"{called(name)} ({kind}{mark})",
                _stacked(each["mae"], coins),
                DASH
                if name == naive
                else f"{signed(gain.value, coins.bare)} ({interval(gain, coins.bare)})",
                _stacked(each["rmse"], coins),
                f"{signed(each['total_bias'].value, tenths)} ({_signed_ends(each['total_bias'])})",
                with_interval(each["spearman"]),
                with_interval(each["top_tenth_share"], percent),
            )
        )
    text = (
        f"All of the same {count(found.held.customers)} customers over the same {found.horizon_days} "
        f"days, in {coins.currency.code} per customer. Gain: what the mean error is smaller by than "
        f"that of {called(naive)}, paired. Root error weighs large misses more. Rank: correlation of "
        "promised and came."
    )
    columns = (
        "forecast",
        "mean error",
        "gain",
        "root error",
        "total",
        "rank",
        "from the best tenth",
    )
    return Rows("Every forecast, held against what came", text, columns, tuple(cells))


def _stacked(found: Estimate, coins: Coins) -> str:
    return with_interval(found, coins.bare)


def decile_rows(found: ValueFound, coins: Coins) -> Rows:
    """Promised and came of each tenth of the customers, of the forecast that is used."""
    told = found.held.deciles
    rows = told[told["predictor"] == found.shipped].to_dict("records")
    cells = tuple(
        (
            _tenth(int(row["decile"])),
            count(row["customers"]),
            coins.told(row["promised"]),
            coins.ends(Estimate(row["came"], row["low"], row["high"])),
            _ratio(Estimate(row["ratio"], row["ratio_low"], row["ratio_high"])),
        )
        for row in rows
        if row["customers"]
    )
    columns = ("tenth", "customers", "promised", "came", "came of promised")
    text = "By what was promised, the most first; customers of equal promise stay together."
    return Rows("By tenth of the customers", text, columns, cells)


def _tenth(decile: int) -> str:
    return {1: "highest", 10: "lowest"}.get(decile, str(decile))


def _ratio(found: Estimate) -> str:
    return DASH if np.isnan(found.value) else with_interval(found, percent)


def cohort_rows(found: ValueFound, coins: Coins) -> Rows:
    """Promised and came by the quarter of the first order, of the forecast that is used."""
    told = found.held.cohorts
    rows = told[told["predictor"] == found.shipped].to_dict("records") if len(told) else []
    cells = tuple(
        (
            str(row["cohort"]),
            count(row["customers"]),
            coins.told(row["promised"]),
            coins.ends(Estimate(row["came"], row["low"], row["high"])),
            signed(row["bias"], tenths) if np.isfinite(row["bias"]) else DASH,
        )
        for row in rows
    )
    columns = ("first order", "customers", "promised", "came", "off by")
    return Rows("By the quarter of the first order", "", columns, cells)


def parameter_rows(found: ValueFound) -> Rows:
    """Parameters of the model of repeat buying, with their intervals."""
    repeat = found.repeat_buying
    if repeat is None:
        return Rows("", "", (), ())
    both = pd.concat(
        [repeat.parameters.assign(of=repeat.title), repeat.spending.assign(of="Gamma-Gamma")]
    )
    cells = tuple(
        (str(row["of"]), str(row["name"]), fraction(row["value"]), _ends(row))
        for row in both.to_dict("records")
    )
    text = (
        f"Fitted on {count(repeat.customers)} customers, time in weeks. Purchases and their mean "
        f"amount are taken for unrelated; their correlation is {with_interval(repeat.correlation)}."
    )
    columns = ("model", "parameter", "value", "95 % interval")
    return Rows("Parameters of repeat buying", text, columns, cells)


def _ends(row: Mapping[object, float]) -> str:
    found = Estimate(row["value"], row["low"], row["high"])
    return interval(found, fraction) if np.isfinite(found.low) else "not known"


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
        f"What each customer is expected to leave within {found.clv_days} days from "
        f"{day(found.tested)} on, at {percent(found.discount_rate)} interest a year{by}: {what}."
    )


def alive_told(found: ValueFound) -> str:
    """How to take the chance to be still a customer."""
    if found.repeat_buying is None or "alive" not in found.customers:
        return ""
    unknown = int(found.customers["alive"].isna().sum())
    text = (
        "The chance to be still a customer, by a model of repeat buying, is no churn score: it "
        "says whether somebody has silently stopped, not whether they leave within a horizon. "
    )
    if unknown:
        text += (
            f"It is left open for {count(unknown)} of {count(len(found.customers))} customers, such "
            "as those who bought once: BG/NBD gives each of them 100 %, whatever happened. "
        )
    return f"{text}For leaving within a horizon, use regulars train churn."


def notes(found: ValueFound, worth: WorthFound) -> Iterator[str]:
    """What was looked at, and what is not told."""
    if found.chosen_on is None:
        yield (
            "The history is too short to pick a model on an earlier day: it was picked on the day "
            "of the test, with intervals that are wider for it."
        )
    else:
        yield (
            f"The model was picked on what came in the {found.horizon_days} days from "
            f"{day(found.chosen_on)} on, then tested on the days from {day(found.tested)} on, which "
            "nothing had been fitted to."
        )
    if found.learnt_from:
        first, last = found.learnt_from[0], found.learnt_from[-1]
        days = len(found.learnt_from)
        yield f"The learner learnt from {days} days, {day(first)} to {day(last)}."
    calibration = found.calibration.get("expected_calibration_error")
    if calibration is not None:
        yield f"Chances to buy are off by {with_interval(calibration)} on average."
    for name, reason in found.untold.items():
        yield f"{capitalized(called(name))} says nothing: {reason}."
    for what, reason in worth.left_out.items():
        yield f"{capitalized(what)}: {reason}."
