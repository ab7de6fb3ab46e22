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

from features.clock import day_number
from features.population import EVERYONE, group_of, peers_query
from features.relations import Relation, relations
from features.slices import Keys
from features.spelling import DuckDB
from features.sql import identifier, listing
from features.statements import ORDERS, Task, asked, cohort_query, profile_query, values
from features.terms import THING_KINDS, Atom
from features.things import Things, thing_values, things
from features.timeline import Doubles, Timeline, Whole, atom_values, exceeding, timeline
from features.warehouse import Connection

SPELLING = DuckDB()
ROWS_AT_ONCE = 100_000
"""Rows whose columns the engine computes in one go, over as many as_ofs as that takes."""


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


@dataclass
class _Rows:
    """A relation's rows of a turn, and their atoms."""

    timeline: Timeline
    measures: Mapping[str, Whole]
    things: Things | None

    def value(self, atom: Atom, as_of: int) -> Doubles:
        """The atom for each customer of the timeline."""
        if atom.kind in THING_KINDS and self.things is not None:
            return thing_values(self.things, atom, as_of)
        if atom.kind == "exceeding":
            measure, bar = self.measures[atom.sql], self.measures[atom.than]
            return exceeding(self.timeline, atom, measure, bar, as_of)
        return atom_values(self.timeline, atom, self.measures[atom.sql], as_of)


def compose(con: Connection, task: Task, keys: Keys, known: Others) -> Iterator[pa.Table]:
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
    """
    rows = _read(con, task, keys)
    names = con.sql(
        f"SELECT DISTINCT customer_key, customer FROM dim_customer WHERE {keys.condition} "
        f"ORDER BY customer_key"
    ).to_arrow_table()
    turn = _Turn(con, task, keys, rows, names, known)
    held: list[pa.Table] = []
    for as_of in task.as_ofs:
        held.append(_facts(turn, as_of, _cohort(turn, as_of)))
        if as_of == task.as_ofs[-1] or sum(map(len, held)) >= ROWS_AT_ONCE:
            yield from _computed(turn, held)
            held = []


def _read(con: Connection, task: Task, keys: Keys) -> dict[str, _Rows]:
    """Rows of every relation that an atom looks at, by its name; one without rows is left out."""
    found = {}
    known = relations(task.shape, SPELLING)
    for name, atoms in task.by_relation.items():
        fetched = _fetch(con, known[name], atoms, keys, day_number(task.as_ofs[-1]))
        if len(fetched["day"]):
            found[name] = _rows(fetched, atoms)
    return found


def _fetch(
    con: Connection, relation: Relation, atoms: Sequence[Atom], keys: Keys, end: int
) -> dict[str, Whole]:
    """Columns of a relation for some customers before a day: keys, thing, and each measure."""
    measures = listing(
        ["", *(f"coalesce(CAST({sql} AS BIGINT), 0) AS m{i}" for i, sql in enumerate(_sqls(atoms)))]
    )
    thing = ", CAST(thing AS BIGINT) AS thing" if relation.has_things else ""
    table = con.sql(f"""
        SELECT CAST(customer_key AS BIGINT) AS customer_key, CAST(day AS BIGINT) AS day
            {thing} {measures}
        FROM ({relation.rows}) AS r WHERE {keys.condition} AND day < {end}""").to_arrow_table()
    return {name: table[name].to_numpy() for name in table.column_names}


def _sqls(atoms: Sequence[Atom]) -> list[str]:
    """Measures to fetch; lines are counted, not fetched, where only things are asked about."""
    wanted = {a.sql for a in atoms if not (a.kind in THING_KINDS and a.sql == "lines")}
    return sorted((wanted | {a.than for a in atoms}) - {""})


def _rows(fetched: Mapping[str, Whole], atoms: Sequence[Atom]) -> _Rows:
    values = {sql: fetched[f"m{index}"] for index, sql in enumerate(_sqls(atoms))}
    of_things = [atom for atom in atoms if atom.kind in THING_KINDS]
    if not of_things:
        rows, order = timeline(fetched["customer_key"], fetched["day"])
        return _Rows(rows, _sorted(values, order), None)
    named = {a.measure: values[a.sql] for a in of_things if a.sql in values}
    found = things(fetched["customer_key"], fetched["thing"], fetched["day"], named)
    if len(of_things) == len(atoms):
        return _Rows(found.by_day, {}, found)
    rows, order = timeline(fetched["customer_key"], fetched["day"])
    return _Rows(rows, _sorted(values, order), found)


def _sorted(values: Mapping[str, Whole], order: Whole | None) -> dict[str, Whole]:
    return {sql: value if order is None else value[order] for sql, value in values.items()}


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
    purchases, day = turn.rows["purchases"], day_number(as_of)
    (ever,), (newest,) = ORDERS.ever().atoms, ORDERS.since().atoms
    is_in = purchases.value(ever, day) >= rule.min_orders
    if rule.active_within_days is not None:
        is_in &= purchases.value(newest, day) <= rule.active_within_days
    return purchases.timeline.customers[is_in]


def _facts(turn: _Turn, as_of: date, chosen: Whole) -> pa.Table:
    """Customer, as_of, and every atom and given value that the features need, in order of keys."""
    columns: dict[str, pa.Array] = {}
    day = day_number(as_of)
    for name, atoms in turn.task.by_relation.items():
        found = turn.rows.get(name)
        if found is None:  # nobody of the turn has a row
            columns |= {atom.name: pa.nulls(len(chosen), pa.float64()) for atom in atoms}
            continue
        lines = found.timeline
        place = np.minimum(np.searchsorted(lines.customers, chosen), len(lines.customers) - 1)
        is_known = lines.customers[place] == chosen
        is_known &= lines.before(day)[place] > lines.starts[place]
        for atom in atoms:
            seen = np.where(is_known, found.value(atom, day)[place], np.nan)
            columns[atom.name] = pa.array(seen, from_pandas=True)
    columns |= _given(turn, as_of, chosen)
    columns |= dict(_of_peers(turn, as_of, columns))
    identity = {
        "customer": _aligned(turn.names, chosen)["customer"],
        "as_of": pa.array([as_of] * len(chosen), pa.date32()),
    }
    return pa.table(identity | columns)


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
    place = np.searchsorted(keys, chosen)
    is_there = np.append(keys, -1)[place] == chosen
    rows = pa.array(place, mask=~is_there)
    return {name: table[name].take(rows) for name in table.column_names[1:]}


def _computed(turn: _Turn, held: Sequence[pa.Table]) -> Iterator[pa.Table]:
    """Customer, as_of and every column of each of the tables of facts.

    The facts are one chunk, which one thread of the engine reads in order: rows of several come
    back in any.
    """
    facts = pa.concat_tables(held).combine_chunks()
    turn.con.register(
        "turn_facts", facts.append_column("fact_row", pa.array(np.arange(len(facts))))
    )
    try:
        query = f"SELECT fact_row, {values(turn.task.features)} FROM turn_facts"
        computed = turn.con.sql(query).to_arrow_table()
    finally:
        turn.con.unregister("turn_facts")
    place = computed["fact_row"].to_numpy()
    if np.any(place[1:] < place[:-1]):
        computed = computed.take(np.argsort(place))
    start = 0
    for table in held:
        part = computed.slice(start, len(table)).drop_columns("fact_row")
        names = ["customer", "as_of", *part.column_names]
        yield pa.Table.from_arrays([table["customer"], table["as_of"], *part.columns], names)
        start += len(table)
