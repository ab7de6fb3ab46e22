"""How much of what was bought came back."""

from tests.builders import AS_OF, DAY, features, order, returned


def test_one_item_of_three_came_back_and_a_quarter_of_the_money() -> None:
    rows = [order(AS_OF - 3 * DAY, product=name, amount=200) for name in ("tea", "milk")]
    values = features(*rows, returned(AS_OF - 2 * DAY))
    assert values["returned_lines_share_7d"] == 1 / 3
    assert values["returned_amount_ratio_7d"] == 100 / 400


def test_a_return_counts_in_the_window_of_its_own_day() -> None:
    values = features(order(AS_OF - 20 * DAY), returned(AS_OF - 2 * DAY))
    assert values["returned_lines_share_7d"] == 1
    assert values["returned_amount_ratio_7d"] is None
    assert values["returned_lines_share_28d"] == 0.5
    assert values["returned_amount_ratio_28d"] == 1


def test_a_window_with_nothing_has_no_returns() -> None:
    values = features(order(AS_OF - 40 * DAY), returned(AS_OF - 39 * DAY), returned(AS_OF))
    assert values["returned_lines_share_28d"] is None
    assert values["returned_amount_ratio_28d"] is None


def test_who_gave_nothing_back_returned_none_of_it() -> None:
    values = features(order())
    assert values["returned_lines_share_7d"] == 0
    assert values["returned_amount_ratio_7d"] == 0
