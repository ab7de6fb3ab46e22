"""Names and phrases that families share."""

import pytest

from features.wording import lately, slug


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GROCERY", "grocery"),
        ("Meat & Fish", "meat_fish"),
        ("  (new) ", "new"),
        ("a--b", "a_b"),
        ("穀物", "穀物"),
        ("Café au lait", "café_au_lait"),
        ("24h", "24h"),
    ],
)
def test_a_name_keeps_the_letters_and_digits_of_any_script(text: str, name: str) -> None:
    assert slug(text) == name


def test_a_phrase_tells_its_window() -> None:
    assert lately("orders", 28) == "orders in the last 28 days"
