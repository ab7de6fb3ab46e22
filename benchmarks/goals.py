"""Figures held against a bound, as they stand in the last line of every benchmark."""

import json

Goal = dict[str, float | bool]
"""The figure, its bound, and whether it meets it."""


def at_most(value: float, bound: float) -> Goal:
    """A figure that is to stay at or below its bound."""
    return {"value": round(float(value), 3), "bound": bound, "met": bool(value <= bound)}


def at_least(value: float, bound: float, digits: int = 3) -> Goal:
    """A figure that is to reach its bound; told with so many digits."""
    return {"value": round(float(value), digits), "bound": bound, "met": bool(value >= bound)}


def line(benchmark: str, goals: dict[str, Goal]) -> str:
    """One line of JSON."""
    return json.dumps({"benchmark": benchmark, "goals": goals}) + "\n"
