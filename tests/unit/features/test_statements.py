"""The behaviour table as one statement: what is asked, who is in it, which atoms it needs."""

from collections.abc import Iterator
from datetime import date

import pytest

from features.behaviour import features_for, shape_of
from features.contract import Campaigns, Contacts, Feature, Orders, Profile, Shape, Visits, feature
from features.settings import Cohort
from features.spelling import DuckDB, Spark
from features.statements import (
    Query,
    Task,
    asked,
    atoms_of,
    cohort_query,
    profile_query,
    statement,
    values,
)
from features.terms import Atom, Measure, Term, Things, given
from tests.builders import AS_OF, DAY, SETTINGS, Customer, Shop, built, order, returned

SPEND, ORDERS = Measure("purchases", "spend"), Measure("purchases", "orders")
LINES = Measure("products", "lines")
CONTRACT, PROSPECT = Cohort(contract="active"), Cohort(contract="prospect")
TIER = Profile("tier", is_number=False, levels=("gold",), meaning="tier")


def made(name: str, term: Term) -> Feature:
    return feature(name, "number", None, "never ordered", name, term=term)


def names(atoms: tuple[Atom, ...]) -> list[str]:
    return [atom.name for atom in atoms]


def in_cohort(shop: Shop, cohort: Cohort, *as_ofs: date, has_orders: bool = True) -> list[str]:
    """Who is in it, for rules that need no atoms."""
    shape = Shape((7,), profile=(TIER,))
    query = f"""WITH asked AS ({asked(as_ofs or (AS_OF,))}), profile AS ({profile_query(shape)})
        SELECT c.as_of || ' ' || customer FROM ({cohort_query(cohort, has_orders=has_orders)}) AS c
        JOIN (SELECT DISTINCT customer_key, customer FROM dim_customer) USING (customer_key)
        ORDER BY 1"""
    with built(shop) as (con, _):
        return [str(row[0]) for row in con.execute(query).fetchall()]


@pytest.mark.parametrize(
    ("as_of", "row"),
    [
        (date(1970, 1, 1), (date(1970, 1, 1), 0, 1, 1)),
        (date(2024, 3, 1), (date(2024, 3, 1), 19783, 9, 3)),
        (date(2021, 1, 3), (date(2021, 1, 3), 18630, 53, 1)),
        (date(2024, 12, 30), (date(2024, 12, 30), 20087, 1, 12)),
        (date(1969, 12, 31), (date(1969, 12, 31), -1, 1, 12)),
    ],
)
def test_a_day_is_asked_with_its_number_its_week_and_its_month(
    as_of: date, row: tuple[object, ...]
) -> None:
    """Weeks are those of the ISO calendar: the first has the year's first Thursday."""
    with built(Shop((order(),))) as (con, _):
        found = con.sql(asked([as_of]))
        assert found.columns == ["as_of", "as_of_day", "week_of_year", "month"]
        assert found.fetchall() == [row]


def test_every_day_that_is_asked_is_a_row() -> None:
    with built(Shop((order(),))) as (con, _):
        found = con.execute(f"SELECT as_of FROM ({asked([AS_OF, AS_OF - DAY])})").fetchall()
    assert found == [(AS_OF,), (AS_OF - DAY,)]


def test_atoms_are_those_of_all_features_once_in_order_of_their_names() -> None:
    features = (made("a", SPEND.within(7) / SPEND.ever()), made("b", SPEND.within(7)))
    assert names(atoms_of(features, CONTRACT)) == ["purchases_sum_spend", "purchases_sum_spend_to7"]


def test_a_cohort_of_buyers_needs_atoms_of_its_own() -> None:
    assert names(atoms_of((made("a", SPEND.ever()),), Cohort())) == [
        *("purchases_since_orders", "purchases_sum_orders", "purchases_sum_spend")
    ]


def test_given_columns_are_no_atoms_to_make() -> None:
    term = given("profile", "profile_age") * given("profile", "profile_b") / SPEND.ever()
    task = Task(Shape((7,)), (made("a", term), made("b", term)), CONTRACT, (AS_OF,))
    assert names(task.by_relation["purchases"]) == ["purchases_sum_spend"]
    assert task.given("profile") == ["profile_age", "profile_b"]
    assert task.given("calendar") == []


def test_groups_are_needed_where_a_feature_asks_for_their_means() -> None:
    shape = Shape((7,), Orders(), peers_by=("store", "tier"))
    task = Task(shape, (made("a", given("peers", "peers_tier")),), Cohort(), (AS_OF,))
    assert task.peers_by == ("tier",)


def test_a_feature_is_a_double_under_its_name() -> None:
    assert values([made('a "b"', SPEND.ever())]) == (
        'CAST("purchases_sum_spend" AS DOUBLE) AS "a ""b"""'
    )


@pytest.mark.parametrize(
    ("cohort", "rule"),
    [
        (Cohort(), '"purchases_sum_orders" >= 1'),
        (Cohort(min_orders=3), '"purchases_sum_orders" >= 3'),
        (
            Cohort(active_within_days=56),
            '"purchases_sum_orders" >= 1 AND "purchases_since_orders" <= 56',
        ),
    ],
)
def test_buyers_are_chosen_by_their_orders(cohort: Cohort, rule: str) -> None:
    assert cohort_query(cohort, has_orders=True) == (
        f"SELECT as_of, customer_key FROM atoms_purchases WHERE {rule}"
    )


DESCRIBED = (
    Customer("ann"),
    Customer("bob"),
    Customer("cid", valid_from_on=AS_OF),
    Customer("dan", "gold", valid_from_on=AS_OF - DAY),
)
BOUGHT = Shop(
    (
        order(AS_OF - 2 * DAY, "bob"),
        order(AS_OF, "ann"),
        returned(AS_OF - DAY, "dan"),
        order(AS_OF - DAY, "dan", "POSTAGE"),
        order(AS_OF - DAY, "eve"),
    ),
    DESCRIBED,
)


def test_a_contract_is_had_by_who_was_described_before_the_day() -> None:
    assert in_cohort(BOUGHT, CONTRACT) == [f"{AS_OF} {who}" for who in ("ann", "bob", "dan")]


def test_prospects_are_described_and_have_not_bought_before_the_day() -> None:
    """What came back and a fee are no purchase; an order on the day itself is not seen."""
    assert in_cohort(BOUGHT, PROSPECT) == [f"{AS_OF} {who}" for who in ("ann", "dan")]


def test_a_prospect_who_buys_is_none_from_the_next_day_on() -> None:
    days = (AS_OF - 2 * DAY, AS_OF - DAY)
    assert in_cohort(BOUGHT, PROSPECT, *days) == [
        *(f"{days[0]} {who}" for who in ("ann", "bob")),
        f"{days[1]} ann",
    ]


def test_without_orders_every_customer_with_a_contract_is_a_prospect() -> None:
    shop = Shop(customers=DESCRIBED, labels=(("ann", AS_OF, True),))
    assert in_cohort(shop, PROSPECT, has_orders=False) == [
        f"{AS_OF} {who}" for who in ("ann", "bob", "dan")
    ]


def held(shop: Shop, *as_ofs: date) -> list[tuple[object, ...]]:
    shape = Shape((7,), profile=(TIER, Profile("age", is_number=True, levels=(), meaning="age")))
    query = f"""WITH asked AS ({asked(as_ofs)}) SELECT as_of, customer_key, is_described,
        profile_tier, profile_age FROM ({profile_query(shape)}) ORDER BY ALL"""
    with built(shop) as (con, _):
        return con.execute(query).fetchall()


def test_attributes_are_those_that_held_on_the_day_before() -> None:
    changed = AS_OF - 3 * DAY
    shop = Shop(
        (order(),), (Customer("ann", "tin", 30), Customer("ann", "gold", 31, valid_from_on=changed))
    )
    assert held(shop, changed, changed + DAY) == [
        (changed, 1, True, "tin", 30),
        (changed + DAY, 1, True, "gold", 31),
    ]


def test_who_is_in_no_customers_table_is_not_described() -> None:
    shop = Shop((order(customer="bob"),), (Customer("ann", "tin"),))
    assert held(shop, AS_OF) == [(AS_OF, 1, True, "tin", None), (AS_OF, 2, False, None, None)]


def test_before_a_dated_contract_nothing_is_held() -> None:
    shop = Shop((order(),), (Customer("ann", "tin", valid_from_on=AS_OF),))
    assert held(shop, AS_OF) == []


ALL = Shape(
    (7, 28),
    Orders(category="category", has_products=True, has_stores=True, has_discounts=True),
    Contacts(kinds=("complaint",)),
    Visits(),
    Campaigns(has_responses=True),
    (TIER,),
    ("store", "tier"),
)


def view_names(task: Task) -> list[str]:
    return [name for name, _ in statement(task, DuckDB())[0]]


def test_views_come_in_the_order_in_which_they_need_each_other() -> None:
    task = Task(ALL, features_for(ALL), Cohort(), (AS_OF,))
    assert view_names(task) == [
        *("asked", "category_day", "category_price", "customer_day", "everyone", "profile"),
        *("atoms_categories", "atoms_contacts", "atoms_products", "atoms_purchases"),
        *("atoms_responses", "atoms_sendings", "atoms_stores", "atoms_visits"),
        *("cohort", "peers_0", "peers_1"),
    ]


def test_what_no_feature_looks_at_is_not_asked_for() -> None:
    shape = Shape((7,), profile=(TIER,))
    assert view_names(Task(shape, features_for(shape), CONTRACT, (AS_OF,))) == [
        *("asked", "profile", "cohort")
    ]


def test_engines_differ_in_how_they_number_days_only() -> None:
    task = Task(ALL, features_for(ALL), Cohort(), (AS_OF,))

    def without_days(queries: tuple[tuple[Query, ...], str]) -> Iterator[str]:
        for text in (*(query for _, query in queries[0]), queries[1]):
            plain = text
            for on in ("ordered_on", "contacted_on", "sent_on", "responded_on", "visited_on"):
                for engine in (DuckDB(), Spark()):
                    plain = plain.replace(engine.day_number(on), f"day of {on}")
            yield plain

    assert list(without_days(statement(task, DuckDB()))) == list(
        without_days(statement(task, Spark()))
    )


def answered(
    shop: Shop, *features: Feature, cohort: Cohort | None = None
) -> list[dict[str, object]]:
    """Rows of the statement at `AS_OF`."""
    with built(shop) as (con, sources):
        task = Task(shape_of(sources, SETTINGS), features, cohort or Cohort(), (AS_OF,))
        views, query = statement(task, DuckDB())
        for name, select in views:
            con.execute(f"CREATE VIEW {name} AS {select}")
        rows: list[dict[str, object]] = con.sql(query).to_arrow_table().to_pylist()
        return rows


def test_a_statement_answers_with_customer_day_and_features() -> None:
    shop = Shop((order(AS_OF - 9 * DAY, amount=300), order(amount=100), order(AS_OF, amount=7)))
    assert answered(shop, made("a", SPEND.within(7)), made("b", SPEND.ever())) == [
        {"customer": "ann", "as_of": AS_OF, "a": 100.0, "b": 400.0}
    ]


def test_a_statement_may_look_at_things_alone() -> None:
    """Tea twice and milk once: the leader is the tea, whose key comes after that of milk."""
    shop = Shop((order(AS_OF - 3 * DAY), order(), order(product="milk")))
    things = Things("products")
    features = (
        made("a", things.leader(LINES, 7)),
        made("b", things.distinct(7)),
        made("c", things.fresh(2)),
    )
    (row,) = answered(shop, *features)
    assert (row["a"], row["b"], row["c"]) == (2, 2, 1)


def test_who_has_no_row_of_a_relation_has_no_atom_of_it() -> None:
    shop = Shop((order(customer="bob"),), (Customer("ann"), Customer("bob")))
    features = (made("a", SPEND.within(7)), made("b", SPEND.within(7).or_zero()))
    assert answered(shop, *features, cohort=CONTRACT) == [
        {"customer": "ann", "as_of": AS_OF, "a": None, "b": 0},
        {"customer": "bob", "as_of": AS_OF, "a": 100, "b": 100},
    ]


def test_a_row_of_as_of_is_not_there_for_any_atom() -> None:
    """Ann's only order lies on as_of, bob's second too: nothing of either is seen."""
    shop = Shop(
        (order(AS_OF, "ann"), order(AS_OF - 9 * DAY, "bob"), order(AS_OF, "bob", "milk")),
        (Customer("ann"), Customer("bob")),
    )
    features = (
        made("since", SPEND.since()),
        made("most", SPEND.most()),
        made("fading", SPEND.decayed(9)),
        made("things", Things("products").fresh(28)),
    )
    ann, bob = answered(shop, *features, cohort=CONTRACT)
    assert [ann[each.column.name] for each in features] == [None, None, None, None]
    assert [bob[each.column.name] for each in features] == [9, 100, pytest.approx(50), 1]
