"""The behaviour table as one statement, in SQL that every engine understands.

For the engines that run on clusters, and the slow and obvious way that the embedded engine's prefix
sums are held against. Only days before as_of are joined, so no term can look ahead.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from features.clock import day_number, week_of_year
from features.contract import Feature, Shape
from features.daily import CATEGORY_PRICE, PURCHASE, category_day, customer_day
from features.population import EVERYONE, group_of, peers_query
from features.relations import Relation, relations
from features.settings import Cohort
from features.spelling import Spelling
from features.sql import identifier, listing
from features.terms import THING_KINDS, Atom, Measure

ORDERS = Measure("purchases", "orders")
_ROUND = 2147483648
"""Above every key of a thing: a sum times this, less the key, orders by sum, then by lowest key."""

Query = tuple[str, str]
"""Name of a view and the SELECT behind it."""


@dataclass(frozen=True)
class Task:
    """What is asked for.

    Attributes
    ----------
    shape, features, cohort
        Which columns, for whom.
    as_ofs
        Distinct days, ascending.
    has_orders
        Whether there are purchases, though perhaps no feature looks at them.
    """

    shape: Shape
    features: tuple[Feature, ...]
    cohort: Cohort
    as_ofs: tuple[date, ...]
    has_orders: bool = True

    @cached_property
    def by_relation(self) -> dict[str, tuple[Atom, ...]]:
        """All atoms that features and cohort need, by the relation that they look at."""
        atoms = atoms_of(self.features, self.cohort)
        return {
            name: tuple(atom for atom in atoms if atom.relation == name)
            for name in dict.fromkeys(atom.relation for atom in atoms)
        }

    def given(self, relation: str) -> list[str]:
        """Columns of a relation with one row per as_of, or per customer, that features need."""
        return sorted(name for of, name in self._given if of == relation)

    @cached_property
    def _given(self) -> set[tuple[str, str]]:
        """Relation and name of each; looked for once, they are asked for at every as_of."""
        atoms = {atom for each in self.features for atom in each.term.atoms}
        return {(atom.relation, atom.name) for atom in atoms if atom.kind == "given"}

    @property
    def peers_by(self) -> tuple[str, ...]:
        """Groups whose means the features need."""
        return tuple(by for by in self.shape.peers_by if f"peers_{by}" in self.given("peers"))


def asked(as_ofs: Sequence[date]) -> str:
    """SELECT of one row per as_of: its day number, and what the calendar says of it."""
    rows = listing(
        f"(DATE '{as_of}', {day_number(as_of)}, {week_of_year(as_of)}e0, {as_of.month}e0)"
        for as_of in as_ofs
    )
    return f"SELECT * FROM (VALUES {rows}) AS a (as_of, as_of_day, week_of_year, month)"


def atoms_of(features: Iterable[Feature], cohort: Cohort) -> tuple[Atom, ...]:
    """Every atom that the features and the cohort rule need, once, in order of their names."""
    terms = [each.term for each in features]
    found = {atom for term in terms for atom in term.atoms}
    if cohort.contract == "none":
        found |= ORDERS.ever().atoms | ORDERS.since().atoms
    return tuple(sorted((a for a in found if a.kind != "given"), key=lambda atom: atom.name))


def atoms_query(relation: Relation, atoms: Sequence[Atom]) -> str:
    """SELECT of the atoms of a relation: one row per as_of and customer with a row before it."""
    dated = (
        f"(SELECT r.*, as_of, CAST(as_of_day - day AS DOUBLE) AS age{_looking_across(atoms)} "
        f"FROM ({relation.rows}) AS r JOIN asked ON day < as_of_day) AS dated"
    )
    plain = [atom for atom in atoms if atom.kind not in THING_KINDS]
    of_things = [atom for atom in atoms if atom.kind in THING_KINDS]
    parts = []
    if plain or not of_things:
        values = listing(
            ["as_of", "customer_key", *(f"{_plain(a)} AS {identifier(a.name)}" for a in plain)]
        )
        parts.append(f"(SELECT {values} FROM {dated} GROUP BY as_of, customer_key) AS plain")
    if of_things:
        counted = {_counted(atom): _window_sum(atom) for atom in of_things if atom.measure}
        inner = listing(["", *(f"{sql} AS {name}" for name, sql in counted.items())])
        each = f"""(SELECT as_of, customer_key, thing, min(age) AS newest, max(age) AS oldest{inner}
            FROM {dated} GROUP BY as_of, customer_key, thing) AS each_thing"""
        values = listing(
            [
                "as_of",
                "customer_key",
                *(f"{_of_things(a)} AS {identifier(a.name)}" for a in of_things),
            ]
        )
        parts.append(f"(SELECT {values} FROM {each} GROUP BY as_of, customer_key) AS things")
    return f"SELECT * FROM {parts[0]}" + "".join(
        f" JOIN {part} USING (as_of, customer_key)" for part in parts[1:]
    )


def _looking_across(atoms: Sequence[Atom]) -> str:
    """Further columns of a dated row, from the customer's other rows before as_of."""
    mine = "OVER (PARTITION BY as_of, customer_key"
    ranked = {a.measure: a.sql for a in atoms if a.rank > 1}
    found = [
        f"sum(CASE WHEN {sql} > 0 THEN 1 ELSE 0 END) {mine} ORDER BY day DESC "
        f"ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS {identifier('rank_' + name)}"
        for name, sql in ranked.items()
    ]
    for atom in atoms:
        if atom.kind == "exceeding":
            age = f"CASE WHEN {atom.than} > 0 THEN CAST(as_of_day - day AS DOUBLE) END"
            found.append(f"min({age}) {mine}) AS {_bar(atom)}")
    return listing(["", *found])


def _bar(atom: Atom) -> str:
    return identifier(f"bar_{atom.measure}_{atom.than}")


def _in_window(atom: Atom) -> str:
    """1 or 0 as a double, by age."""
    newest = f"age >= {atom.youngest}e0"
    oldest = "" if atom.oldest is None else f" AND age <= {atom.oldest}e0"
    return f"CASE WHEN {newest}{oldest} THEN 1e0 ELSE 0e0 END"


def _window_sum(atom: Atom) -> str:
    return f"sum({_measure(atom)} * {_in_window(atom)})"


def _measure(atom: Atom) -> str:
    return f"coalesce(CAST({atom.sql} AS DOUBLE), 0e0)"


def _plain(atom: Atom) -> str:
    """Aggregate over the dated rows of a customer."""
    measure, is_there = _measure(atom), f"{atom.sql} > 0"
    if atom.rank > 1:
        is_there += f" AND {identifier('rank_' + atom.measure)} = {atom.rank}"
    by_kind = {
        "sum": _window_sum(atom),
        "moment": f"sum({measure} * age * {_in_window(atom)})",
        "since": f"min(CASE WHEN {is_there} THEN age END)",
        "first": f"max(CASE WHEN {is_there} THEN age END)",
        "most": f"greatest(max({measure} * {_in_window(atom)}), 0e0)",
        "exceeding": f"sum(CASE WHEN {atom.sql} > {_bar(atom)} THEN 1e0 ELSE 0e0 END)",
        "decayed": f"sum({measure} * exp(-ln(2e0) * age / {atom.half_life}e0))",
    }
    return by_kind[atom.kind]


def _counted(atom: Atom) -> str:
    return identifier(f"n_{atom.measure}_{atom.youngest}_{atom.oldest}")


def _of_things(atom: Atom) -> str:
    """Aggregate over a customer's things, each with its newest and oldest age and its sums."""
    if atom.kind == "distinct":
        return f"sum(CASE WHEN newest <= {atom.oldest}e0 THEN 1e0 ELSE 0e0 END)"
    if atom.kind == "fresh":
        return f"sum(CASE WHEN oldest <= {atom.oldest}e0 THEN 1e0 ELSE 0e0 END)"
    n = _counted(atom)
    if atom.kind == "squares":
        return f"sum({n} * {n})"
    if atom.kind == "logs":
        return f"sum(CASE WHEN {n} > 0 THEN {n} * ln({n}) ELSE 0e0 END)"
    if atom.kind == "top":
        return f"greatest(max({n}), 0e0)"
    packed = f"max(CASE WHEN {n} > 0 THEN {n} * {_ROUND}e0 + ({_ROUND - 1}e0 - thing) END)"
    return f"{_ROUND - 1}e0 - ({packed} - floor({packed} / {_ROUND}e0) * {_ROUND}e0)"


def cohort_query(cohort: Cohort, *, has_orders: bool) -> str:
    """SELECT of as_of and customer_key: whom the table has a row for."""
    if cohort.contract == "none":
        rule = f"{ORDERS.ever().sql} >= {cohort.min_orders}"
        if cohort.active_within_days is not None:
            rule += f" AND {ORDERS.since().sql} <= {cohort.active_within_days}"
        return f"SELECT as_of, customer_key FROM atoms_purchases WHERE {rule}"
    described = "SELECT as_of, customer_key FROM profile WHERE is_described"
    if cohort.contract == "active" or not has_orders:
        return described
    bought = (
        f"SELECT customer_key, min(ordered_on) AS first_on FROM fact_sales "
        f"WHERE {PURCHASE} GROUP BY 1"
    )
    return f"""SELECT as_of, customer_key FROM ({described}) AS d
        LEFT JOIN ({bought}) AS b USING (customer_key) WHERE first_on IS NULL OR first_on >= as_of
        """


def profile_query(shape: Shape, condition: str = "true") -> str:
    """SELECT of the attributes that held on the day before as_of, per as_of and customer.

    What is valid from as_of on is not seen; attributes without a date hold since ever.
    """
    names = listing(
        ["", *(f"{identifier(a.name)} AS {identifier('profile_' + a.name)}" for a in shape.profile)]
    )
    return f"""SELECT as_of, customer_key, is_described{names}
        FROM dim_customer JOIN asked
        ON valid_from_on < as_of AND (valid_to_on IS NULL OR valid_to_on >= as_of)
        WHERE {condition}"""


def values(features: Iterable[Feature]) -> str:
    """SELECT list of every feature as a double."""
    return listing(
        f"CAST({each.term.sql} AS DOUBLE) AS {identifier(each.column.name)}" for each in features
    )


def statement(task: Task, spelling: Spelling) -> tuple[tuple[Query, ...], str]:
    """The views in order, and the query over them that gives the behaviour table.

    Sorted by as_of and customer: customer, as_of, then every feature as a double. The views need
    the facts and dimensions of the star, and nothing else.

    Parameters
    ----------
    task
        What is asked for.
    spelling
        Of the engine.
    """
    views = [("asked", asked(task.as_ofs)), *_daily(task.shape, spelling)]
    views.append(("profile", profile_query(task.shape)))
    known = relations(task.shape, spelling)
    looked_at = task.by_relation
    for name, atoms in looked_at.items():
        views.append((f"atoms_{name}", atoms_query(known[name], atoms)))
    views.append(("cohort", cohort_query(task.cohort, has_orders=task.has_orders)))
    for index, by in enumerate(task.peers_by):
        views.append((f"peers_{index}", peers_query(task.shape, by, task.as_ofs)))
    joins = [f"LEFT JOIN atoms_{name} USING (as_of, customer_key)" for name in looked_at]
    joins += ["LEFT JOIN profile USING (as_of, customer_key)"]
    joins += ["LEFT JOIN everyone USING (as_of)"] if task.shape.orders is not None else []
    joins += [_peers_join(task.shape, by, index) for index, by in enumerate(task.peers_by)]
    return (
        tuple(views),
        f"""
        SELECT customer, cohort.as_of, {values(task.features)}
        FROM cohort JOIN asked USING (as_of)
        JOIN (SELECT DISTINCT customer_key, customer FROM dim_customer) AS names
            USING (customer_key) {" ".join(joins)}
        ORDER BY cohort.as_of, customer""",
    )


def _peers_join(shape: Shape, by: str, index: int) -> str:
    alike = group_of(shape, by).sql
    named = f"mean_spend AS {identifier(f'peers_{by}')}"
    means = f"(SELECT as_of, peer, {named} FROM peers_{index}) AS m_{index}"
    return f"LEFT JOIN {means} ON m_{index}.as_of = cohort.as_of AND m_{index}.peer = {alike}"


def _daily(shape: Shape, spelling: Spelling) -> list[Query]:
    """What is made once from all purchases."""
    if shape.orders is None:
        return []
    category = shape.orders.category
    views = []
    if category is not None:
        views.append(("category_day", category_day(category, spelling)))
        views.append(("category_price", CATEGORY_PRICE))
    views.append(("customer_day", customer_day(shape.orders, spelling)))
    return [*views, ("everyone", EVERYONE)]
