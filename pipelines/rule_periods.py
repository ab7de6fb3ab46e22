"""Two periods of the days mined that rules are compared between."""

from dataclasses import dataclass

from features.clock import Window, days_after, days_between
from features.errors import RegularsError
from pipelines.change_settings import YEAR, Changes


class PeriodsTooLong(RegularsError):
    """Periods were asked for that do not lie within the days mined."""


@dataclass(frozen=True)
class Periods:
    """An older and a newer period without a day in common, half-open."""

    older: Window
    newer: Window


def periods_of(asked: Changes, mined: Window) -> Periods | None:
    """The newest of the days mined, and those that they are compared with.

    Both lie within the days mined: rules that are mined from all of these are chosen by both
    periods alike, so the choice does not favour what changed.

    Parameters
    ----------
    asked
        Section of the config.
    mined
        Days that rules are mined from, all of them before as_of.

    Returns
    -------
    Periods or None
        None where nothing is to be compared, and where two periods side by side are asked for, no
        length was given, and there is one day.

    Raises
    ------
    PeriodsTooLong
        When the days mined begin after the older period does.
    """
    days = days_between(mined.start, mined.end)
    by_year = asked.against == "year_before"
    most = min(YEAR, days - YEAR) if by_year else days // 2
    newer = asked.newer_days or most
    if asked.against == "nothing" or (newer < 1 and not by_year):
        return None
    older = asked.older_days or newer
    needed = max(newer, 1) + (YEAR if by_year else older)
    if needed > days:
        is_too_short = by_year and days <= YEAR
        shorter = "" if is_too_short else "shorter rules.changes.newer_days and older_days, "
        message = (
            f"rules of two periods (rules.changes) need {needed:,} days to mine, but there are "
            f"{days:,}, from {mined.start} to {days_after(mined.end, -1)}; use {shorter}more days "
            "to mine, or another rules.changes.against"
        )
        raise PeriodsTooLong(message)
    start = days_after(mined.end, -newer)
    before = days_after(start, -YEAR if by_year else -older)
    return Periods(Window(before, days_after(before, older)), Window(start, mined.end))
