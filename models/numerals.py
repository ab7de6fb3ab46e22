"""Numbers as a person reads them, the same whatever the machine's locale."""

import math
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
UNDEFINED: Final = "not defined"
LARGEST: Final = 1e15
"""From here on a double has no decimals left; more digits would only fill the line."""


def decimal(value: float, digits: int) -> str:
    """``-1,234.5``: separated thousands, a true minus sign, no sign before a rounded zero."""
    if not math.isfinite(value):
        return UNDEFINED
    if abs(value) >= LARGEST:
        return f"{value:.1e}".replace("-", MINUS)
    written = f"{abs(value):,.{digits}f}"
    is_negative = value < 0 and bool(written.strip("0.,"))
    return f"{MINUS}{written}" if is_negative else written
