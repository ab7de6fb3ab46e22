"""Numbers, dates and intervals as a person reads them, the same whatever the machine's locale."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

from models.metrics import Estimate
from models.numerals import MINUS, UNDEFINED, decimal

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
NO_BREAK = "\N{NO-BREAK SPACE}"
LEAST_SHARE = 0.001
WHOLE_FROM = 100  # thousandths: from 10 % on, decimals only distract
FEW = 3

Write = Callable[[float], str]
"""How the numbers of one metric or axis are written."""


def fraction(value: float, digits: int = 3) -> str:
    """``.848``: a number mostly between 0 and 1, without its leading zero."""
    written = decimal(value, digits)
    return re.sub(r"^(\D?)0\.", r"\1.", written)


def times(value: float) -> str:
    """``3.1``: a multiple of what chance gives."""
    return decimal(value, 1)


def count(value: float) -> str:
    """``12,840``: customers or rows, in whole numbers."""
    return decimal(value, 0)


def percent(share: float) -> str:
    """``11 %`` of a share of .11; below ten per cent with one decimal where it is not 0."""
    if not math.isfinite(share):
        return UNDEFINED
    if 0 < share < LEAST_SHARE:
        return f"under {100 * LEAST_SHARE:g}{NO_BREAK}%"
    thousandths = round(share * 1000, 0)
    digits = 1 if abs(thousandths) < WHOLE_FROM and thousandths % 10 else 0
    return f"{decimal(share * 100, digits)}{NO_BREAK}%"


def tenths(share: float) -> str:
    """``41.2 %``: a share beside a bound that it may lie close to, always with one decimal."""
    return f"{decimal(share * 100, 1)}{NO_BREAK}%" if math.isfinite(share) else UNDEFINED


def signed(value: float, write: Write = fraction) -> str:
    """``+.031``: a difference, its sign always shown unless it rounds to nothing."""
    written = write(value)
    is_plain = written.startswith(MINUS) or not any(digit in written for digit in "123456789")
    return written if is_plain else f"+{written}"


def interval(estimate: Estimate, write: Write = fraction) -> str:
    """``.826 to .869``: the two ends of a 95 % interval."""
    return f"{write(estimate.low)} to {write(estimate.high)}".replace(" ", NO_BREAK)


def with_interval(estimate: Estimate, write: Write = fraction) -> str:
    """``.848 (.826 to .869)``: an estimate and its 95 % interval; undefined, without one."""
    if math.isnan(estimate.value) and math.isnan(estimate.low):
        return write(estimate.value)
    return f"{write(estimate.value)} ({interval(estimate, write)})"


def money(minor_units: float, currency: str, digits: int) -> str:
    """``USD 12,400``: an amount in whole units of its currency."""
    return f"{currency}{NO_BREAK}{count(minor_units / 10**digits)}"


def plain(value: float) -> str:
    """``0.5``, ``−2``, ``1,500``: a tick of an axis, with as many decimals as it needs."""
    return decimal(value, 0 if float(value).is_integer() else 1)


def amount(value: float, digits: int) -> str:
    """``2.13``: money whose minor units matter, where the currency stands beside it."""
    return decimal(value, digits)


def day(on: date) -> str:
    """``16 November 2017``."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}".replace(" ", NO_BREAK)


def days(dates: Sequence[date]) -> str:
    """Up to three dates one by one, more as their number and range."""
    ordered = sorted(dates)
    if not ordered:
        return "nothing"
    if len(ordered) <= FEW:
        return ", ".join(day(on) for on in ordered)
    return f"{len(ordered)} cutoffs, {day(ordered[0])} to {day(ordered[-1])}"


def instant(at: datetime) -> str:
    """``16 November 2017, 09:30 UTC+08:00``; the zone is left out of an instant that has none."""
    offset = at.utcoffset()
    zone = "" if offset is None else " UTC" + (at.isoformat()[-6:] if offset else "")
    return f"{day(at.date())}, {at.hour:02}:{at.minute:02}{zone}"


def shortened(text: str, most: int = 12) -> str:
    """The first characters of a fingerprint or run id, enough to tell two apart."""
    return text if len(text) <= most else f"{text[:most]}…"
