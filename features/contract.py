"""What a behaviour table promises: its columns, their meaning, and a fingerprint over both."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from features.errors import RegularsError
from features.terms import Term

KEYS = ("customer", "as_of", "customer_key")
"""Names that no feature may have; the engine does not tell upper from lower case."""

Cause = Literal[
    "novelty",
    "dissatisfaction",
    "rival",
    "conflict",
    "lost trust",
    "need gone",
    "habit fading",
]
"""Why customers leave, as customer research names it: they seek novelty, are dissatisfied, a rival
has an advantage, there was a conflict, trust was lost, the need is gone, the habit fades."""


class ColumnsClash(RegularsError):
    """Two features have the same name, or one has the name of a key."""


@dataclass(frozen=True)
class Column:
    """One column of the behaviour table: definition and meaning in one place.

    Attributes
    ----------
    name
        Name with its window, such as ``spend_28d``.
    unit
        What one stands for: ``days``, ``orders``, ``minor units``, ``share`` (0..1), ``flag``.
    window_days
        Length of the half-open window ``[as_of - window_days, as_of)``; None means all history.
    null_means
        What a missing value says about the customer.
    meaning
        Short noun phrase for people, used in the data dictionary and in reasons.
    sql
        Its whole definition: the expression, its atoms, and what their relations hold.
    cause
        Why a customer may leave, as far as the column can speak for it; None: it cannot.
    looks_back_days
        Days of history that can change the value; None: all of it, so that the column grows with
        the history itself (``new_products_share_28d`` asks whether a product was ever bought).
    """

    name: str
    unit: str
    window_days: int | None
    null_means: str
    meaning: str
    sql: str
    cause: Cause | None = None
    looks_back_days: int | None = None


@dataclass(frozen=True)
class Feature:
    """A column and the term that computes it."""

    column: Column
    term: Term


def feature(
    name: str,
    unit: str,
    window_days: int | None,
    null_means: str,
    meaning: str,
    *,
    term: Term,
    cause: Cause | None = None,
) -> Feature:
    """A feature whose column carries the definition of its term; see `Column`."""
    definition = "; ".join([term.sql, *sorted(_defined(term))])
    reach = _reach(term)
    column = Column(name, unit, window_days, null_means, meaning, definition, cause, reach)
    return Feature(column, term)


def _reach(term: Term) -> int | None:
    """Age in days of the oldest row that the term looks at; None where there is no bound."""
    ages = [None if atom.kind == "fresh" else atom.oldest for atom in term.atoms]
    bounded = [age for age in ages if age is not None]
    return max(bounded) if bounded and len(bounded) == len(ages) else None


def _defined(term: Term) -> list[str]:
    """What each atom is, in words that differ whenever the atom does."""
    return [
        f"{atom.name} = {atom.kind} of {atom.sql or 'rows'} in {atom.relation}"
        for atom in term.atoms
    ]


@dataclass(frozen=True)
class Profile:
    """One customer attribute as the families see it.

    Attributes
    ----------
    name
        Column of ``dim_customer``.
    is_number
        Numbers become one column; categories one flag per level and one for the rest.
    levels
        Values of a category that get a flag of their own.
    meaning
        Noun phrase for people.
    """

    name: str
    is_number: bool
    levels: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Orders:
    """What is known of purchases.

    Attributes
    ----------
    category
        Column of ``dim_product`` that counts as category; None: there is none.
    categories, channels
        Values that get columns of their own.
    has_products, has_stores, has_discounts, has_coupons, has_costs, has_private_labels, has_returns
        Whether the sources tell them.
    """

    category: str | None = None
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    has_products: bool = False
    has_stores: bool = False
    has_discounts: bool = False
    has_coupons: bool = False
    has_costs: bool = False
    has_private_labels: bool = False
    has_returns: bool = False

    @property
    def describes_products(self) -> bool:
        """Whether the days of a customer depend on what products are."""
        return self.category is not None or self.has_costs or self.has_private_labels


@dataclass(frozen=True)
class Contacts:
    """What is known of contacts: the kinds with columns of their own, and what else is told."""

    kinds: tuple[str, ...] = ()
    has_outcomes: bool = False
    has_durations: bool = False
    has_satisfaction: bool = False


@dataclass(frozen=True)
class Visits:
    """What is known of visits to the site."""

    has_sessions: bool = False


@dataclass(frozen=True)
class Campaigns:
    """What is known of campaigns."""

    has_responses: bool = False


@dataclass(frozen=True)
class Shape:
    """What decides which columns a behaviour table has, whatever the data.

    Attributes
    ----------
    windows_days
        Lengths of the windows, ascending.
    orders, contacts, visits, campaigns
        What each source tells; None: there is no such source, or the table leaves it out.
    profile
        Customer attributes.
    peers_by
        Attributes, or ``store``, by which customers are held against their like.
    """

    windows_days: tuple[int, ...]
    orders: Orders | None = None
    contacts: Contacts | None = None
    visits: Visits | None = None
    campaigns: Campaigns | None = None
    profile: tuple[Profile, ...] = ()
    peers_by: tuple[str, ...] = ()

    @property
    def longest(self) -> int:
        """Length of the longest window in days."""
        return max(self.windows_days)

    def nearest(self, days: int) -> int:
        """The window whose length is nearest to so many days; of two the shorter."""
        return min(self.windows_days, key=lambda window: (abs(window - days), window))


@dataclass(frozen=True)
class Family:
    """Columns that share a theme."""

    name: str
    features: tuple[Feature, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """What the family promises."""
        return tuple(each.column for each in self.features)


def features_of(families: Iterable[Family]) -> tuple[Feature, ...]:
    """Every feature in order of the families.

    Raises
    ------
    ColumnsClash
        When a name is declared twice or is that of a key.
    """
    features = tuple(each for family in families for each in family.features)
    names = [each.column.name for each in features]
    seen = [*KEYS, *(name.lower() for name in names)]
    twice = sorted({name for name in names if seen.count(name.lower()) > 1})
    if twice:
        message = (
            f"a behaviour table needs distinct column names, but found twice: {twice}; choose "
            f"other names or levels in sources.customers.attributes, or other values in "
            f"behaviour.categories, channels and contact_kinds"
        )
        raise ColumnsClash(message)
    return features


def fingerprint(columns: Sequence[Column]) -> str:
    """SHA-256 (64 hex digits) over names, units, windows and definitions, in order of columns.

    Every column is a double. Words for people are left out, so that mending one does not ask for
    a new model.
    """
    promised = [(c.name, c.unit, c.window_days, c.sql) for c in columns]
    return hashlib.sha256(json.dumps(promised).encode()).hexdigest()
