"""Pack sizes are read as amounts, or not at all."""

import numpy as np
import pytest

from models.up_sell.sizes import Size, comparable, size_of, told


@pytest.mark.parametrize(
    ("text", "amount", "kind"),
    [
        ("12 OZ", 12.0, "ounce"),
        ("14.5 oz", 14.5, "ounce"),
        (".5 OZ", 0.5, "ounce"),
        ("10 3/4 OZ", 10.75, "ounce"),
        ("12 PK/12 OZ", 144.0, "ounce"),
        ("12/12 OZ", 144.0, "ounce"),
        ("12 OZ/12 PK", 144.0, "ounce"),
        ("6 CT/15 OZ", 90.0, "ounce"),
        ("6/4 OZ", 24.0, "ounce"),
        ("3/3.5 OZ", 10.5, "ounce"),
        ("12 OZ CAN", 12.0, "ounce"),
        ("13 FL OZ", 13 * 29.5735, "volume"),
        ("2 L*", 2000.0, "volume"),
        ("750 ML", 750.0, "volume"),
        ("4/187 ML", 748.0, "volume"),
        ("1/2 GAL", 1892.705, "volume"),
        ("HALF GAL", 1892.705, "volume"),
        ("QT", 946.353, "volume"),
        ("3-LB BAG", 3 * 453.592, "weight"),
        ("300 CT(1)", 300.0, "count"),
        ("1 DZ", 12.0, "count"),
        (24, 24.0, "number"),
        (np.float64(1.5), 1.5, "number"),
    ],
)
def test_an_amount_is_read(text: object, amount: float, kind: str) -> None:
    found = size_of(text)
    assert found is not None
    assert found.amount == pytest.approx(amount)
    assert found.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        *("3/4 OZ", "2/3 OZ", "10 3/0 OZ", "4/10 3/0 OZ", "18 IN", "100 SQ FT", "LARGE", "0 OZ"),
        *("", None, True, np.nan, -2),
    ],
)
def test_what_tells_no_amount_for_sure_is_none(text: object) -> None:
    assert size_of(text) is None


def test_ounces_are_of_volume_beside_volumes_and_of_weight_otherwise() -> None:
    juice: list[Size | None] = [Size(64.0, "ounce"), Size(1000.0, "volume")]
    amounts, kind = comparable(juice, np.ones(2))
    assert kind == "volume"
    assert amounts == pytest.approx([64 * 29.5735, 1000.0])
    rice: list[Size | None] = [Size(16.0, "ounce"), Size(907.184, "weight")]
    amounts, kind = comparable(rice, np.ones(2))
    assert kind == "weight"
    assert amounts == pytest.approx([453.592, 907.184])


def test_only_sizes_of_the_kind_with_most_weight_are_compared() -> None:
    amounts, kind = comparable(
        [Size(6.0, "count"), Size(500.0, "weight"), None], np.array([9, 1, 1])
    )
    assert kind == "count"
    assert amounts[0] == 6.0
    assert np.isnan(amounts[1:]).all()


def test_a_size_in_words() -> None:
    assert told(340.194, "weight") == "340.2 g"
    assert told(12, "count") == "12 pieces"
    assert told(24, "number") == "24"
    assert told(22679.6, "weight") == "22,680 g"
