"""Groups of customers for whom figures are given apart: by orders, by tenure, by attributes."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from features.schemas import Attribute
from features.segments import UNKNOWN, UNLISTED
from features.wording import slug
from models.spec import BoolArray, FloatArray
from pipelines.config import Business
from pipelines.frames import Frame

TENURE_EDGES: Final = (91, 365)
"""Days since the first order at which one band of tenure ends and the next begins."""

NEVER: Final = "never bought"


@dataclass(frozen=True, eq=False)
class Group:
    """Some of a frame's rows.

    Attributes
    ----------
    name
        Distinct within its division, and the same on every day: ``once``, ``is_gender_female``.
    label
        For people: ``bought once``.
    mask
        Shape (n,): which rows.
    """

    name: str
    label: str
    mask: BoolArray


@dataclass(frozen=True, eq=False)
class Division:
    """All rows of a frame, each in one group; a group may be empty.

    Attributes
    ----------
    name
        ``orders``, ``tenure``, or an attribute of the customers table.
    meaning
        Noun phrase for people.
    groups
        In the order in which people expect them, the same ones for every frame.
    is_attribute
        Whether it is by an attribute that fairness is asked about.
    """

    name: str
    meaning: str
    groups: tuple[Group, ...]
    is_attribute: bool = False


def groups_of(frame: Frame, business: Business) -> tuple[Division, ...]:
    """How a config divides customers: by purchases where there are any, and by `churn.fairness`.

    Parameters
    ----------
    frame
        Rows with the columns of the config's behaviour table.
    business
        The config; its fairness names categories of the customers table.
    """
    customers = business.sources.customers
    attributes = customers.attributes if customers else {}
    has_orders = "orders_count" in frame.features  # not of contracts, nor of prospects
    history = (_by_orders(frame), _by_tenure(frame)) if has_orders else ()
    asked = (name for name in business.churn.fairness if name in attributes)
    return (*history, *(_by_attribute(frame, name, attributes[name]) for name in asked))


def _by_orders(frame: Frame) -> Division:
    orders = _values(frame, "orders_count")
    groups = (
        Group("once", "bought once", orders == 1),
        Group("more", "bought more than once", orders > 1),
        Group("never", NEVER, ~(orders >= 1)),
    )
    return Division("orders", "orders so far", groups)


def _by_tenure(frame: Frame) -> Division:
    tenure = _values(frame, "tenure_days")
    first, last = TENURE_EDGES[0], TENURE_EDGES[-1]
    groups = (
        Group(f"under_{first}_days", f"under {first} days", tenure < first),
        *(
            Group(
                f"{low}_to_{high - 1}_days",
                f"{low} to {high - 1} days",
                (low <= tenure) & (tenure < high),
            )
            for low, high in pairwise(TENURE_EDGES)
        ),
        Group(f"from_{last}_days", f"{last} days or more", tenure >= last),
        Group("never", NEVER, np.isnan(tenure)),
    )
    return Division("tenure", "days since the first order", groups)


def _by_attribute(frame: Frame, name: str, attribute: Attribute) -> Division:
    """One group per level, one for every other value, and one where the value is not known."""
    named = {f"is_{name}_{slug(level)}": level for level in attribute.levels}
    rest = f"is_{name}_{UNLISTED}"
    told = named | {rest: "any other"}
    groups = (
        *(Group(column, label, _values(frame, column) == 1) for column, label in told.items()),
        Group(UNKNOWN, UNKNOWN, np.isnan(_values(frame, rest))),
    )
    return Division(name, attribute.meaning or name, groups, is_attribute=True)


def _values(frame: Frame, column: str) -> FloatArray:
    values: FloatArray = frame.features[column].to_numpy(dtype=np.float64, na_value=np.nan)
    return values
