"""Profile: what the customers table says, as it held before as_of.

Attributes with a date are seen from the day after it. Those without one hold since ever, so an
undated attribute that only became known later tells the past about the future: give it a date.
"""

import re

from features.contract import Column, Family, Profile, Shape
from features.sql import identifier, listing, literal


def profile(shape: Shape) -> Family:
    """Numbers as they are; categories as one flag per level and one for all others."""
    columns = tuple(c for attribute in shape.profile for c in _columns(attribute))
    return Family("profile", "profile", columns)


def _columns(attribute: Profile) -> tuple[Column, ...]:
    value = identifier(attribute.name)
    unknown = f"{attribute.meaning} unknown"
    if attribute.is_number:
        number = f"max({value})"
        return (Column(attribute.name, "number", None, unknown, attribute.meaning, number),)
    levels = tuple(
        Column(
            f"is_{attribute.name}_{slug(level)}",
            "flag",
            None,
            unknown,
            f"{attribute.meaning}: {level}",
            f"max(CAST({value} = {literal(level)} AS INTEGER))",
        )
        for level in attribute.levels
    )
    listed = listing(literal(level) for level in attribute.levels)
    unlisted = f"{value} NOT IN ({listed})" if listed else f"nullif({value} IS NOT NULL, false)"
    rest = Column(
        f"is_{attribute.name}_unlisted",
        "flag",
        None,
        unknown,
        f"{attribute.meaning}: any other",
        f"max(CAST({unlisted} AS INTEGER))",
    )
    return (*levels, rest)


def slug(level: str) -> str:
    """Lower-case form of a level for a column name; letters of any script stay."""
    return re.sub(r"\W+", "_", level.lower()).strip("_")
