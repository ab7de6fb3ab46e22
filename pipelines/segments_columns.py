"""Which columns of the behaviour table segments are made of, and what they are called."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from features.behaviour import columns, shape_of
from features.contract import Column
from features.errors import RegularsError
from features.suggest import nearest
from models.phrases import Money
from models.segments.wording import Words
from pipelines.config import Business
from pipelines.feature_catalogue import Section, catalogue

HOW_THEY_BUY: Final = ("frequency", "monetary", "breadth")
"""Families that segments are made of unless others are asked for."""

_WINDOW: Final = re.compile(r" in the last \d+ days")

_FADING: Final = "_halved_in_"
"""In the name of sums in which old days fade: they say again what sums over windows say."""


class SegmentColumnsUnknown(RegularsError):
    """A setting names a family or a column that the behaviour table does not have."""


@dataclass(frozen=True)
class SegmentColumns:
    """Columns of the behaviour table.

    Attributes
    ----------
    used
        Names of those that segments are made of.
    others
        Names of those that segments are compared by besides.
    known
        All columns of the behaviour table.
    window_days
        Of most of them.
    """

    used: tuple[str, ...]
    others: tuple[str, ...]
    known: tuple[Column, ...]
    window_days: int

    @property
    def described(self) -> tuple[Column, ...]:
        """Those that segments are made of, with what they mean."""
        return described(self.known, self.used)


def described(known: Sequence[Column], names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of these names, in their order."""
    by_name = {column.name: column for column in known}
    return tuple(by_name[name] for name in names)


def segment_columns(business: Business) -> SegmentColumns:
    """What a config asks for.

    Raises
    ------
    SegmentColumnsUnknown
        When a family or a column is not there.
    """
    asked = business.segments
    sections = catalogue(business).sections
    known = columns(shape_of(business.sources, business.behaviour))
    near = {section.name: _near(section, asked.window_days) for section in sections}
    if asked.columns:
        _require("segments.columns", asked.columns, [column.name for column in known])
        used = asked.columns
    else:
        _require("segments.families", asked.families, list(near))
        usual = tuple(name for name in HOW_THEY_BUY if name in near)
        families = asked.families or usual or tuple(near)
        used = tuple(name for family in families for name in near[family])
    others = tuple(name for names in near.values() for name in names if name not in used)
    return SegmentColumns(used, others, known, asked.window_days)


def _near(section: Section, window_days: int) -> tuple[str, ...]:
    """Columns of a family over the nearest window, or, where it has none, over all history."""
    windows = sorted({each.window_days for each in section.columns if each.window_days})
    nearest_one = min(windows, key=lambda days: abs(days - window_days), default=None)
    return tuple(
        each.name
        for each in section.columns
        if each.window_days == nearest_one and _FADING not in each.name
    )


def _require(setting: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean {close!r}?" if close else "; see: regulars features list"
            what = "a family" if setting.endswith("families") else "a column"
            message = f"{setting} needs {what} of the behaviour table, but found {name!r}{hint}"
            raise SegmentColumnsUnknown(message)


def naming_words(business: Business, known: Sequence[Column], used: Sequence[str]) -> Words:
    """The same for names of segments: without the window, where it is that of all columns."""
    windows = {each.window_days for each in described(known, used)}
    told = words_of(business, known)
    if len(windows) != 1 or None in windows:
        return told
    short = {
        name: replace(each, meaning=_WINDOW.sub("", each.meaning))
        for name, each in told.columns.items()
    }
    return Words(short, told.money)


def words_of(business: Business, known: Sequence[Column]) -> Words:
    """What columns and amounts of money are called."""
    money = Money(business.currency.code, business.currency.digits)
    return Words({column.name: column for column in known}, money)
