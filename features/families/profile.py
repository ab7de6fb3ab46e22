"""Profile: what the customers table says, as it held before as_of.

Attributes with a date are seen from the day after it. Those without one hold since ever, so an
undated attribute that only became known later tells the past about the future: give it a date.
"""

from features.contract import Family, Feature, Profile, Shape, feature
from features.sql import listing, literal
from features.terms import Term, given
from features.wording import slug


def profile(shape: Shape) -> Family:
    """Numbers as they are; categories as one flag per level and one for all others."""
    features = tuple(each for attribute in shape.profile for each in _features(attribute))
    return Family("profile", features)


def _features(attribute: Profile) -> tuple[Feature, ...]:
    held = given("profile", f"profile_{attribute.name}")
    unknown = f"{attribute.meaning} unknown"
    if attribute.is_number:
        return (feature(attribute.name, "number", None, unknown, attribute.meaning, term=held),)
    levels = tuple(
        feature(
            f"is_{attribute.name}_{slug(level)}",
            "flag",
            None,
            unknown,
            f"{attribute.meaning}: {level}",
            term=_flag(held, f"{held.sql} = {literal(level)}"),
        )
        for level in attribute.levels
    )
    listed = listing(literal(level) for level in attribute.levels)
    rest = feature(
        f"is_{attribute.name}_unlisted",
        "flag",
        None,
        unknown,
        f"{attribute.meaning}: any other",
        term=_flag(held, f"{held.sql} NOT IN ({listed})" if listed else "true"),
    )
    return (*levels, rest)


def _flag(held: Term, condition: str) -> Term:
    """1 or 0 where the attribute is known."""
    sql = f"CASE WHEN {held.sql} IS NOT NULL THEN CASE WHEN {condition} THEN 1e0 ELSE 0e0 END END"
    return Term(sql, held.atoms)
