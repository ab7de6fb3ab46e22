import re

import pytest

from features.contract import Column
from pipelines.scoring import ColumnsDiffer, require_same


def column(name: str, sql: str = "sum(spend)") -> Column:
    return Column(name, "minor units", 28, "never ordered", name, sql)


def test_equal_columns_are_accepted() -> None:
    require_same([column("a"), column("b")], [column("a"), column("b")])


def test_a_difference_stops_with_the_names_of_the_columns() -> None:
    expected = (
        "scoring needs the behaviour table that the model was trained on, but the config's lacks "
        "['gone'], adds ['new'] and defines ['other'] differently; restore the settings or train "
        "again"
    )
    trained = [column("gone"), column("other"), column("same")]
    today = [column("new"), column("other", "max(spend)"), column("same")]
    with pytest.raises(ColumnsDiffer, match=re.escape(expected)):
        require_same(trained, today)


def test_another_order_of_the_columns_is_a_difference_too() -> None:
    with pytest.raises(ColumnsDiffer, match="defines in another order differently"):
        require_same([column("a"), column("b")], [column("b"), column("a")])
