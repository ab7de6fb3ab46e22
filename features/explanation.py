"""What one column says of one customer at an as_of: value, atoms, and the rows they were made of.

The value comes from the SQL that every engine runs (`features.statements`), asked for one customer,
whether the cohort has a row for them or not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from features.behaviour import features_for, require_orders_before, shape_of
from features.cohort import require_rule
from features.contract import Column, Feature, Shape
from features.errors import RegularsError
from features.kept import daily
from features.origins import SPELLING, Origin, Subject, Valued, origins, version
from features.relations import relations
from features.schemas import Sources
from features.settings import Behaviour, Engine
from features.slices import turns
from features.sql import listing
from features.statements import Task, atoms_query, statement
from features.suggest import nearest
from features.terms import Atom, of
from features.warehouse import Connection

_KEPT = frozenset({"customer_day", "category_day", "category_price"})
"""Views of the statement that are tables in the warehouse."""


class ColumnUnknown(RegularsError):
    """The behaviour table has no such column."""


class CustomerUnknown(RegularsError):
    """The warehouse has no such customer."""


@dataclass(frozen=True)
class Question:
    """Which column, of whom, as of which day; and how many rows to show of each kind at most."""

    column: str
    customer: str
    as_of: date
    rows: int | None = None


@dataclass(frozen=True)
class Explanation:
    """A value, and what it was made of.

    Attributes
    ----------
    question
        What was asked.
    feature
        The column and its term.
    value
        What the behaviour table says; None: missing.
    is_in_cohort
        Whether the behaviour table has a row for the customer at the as_of.
    atoms
        Of the term, by name.
    origins
        Rows of the warehouse, by relation.
    """

    question: Question
    feature: Feature
    value: float | None
    is_in_cohort: bool
    atoms: tuple[Valued, ...]
    origins: tuple[Origin, ...]


def explain(
    con: Connection, sources: Sources, settings: Behaviour, question: Question, *, engine: Engine
) -> Explanation:
    """The value of a column for one customer, its atoms, and the rows behind them.

    Parameters
    ----------
    con
        Connection to the warehouse.
    sources, settings
        Of the config; they decide the columns.
    question
        Column, customer and day.
    engine
        How much to compute at a time where the customer-day table has to be made again.

    Raises
    ------
    ColumnUnknown
        With the nearest column that there is.
    CustomerUnknown
        When no row of the warehouse is theirs.
    OutsideHistory
        When the as_of has nothing before it.
    """
    shape = shape_of(sources, settings)
    require_rule(settings.cohort, has_orders=shape.orders is not None)
    asked = _feature(shape, question.column)
    subject = Subject(con, shape, _key(con, question.customer), question.as_of, question.rows)
    if shape.orders is not None:
        require_orders_before(con, [question.as_of])
        with daily(con, shape.orders, turns(con, engine.turn_rows)):
            return _explained(subject, asked, question, settings)
    return _explained(subject, asked, question, settings)


def _explained(
    subject: Subject, asked: Feature, question: Question, settings: Behaviour
) -> Explanation:
    """The value, and what stands behind it, of a warehouse whose days are there."""
    atoms = sorted(asked.term.atoms, key=lambda atom: atom.name)
    counted = [atom for atom in atoms if atom.relation != "profile"]
    parts = (asked, *map(_alone, counted))
    task = Task(subject.shape, parts, settings.cohort, (question.as_of,))
    is_in_cohort, value, *found = _computed(subject, task)
    known = _attributes(subject, atoms) | dict(zip(counted, found, strict=True))
    valued = [Valued(atom, known[atom]) for atom in atoms]
    named = tuple(replace(each, value=_name(subject.con, each)) for each in valued)
    behind = origins(subject, valued)
    return Explanation(question, asked, value, bool(is_in_cohort), named, behind)


def _feature(shape: Shape, name: str) -> Feature:
    known = {each.column.name: each for each in features_for(shape)}
    if name in known:
        return known[name]
    close = nearest(name, known)
    hint = f"did you mean {close!r}?" if close else "regulars features list names them"
    message = f"an explanation needs one of the {len(known)} columns, but found {name!r}; {hint}"
    raise ColumnUnknown(message)


def _key(con: Connection, customer: str) -> int:
    rows = con.execute(
        "SELECT DISTINCT customer_key FROM dim_customer WHERE customer = ?", [customer]
    ).fetchall()
    if rows:
        return int(rows[0][0])
    count, example = con.execute(
        "SELECT count(DISTINCT customer), min(customer) FROM dim_customer"
    ).fetchall()[0]
    message = (
        f"an explanation needs a customer of the warehouse, but found {customer!r}, who is none of "
        f"its {count:,}; write it as the sources do, such as {example!r}"
    )
    raise CustomerUnknown(message)


def _alone(atom: Atom) -> Feature:
    """A column that holds nothing but the atom."""
    return Feature(Column(atom.name, "", atom.oldest, "", "", ""), of(atom))


def _computed(subject: Subject, task: Task) -> tuple[float | None, ...]:
    """Whether the customer is in the cohort, then the value of every feature of the task."""
    views, query = statement(task, SPELLING)
    own = {name: sql for name, sql in views if name not in _KEPT}
    known = relations(task.shape, SPELLING)
    for name, atoms in task.by_relation.items():
        rows = f"SELECT * FROM ({known[name].rows}) AS r WHERE {subject.own}"
        own[f"atoms_{name}"] = atoms_query(replace(known[name], rows=rows), atoms)
    own["in_cohort"] = own["cohort"]
    own["cohort"] = f"SELECT as_of, {subject.customer_key} AS customer_key FROM asked"
    views_ = listing(f"{name} AS ({sql})" for name, sql in own.items())
    is_in = f"(SELECT count(*) FROM in_cohort WHERE customer_key = {subject.customer_key})"
    row = subject.con.execute(f"WITH {views_} SELECT {is_in}, * FROM ({query})").fetchall()[0]
    is_in_cohort, _, _, *values = row
    return (is_in_cohort, *values)


def _attributes(subject: Subject, atoms: Iterable[Atom]) -> dict[Atom, float | str | None]:
    """What the profile says of each attribute among the atoms; missing where it says nothing."""
    found = [atom for atom in atoms if atom.relation == "profile"]
    names = [atom.name.removeprefix("profile_") for atom in found]
    rows = version(subject, names).to_pylist()
    held = rows[0] if rows else {}
    return {atom: held.get(name) for atom, name in zip(found, names, strict=True)}


def _name(con: Connection, valued: Valued) -> float | str | None:
    """The value; of a key of a store, the store."""
    if valued.atom.kind != "leader" or valued.atom.relation != "stores" or valued.value is None:
        return valued.value
    query = "SELECT store FROM dim_store WHERE store_key = ?"
    return str(con.execute(query, [valued.value]).fetchall()[0][0])
