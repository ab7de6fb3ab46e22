"""The page of prices: words at the top, charts, tables, what was refused, and no promise."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from features.clock import Window
from features.prices import LinesPriced
from features.settings import Currency
from models.metrics import Estimate
from models.prices.elasticity import Elasticities, elasticities
from models.prices.evidence import Wanted
from models.prices.out_of_time import OutOfTime
from models.prices.panel import panel_of
from pipelines.prices_found import PricesFound
from pipelines.prices_page import prices_page
from pipelines.prices_words import REASONS, change, item_rows, lift, plain, written
from tests.pages import Words
from tests.price_panels import Market, made_up

EVIL = "<script>alert('x')</script>"
GAIN = {name: Estimate(0.2, 0.1, 0.3) for name in ("level", "promotion", "own_price")}
TEST = OutOfTime(
    20, 160, 8, dict.fromkeys(("level", *GAIN, "price"), Estimate(0.4, 0.3, 0.5)), GAIN
)


def effects(found: Elasticities) -> pd.DataFrame:
    """Rows as a training joins them."""
    rows = found.rows.merge(found.evidence.frame, on="item")
    return rows.assign(name=rows["item"], category=f"category:a > {EVIL}", units=1.0, revenue=100)


@pytest.fixture(scope="module")
def found() -> PricesFound:
    made = made_up(Market(items=20, categories=2))
    fitted = elasticities(panel_of(made.rows), made.belongs, Wanted())
    return PricesFound(
        "shop",
        date(2024, 12, 30),
        Window(date(2024, 1, 1), date(2024, 12, 30)),
        ("category",),
        effects(fitted),
        fitted.groups,
        TEST,
        8,
        LinesPriced(1040, 2, 0, 3, 0),
        4,
    )


def text_of(shown: PricesFound) -> str:
    return " ".join(" ".join(Words(prices_page(shown, Currency())).text).split())


def test_the_page_says_the_answer_the_test_and_that_it_was_observed(found: PricesFound) -> None:
    text = text_of(found)
    assert "A price 10 % higher changes the units of the mean item by −" in text
    assert (
        "In the last 8 weeks, fitted on those before them, knowing prices took off 20 % (10 % to "
        "30 %) of the error that promotions alone leave, and 20 % (10 % to 30 %) of that without "
        "either. Prices and promotions were observed, not set by lot"
    ) in text
    assert "1,040 lines of 1 January 2024 up to the eve of 30 December 2024" in text
    assert "Lines left out: 2 of goods given back, 3 of a coupon alone." in text
    assert "4 weeks of items that were given away are left out." in text


def test_what_makes_a_figure_doubtful_is_told(found: PricesFound) -> None:
    assert "a large order lowers it, and sales seem to follow the price more than they do." in (
        text_of(found)
    )
    assert "surely sell more" not in text_of(found)
    odd = found.effects.assign(low=found.effects["low"].where(found.effects.index > 5, 0.1))
    expected = ((odd["effect"] == "price") & (odd["low"] > 0)).sum()
    told = text_of(replace(found, effects=odd))
    assert f"Items that surely sell more at a higher price by these figures: {expected}." in told


def test_charts_are_of_groups_and_what_was_typed_is_only_text(found: PricesFound) -> None:
    page = prices_page(found, Currency())
    assert EVIL not in page
    assert EVIL in text_of(found)
    tags = Words(page).tags
    assert tags.count("svg") == 3
    assert "script" not in tags


def test_a_test_that_prices_do_not_win_is_said_plainly(found: PricesFound) -> None:
    lost = replace(TEST, gain=GAIN | {"promotion": Estimate(0.01, -0.02, 0.04)})
    text = text_of(replace(found, test=lost))
    assert "knowing prices did not clearly help: it took off 1 % (−2 % to 4 %)" in text
    assert "Do not plan by these figures." in text
    assert 'class="verdict failed"' in prices_page(replace(found, test=lost), Currency())
    untested = text_of(replace(found, test=None))
    assert "The weeks before the last 8 are too few to test on those." in untested


def test_a_shop_whose_prices_never_varied_gets_a_page_that_says_so() -> None:
    made = made_up(Market(items=6, categories=2))
    rows = made.rows.assign(price_paid=100.0, promoted_share=0.0)
    fitted = elasticities(panel_of(rows), made.belongs, Wanted())
    window = Window(date(2024, 1, 1), date(2024, 12, 30))
    lines = LinesPriced(312, 0, 0, 0, 0)
    groups = fitted.groups
    bare = PricesFound(
        "shop", window.end, window, ("category",), effects(fitted), groups, None, 8, lines, 0
    )
    text = text_of(bare)
    assert "The records of no item tell what its price does to sales" in text
    assert "the price never varied 6 0 0" in text
    assert "hardly ever promoted 0 6 6" in text


def test_strong_and_weak_items_are_those_that_are_sure(found: PricesFound) -> None:
    price, whole = (found.own(name).set_index("item") for name in ("price", "promotion_whole"))

    def first(effect: str, *, strongest: bool) -> str:
        return item_rows(found, effect, Currency(), strongest=strongest).cells[0][0]

    assert first("price", strongest=True) == price["high"].idxmin()
    assert first("price", strongest=False) == price["low"].idxmax()
    assert first("promotion_whole", strongest=True) == whole["low"].idxmax()
    assert first("promotion_whole", strongest=False) == whole["high"].idxmin()


def test_figures_are_written_as_they_are_read() -> None:
    assert change(-2.0) == pytest.approx(1.1**-2 - 1)
    assert lift(0.0) == 0.0
    given = Estimate(-1.444, -1.6, -1.28)
    assert written("price", given).replace("\xa0", " ") == "−1.44 (−1.60 to −1.28)"
    rise = Estimate(0.1906, 0.0, 0.4055)
    assert written("promotion", rise).replace("\xa0", " ") == "+21 % (0 % to +50 %)"
    assert plain("type:GROCERY > ICE > CRUSHED") == "CRUSHED"
    assert plain("department:GROCERY") == "GROCERY"
    assert plain("everything") == "everything"


def test_every_reason_has_its_words(found: PricesFound) -> None:
    assert set(found.effects["reason"].dropna()) <= set(REASONS)
    assert len(set(REASONS.values())) == len(REASONS) == 8
