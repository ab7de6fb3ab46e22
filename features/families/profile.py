"""Profile: what the customers table says, as it held before as_of."""

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
    known = listing(literal(level) for level in attribute.levels) or "NULL"
    other = Column(
        f"is_{attribute.name}_other",
        "flag",
        None,
        unknown,
        f"{attribute.meaning}: any other",
        f"max(CAST({value} NOT IN ({known}) AS INTEGER))",
    )
    return (*levels, other)


def slug(level: str) -> str:
    """Lower-case form of a level for a column name; letters of any script stay."""
    return re.sub(r"\W+", "_", level.lower()).strip("_")
