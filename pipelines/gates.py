"""What a challenger must show before it may go live."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from features.clock import days_between
from models.baselines import WINDOWED_RFM
from models.leaks import Leak
from models.metrics import Estimate
from pipelines.config import Gates
from pipelines.findings import Gate
from pipelines.rounding import fraction, signed, with_interval

CALIBRATED: Final = "A chance of 20 % must come true for one in five, or money is planned on air."
"""Why a churn model's chances have to be calibrated."""


@dataclass(frozen=True)
class Findings:
    """What the gates look at.

    Attributes
    ----------
    incumbent
        Name of the contestant to beat.
    difference
        Paired difference of the headline metric, challenger minus incumbent.
    windowed_rfm
        The same difference, challenger minus boosted trees on windowed recency, frequency and
        spend; None where there are none.
    is_higher_better
        The direction in which that metric improves.
    calibration_error
        Of the challenger.
    drift
        Gated column to population stability index.
    unseen_since
        First day on which nothing that the model has seen can lie.
    as_of
        Day of the comparison.
    are_customers_unseen
        Whether the customers, rather than the days, are new to the model.
    leaks
        Columns that tell the outcome by themselves.
    """

    incumbent: str
    difference: Estimate
    windowed_rfm: Estimate | None
    is_higher_better: bool
    calibration_error: Estimate
    drift: Mapping[str, float]
    unseen_since: date
    as_of: date
    are_customers_unseen: bool
    leaks: Sequence[Leak]


def check_gates(bounds: Gates, found: Findings) -> tuple[Gate, ...]:
    """Every gate with what it required and what was found."""
    return (
        _beats(bounds.metric, found),
        *_holds_against_rfm(bounds.metric, found),
        calibrated(bounds.calibration_error_most, found.calibration_error),
        steady(bounds.drift_most, found.drift),
        _same_schema(),
        _unseen(found),
        no_leak(found.leaks),
    )


def _beats(metric: str, found: Findings) -> Gate:
    """The whole interval of the difference lies on the better side of zero."""
    edge = found.difference.low if found.is_higher_better else -found.difference.high
    side = "above" if found.is_higher_better else "below"
    return Gate(
        f"beats {found.incumbent}",
        f"difference in {metric}, its whole interval {side} 0",
        with_interval(found.difference, signed),
        edge > 0,
        "A better figure by luck is no reason to change what is live.",
    )


def _holds_against_rfm(metric: str, found: Findings) -> Iterator[Gate]:
    """The interval of the difference does not lie wholly on the worse side of zero."""
    if found.windowed_rfm is None:
        return
    edge = found.windowed_rfm.high if found.is_higher_better else -found.windowed_rfm.low
    side = "below" if found.is_higher_better else "above"
    yield Gate(
        f"no worse than {WINDOWED_RFM}",
        f"difference in {metric}, its interval not wholly {side} 0",
        with_interval(found.windowed_rfm, signed),
        edge >= 0,
        "Boosted trees on recency, orders and spend alone are what anybody would build first.",
    )


def calibrated(
    bound: float,
    error: Estimate,
    name: str = "calibrated",
    explanation: str = CALIBRATED,
) -> Gate:
    """The expected calibration error is within its bound."""
    return Gate(
        name,
        f"expected calibration error of {fraction(bound)} at most",
        with_interval(error),
        error.value <= bound,
        explanation,
    )


def steady(bound: float, drift: Mapping[str, float]) -> Gate:
    """Judges the columns whose window lay wholly inside the history at the first training day."""
    worst = max(drift, key=lambda name: drift[name], default=None)
    return Gate(
        "no drift",
        f"population stability index of {fraction(bound)} at most, for every settled column",
        f"{fraction(drift[worst])} ({worst})" if worst else "no settled column",
        worst is None or drift[worst] <= bound,
        "A model is only trusted on customers like those it was trained on. Columns whose window "
        "reaches before the first day of data still grow with the history and are not judged.",
    )


def _same_schema() -> Gate:
    """Passed whenever there is a review: one of another schema is refused before it begins."""
    return Gate(
        "same schema",
        "the columns of the config are those of the model",
        "equal",
        is_passed=True,
        explanation="Scoring stops on the first difference, so another schema cannot go live.",
    )


def _unseen(found: Findings) -> Gate:
    if found.are_customers_unseen:
        return Gate(
            "unseen customers",
            "customers that the model has not seen",
            "none of them was",
            is_passed=True,
            explanation="The table has too few days for a comparison in time.",
        )
    return unseen_days(found.as_of, found.unseen_since)


def unseen_days(as_of: date, unseen_since: date) -> Gate:
    """The day of the comparison lies behind all outcomes that the model has learnt from."""
    return Gate(
        "unseen days",
        f"an as_of on or after {unseen_since}",
        str(as_of),
        as_of >= unseen_since,
        "Features of this day begin after the last outcome that the model learnt from.",
    )


def data_fresh(seen: tuple[date, str], last_on: date, most: int, explanation: str) -> Gate:
    """The newest order lies not too long behind what the version has seen.

    Parameters
    ----------
    seen
        Last day that the version has seen, and what it did with it, such as ``mined``.
    last_on
        Day of the newest order.
    most
        Days between them, at most.
    explanation
        Why age matters.
    """
    since, what = seen
    age = days_between(since, last_on) + 1
    return Gate(
        "data fresh",
        f"{most:,} days at most from the last day {what} to the last order",
        f"{age:,}",
        age <= most,
        explanation,
    )


def no_leak(leaks: Sequence[Leak]) -> Gate:
    """No single column tells the outcome."""
    named = ", ".join(f"{leak.column} ({leak.auc:.3f})" for leak in leaks)
    return Gate(
        "no leak",
        "no single column tells the outcome",
        named or "none does",
        not leaks,
        "A column that knows the outcome has seen the future and will not know it tomorrow.",
    )
