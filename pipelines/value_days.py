"""On which days predictors of value are learnt, picked and tested."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from features.clock import HorizonNotObserved, OutsideHistory, days_after, days_between
from features.star import History
from pipelines.value_settings import ValueSettings

EPOCH: Final = date(1970, 1, 1)

_LOOKS_BACK: Final = 2
"""Horizons of orders before a test: the naive predictors compare two."""


def number_of(day: date) -> int:
    """Days since 1970-01-01."""
    return days_between(EPOCH, day)


def day_of(number: int) -> date:
    """The day so many after 1970-01-01."""
    return days_after(EPOCH, int(number))


@dataclass(frozen=True)
class ValueDays:
    """Days of one training and its test.

    Attributes
    ----------
    first
        Of the orders.
    chosen
        Day whose horizon the model is picked on, right before ``tested``.
    tested
        Day whose horizon the predictors are tested on.
    horizon_days
        Of both.
    most, step_days
        Days to learn from, at most, and between them.
    """

    first: date
    chosen: date
    tested: date
    horizon_days: int
    most: int
    step_days: int

    def learnt(self, as_of: date) -> tuple[date, ...]:
        """Days whose outcome was known by a day, with a horizon of orders before, oldest first."""
        known = -(-self.horizon_days // self.step_days)  # steps until a horizon is over
        steps = range(known, known + self.most)
        days = [days_after(as_of, -self.step_days * back) for back in steps]
        room = [day for day in days if days_between(self.first, day) >= self.horizon_days]
        return tuple(reversed(room))

    @property
    def looked_at(self) -> tuple[date, ...]:
        """Every day that customers are described on, ascending."""
        own = [day for day in (self.chosen, self.tested) if day > self.first]
        return tuple(sorted({*own, *(day for each in own for day in self.learnt(each))}))


def newer_half(days: ValueDays) -> tuple[date, ...]:
    """Days learnt from that a later one is compared with: of older ones fewer columns are settled.

    More than one, as campaigns come in waves; one at least, where any was learnt from.
    """
    learnt = days.learnt(days.tested)
    return learnt[len(learnt) // 2 :]


def newest_test(asked: ValueSettings, known: History) -> tuple[date, date]:
    """First day of the orders, and the newest day whose horizon is over.

    Raises
    ------
    OutsideHistory
        When there are no orders.
    """
    first, last = known.first_on, known.last_on
    if first is None or last is None or not known.sales_lines:
        message = "value needs orders, but the warehouse has none; run: regulars build"
        raise OutsideHistory(message)
    return first, days_after(last, 1 - asked.horizon_days)


def value_days(asked: ValueSettings, known: History) -> ValueDays:
    """The days that a config asks for.

    Raises
    ------
    OutsideHistory
        When there are fewer than two horizons of orders before the test.
    HorizonNotObserved
        When the orders end before the test does.
    """
    first, newest = newest_test(asked, known)
    horizon = asked.horizon_days
    test = asked.test_as_of or newest
    if test > newest:
        message = (
            f"value that is tested on the {horizon} days from {test} on needs orders up to "
            f"{days_after(test, horizon - 1)}, but the warehouse ends on {known.last_on}; use "
            f"value.test_as_of up to {newest}, or fewer value.horizon_days"
        )
        raise HorizonNotObserved(message)
    if days_between(first, test) < _LOOKS_BACK * horizon:
        message = (
            f"value needs {_LOOKS_BACK * horizon} days of orders before the test on {test}, two "
            f"horizons that naive predictors compare, but the warehouse begins on {first}; use "
            f"fewer value.horizon_days than {horizon}, or a later value.test_as_of"
        )
        raise OutsideHistory(message)
    chosen = days_after(test, -horizon)
    return ValueDays(first, chosen, test, horizon, asked.train_cutoffs, asked.step_days)
