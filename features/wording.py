"""Names and phrases that families share."""

import re


def slug(text: str) -> str:
    """Lower-case form of a value for a column name; letters of any script stay."""
    return re.sub(r"\W+", "_", text.lower()).strip("_")


def lately(phrase: str, days: int) -> str:
    """The phrase with its window: ``orders in the last 28 days``."""
    return f"{phrase} in the last {days} days"
