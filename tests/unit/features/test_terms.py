"""Terms: SQL text over atoms, and what it comes to."""

import duckdb
import pytest

from features.terms import Atom, Measure, Term, Things, given, of

SPEND = Measure("purchases", "spend")
ORDERS = Measure("purchases", "orders")
SQUARES = Measure("purchases", "gap_squares", "gap_days * gap_days")
THINGS = Things("products")
LINES = Measure("products", "lines")

A, B = of(Atom("sum", "purchases", "a", "a")), of(Atom("sum", "purchases", "b", "b"))


def atom(term: Term) -> Atom:
    (only,) = term.atoms
    return only


def value(term: Term, a: float | None = None, b: float | None = None) -> float | None:
    """What the term comes to where the atoms of `A` and `B` are these."""
    columns = f'SELECT ?::DOUBLE AS "{atom(A).name}", ?::DOUBLE AS "{atom(B).name}"'
    with duckdb.connect() as con:
        ((found, kind),) = con.execute(
            f"SELECT {term.sql}, typeof({term.sql}) FROM ({columns})", [a, b]
        ).fetchall()
    assert kind == "DOUBLE"
    return None if found is None else float(found)


def test_a_quotient_of_measures_is_sql_over_their_atoms() -> None:
    term = SPEND.within(28) / ORDERS.within(28)
    assert term.sql == '("purchases_sum_spend_to28" / nullif("purchases_sum_orders_to28", 0))'


def test_terms_in_terms_keep_their_brackets() -> None:
    assert ((A + B) * (A - B)).sql == (
        '(("purchases_sum_a" + "purchases_sum_b") * ("purchases_sum_a" - "purchases_sum_b"))'
    )
    assert value((A + B) * (A - B), 5, 3) == 16


def test_the_atoms_of_all_parts_are_collected_once_each() -> None:
    term = (SPEND.within(28) - SPEND.before(28)) / SPEND.within(28).where(ORDERS.ever())
    assert term.atoms == {
        Atom("sum", "purchases", "spend", "spend", 1, 28),
        Atom("sum", "purchases", "spend", "spend", 29, 56),
        Atom("sum", "purchases", "orders", "orders"),
    }


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1.0e0"),
        (0.5, "0.5e0"),
        (-2, "-2.0e0"),
        (1e-20, "1e-20"),
        (1e22, "1e+22"),
        (0.1 + 0.2, "0.30000000000000004e0"),
    ],
)
def test_a_number_is_a_double_to_the_last_digit(number: float, text: str) -> None:
    term = A * number
    assert term.sql == f'("purchases_sum_a" * {text})'
    assert value(term, 1) == number


def test_a_number_needs_no_atom() -> None:
    assert (A * 7).atoms == A.atoms


def test_taking_away_a_negative_number_is_no_comment() -> None:
    assert value(A - -1, 1) == 2


@pytest.mark.parametrize(
    ("term", "a", "b", "expected"),
    [
        (A + B, 1, None, None),
        (A - B, None, 1, None),
        (A * B, 0, None, None),
        (A / B, 1, 4, 0.25),
        (A / B, 1, 0, None),
        (A / B, 0, 0, None),
        (A / B, None, 1, None),
        (A.or_zero(), None, None, 0),
        (A.or_zero(), -3, None, -3),
        (A.unless_zero(), 0, None, None),
        (A.unless_zero(), 2, None, 2),
        (A.at_least(B), 1, 2, 2),
        (A.at_least(B), 1, None, 1),
        (A.at_least(B), None, None, None),
        (A.at_most(B), 1, 2, 1),
        (A.at_most(B), None, 2, 2),
        (A.at_most(B), None, None, None),
        (A.at_most(1.5), 7, None, 1.5),
        (A.at_least_zero(), -1, None, 0),
        (A.at_least_zero(), 1, None, 1),
        (A.at_least_zero(), None, None, None),
        (A.root(), 9, None, 3),
        (A.root(), -1e-12, None, 0),
        (A.log(), 1, None, 0),
        (A.log(), 0, None, None),
        (A.log(), -1, None, None),
        (A.log(), None, None, None),
        (A.power(B), 2, 10, 1024),
        (A.power(B), 2, None, None),
        (A.is_above(B), 2, 1, 1),
        (A.is_above(B), 1, 1, 0),
        (A.is_above(B), 0, 1, 0),
        (A.is_above(B), None, 1, None),
        (A.is_above(B), 1, None, None),
        (A.where(B), 5, 1, 5),
        (A.where(B), 5, 0, None),
        (A.where(B), 5, None, None),
    ],
)
def test_arithmetic_says_what_is_missing(
    term: Term, a: float | None, b: float | None, expected: float | None
) -> None:
    assert value(term, a, b) == expected


@pytest.mark.parametrize(
    ("term", "kind", "youngest", "oldest", "half_life"),
    [
        (SPEND.within(28), "sum", 1, 28, None),
        (SPEND.before(28), "sum", 29, 56, None),
        (SPEND.between(337, 364), "sum", 337, 364, None),
        (SPEND.ever(), "sum", 1, None, None),
        (SPEND.moment(7), "moment", 1, 7, None),
        (SPEND.since(), "since", 1, None, None),
        (SPEND.first(), "first", 1, None, None),
        (SPEND.most(7), "most", 1, 7, None),
        (SPEND.most(), "most", 1, None, None),
        (SPEND.decayed(14), "decayed", 1, None, 14),
        (THINGS.distinct(7), "distinct", 1, 7, None),
        (THINGS.fresh(7), "fresh", 1, 7, None),
        (THINGS.squares(LINES, 7), "squares", 1, 7, None),
        (THINGS.logs(LINES, 7), "logs", 1, 7, None),
        (THINGS.top(LINES, 7), "top", 1, 7, None),
        (THINGS.leader(LINES, 7), "leader", 1, 7, None),
    ],
)
def test_a_window_is_the_ages_in_days_that_are_looked_at(
    term: Term, kind: str, youngest: int, oldest: int | None, half_life: int | None
) -> None:
    found = atom(term)
    assert (found.kind, found.youngest, found.oldest, found.half_life) == (
        kind,
        youngest,
        oldest,
        half_life,
    )


def test_a_measure_without_sql_is_the_column_of_its_name() -> None:
    assert atom(SPEND.ever()).sql == "spend"
    assert atom(SQUARES.ever()).sql == "gap_days * gap_days"
    assert atom(SQUARES.decayed(7)).sql == "gap_days * gap_days"
    assert atom(THINGS.top(Measure("products", "n", "2 * lines"), 7)).sql == "2 * lines"


def test_a_rank_counts_from_the_newest_row() -> None:
    assert atom(SPEND.since()).rank == 1
    assert atom(SPEND.since(3)).rank == 3


def test_what_is_exceeded_is_the_age_by_another_measure() -> None:
    assert atom(SPEND.exceeding(ORDERS)).than == "orders"
    assert atom(SPEND.exceeding(SQUARES)).than == "gap_days * gap_days"


def test_different_things_have_no_measure() -> None:
    assert (atom(THINGS.distinct(7)).measure, atom(THINGS.fresh(7)).sql) == ("", "")


def test_no_two_atoms_of_any_kind_and_window_have_one_name() -> None:
    measures = (SPEND, ORDERS, SQUARES, LINES)
    terms = [
        term
        for m in measures
        for days in (1, 7, 14)
        for term in (
            *(m.within(days), m.before(days), m.between(days, 28), m.moment(days)),
            *(m.most(days), m.decayed(days)),
            *(THINGS.squares(m, days), THINGS.logs(m, days)),
            *(THINGS.top(m, days), THINGS.leader(m, days)),
        )
    ]
    terms += [
        term for m in measures for term in (m.ever(), m.since(), m.since(2), m.first(), m.most())
    ]
    terms += [
        t for n in ("products", "stores") for t in (Things(n).distinct(7), Things(n).fresh(7))
    ]
    atoms = {atom(term) for term in terms}
    assert len(atoms) == len(terms)
    assert len({each.name for each in atoms}) == len(atoms)


@pytest.mark.parametrize(
    ("term", "name"),
    [
        (SPEND.within(28), "purchases_sum_spend_to28"),
        (SPEND.between(8, 14), "purchases_sum_spend_from8_to14"),
        (SPEND.since(), "purchases_since_spend"),
        (SPEND.since(2), "purchases_since_spend_rank2"),
        (SPEND.exceeding(ORDERS), "purchases_exceeding_spend_over_orders"),
        (SPEND.decayed(14), "purchases_decayed_spend_half14"),
        (THINGS.distinct(7), "products_distinct_to7"),
        (given("everyone", "everyone_gaps"), "everyone_gaps"),
    ],
)
def test_an_atom_is_named_by_what_it_is(term: Term, name: str) -> None:
    assert atom(term).name == name
    assert term.sql == f'"{name}"'


def test_a_given_value_says_whose_column_it_is() -> None:
    found = atom(given("profile", "profile_tier"))
    assert (found.kind, found.relation) == ("given", "profile")
