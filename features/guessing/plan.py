"""Horizon, windows and dates that fit how often customers buy and how long the history is."""

from dataclasses import dataclass
from datetime import date

from features.clock import DAY, cutoffs, newest_observable
from features.guessing.trial import Pace

WEEK = 7
LONGEST_HORIZON = 364
"""Days; beyond it a loss is noticed too late to act on."""

MOST_CUTOFFS = 8
STEPS_DAYS = (28, 14, 7)
ENOUGH_CUTOFFS = 4
_WINDOWS = (7, 14, 28, 56, 91, 182, 364)
_WIDE_WINDOWS = (28, 56, 91, 182, 364, 728)
_SELDOM = 60
"""Usual gap (days) beyond which a week's window would nearly always be empty."""

_PARTS = 5
"""History in horizons: one each for the test, calibration and training labels, one to look back
on from the earliest training day, and one for the days between it and the newest."""

_UNKNOWN_HORIZON = 28
"""Days, where nobody bought twice."""


@dataclass(frozen=True)
class Plan:
    """Settings that follow from the pace.

    Attributes
    ----------
    horizon_days
        Silence after which a customer counts as lost.
    wanted_days
        The horizon that the gaps ask for, before the history limited it.
    test_as_of, score_as_of
        Newest day with known labels; the day after the data.
    step_days, train_cutoffs
        Training days that fit into the history.
    windows_days
        Look-back windows that the history fills at the newest training day.
    active_within_days
        Who counts as a customer.
    earliest_train
        First of the training days.
    is_too_short
        Whether it lies before there is anything to look back on.
    """

    horizon_days: int
    wanted_days: int
    test_as_of: date
    score_as_of: date
    step_days: int
    train_cutoffs: int
    windows_days: tuple[int, ...]
    active_within_days: int
    earliest_train: date
    is_too_short: bool

    @property
    def is_limited(self) -> bool:
        """Whether the history is too short for the horizon that the gaps ask for."""
        return self.horizon_days < self.wanted_days


def plan(pace: Pace) -> Plan:
    """Settings such that test, calibration and training labels share no day and all are known."""
    history = (pace.last_on - pace.first_on).days + 1
    wanted = min(LONGEST_HORIZON, _in_weeks(pace.long_gap)) if pace.gaps else _UNKNOWN_HORIZON
    most = history // _PARTS
    horizon = min(wanted, max(1, most // WEEK * WEEK or most))
    test = newest_observable(pace.last_on, horizon)
    newest = cutoffs(test, horizon, WEEK, 1).train[0]
    before = (newest - pace.first_on).days
    spare = max(0, before - horizon)
    fitting = [days for days in STEPS_DAYS if 1 + spare // days >= ENOUGH_CUTOFFS]
    step = fitting[0] if fitting else WEEK
    candidates = _WIDE_WINDOWS if pace.usual_gap > _SELDOM else _WINDOWS
    count = min(MOST_CUTOFFS, 1 + spare // step)
    earliest = cutoffs(test, horizon, step, count).train[0]
    return Plan(
        horizon_days=horizon,
        wanted_days=wanted,
        test_as_of=test,
        score_as_of=pace.last_on + DAY,
        step_days=step,
        train_cutoffs=count,
        windows_days=tuple(days for days in candidates if days <= before) or (max(1, before),),
        active_within_days=2 * horizon,
        earliest_train=earliest,
        is_too_short=earliest <= pace.first_on,
    )


def _in_weeks(days: int) -> int:
    """The days rounded up to whole weeks."""
    return WEEK * max(1, -(-days // WEEK))
