"""The nearest valid name to what somebody typed."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(typed: str, valid: Iterable[str]) -> str | None:
    """Closest of the valid names, capitals aside, or None when nothing is close."""
    by_lower = {name.lower(): name for name in valid}
    close = get_close_matches(typed.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None
