"""What a search for segments found, for page, terminal and tracked run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

import pandas as pd

from models.metrics import Estimate
from models.migration import Migration
from models.segments.choosing import Segmentation
from models.segments.clusters import Assigned
from models.segments.moving import SegmentDrift
from models.segments.portraits import Gallery
from models.segments.wording import Words


@dataclass(frozen=True)
class FigureMeant:
    """A figure that is told of each segment.

    Attributes
    ----------
    name
        ``value``, ``churn`` or ``offers``; key of `models.segments.portraits.Portrait.figures`.
    meaning
        In words, such as ``spend in the 28 days from 2017-11-16 on``.
    unit
        ``money`` (minor units of the config's currency) or ``share`` (0..1).
    """

    name: str
    meaning: str
    unit: Literal["money", "share"]


@dataclass(frozen=True, eq=False)
class SegmentMap:
    """Customers on the two principal components of the space that segments were looked for in.

    Attributes
    ----------
    points
        A sample of customers: ``x``, ``y``, ``segment`` (-1: none).
    centres
        Grain segment: ``segment``, ``x``, ``y``, ``customers``; of all customers, not of the
        sample. Without a split: none.
    axes
        Grain (axis, column): ``axis`` (x or y), ``column``, ``correlation`` (-1..1, of the ranks)
        of the customers' values with it; the strongest of each axis first.
    shares
        Share of the variance of that space (0..1) along x and along y.
    """

    points: pd.DataFrame
    centres: pd.DataFrame
    axes: pd.DataFrame
    shares: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Moves:
    """Customers on two days, assigned by one split.

    Attributes
    ----------
    before, after
        The days.
    money_days
        Days before each of both whose spending counts as its revenue; None: no money is known.
    migration
        Groups are numbers of segments (-1: none) and `models.migration.ABSENT`; money in minor
        units.
    drift
        Shares and distances of the later day against the earlier one.
    stayed
        Of those there on both days, the share (0..1) in the same segment on both.
    by_chance
        What that share would be if the segments of the two days had nothing to do with each other.
    by_segment
        Grain segment: ``segment``, ``customers`` who were in it and are there on both days,
        ``stayed`` (0..1) with ``low`` and ``high`` (95 %, Wilson).
    """

    before: date
    after: date
    money_days: int | None
    migration: Migration
    drift: SegmentDrift
    stayed: Estimate
    by_chance: float
    by_segment: pd.DataFrame


NO_SEARCH: Final = "there was nothing to search: "
"""What the reason begins with where there were too few customers, or nothing told them apart."""


@dataclass(frozen=True)
class FoundBefore:
    """The same search on an earlier day, by what was known then, and how it did on this day.

    Attributes
    ----------
    as_of
        The earlier day.
    count
        Segments; 0: none were stable, or there was nothing to search.
    reason
        See `models.segments.choosing.Segmentation`; or why there was nothing to search.
    rand
        Adjusted Rand index, on the customers of this day, of that split with this day's; with its
        95 % interval over customers drawn anew. None without one.
    stayed
        Of those there on both days, the share (0..1) in the same segment of that split on both.
    by_chance
        What ``stayed`` would be by chance.
    """

    as_of: date
    count: int
    reason: str
    rand: Estimate | None = None
    stayed: Estimate | None = None
    by_chance: float | None = None


@dataclass(frozen=True, eq=False)
class Kept:
    """A split that is stable.

    Attributes
    ----------
    assigned
        Where each customer belongs.
    gallery
        Name, size, figures, rule and action of each segment; effects of the columns that segments
        were made of.
    others
        Effects of the other columns, of the same form.
    explained
        Grain figure: ``figure``; ``segments``, the share of its variance that lies between them
        (0..1, eta squared) with ``segments_low``, ``segments_high``; the same of ``bands``, as many
        equal bands by past spend, the baseline (NaN: no money is known); and ``gain``, segments
        less bands.
    moves
        From the earlier day to this one; None: ``no_moves`` says why not.
    later
        From this day to later ones, which the split has not seen: the outlook.
    before
        The same search on the earlier day; None where there is no such day.
    no_moves
        Why there are no moves; empty where there are.
    """

    assigned: Assigned
    gallery: Gallery
    others: pd.DataFrame
    explained: pd.DataFrame
    moves: Moves | None
    later: tuple[Moves, ...] = ()
    before: FoundBefore | None = None
    no_moves: str = ""


@dataclass(frozen=True, eq=False)
class SegmentsFound:
    """What a search for segments found.

    Attributes
    ----------
    business
        Name of the config.
    as_of
        Day before which all is known that segments are made of.
    known_until
        First day whose orders no figure has seen.
    customers
        In the behaviour table of the day.
    columns
        That segments were made of; ``search.space.preparation`` says how.
    left_out
        Column to why it was not used.
    search
        All splits that were tried, and the reason for the one that was kept, or for none.
    map
        Customers on two components.
    words
        What columns are called, and how values are written.
    figures
        Told of each segment.
    not_told
        Figure that was asked for to why it is not told.
    kept
        None: no stable segments.
    """

    business: str
    as_of: date
    known_until: date
    customers: int
    columns: tuple[str, ...]
    left_out: Mapping[str, str]
    search: Segmentation
    map: SegmentMap
    words: Words
    figures: tuple[FigureMeant, ...]
    not_told: Mapping[str, str] = field(default_factory=dict)
    kept: Kept | None = None
