"""The table of contents of the behaviour table."""

from dataclasses import replace
from typing import get_args

import pytest

from features.catalogue import FAMILIES, families
from features.contract import (
    Campaigns,
    Cause,
    Contacts,
    Feature,
    Orders,
    Profile,
    Shape,
    Visits,
    features_of,
)
from features.relations import relations
from features.spelling import DuckDB

AGE = Profile("age", is_number=True, levels=(), meaning="age")
TIER = Profile("tier", is_number=False, levels=("gold", "銀"), meaning="tier")
RICH = Orders(
    category="category",
    categories=("Drinks", "Meat & Fish"),
    channels=("web", "shop"),
    has_products=True,
    has_stores=True,
    has_discounts=True,
    has_coupons=True,
    has_costs=True,
    has_private_labels=True,
    has_returns=True,
)
ALL = Shape(
    (7, 14, 28, 56, 91, 182, 364),
    RICH,
    Contacts(("complaint", "call"), has_outcomes=True, has_durations=True, has_satisfaction=True),
    Visits(has_sessions=True),
    Campaigns(has_responses=True),
    (AGE, TIER),
    ("store", "tier"),
)
PLAIN = Shape((7, 28), Orders())
EVERY = (ALL, PLAIN, replace(ALL, windows_days=(364,)), replace(ALL, windows_days=(1, 3650)))


def names(of: Shape) -> list[str]:
    return [family.name for family in families(of)]


def features(of: Shape) -> tuple[Feature, ...]:
    return features_of(families(of))


def test_families_come_in_the_order_of_the_catalogue() -> None:
    assert names(ALL) == [
        *("recency", "frequency", "monetary", "tenure", "rhythm", "trend", "breadth", "basket"),
        *("price", "place", "returns", "season", "contacts", "web", "campaigns", "peers"),
        "profile",
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_named_like_its_function_and_file(family: object) -> None:
    made = family(ALL)  # type: ignore[operator]  # a function of the catalogue
    assert f"features.families.{made.name}" == family.__module__


def test_orders_of_which_nothing_more_is_told_have_families_of_their_own() -> None:
    assert names(PLAIN) == [
        *("recency", "frequency", "monetary", "tenure", "rhythm", "trend", "basket", "place"),
        "season",
    ]


@pytest.mark.parametrize(
    ("shape", "left"),
    [
        (Shape((7,)), []),
        (Shape((7,), profile=(AGE,)), ["profile"]),
        (Shape((7,), contacts=Contacts()), ["contacts"]),
        (Shape((7,), visits=Visits()), ["web"]),
        (Shape((7,), campaigns=Campaigns()), ["campaigns"]),
        (Shape((7,), profile=(TIER,), peers_by=("tier",)), ["profile"]),
    ],
)
def test_without_orders_there_is_what_other_sources_tell(shape: Shape, left: list[str]) -> None:
    assert names(shape) == left


def test_the_default_windows_give_two_hundred_columns_of_everything() -> None:
    assert len(features(ALL)) >= 200


@pytest.mark.parametrize("shape", EVERY)
def test_no_two_atoms_have_one_name(shape: Shape) -> None:
    """Names become columns of one table; the same atom may serve many features."""
    atoms = {atom for each in features(shape) for atom in each.term.atoms}
    assert len({atom.name.lower() for atom in atoms}) == len(atoms)


@pytest.mark.parametrize("shape", EVERY)
def test_a_measure_has_one_meaning_in_its_relation(shape: Shape) -> None:
    """Sums by thing are kept under the name of their measure."""
    meanings: dict[tuple[str, str], set[str]] = {}
    for each in features(shape):
        for atom in each.term.atoms:
            if atom.measure and atom.kind != "given":
                meanings.setdefault((atom.relation, atom.measure), set()).add(atom.sql)
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize("shape", EVERY)
def test_every_atom_looks_at_a_relation_that_the_shape_has(shape: Shape) -> None:
    given = {"calendar", "everyone", "peers", "profile"}
    asked = {atom.relation for each in features(shape) for atom in each.term.atoms}
    assert asked - given <= set(relations(shape, DuckDB()))


@pytest.mark.parametrize("shape", EVERY)
def test_no_atom_looks_at_as_of_or_later(shape: Shape) -> None:
    atoms = {atom for each in features(shape) for atom in each.term.atoms if atom.kind != "given"}
    assert min(atom.youngest for atom in atoms) == 1


def test_a_column_tells_the_sql_of_every_atom_of_its_term() -> None:
    for each in features(ALL):
        for atom in each.term.atoms:
            assert f"{atom.name} = {atom.kind} of {atom.sql or 'rows'} " in each.column.sql


def test_causes_are_those_that_customer_research_names() -> None:
    known = set(get_args(Cause))
    told = {each.column.cause for each in features(ALL)} - {None}
    assert told == known


def test_window_words_tell_the_window() -> None:
    """A column whose name ends in _28d says so in its window, and no other does."""
    for each in features(ALL):
        window = each.column.window_days
        assert each.column.name.endswith(f"_{window}d") == (window is not None), each.column
