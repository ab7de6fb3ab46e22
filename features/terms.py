"""Terms: what a column is made of. SQL over atoms; an atom is a sum, an age or a count of rows.

A family writes a column as arithmetic over measures (`spend.within(28) / orders.within(28)`). What
stays is SQL in the subset that all engines share, over atoms that each engine makes in its own way:
the embedded one by prefix sums (`features.timeline`, `features.things`), the others by the SQL of
`features.statements`. Every atom looks at rows of days strictly before as_of: ages begin at 1.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from features.sql import identifier

Kind = Literal[
    "sum",
    "moment",
    "since",
    "first",
    "most",
    "exceeding",
    "decayed",
    "distinct",
    "fresh",
    "squares",
    "logs",
    "top",
    "leader",
    "given",
]
"""How an atom is made of the rows of one customer; see `Measure`, `Things` and `given`."""

THING_KINDS = frozenset({"distinct", "fresh", "squares", "logs", "top", "leader"})
"""Kinds that first look at each thing by itself."""

MAYBE_MISSING = frozenset({"since", "first", "leader"})
"""Kinds without a value where no row counts; the others are 0 then."""


@dataclass(frozen=True, order=True)
class Atom:
    """A number per customer and as_of, made of the rows of one relation.

    NULL where the customer has no row of the relation before as_of; 0 where it has some, but none
    in the window.

    Attributes
    ----------
    kind
        How it is made.
    relation
        Whose rows (`features.relations`).
    measure
        Name of the measure; empty where rows or things are counted.
    sql
        The measure over a row of the relation, a whole number; empty where there is none.
    youngest, oldest
        Ages in days that are looked at, both included; None: however old.
    half_life
        Days after which a row counts half, for ``decayed``.
    rank
        Which row counts, for ``since``: 1 is the newest.
    than
        Measure, as SQL, whose newest row above 0 sets the bar for ``exceeding``.
    """

    kind: Kind
    relation: str
    measure: str = ""
    sql: str = ""
    youngest: int = 1
    oldest: int | None = None
    half_life: int | None = None
    rank: int = 1
    than: str = ""

    @cached_property
    def name(self) -> str:
        """Name of the atom, unique among those of one catalogue."""
        if self.kind == "given":
            return self.measure
        words = [self.relation, self.kind, self.measure]
        words += [] if self.half_life is None else [f"half{self.half_life}"]
        words += [] if self.rank == 1 else [f"rank{self.rank}"]
        words += [f"over_{self.than}"] if self.than else []
        words += [] if self.youngest == 1 else [f"from{self.youngest}"]
        words += [] if self.oldest is None else [f"to{self.oldest}"]
        return "_".join(word for word in words if word)


@dataclass(frozen=True)
class Term:
    """SQL over atoms; arithmetic keeps NULL, and a quotient is NULL where there is no divisor."""

    sql: str
    atoms: frozenset[Atom] = field(default_factory=frozenset)

    def __add__(self, other: "Term | float") -> "Term":
        """Sum of both."""
        return _joined("({} + {})", self, _term(other))

    def __sub__(self, other: "Term | float") -> "Term":
        """Difference of both."""
        return _joined("({} - {})", self, _term(other))

    def __mul__(self, other: "Term | float") -> "Term":
        """Product of both."""
        return _joined("({} * {})", self, _term(other))

    def __truediv__(self, other: "Term | float") -> "Term":
        """Quotient; NULL where the divisor is 0."""
        return _joined("({} / nullif({}, 0))", self, _term(other))

    def or_zero(self) -> "Term":
        """0 where the value is missing."""
        return _joined("coalesce({}, 0e0)", self)

    def unless_zero(self) -> "Term":
        """Missing where the value is 0."""
        return _joined("nullif({}, 0)", self)

    def at_least(self, other: "Term | float") -> "Term":
        """The larger of both; missing only where both are."""
        return _joined("greatest({}, {})", self, _term(other))

    def at_most(self, other: "Term | float") -> "Term":
        """The smaller of both; missing only where both are."""
        return _joined("least({}, {})", self, _term(other))

    def at_least_zero(self) -> "Term":
        """0 where it lies below; missing where it is missing."""
        return _joined("CASE WHEN {0} < 0 THEN 0e0 ELSE {0} END", self)

    def fading(self) -> "Term":
        """Exponential of the negative: 1 at 0, towards 0 beyond."""
        return _joined("exp(-{})", self)

    def root(self) -> "Term":
        """Square root; of what lies below 0 by rounding, 0."""
        return _joined("sqrt(CASE WHEN {0} < 0 THEN 0e0 ELSE {0} END)", self)

    def log(self) -> "Term":
        """Natural logarithm; missing for what is not above 0."""
        return _joined("ln(CASE WHEN {0} > 0 THEN {0} END)", self)

    def power(self, other: "Term | float") -> "Term":
        """Raised to the other; must not be below 0."""
        return _joined("power({}, {})", self, _term(other))

    def is_above(self, other: "Term | float") -> "Term":
        """1 where this is larger than the other, else 0; missing where either is."""
        return _joined("CASE WHEN {0} > {1} THEN 1e0 WHEN {0} <= {1} THEN 0e0 END", self, other)

    def where(self, condition: "Term") -> "Term":
        """Kept where a flag is above 0, else missing."""
        return _joined("CASE WHEN {1} > 0 THEN {0} END", self, condition)


def _term(value: "Term | float") -> Term:
    """A number as a double: engines differ in what a bare decimal is."""
    if isinstance(value, Term):
        return value
    digits = repr(float(value))
    return Term(digits if "e" in digits else f"{digits}e0")


def _joined(pattern: str, *parts: "Term | float") -> Term:
    terms = [_term(part) for part in parts]
    atoms = frozenset[Atom]().union(*(term.atoms for term in terms))
    return Term(pattern.format(*(term.sql for term in terms)), atoms)


def of(atom: Atom) -> Term:
    """The atom by itself."""
    return Term(identifier(atom.name), frozenset({atom}))


def given(relation: str, name: str) -> Term:
    """A column of a relation that has one row per as_of, or per customer and as_of.

    Such are ``calendar``, ``everyone``, ``peers`` and ``profile`` (`features.relations`).
    """
    return of(Atom("given", relation, name))


@dataclass(frozen=True)
class Measure:
    """A whole number per row of a relation.

    Attributes
    ----------
    relation
        Whose rows.
    name
        One word, unique in the relation.
    sql
        Over a row; empty: the column of that name.
    """

    relation: str
    name: str
    sql: str = ""

    def _atom(self, kind: Kind, youngest: int = 1, oldest: int | None = None) -> Term:
        return of(Atom(kind, self.relation, self.name, self.sql or self.name, youngest, oldest))

    def within(self, days: int) -> Term:
        """Sum over ``[as_of - days, as_of)``."""
        return self._atom("sum", 1, days)

    def between(self, youngest: int, oldest: int) -> Term:
        """Sum over the ages from the youngest to the oldest, in days, both included."""
        return self._atom("sum", youngest, oldest)

    def before(self, days: int) -> Term:
        """Sum over the window before the last, ``[as_of - 2 days, as_of - days)``."""
        return self.between(days + 1, 2 * days)

    def ever(self) -> Term:
        """Sum over all history before as_of."""
        return self._atom("sum")

    def moment(self, days: int) -> Term:
        """Sum of measure times age in days, over ``[as_of - days, as_of)``."""
        return self._atom("moment", 1, days)

    def since(self, rank: int = 1) -> Term:
        """Age in days of the newest row whose measure is above 0; or of the second newest, ..."""
        sql = self.sql or self.name
        return of(Atom("since", self.relation, self.name, sql, rank=rank))

    def exceeding(self, other: "Measure") -> Term:
        """Number of rows whose measure is above the age of the newest row of the other's."""
        sql, than = self.sql or self.name, other.sql or other.name
        return of(Atom("exceeding", self.relation, self.name, sql, than=than))

    def first(self) -> Term:
        """Age in days of the oldest row whose measure is above 0."""
        return self._atom("first")

    def most(self, days: int | None = None) -> Term:
        """Largest value in ``[as_of - days, as_of)``, not below 0; None: in all history."""
        return self._atom("most", 1, days)

    def decayed(self, half_life: int) -> Term:
        """Sum over all history in which a row counts half after so many days."""
        sql = self.sql or self.name
        return of(Atom("decayed", self.relation, self.name, sql, half_life=half_life))


@dataclass(frozen=True)
class Things:
    """Different things (products, categories, stores) in the rows of a relation."""

    relation: str

    def distinct(self, days: int) -> Term:
        """How many different ones in ``[as_of - days, as_of)``."""
        return of(Atom("distinct", self.relation, oldest=days))

    def fresh(self, days: int) -> Term:
        """How many in ``[as_of - days, as_of)`` for the first time ever."""
        return of(Atom("fresh", self.relation, oldest=days))

    def squares(self, measure: Measure, days: int) -> Term:
        """Sum over things of the square of the measure's sum in the window."""
        return self._per_thing("squares", measure, days)

    def logs(self, measure: Measure, days: int) -> Term:
        """Sum over things of n ln n, n being the measure's sum in the window."""
        return self._per_thing("logs", measure, days)

    def top(self, measure: Measure, days: int) -> Term:
        """Largest sum of the measure of any one thing in the window, not below 0."""
        return self._per_thing("top", measure, days)

    def leader(self, measure: Measure, days: int) -> Term:
        """Key of the thing with the largest sum in the window; of equal ones the lowest key.

        Sums must stay below 2 to the power of 22: it is meant for lines, not for money.
        """
        return self._per_thing("leader", measure, days)

    def _per_thing(self, kind: Kind, measure: Measure, days: int) -> Term:
        sql = measure.sql or measure.name
        return of(Atom(kind, self.relation, measure.name, sql, oldest=days))
