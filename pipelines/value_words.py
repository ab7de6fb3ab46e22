"""What a training or review of value says, as sentences and rows: for terminal and page."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

from models.metrics import Estimate
from models.value.held_out import MEASURES, HeldOut
from pipelines.config import Business
from pipelines.proposal_words import Rows
from pipelines.rounding import (
    Write,
    amount,
    count,
    day,
    fraction,
    percent,
    signed,
    tenths,
    with_interval,
)
from pipelines.value_found import ValueFound

DASH: Final = "–"

PREDICTORS: Final[Mapping[str, str]] = {
    "learner": "trees on behaviour",
    "learner_at_seasonal_total": "trees on behaviour, at the total of the season",
    "bg_nbd": "BG/NBD and Gamma-Gamma",
    "mbg_nbd": "MBG/NBD and Gamma-Gamma",
    "pareto_nbd": "Pareto/NBD and Gamma-Gamma",
    "same_again": "the same again",
    "year_ago": "the same as a year ago",
    "seasonal_total": "the same again, at the total of the season",
    "latest_total": "the same again, at the latest change of the total",
    "overall_mean": "the mean of all",
}
"""Predictors of money in words; versions are called by their own names."""

MARGINS: Final[Mapping[str, str]] = {
    "settings": "value counts {share} of the spend as margin, as value.margin_share says",
    "costs": "value counts {share} of the spend as margin, that of the goods whose costs are known",
    "unknown": "value is revenue and no margin: costs are not known, and value.margin_share is not "
    "given",
}


def named(predictor: str) -> str:
    """A predictor in words."""
    return PREDICTORS.get(predictor, predictor)


def exact(minor_units: float, business: Business, *, whole: bool = False) -> str:
    """Money with its minor units, or in whole ones, without the currency."""
    digits = business.currency.digits
    value = minor_units / 10**digits
    return count(value) if whole else amount(value, digits)


def headline(found: ValueFound) -> str:
    """The answer in one sentence."""
    if found.verdict is None:
        return f"No model of value could be learnt: {named(found.shipped)} tells the spend"
    if found.is_model:
        return f"{_capital(named(found.shipped))} beat every naive predictor of spend"
    return f"No model beat the naive predictors: {named(found.shipped)} tells the spend"


def reading(found: ValueFound, business: Business) -> str:
    """By what it was judged, and how sure that is."""
    horizon, held = found.horizon_days, found.held
    told = (
        f"Tested on what {count(held.customers)} customers of {day(found.tested)} spent in the "
        f"{horizon} days from then on, {business.currency.code} "
        f"{exact(held.came, business, whole=True)} in all."
    )
    if found.verdict is None:
        return told
    gains = ", ".join(
        f"{_gain(each, business)} over {named(name)}" for name, each in found.verdict.gains.items()
    )
    return (
        f"{told} {_capital(named(found.verdict.model))} was picked {_picked(found)}; its mean "
        f"absolute error per customer, in {business.currency.code}, is better by {gains} "
        f"(intervals of {_level(found.verdict.share)}).{_farther(found)}"
    )


def _level(share: float) -> str:
    """``95 %``; with a decimal where a pick among several needs a level between whole ones."""
    return percent(share) if math.isclose(100 * share, round(100 * share)) else tenths(share)


def _picked(found: ValueFound) -> str:
    if found.chosen_on is None:
        return "on the tested day itself, as not every model could be held out on an earlier one"
    return f"on {day(found.chosen_on)}, before what it is tested on"


def _farther(found: ValueFound) -> str:
    if found.verdict is None or found.is_model:
        return ""
    worse = {name: each for name, each in found.verdict.bias_gains.items() if each.high < 0}
    if not worse:
        return " That is not surely better than each of them."
    totals = ", ".join(
        f"{with_interval(each, signed)} than that of {named(name)}" for name, each in worse.items()
    )
    return f" Its total is surely farther off: nearer by {totals}."


def _gain(each: Estimate, business: Business) -> str:
    return with_interval(each, lambda value: signed(value, lambda one: exact(one, business)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def measure_rows(
    held: HeldOut, business: Business, measures: Sequence[str] = tuple(MEASURES)
) -> Rows:
    """Every predictor with these measures and their intervals."""
    code = business.currency.code

    def money(value: float) -> str:
        return exact(value, business)

    forms: dict[str, tuple[str, Write]] = {
        "mae": (f"error per customer, {code}", money),
        "rmse": (f"root mean squared error, {code}", money),
        "total_bias": ("total too high (+) or low (−) by", lambda value: signed(value, tenths)),
        "spearman": ("rank correlation", fraction),
        "top_tenth_share": ("money of the best tenth", tenths),
    }
    forms = {name: each for name, each in forms.items() if name in measures}
    order = sorted(held.predictors, key=lambda name: held.value(name, "mae").value)
    cells = tuple(
        (
            named(name),
            *(_known(held.value(name, measure), form) for measure, (_, form) in forms.items()),
        )
        for name in order
    )
    return Rows(
        "Predictors of spend",
        "The least error first; 95 % intervals over customers. Money of the best tenth: the share "
        "of all that came from the tenth of customers expected to spend most.",
        ("", *(heading for heading, _ in forms.values())),
        cells,
    )


def _known(each: Estimate, form: Write) -> str:
    """A dash where a measure is not defined, as is a rank of equal promises."""
    return with_interval(each, form) if math.isfinite(each.value) else DASH


def decile_rows(held: HeldOut, predictor: str, business: Business) -> Rows:
    """What a predictor expected of each tenth of the customers, and what came."""
    rows = held.deciles[held.deciles["predictor"] == predictor]
    cells = tuple(_promised(str(row["decile"]), row, business) for row in rows.to_dict("records"))
    return Rows(
        "By tenths of the customers",
        "The first tenth was expected to spend most. Intervals are those of other customers of the "
        "kind.",
        _columns("tenth", business),
        cells,
    )


def cohort_rows(held: HeldOut, predictor: str, business: Business) -> Rows:
    """The same of customers by the quarter of their first order."""
    rows = held.cohorts[held.cohorts["predictor"] == predictor]
    cells = tuple(_promised(str(row["cohort"]), row, business) for row in rows.to_dict("records"))
    return Rows(
        "By quarter of the first order",
        "What customers who came in a quarter were expected to spend, and what they spent.",
        _columns("quarter", business),
        cells,
    )


def _columns(first: str, business: Business) -> tuple[str, ...]:
    code = business.currency.code
    return (first, "customers", f"expected, {code}", f"came, {code}")


def _promised(name: str, row: Mapping[Hashable, Any], business: Business) -> tuple[str, ...]:
    came = Estimate(row["came"], row["low"], row["high"])
    return (
        name,
        count(row["customers"]),
        exact(row["promised"], business, whole=True),
        with_interval(came, lambda value: exact(value, business, whole=True)),
    )


def parameter_rows(found: ValueFound) -> Rows | None:
    """Parameters of the model of repeat buying, with intervals."""
    repeat = found.repeat_buying
    if repeat is None:
        return None
    tables = ((repeat.title, repeat.parameters), ("Gamma-Gamma", repeat.spending))
    cells = tuple(
        (title, row["name"], f"{row['value']:,.3f}", f"{row['low']:,.3f} to {row['high']:,.3f}")
        for title, table in tables
        for row in table.to_dict("records")
    )
    return Rows(
        "Model of repeat buying",
        f"Of {count(repeat.customers)} customers; times in weeks, money in minor units.",
        ("", "parameter", "value", "95 % interval"),
        cells,
    )


def notes(found: ValueFound) -> list[str]:
    """What to keep in mind, in sentences."""
    told = [f"{named(name)} is not there: {why}" for name, why in found.untold.items()]
    share = percent(found.margin_share)
    told.append(MARGINS[found.margin_source].format(share=share))
    told += _of_chances(found) + _of_repeats(found)
    return told


def _of_chances(found: ValueFound) -> list[str]:
    if not found.calibration:
        return [_no_calibration(found)]
    errors = ", ".join(
        f"{with_interval(each)} of {'one rate for all' if name != 'learner' else 'the learner'}"
        for name, each in found.calibration.items()
    )
    return [f"expected calibration error of the chance to buy: {errors}"]


def _no_calibration(found: ValueFound) -> str:
    if found.customers["probability"].isna().all():
        return "no chance to buy is told: there is no learner"
    return "whether chances to buy come true is not known: all customers of the test did alike"


def _of_repeats(found: ValueFound) -> list[str]:
    repeat = found.repeat_buying
    if repeat is None:
        return ["no model of repeat buying: value, purchases and alive are null"]
    years = found.clv_days / 364
    told = [
        f"value is what {repeat.title} lets expect of {found.clv_days} days, "
        f"{percent(found.discount_rate)} a year taken off; only {found.horizon_days} days of it "
        f"were tested" + ("" if years <= 1 else ", and habits rarely last that long")
    ]
    if repeat.name == "bg_nbd":
        told.append(
            "alive is null of who bought once: BG/NBD holds them for alive for ever, which is no "
            "judgement; it is no score of churn"
        )
    return told
