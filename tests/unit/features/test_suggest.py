import pytest

from features.suggest import nearest


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        *(("horizn_days", "horizon_days"), ("CustomerID", "customer_id"), ("AMOUNT", "Amount")),
        *(("xyz", None), ("", None), ("at", None)),
    ],
)
def test_the_nearest_name_is_close_capitals_aside(typed: str, name: str | None) -> None:
    assert nearest(typed, ["horizon_days", "customer_id", "Amount"]) == name


def test_nothing_is_near_to_no_names() -> None:
    assert nearest("a", []) is None
