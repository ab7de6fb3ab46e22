"""A customer's spend against that of customers alike."""

from dataclasses import replace

from tests.builders import AS_OF, DAY, Customer, Order, Shop, behaviour, order
from tests.shops import ASKED


def bought(who: str, amount: int, store: str | None, days_ago: int = 1) -> Order:
    day = AS_OF - days_ago * DAY
    row = order(day, who, f"of {amount}", number=f"{who} {store} {days_ago}", amount=amount)
    return replace(row, store=store)


def against(shop: Shop, by: str) -> dict[str, float | None]:
    """Customer to the spend over that of the peers."""
    table = behaviour(shop, settings=ASKED)
    return {row["customer"]: row[f"spend_to_{by}_peers_28d"] for row in table.to_pylist()}


def of(*rows: Order) -> Shop:
    tiers = (("ann", "gold"), ("bob", "gold"), ("eve", "silver"), ("old", "iron"))
    return Shop(rows, tuple(Customer(*each) for each in tiers))


def test_buyers_at_one_store_are_held_against_their_mean() -> None:
    rows = (bought("ann", 300, "north"), bought("bob", 100, "north"), bought("eve", 500, "south"))
    assert against(of(*rows), "store") == {"ann": 1.5, "bob": 0.5, "eve": 1}


def test_the_main_store_has_most_lines_and_of_equal_ones_the_first_name() -> None:
    rows = (
        *(bought("ann", amount, "south", 2) for amount in (10, 20)),
        bought("ann", 170, "north", 2),
        *(bought("bob", 100, store) for store in ("south", "north")),
    )
    # South sold 30 and 100, 65 a head; north 170 and 100, 135 a head, and is bob's by its name.
    assert against(of(*rows), "store") == {"ann": 200 / 65, "bob": 200 / 135}


def test_the_same_tier_is_held_against_its_mean_buyer() -> None:
    rows = (
        bought("ann", 300, None),
        bought("bob", 100, None),
        bought("eve", 70, None),
        bought("zoe", 900, None),
    )
    assert against(of(*rows), "tier") == {"ann": 1.5, "bob": 0.5, "eve": 1, "zoe": None}


def test_who_bought_nothing_in_the_window_does_not_lower_the_mean() -> None:
    rows = (bought("ann", 300, None), bought("bob", 100, None, days_ago=29))
    assert against(of(*rows), "tier") == {"ann": 1, "bob": 0}


def test_a_window_without_a_named_store_has_no_peers_there() -> None:
    rows = (bought("ann", 300, None), bought("bob", 100, "north", days_ago=29))
    assert against(of(*rows), "store") == {"ann": None, "bob": None}
