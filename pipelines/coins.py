"""Money of a page: minor units written in whole ones, as exactly as a reader needs."""

from dataclasses import dataclass
from typing import Final

from features.settings import Currency
from models.metrics import Estimate
from models.numerals import UNDEFINED, decimal
from pipelines.rounding import NO_BREAK, Write, interval, plain, signed

EXACT_BELOW: Final = 100
"""Whole units below which minor units are written too."""


@dataclass(frozen=True)
class Coins:
    """How amounts in minor units of a currency are written."""

    currency: Currency

    def told(self, minor: float) -> str:
        """``USD 12,400`` or ``USD 12.40``."""
        found = self.bare(minor)
        return found if found == UNDEFINED else f"{self.currency.code}{NO_BREAK}{found}"

    def bare(self, minor: float) -> str:
        """``12,400`` or ``12.40``, where the currency stands beside it."""
        value = minor / 10**self.currency.digits
        return decimal(value, self.currency.digits if abs(value) < EXACT_BELOW else 0)

    def change(self, minor: float) -> str:
        """``USD +12,400``."""
        return f"{self.currency.code}{NO_BREAK}{signed(minor, self.bare)}"

    def ends(self, found: Estimate) -> str:
        """``USD 75.30 (72.10 to 79.20)``: an estimate and its interval."""
        return f"{self.told(found.value)} ({interval(found, self.bare)})"

    def scaled(self, largest: float) -> tuple[str, Write]:
        """``thousands of USD``, and how minor units are written so, for numbers of an axis."""
        value = abs(largest) / 10**self.currency.digits
        steps = ((1e7, 1e6, "millions of "), (1e4, 1e3, "thousands of "))
        by, name = next(((by, name) for least, by, name in steps if value >= least), (1.0, ""))
        scale = by * 10**self.currency.digits

        def write(minor: float) -> str:
            return plain(minor / scale)

        return f"{name}{self.currency.code}", write
