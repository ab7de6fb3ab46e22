"""Which product is offered of the tier above, by hand."""

import pandas as pd
import pytest

from models.up_sell.next_products import next_products
from models.up_sell.settings import TiersWanted
from models.up_sell.tiers import Tiers, tiers_of

AS_OF = 300


def tiers() -> Tiers:
    """Coffee: one of the lower tier, two of the middle one, one of the upper one."""
    rows = [("plain", "low"), ("fine", "middle"), ("finest", "middle"), ("rare", "top")]
    table = pd.DataFrame(rows, columns=["product", "level"]).assign(need="coffee", price=100.0)
    levels = ("low", "middle", "top")
    wanted = TiersWanted(by="level", levels=levels, products_least=1, purchases_least=0)
    return tiers_of(table, wanted)


def bought(*lines: tuple[str, int, str]) -> pd.DataFrame:
    table = pd.DataFrame(lines, columns=["customer", "day", "product"])
    return table.assign(quantity=1.0, amount=100.0)


LINES = (
    ("a", 290, "fine"),
    ("a", 291, "fine"),
    ("b", 291, "finest"),
    ("b", 292, "plain"),
    ("b", 292, "rare"),
    ("c", 299, "rare"),
)


def rows(*lines: tuple[str, int, str], **asked: object) -> list[tuple[object, ...]]:
    found = next_products(bought(*lines), tiers(), AS_OF, **asked)  # type: ignore[arg-type]
    return [tuple(row) for row in found.to_numpy().tolist()]


def test_the_product_of_the_most_purchase_days_is_offered_with_its_share_of_all_above() -> None:
    # Above the lower tier are 5 days of customers, 2 of them with the fine one.
    assert rows(*LINES) == [
        ("coffee", 0, 1, "fine", pytest.approx(2 / 5)),
        ("coffee", 1, 2, "rare", pytest.approx(1.0)),
    ]


def test_a_product_that_is_not_allowed_is_not_offered_but_counts_among_what_is_above() -> None:
    assert rows(*LINES, allowed={"plain", "finest"}) == [
        ("coffee", 0, 1, "finest", pytest.approx(1 / 5))
    ]


def test_a_tier_that_sold_nothing_lately_is_not_offered() -> None:
    assert rows(("a", 243, "fine"), ("a", 244, "rare")) == [("coffee", 1, 2, "rare", 1.0)]
    assert rows(("a", 200, "fine")) == []


def test_what_is_bought_on_the_day_or_later_is_not_seen() -> None:
    assert rows(*LINES, ("d", 300, "rare"), ("e", 301, "finest")) == rows(*LINES)


def test_of_equals_the_first_by_name_is_offered() -> None:
    found = rows(("a", 290, "finest"), ("b", 290, "fine"))
    assert found == [("coffee", 0, 1, "fine", pytest.approx(1 / 2))]


def test_a_product_bought_twice_on_a_day_counts_once() -> None:
    found = rows(("a", 290, "fine"), ("a", 290, "fine"), ("b", 290, "finest"))
    assert found[0][3:] == ("fine", pytest.approx(1 / 2))
