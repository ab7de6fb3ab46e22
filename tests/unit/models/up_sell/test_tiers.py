"""Products are put into tiers that differ, or a need is refused with a reason."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.up_sell.settings import TiersWanted
from models.up_sell.tiers import ProductsUnclear, tiers_of

FEW = {"products_least": 1, "purchases_least": 0}


def goods(prices: list[float], **columns: Any) -> pd.DataFrame:
    names = [f"p{place}" for place in range(len(prices))]
    return pd.DataFrame({"product": names, "need": "tea", "price": prices, **columns})


def tier_by_product(table: pd.DataFrame, **wanted: Any) -> dict[str, int]:
    found = tiers_of(table, TiersWanted.model_validate(FEW | wanted)).products
    return dict(zip(found["product"], found["tier"], strict=True))


def reason(table: pd.DataFrame, **wanted: Any) -> str:
    (row,) = tiers_of(table, TiersWanted.model_validate(FEW | wanted)).refused.to_dict("records")
    assert row["need"] == "tea"
    return str(row["reason"])


def test_prices_are_cut_at_quantiles() -> None:
    found = tier_by_product(goods([100, 110, 200, 210, 400, 410]))
    assert found == {"p0": 0, "p1": 0, "p2": 1, "p3": 1, "p4": 2, "p5": 2}


def test_quantiles_are_of_purchases_where_they_are_told() -> None:
    table = goods([100, 200, 300, 400], purchases=[70, 10, 10, 10])
    assert tier_by_product(table, tiers=2) == {"p0": 0, "p1": 1, "p2": 1, "p3": 1}


def test_equal_prices_are_in_the_tier_that_holds_their_middle() -> None:
    table = goods([100, 200, 200, 200, 200, 300])
    assert tier_by_product(table) == {"p0": 0, "p1": 1, "p2": 1, "p3": 1, "p4": 1, "p5": 2}


def test_fewer_tiers_are_made_where_the_third_is_hardly_dearer() -> None:
    found = tiers_of(goods([100, 101, 200, 201, 204, 205]), TiersWanted.model_validate(FEW))
    assert found.levels["name"].tolist() == ["lower", "upper"]
    assert found.levels["products"].tolist() == [3, 3]


def test_a_multi_pack_is_no_tier() -> None:
    packs = ["100 G", "200 G", "400 G", "800 G"]
    table = goods([100, 200, 400, 800], size=packs)
    assert reason(table) == "one_tier"
    assert tier_by_product(goods([100, 200, 400, 800]), tiers=2) == {
        "p0": 0,
        "p1": 0,
        "p2": 1,
        "p3": 1,
    }


def test_quality_is_told_apart_from_the_size_of_the_pack() -> None:
    table = goods([100, 200, 400, 150, 300, 600], size=["100 G", "200 G", "400 G"] * 2)
    found = tiers_of(table, TiersWanted.model_validate(FEW | {"tiers": 2}))
    assert found.products["tier"].tolist() == [0, 0, 0, 1, 1, 1]
    assert found.levels["price"].tolist() == pytest.approx([200.0, 300.0])


def test_figures_of_tiers() -> None:
    table = goods([100, 120, 200, 300], purchases=[5, 3, 2, 6])
    found = tiers_of(table, TiersWanted.model_validate(FEW | {"tiers": 2}))
    lower, upper = found.levels.to_dict("records")
    assert (lower["tier"], lower["name"], lower["products"], lower["purchases"]) == (
        0,
        "lower",
        2,
        8,
    )
    assert (lower["price_low"], lower["price"], lower["price_high"]) == pytest.approx(
        (100, 100, 120)
    )
    assert (upper["price_low"], upper["price"], upper["price_high"]) == pytest.approx(
        (200, 300, 300)
    )
    assert found.table("price") == pytest.approx(np.array([[100.0, 300.0]]))


def test_sizes_ascend_and_neighbours_are_one_tier() -> None:
    sizes = ["8 OZ", "16 OZ", "1 LB", "17 OZ", "2 LB"]
    found = tiers_of(
        goods([100, 180, 190, 200, 350], size=sizes),
        TiersWanted.model_validate(FEW | {"by": "size"}),
    )
    assert found.products["tier"].tolist() == [0, 1, 1, 1, 2]
    assert found.levels["name"].tolist() == ["226.8 g", "453.6 g", "907.2 g"]


def test_levels_come_in_the_order_of_the_settings() -> None:
    table = goods([300, 100, 200, 50], level=["best", "good", "better", "odd"])
    found = tier_by_product(table, by="level", levels=("good", "better", "best"))
    assert found == {"p0": 2, "p1": 0, "p2": 1}


@pytest.mark.parametrize(
    ("table", "wanted", "expected"),
    [
        (goods([100]), {}, "few_products"),
        (goods([100, 200], purchases=[3, 3]), {"purchases_least": 50}, "few_purchases"),
        (goods([np.nan, 0.0]), {}, "no_price"),
        (goods([100, 200], is_weighed=[True, False]), {}, "sold_by_weight"),
        (goods([100, 100, 100]), {}, "one_tier"),
        (goods([100, 200], size=[None, "LARGE"]), {"by": "size"}, "no_size"),
        (goods([300, 100], size=["8 OZ", "64 OZ"]), {"by": "size"}, "sizes_unlike"),
        (goods([100, 200], size=["8 OZ", "8 OZ"]), {"by": "size"}, "sizes_unlike"),
        (goods([1, 2], level=["x", "y"]), {"by": "level", "levels": ("a", "b")}, "no_level"),
        (goods([1, 2], level=["a", "a"]), {"by": "level", "levels": ("a", "b")}, "one_tier"),
    ],
)
def test_a_need_without_tiers_says_why(
    table: pd.DataFrame, wanted: dict[str, Any], expected: str
) -> None:
    assert reason(table, **wanted) == expected


def test_a_reason_is_told_in_words() -> None:
    found = tiers_of(goods([100, 200], is_weighed=[True, False]), TiersWanted.model_validate(FEW))
    assert found.refused["told"].tolist() == [
        "sold by weight: the price of a piece tells its weight, not its tier"
    ]
    assert len(found.products) == len(found.levels) == len(found.needs) == 0


def test_the_order_of_products_changes_nothing() -> None:
    table = goods([100, 110, 200, 210, 400, 410])
    shuffled = table.sample(frac=1, random_state=3)
    one, other = (tiers_of(each, TiersWanted.model_validate(FEW)) for each in (table, shuffled))
    pd.testing.assert_frame_equal(one.products, other.products)
    pd.testing.assert_frame_equal(one.levels, other.levels)


def test_columns_that_are_missing_are_named() -> None:
    message = (
        "tiers by size need products with the columns ['product', 'need', 'price', 'size'], but "
        "['size'] are missing; rename or add them"
    )
    with pytest.raises(ProductsUnclear, match=f"^{re.escape(message)}$"):
        tiers_of(goods([100]), TiersWanted(by="size"))


def test_a_product_told_twice_is_an_error() -> None:
    message = (
        "tiers need one row per product, but 1 products have several, such as 'p0'; keep one of "
        "each"
    )
    with pytest.raises(ProductsUnclear, match=f"^{re.escape(message)}$"):
        tiers_of(pd.concat([goods([100]), goods([200])]), TiersWanted())


def test_levels_that_are_not_named_are_an_error() -> None:
    message = (
        "tiers by level need two or more different levels, the lowest first, but levels are []; "
        "name them, such as levels=('good', 'better', 'best')"
    )
    with pytest.raises(ProductsUnclear, match=f"^{re.escape(message)}$"):
        tiers_of(goods([100], level=["a"]), TiersWanted(by="level"))
