"""The season of a day: the base rate that such a day had a year before, and chances at that rate.

It is read from outcomes that were over by the day, the same for a test, a review and a scoring.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from features.clock import days_after, days_between, year_before
from features.label_rates import cohort_rates
from features.star import History
from features.warehouse import Connection
from models.season import Rate, shift_to, shifted
from models.spec import FloatArray
from pipelines.config import Business, Recalibration
from pipelines.rounding import percent
from pipelines.tables import Fact
from pipelines.versions import Version

NOT_ASKED: Final = "churn.recalibrate was none when the model was trained"


@dataclass(frozen=True)
class Seasonal:
    """Chances of everybody of a day, after the shift.

    Attributes
    ----------
    probability
        Shape (n,), in the order that they were given in.
    shift
        What was added to all log-odds.
    told
        What was done and why, or why nothing was: one sentence.
    """

    probability: FloatArray
    shift: float
    told: str

    def facts(self) -> dict[str, Fact]:
        """What scores say of themselves."""
        return {"season_shift": self.shift, "season": self.told}


@dataclass(frozen=True)
class Season:
    """What is known beforehand of a day's base rate.

    Attributes
    ----------
    as_of
        The day.
    rate
        Of the cohort of `features.clock.year_before`; None where it says nothing.
    why_not
        Why it says nothing.
    """

    as_of: date
    rate: Rate | None = None
    why_not: str = ""

    def applied(self, probability: FloatArray) -> Seasonal:
        """Chances of everybody of the day, shifted to its rate."""
        if self.rate is None:
            return Seasonal(probability, 0.0, f"Chances are not shifted: {self.why_not}.")
        shift = shift_to(probability, self.rate) if len(probability) else 0.0
        because = (
            f"a year before, on {year_before(self.as_of)}, {percent(self.rate.value)} of "
            f"{self.rate.customers:,} customers left"
        )
        if shift == 0:
            told = f"Chances are not shifted: {because}, as the model expects."
            return Seasonal(probability, 0.0, told)
        told = (
            f"Chances are shifted by {shift:+.2f} log-odds, for everybody alike: {because}, and "
            f"the model by itself expects {percent(float(probability.mean()))}."
        )
        return Seasonal(shifted(probability, shift), shift, told)


def asked_of(version: Version) -> Recalibration:
    """What the version was tested with, and is used with; versions without a word: nothing."""
    return "season" if version.tags.get("recalibrate") == "season" else "none"


def season_of(
    con: Connection, business: Business, known: History, as_of: date, asked: Recalibration
) -> Season:
    """The rate of a year before, where it was of a cohort like today's and was over by ``as_of``.

    Parameters
    ----------
    con
        Connection to the warehouse.
    business
        The config.
    known
        What the warehouse holds.
    as_of
        The day; nothing of it or later is looked at.
    asked
        ``none``: nothing is read.
    """
    why_not = _why_not(business, known, as_of) if asked == "season" else NOT_ASKED
    if why_not:
        return Season(as_of, None, why_not)
    like = year_before(as_of)
    counted = cohort_rates(
        con,
        [like],
        business.churn,
        (business.sources, business.behaviour),
        days_after(as_of, -1),
    ).to_pylist()
    rate = Rate(counted[0]["customers"], counted[0]["churned"]) if counted else Rate(0, 0)
    if not rate.is_inside:
        left = f"{rate.churned} of {rate.customers} customers left"
        return Season(as_of, None, f"{left} a year before, on {like}, which tells no rate")
    return Season(as_of, rate)


def _why_not(business: Business, known: History, as_of: date) -> str:
    """Why a year before says nothing of the day, without looking; empty when it may."""
    cohort, churn, like = business.behaviour.cohort, business.churn, year_before(as_of)
    if churn.kind == "labelled":
        return "nothing says when the labels of a year before became known"
    if cohort.contract != "none" or cohort.active_within_days is None:
        return "without behaviour.cohort.active_within_days the cohort is another every year"
    if known.first_on is None or known.last_on is None:
        return "there are no orders"
    over_on = days_after(like, churn.label_days)
    if over_on > min(as_of, days_after(known.last_on, 1)):
        return f"outcomes of a year before, on {like}, are known from {over_on} on"
    reached = days_between(known.first_on, like)
    if reached < cohort.active_within_days:
        return (
            f"the cohort of a year before, on {like}, looks back {cohort.active_within_days} days, "
            f"and orders begin on {known.first_on}"
        )
    return ""
