"""On which days the offers are learnt, calibrated and tested."""

from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from features.clock import HorizonNotObserved, OutsideHistory, Window, days_after, days_between
from features.star import History
from pipelines.offer_settings import Offers


@dataclass(frozen=True)
class OfferDays:
    """Days of one training and its test; nothing that is learnt was known later than the test.

    Attributes
    ----------
    learnt
        Days whose next baskets are learnt from, the newest first; all that is learnt of them lies
        before ``calibrated``.
    calibrated
        Day whose horizon the chances are calibrated on, right before ``tested``.
    tested
        Day whose horizon the offers are tested on.
    history
        Days before ``tested`` that are looked at.
    horizon_days
        Of all of them.
    """

    learnt: tuple[date, ...]
    calibrated: date
    tested: date
    history: Window
    horizon_days: int

    @property
    def judged(self) -> Window:
        """The days that the test sees."""
        return Window(self.tested, days_after(self.tested, self.horizon_days))


def newest_test(asked: Offers, known: History) -> tuple[date, date]:
    """First day of the orders, and the newest day whose horizon is over.

    Raises
    ------
    OutsideHistory
        When there are no orders.
    """
    first, last = known.first_on, known.last_on
    if first is None or last is None:
        message = "offers need orders, but the warehouse has none; run: regulars build"
        raise OutsideHistory(message)
    return first, days_after(last, 1 - asked.horizon_days)


def offer_days(asked: Offers, known: History) -> OfferDays:
    """The days that a config asks for.

    Days that are learnt from have a horizon of history before them, and a horizon before the day of
    calibration behind them, in which the next basket is bought.

    Raises
    ------
    OutsideHistory
        When the orders are too few days for one day to learn from.
    HorizonNotObserved
        When the orders end before the test does.
    """
    first, newest = newest_test(asked, known)
    horizon = asked.horizon_days
    test = asked.test_as_of or newest
    if test > newest:
        message = (
            f"offers that are tested on the {horizon} days from {test} on need orders up to "
            f"{days_after(test, horizon - 1)}, but the warehouse ends on {known.last_on}; use "
            f"offers.test_as_of up to {newest}, or fewer offers.horizon_days"
        )
        raise HorizonNotObserved(message)
    last = days_after(test, -2 * horizon)
    if days_between(first, last) < horizon:
        message = (
            f"offers need {3 * horizon} days of orders before the test on {test}: a horizon to "
            f"look back on, one to learn from and one to calibrate on, but the warehouse begins on "
            f"{first}; use fewer offers.horizon_days than {horizon}, or a later offers.test_as_of"
        )
        raise OutsideHistory(message)
    days = (days_after(last, -asked.step_days * back) for back in range(asked.train_cutoffs))
    learnt = tuple(takewhile(lambda day: days_between(first, day) >= horizon, days))
    return OfferDays(learnt, days_after(test, -horizon), test, Window(first, test), horizon)
