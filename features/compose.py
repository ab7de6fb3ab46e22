"""The embedded way: rows of some customers at a time, prefix sums in memory, all as_ofs at once.

The engine reads the rows of each relation once for a turn of customers; `features.timeline` and
`features.things` make every atom of every as_of from them; the engine computes the columns from the
atoms, in the very SQL that the other engines run (`features.statements`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.clock import day_number
from features.kernels import Whole
from features.keys import find
from features.population import EVERYONE, group_of, peers_query
from features.relations import Relation, relations
from features.rowwise import select
from features.slices import Keys
from features.spelling import DuckDB
from features.sql import identifier, listing
from features.statements import ORDERS, Task, asked, cohort_query, profile_query, values
from features.terms import MAYBE_MISSING, THING_KINDS, Atom, Term
from features.things import Things, thing_values, things
from features.timeline import Timeline, atom_values, timeline
from features.warehouse import Connection

SPELLING = DuckDB()


@dataclass(frozen=True)
class _Turn:
    """Some customers, their names, and their rows in every relation that has any."""

    con: Connection
    task: Task
    keys: Keys
    rows: Mapping[str, "_Rows"]
    names: pa.Table
    others: "Others"


@dataclass(frozen=True)
class Others:
    """What is known of others, once for all customers.

    Attributes
    ----------
    constants
        As_of to column to value: of the calendar and of everybody.
    peers
        Group to as_of to the mean spend by member of the group.
    """

    constants: Mapping[date, Mapping[str, float | None]]
    peers: Mapping[str, Mapping[date, Mapping[object, float]]]


def others(con: Connection, task: Task) -> Others:
    """What the columns need to know of others than the customer.

    Parameters
    ----------
    con
        Connection to a warehouse whose customer-day table is there (`features.kept`).
    task
        Columns and days.
    """
    constants: dict[date, dict[str, float | None]] = {as_of: {} for as_of in task.as_ofs}
    days = f"WITH asked AS ({asked(task.as_ofs)})"
    for relation, query in (("calendar", "SELECT * FROM asked"), ("everyone", EVERYONE)):
        wanted = task.given(relation)
        if wanted:
            names = listing(["as_of", *wanted])
            for as_of, *row in con.execute(f"{days} SELECT {names} FROM ({query})").fetchall():
                constants[as_of] |= dict(zip(wanted, row, strict=True))
            for known in constants.values():  # an as_of before which nobody bought has no row
                known.update({name: known.get(name) for name in wanted})
    return Others(constants, {by: _peers(con, task, by) for by in task.peers_by})


def _peers(con: Connection, task: Task, by: str) -> dict[date, dict[object, float]]:
    found: dict[date, dict[object, float]] = {as_of: {} for as_of in task.as_ofs}
    held, means = profile_query(task.shape), peers_query(task.shape, by, task.as_ofs)
    query = f"WITH asked AS ({asked(task.as_ofs)}), profile AS ({held}) {means}"
    for as_of, peer, mean in con.execute(query).fetchall():
        found[as_of][peer] = mean
    return found


@dataclass(frozen=True)
class _Rows:
    """A relation's rows of a turn, and their atoms."""

    timeline: Timeline
    things: Things | None

    def values(self, atoms: Sequence[Atom], customers: Whole, as_of: int) -> dict[str, pa.Array]:
        """Name of each atom to its value for each customer; null for one without a row."""
        rows = self.timeline.of(customers)
        found = atom_values(rows, (atom for atom in atoms if atom.kind not in THING_KINDS), as_of)
        if self.things is not None:
            of_things = (atom for atom in atoms if atom.kind in THING_KINDS)
            found |= thing_values(self.things.of(rows), of_things, as_of)
        is_unknown = rows.before(as_of) == rows.first
        told = {}
        for atom in atoms:
            value, is_null = found[atom.name], is_unknown
            if atom.kind in MAYBE_MISSING:
                is_null = is_unknown | np.isnan(value)
            told[atom.name] = pa.array(value, mask=is_null if is_null.any() else None)
        return told


def facts(
    con: Connection, task: Task, keys: Keys, known: Others, days: pa.Table | None = None
) -> list[pa.Table]:
    """One table per as_of, in order: the customers of the turn who are in the cohort, by key.

    Parameters
    ----------
    con
        Connection to a warehouse whose customer-day table is there (`features.kept`), set to
        preserve the order of rows.
    task
        Columns, cohort and days.
    keys
        Customers of this turn.
    known
        Of `others`.
    days
        Their rows of the customer-day table, in order; None: the connection sees that table.

    Returns
    -------
    list of pyarrow.Table
        Customer, as_of, and every atom and given value that the features need.
    """
    rows = _read(con, task, keys, days)
    names = con.sql(
        f"SELECT DISTINCT customer_key, customer FROM dim_customer WHERE {keys.condition} "
        f"ORDER BY customer_key"
    ).to_arrow_table()
    turn = _Turn(con, task, keys, rows, names, known)
    return [_facts(turn, as_of, _cohort(turn, as_of)) for as_of in task.as_ofs]


def columns(engine: Connection, task: Task, tables: Sequence[pa.Table]) -> list[pa.Table]:
    """Customer, as_of and every column of each of the tables of facts.

    Parameters
    ----------
    engine
        Of `features.rowwise.rowwise`.
    task
        The columns.
    tables
        Of `facts`.
    """
    gathered = pa.concat_tables(tables)
    names = [each.column.name for each in task.features]
    plain = {each.column.name: name for each in task.features if (name := _plain(each.term))}
    made = [each for each in task.features if each.column.name not in plain]
    computed = select(engine, values(made), gathered) if made else gathered
    columns = [gathered[plain[name]] if name in plain else computed[name] for name in names]
    whole = pa.Table.from_arrays(
        [gathered["customer"], gathered["as_of"], *columns], ["customer", "as_of", *names]
    )
    starts = np.cumsum([0, *map(len, tables)])
    return [whole.slice(start, len(table)) for start, table in zip(starts, tables, strict=False)]


def _plain(term: Term) -> str:
    """Name of the fact that the term is and no more; empty: it is computed."""
    names = [atom.name for atom in term.atoms if term.sql == identifier(atom.name)]
    return names[0] if names else ""


def _read(con: Connection, task: Task, keys: Keys, days: pa.Table | None) -> dict[str, _Rows]:
    """Rows of every relation that an atom looks at, by its name; one without rows is left out."""
    found = {}
    known, end = relations(task.shape, SPELLING), day_number(task.as_ofs[-1])
    for name, atoms in task.by_relation.items():
        if name == "purchases" and days is not None:
            fetched = _of_days(con, days, atoms, end)
        else:
            fetched = _fetch(con, known[name], atoms, keys, end)
        if len(fetched["day"]):
            found[name] = _rows(fetched, atoms)
    return found


def _fetch(
    con: Connection, relation: Relation, atoms: Sequence[Atom], keys: Keys, end: int
) -> dict[str, Whole]:
    """Columns of a relation for some customers before a day: keys, thing, and each measure."""
    measures = listing(["", *(_measure(sql, i) for i, sql in enumerate(_sqls(atoms)))])
    thing = ", CAST(thing AS INTEGER) AS thing" if relation.has_things else ""
    table = con.sql(f"""
        SELECT customer_key, CAST(day AS INTEGER) AS day {thing} {measures}
        FROM ({relation.rows}) AS r WHERE {keys.condition} AND day < {end}""").to_arrow_table()
    return {name: table[name].to_numpy() for name in table.column_names}


def _of_days(con: Connection, days: pa.Table, atoms: Sequence[Atom], end: int) -> dict[str, Whole]:
    """The same of customer days in memory; measures that they have as columns are not copied."""
    is_known = pc.less(days["day"], end)
    if not pc.all(is_known).as_py():
        days = days.filter(is_known)
    sqls = dict(enumerate(_sqls(atoms)))
    found = {f"m{i}": days[sql] for i, sql in sqls.items() if sql in days.column_names}
    made = [_measure(sql, i) for i, sql in sqls.items() if f"m{i}" not in found]
    if made:
        table = select(con, listing(made), days)
        found |= {name: table[name] for name in table.column_names}
    values = {
        name: column.to_numpy().astype(np.int64, copy=False) for name, column in found.items()
    }
    return values | {name: days[name].to_numpy() for name in ("customer_key", "day")}


def _measure(sql: str, index: int) -> str:
    return f"coalesce(CAST({sql} AS BIGINT), 0) AS m{index}"


def _sqls(atoms: Sequence[Atom]) -> list[str]:
    """Measures to fetch; lines are counted, not fetched, where only things are asked about."""
    wanted = {a.sql for a in atoms if not (a.kind in THING_KINDS and a.sql == "lines")}
    return sorted((wanted | {a.than for a in atoms}) - {""})


def _rows(fetched: Mapping[str, Whole], atoms: Sequence[Atom]) -> _Rows:
    measures = {sql: fetched[f"m{index}"] for index, sql in enumerate(_sqls(atoms))}
    if not any(atom.kind in THING_KINDS for atom in atoms):
        return _Rows(timeline(fetched["customer_key"], fetched["day"], measures), None)
    measures["thing"] = fetched["thing"]
    measures.setdefault("lines", np.ones(len(fetched["day"]), dtype=np.int64))
    rows = timeline(fetched["customer_key"], fetched["day"], measures)
    return _Rows(rows, things(rows, rows.measures["thing"]))


def _cohort(turn: _Turn, as_of: date) -> Whole:
    """Keys of the customers of the turn whom the table has a row for, ascending."""
    task, rule = turn.task, turn.task.cohort
    if rule.contract != "none":
        query = cohort_query(rule, has_orders=task.has_orders)
        found = turn.con.sql(f"""
            WITH asked AS ({asked([as_of])}),
                profile AS ({profile_query(task.shape, turn.keys.condition)})
            SELECT CAST(customer_key AS BIGINT) AS customer_key FROM ({query})
            ORDER BY customer_key""").to_arrow_table()
        chosen: Whole = found["customer_key"].to_numpy()
        return chosen
    if "purchases" not in turn.rows:
        return np.empty(0, dtype=np.int64)
    purchases, day = turn.rows["purchases"].timeline, day_number(as_of)
    (ever,), (newest,) = ORDERS.ever().atoms, ORDERS.since().atoms
    known = atom_values(purchases, (ever, newest), day)
    is_in = known[ever.name] >= rule.min_orders
    if rule.active_within_days is not None:
        is_in &= known[newest.name] <= rule.active_within_days
    return purchases.customers[is_in]


def _facts(turn: _Turn, as_of: date, chosen: Whole) -> pa.Table:
    found: dict[str, pa.Array] = {}
    day = day_number(as_of)
    for name, atoms in turn.task.by_relation.items():
        rows = turn.rows.get(name)
        if rows is None:  # nobody of the turn has a row
            found |= {atom.name: pa.nulls(len(chosen), pa.float64()) for atom in atoms}
            continue
        found |= rows.values(atoms, chosen, day)
    found |= _given(turn, as_of, chosen)
    found |= dict(_of_peers(turn, as_of, found))
    identity = {
        "customer": _aligned(turn.names, chosen)["customer"],
        "as_of": pa.array([as_of] * len(chosen), pa.date32()),
    }
    return pa.table(identity | found)


def _given(turn: _Turn, as_of: date, chosen: Whole) -> dict[str, pa.Array]:
    """Columns that are not made of atoms: of the calendar, of everybody, of the profile."""
    con, task = turn.con, turn.task
    constants = turn.others.constants[as_of]
    columns = {
        name: pa.array(np.full(len(chosen), value, dtype=np.float64), from_pandas=True)
        for name, value in constants.items()
    }
    wanted = [identifier(name) for name in task.given("profile")]
    if wanted:
        held = profile_query(task.shape, turn.keys.condition)
        table = con.sql(
            f"WITH asked AS ({asked([as_of])}), profile AS ({held}) "
            f"SELECT CAST(customer_key AS BIGINT) AS customer_key, {listing(wanted)} "
            f"FROM profile ORDER BY customer_key"
        ).to_arrow_table()
        columns |= _aligned(table.combine_chunks(), chosen)
    return columns


def _of_peers(
    turn: _Turn, as_of: date, columns: Mapping[str, pa.Array]
) -> Iterator[tuple[str, pa.Array]]:
    """Mean spend of each customer's group, by name of its column."""
    for by in turn.task.peers_by:
        (group,) = (atom.name for atom in group_of(turn.task.shape, by).atoms)
        means = turn.others.peers[by][as_of]
        found = [means.get(value) for value in columns[group].to_pylist()]
        yield f"peers_{by}", pa.array(found, pa.float64())


def _aligned(table: pa.Table, chosen: Whole) -> dict[str, pa.Array]:
    """Columns of a table with one row per key, ascending, for the chosen keys; null without row."""
    keys = table["customer_key"].to_numpy()
    place, is_there = find(keys, chosen)
    rows = pa.array(place, mask=~is_there)
    return {name: table[name].take(rows) for name in table.column_names[1:]}
