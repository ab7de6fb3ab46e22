"""Money of a page: small amounts exactly, large ones in whole units, axes in thousands."""

import pytest

from features.settings import Currency
from models.metrics import Estimate
from pipelines.coins import Coins

DOLLARS, YEN = Coins(Currency(code="USD", digits=2)), Coins(Currency(code="JPY", digits=0))


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("minor", "said"),
    [(1240, "USD 12.40"), (9_999, "USD 99.99"), (10_000, "USD 100"), (-250, "USD −2.50")],
)
def test_minor_units_are_written_of_small_amounts_only(minor: float, said: str) -> None:
    assert plain(DOLLARS.told(minor)) == said


def test_a_currency_without_minor_units_has_whole_ones() -> None:
    assert plain(YEN.told(12)) == "JPY 12"


def test_what_is_not_known_has_no_currency() -> None:
    assert DOLLARS.told(float("nan")) == "not defined"


def test_a_change_has_its_sign_and_an_estimate_its_ends() -> None:
    assert plain(DOLLARS.change(-125_000)) == "USD −1,250"
    assert plain(DOLLARS.change(1250)) == "USD +12.50"
    assert plain(DOLLARS.ends(Estimate(500, 400, 600))) == "USD 5.00 (4.00 to 6.00)"


@pytest.mark.parametrize(
    ("largest", "unit", "said"),
    [
        (500_000, "USD", "5,000"),
        (5_000_000, "thousands of USD", "50"),
        (5_000_000_000, "millions of USD", "50"),
    ],
)
def test_an_axis_is_in_the_unit_of_its_largest_number(largest: float, unit: str, said: str) -> None:
    name, write = DOLLARS.scaled(largest)
    assert (name, write(largest)) == (unit, said)
