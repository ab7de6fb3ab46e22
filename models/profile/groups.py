"""Groups of customers that are compared, and the refusal of groups that tell nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import RegularsError
from models.spec import BoolArray, FloatArray, IntArray

LEAST_GROUPS: Final = 2
"""Fewer cannot be compared."""

MOST_GROUPS: Final = 60
"""More are no groups that people can tell apart, but a key or a number."""

_SHOWN: Final = 8
"""Groups that a message counts, at most."""


class GroupsUnfit(RegularsError):
    """There are not two groups with enough customers to compare."""


class ColumnsUnfit(RegularsError):
    """Columns hold too little that differs to be compared by the method asked for."""


@dataclass(frozen=True, eq=False)
class Groups:
    """Customers in groups, each in one.

    Attributes
    ----------
    name
        What tells the groups apart, for people: ``churn``, ``age``.
    names
        Of the groups, in the order in which people expect them.
    code
        Shape (n,): position of each customer's group in ``names``.
    """

    name: str
    names: tuple[str, ...]
    code: IntArray

    def __len__(self) -> int:
        """Number of groups."""
        return len(self.names)

    @cached_property
    def counts(self) -> IntArray:
        """Customers of each group, shape (groups,)."""
        return np.bincount(self.code, minlength=len(self.names)).astype(np.int64)

    def split(self, values: FloatArray) -> list[FloatArray]:
        """Values (or rows) of each group."""
        return [values[self.code == place] for place in range(len(self))]

    def where(self, mask: BoolArray, least: int = 1) -> "Groups":
        """The customers of a mask, without groups that have fewer than ``least`` of them.

        Customers of such groups must not be in the mask: see `kept`.
        """
        code = self.code[mask]
        has = np.bincount(code, minlength=len(self.names)) >= least
        places = np.cumsum(has) - 1
        names = tuple(name for name, is_kept in zip(self.names, has, strict=True) if is_kept)
        return Groups(self.name, names, places[code].astype(np.int64))

    def kept(self, mask: BoolArray, least: int) -> BoolArray:
        """The mask without customers of groups that have fewer than ``least`` in it."""
        has = np.bincount(self.code[mask], minlength=len(self.names)) >= least
        found: BoolArray = mask & has[self.code]
        return found


def groups_of(
    name: str,
    values: Sequence[object] | npt.NDArray[np.generic] | pd.Series,
    order: Sequence[str] = (),
    least: int = 2,
) -> tuple[Groups, BoolArray]:
    """Groups of customers by a value, and which customers are in one, shape (n,).

    Customers without a value, and those of groups with fewer than ``least``, are in none.

    Parameters
    ----------
    name
        What tells them apart, for people.
    values
        Shape (n,): each customer's value; null: not known.
    order
        Names that come first, in this order; others follow in order of the alphabet.
    least
        Customers that a group needs.

    Raises
    ------
    GroupsUnfit
        When fewer than two groups are left, or more than `MOST_GROUPS`.
    """
    told = pd.Series(values, dtype=object)
    known = told.notna().to_numpy(dtype=np.bool_)
    text = told.astype(str).to_numpy(dtype=object)
    found = sorted({str(each) for each in text[known]})
    first = [each for each in order if each in found]
    names = (*first, *(each for each in found if each not in first))
    places = {each: place for place, each in enumerate(names)}
    code = np.array([places.get(str(each), 0) for each in text], dtype=np.int64)
    whole = Groups(name, names, code)
    kept = whole.kept(known, least) if names else known
    groups = whole.where(kept, least) if names else whole
    require_groups(groups, whole, known, least)
    return groups, kept


def require_groups(groups: Groups, whole: Groups, known: BoolArray, least: int) -> None:
    """Nothing, where there are two groups, and not too many.

    Raises
    ------
    GroupsUnfit
        Saying how many customers each group has.
    """
    if LEAST_GROUPS <= len(groups) <= MOST_GROUPS:
        return
    if len(groups) > MOST_GROUPS:
        message = (
            f"a comparison by {groups.name} needs at most {MOST_GROUPS} groups, but found "
            f"{len(groups):,} of {least} customers or more; put them into fewer"
        )
        raise GroupsUnfit(message)
    counts = np.bincount(whole.code[known], minlength=len(whole.names))
    largest = np.sort(np.argsort(-counts, kind="stable")[:_SHOWN])
    told = ", ".join(f"{whole.names[place]}: {counts[place]:,}" for place in largest)
    if len(counts) > _SHOWN:
        told += f" and {len(counts) - _SHOWN:,} smaller ones"
    message = (
        f"a comparison by {groups.name} needs at least two groups of {least} customers or more, "
        f"but found {told or 'none'}; choose another day or other groups"
    )
    raise GroupsUnfit(message)
