"""Rules that choose a horizon and a cohort from how customers return, each with its reason."""

import math
from dataclasses import dataclass
from datetime import date
from statistics import fmean, pstdev
from typing import Final, Literal

from features.clock import cutoffs, days_between, newest_observable
from features.cohort import described
from features.settings import Cohort
from models.metrics import Estimate
from pipelines.config import Business, Churn, Proposing
from pipelines.rounding import count, fraction, interval, percent, tenths, with_interval
from pipelines.study import Rate, Study

CheckName = Literal["back", "rate", "stable", "history"]
LEAST_DAYS: Final = 3
"""Days whose rates make a spread."""

SMALLER_SHARES: Final = (0.75, 0.5)
"""Shares of the gaps that the cohort's window may hold where no window holds more."""

WITHOUT_ONE_TIME: Final = 2
"""Orders at the least of a cohort without one-time buyers."""


@dataclass(frozen=True)
class Check:
    """One rule, whether a horizon keeps it, what was found, and what was asked."""

    name: CheckName
    is_passed: bool
    found: str
    asked: str


@dataclass(frozen=True)
class Spread:
    """Label rates over the days on which they are known.

    Attributes
    ----------
    rates
        The oldest first.
    """

    rates: tuple[Rate, ...]

    @property
    def mean(self) -> float:
        """Mean of the days' rates; NaN without any."""
        return fmean(rate.share for rate in self.rates) if self.rates else math.nan

    @property
    def least(self) -> float:
        """The lowest of them; NaN without any."""
        return min((rate.share for rate in self.rates), default=math.nan)

    @property
    def most(self) -> float:
        """The highest of them; NaN without any."""
        return max((rate.share for rate in self.rates), default=math.nan)

    @property
    def variation(self) -> float:
        """Standard deviation in parts of the mean; NaN for fewer than `LEAST_DAYS`, or all 0."""
        if len(self.rates) < LEAST_DAYS or self.mean == 0:
            return math.nan
        return pstdev(rate.share for rate in self.rates) / self.mean


@dataclass(frozen=True)
class Horizon:
    """A candidate: what calling customers lost after so many days would mean.

    Attributes
    ----------
    days
        Of the horizon.
    back
        Share of those silent for so long who come back within ``propose.back_within_days`` more.
    watched
        Gaps that were watched for longer than the horizon.
    spread, without_one_time
        Label rates of the cohort; and of those of it with two orders or more.
    checks
        Every rule.
    """

    days: int
    back: Estimate
    watched: int
    spread: Spread
    without_one_time: Spread
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """Rules that it does not keep."""
        return tuple(check for check in self.checks if not check.is_passed)


@dataclass(frozen=True)
class Chosen:
    """Settings: of the config now, or as proposed."""

    horizon_days: int
    gap_days: int
    cohort: Cohort
    test_as_of: date | None


@dataclass(frozen=True)
class Proposal:
    """What the rules make of a study.

    Attributes
    ----------
    horizons
        Every candidate under the proposed cohort, ascending.
    fits
        Whether a candidate keeps all rules; else the proposal is the one that comes nearest.
    proposed
        None where no label is over on any day.
    current
        What the config says.
    current_spread
        Label rates under the config.
    reasons
        Why, in sentences.
    """

    horizons: tuple[Horizon, ...]
    fits: bool
    proposed: Chosen | None
    current: Chosen
    current_spread: Spread
    reasons: tuple[str, ...]

    @property
    def chosen(self) -> Horizon | None:
        """The candidate that is proposed."""
        return next(
            (each for each in self.horizons if self.proposed and each.days == self._days), None
        )

    @property
    def _days(self) -> int | None:
        return self.proposed.horizon_days if self.proposed else None

    @property
    def changes(self) -> tuple[str, ...]:
        """Settings that would change: ``churn.horizon_days: 28 to 56``."""
        if self.proposed is None:
            return ()
        old, new = self.current, self.proposed
        pairs = {
            "churn.horizon_days": (old.horizon_days, new.horizon_days),
            "churn.gap_days": (old.gap_days, new.gap_days),
            "churn.test_as_of": (old.test_as_of, new.test_as_of),
            "behaviour.cohort.active_within_days": (
                old.cohort.active_within_days,
                new.cohort.active_within_days,
            ),
            "behaviour.cohort.min_orders": (old.cohort.min_orders, new.cohort.min_orders),
        }
        return tuple(
            f"{path}: {_null(before)} to {_null(after)}"
            for path, (before, after) in pairs.items()
            if before != after
        )


def propose(found: Study, business: Business) -> Proposal:
    """The shortest horizon that keeps every rule, or the one that comes nearest.

    Where no horizon keeps them with one-time buyers in the cohort, it is tried without them.
    """
    churn, settings = business.churn, business.behaviour.cohort
    cohort, why = _cohort(found, business)
    cohorts = [cohort]
    if cohort.contract == "none" and cohort.min_orders < WITHOUT_ONE_TIME:
        cohorts.append(cohort.model_copy(update={"min_orders": WITHOUT_ONE_TIME}))
    tried = [_horizons(found, business, each) for each in cohorts]
    place, best = next(
        ((place, each) for place, row in enumerate(tried) for each in row if not each.failed),
        (0, _nearest(tried[0])),
    )
    current = Chosen(churn.horizon_days, churn.gap_days, settings, churn.test_as_of)
    proposed = None
    if best is not None:
        day = _test_day(found, churn, best.days)
        proposed = Chosen(best.days, churn.gap_days, cohorts[place], day)
    fits = best is not None and not best.failed
    reasons = [_of_horizon(best, business.propose, fits=fits), why, _of_gap(churn)]
    if place:
        reasons.insert(2, "One-time buyers are left out: with them no horizon keeps every rule.")
    return Proposal(
        tried[place],
        fits,
        proposed,
        current,
        Spread(found.rates(churn.horizon_days, settings)),
        tuple(reasons),
    )


def _horizons(found: Study, business: Business, cohort: Cohort) -> tuple[Horizon, ...]:
    return tuple(_horizon(found, business, cohort, days) for days in found.candidates.horizons_days)


def _horizon(found: Study, business: Business, cohort: Cohort, days: int) -> Horizon:
    rules = business.propose
    back = found.everyone.survival.ending(rules.back_within_days, days)
    spread = Spread(found.rates(days, cohort))
    least = max(cohort.min_orders, WITHOUT_ONE_TIME)
    others = cohort.model_copy(update={"min_orders": least})
    checks = (_comes_back(back, rules), *_rates(spread, rules), _history(found, business, days))
    return Horizon(
        days,
        back,
        found.everyone.survival.watched(days),
        spread,
        Spread(found.rates(days, others)),
        checks,
    )


def _comes_back(back: Estimate, rules: Proposing) -> Check:
    asked = f"at most {percent(rules.back_most)} within {rules.back_within_days} days"
    found = "not watched for so long"
    if math.isfinite(back.value):
        found = f"{tenths(back.value)} ({interval(back, tenths)})"
    return Check("back", back.value <= rules.back_most, found, asked)


def _rates(spread: Spread, rules: Proposing) -> tuple[Check, Check]:
    between = f"{percent(rules.rate_least)} to {percent(rules.rate_most)}"
    is_known = bool(spread.rates)
    found = tenths(spread.mean) if is_known else "known on no day"
    rate = Check("rate", rules.rate_least <= spread.mean <= rules.rate_most, found, between)
    asked = f"standard deviation at most {fraction(rules.spread_most, 2)} of the mean"
    varies = f"{fraction(spread.variation, 2)} over {len(spread.rates)} days"
    if not math.isfinite(spread.variation):
        varies = f"{len(spread.rates)} days are too few to tell"
    return rate, Check("stable", spread.variation <= rules.spread_most, varies, asked)


def _history(found: Study, business: Business, days: int) -> Check:
    """Room for as many test days, with calibration, training and a look back before the first."""
    label_days = found.candidates.gap_days + days
    step, tests = business.churn.step_days, business.churn.test_cutoffs
    needed = 4 * label_days + (tests - 1) * step
    asked = f"{tests} test days: {count(needed)} days of orders"
    return Check("history", found.days >= needed, f"{count(found.days)} days", asked)


def _cohort(found: Study, business: Business) -> tuple[Cohort, str]:
    """The shortest window that holds enough of the gaps, and why."""
    settings, share = business.behaviour.cohort, business.propose.cohort_share
    if settings.contract != "none":
        return settings, f"Cohort: {described(settings)}, as the config says."
    windows, survival = found.candidates.active_days, found.everyone.survival
    wanted = survival.quantile(share)
    for each in (share, *(smaller for smaller in SMALLER_SHARES if smaller < share)):
        day = survival.quantile(each)
        fitting = [window for window in windows if day is not None and window >= day]
        if not fitting:
            continue
        cohort = settings.model_copy(update={"active_within_days": fitting[0]})
        why = (
            f"Cohort: {described(cohort)}. {percent(each)} of gaps have ended by day {day}, and "
            f"{fitting[0]} days is the shortest window that holds them; who is silent for longer "
            f"has left their rhythm already."
        )
        if each < share:
            far = "are never seen to end" if wanted is None else f"take {wanted} days"
            why += f" {percent(share)} of gaps {far}, longer than any window."
        return cohort, why
    cohort = settings.model_copy(update={"active_within_days": None})
    return cohort, f"Cohort: {described(cohort)}. No window holds half of the gaps."


def _nearest(horizons: tuple[Horizon, ...]) -> Horizon | None:
    """Of those whose label is over on some day: fewest rules broken, then fewest who come back."""
    known = [each for each in horizons if each.spread.rates]

    def distance(each: Horizon) -> tuple[int, float]:
        back = each.back.value
        return len(each.failed), back if math.isfinite(back) else math.inf

    return min(known, key=distance, default=None)


def _test_day(found: Study, churn: Churn, days: int) -> date:
    """The config's test day where it leaves room before and after it, else the newest there is."""
    label_days = churn.gap_days + days
    newest = newest_observable(found.last_on, label_days)
    if churn.test_as_of is None or churn.test_as_of > newest:
        return newest
    oldest = cutoffs(churn.test_as_of, label_days, churn.step_days, 1).train[0]
    has_room = days_between(found.first_on, oldest) >= label_days
    return churn.test_as_of if has_room else newest


def _of_horizon(best: Horizon | None, rules: Proposing, *, fits: bool) -> str:
    if best is None:
        return "No horizon: the orders do not reach far enough for the label of any day."
    back = (
        f"of those silent for {best.days} days {with_interval(best.back, percent)} come back "
        f"within {rules.back_within_days} more"
    )
    if fits:
        return (
            f"Horizon {best.days} days: the shortest that keeps every rule. {_large(back)}; a "
            f"label rate of {percent(best.spread.mean)}, between {percent(best.spread.least)} and "
            f"{percent(best.spread.most)} over {len(best.spread.rates)} days."
        )
    missed = "; ".join(f"{each.name}: {each.found}, asked {each.asked}" for each in best.failed)
    text = f"Horizon {best.days} days comes nearest. It misses the rule of {missed}."
    if best.back.value > 1 - best.back.value:
        text += (
            f" Silence here is more often a pause than a loss: most of those silent for "
            f"{best.days} days come back. A model of it says who pauses, and an offer to them "
            f"reaches many who would have come by themselves."
        )
    return text


def _of_gap(churn: Churn) -> str:
    if churn.gap_days:
        return (
            f"Gap {churn.gap_days} days, as the config says: how long it takes you to act is "
            f"nothing that orders tell."
        )
    return "Gap 0 days: raise it to the days that you need between a score and acting on it."


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]


def _null(value: object) -> str:
    return "null" if value is None else str(value)
