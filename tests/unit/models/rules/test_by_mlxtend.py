import pandas as pd
import pytest

from models.rules.baskets import Baskets, baskets_of
from models.rules.by_mlxtend import frequent_by_mlxtend
from models.rules.mining import Wanted, frequent


def shop() -> Baskets:
    contents = ["abc", "ab", "ac", "bd", "a", "abcd", "d"]
    rows = [(number, item) for number, items in enumerate(contents) for item in items]
    return baskets_of(pd.DataFrame(rows, columns=["basket", "item"]), "basket", "item")


@pytest.mark.parametrize("support", [1 / 7, 2 / 7, 0.3, 1.0])
@pytest.mark.parametrize("longest", [None, 1, 2])
def test_mlxtend_finds_the_same_itemsets(support: float, longest: int | None) -> None:
    found = frequent_by_mlxtend(shop(), support, longest)
    own = frequent(shop(), Wanted(support=support, max_length=longest))
    assert dict(found.each()) == dict(own.each())
    assert (found.baskets, found.least) == (own.baskets, own.least)
    assert found.labels.equals(own.labels)


def test_without_baskets_there_is_nothing() -> None:
    none = pd.DataFrame(
        {"basket": pd.Series([], dtype="int64"), "item": pd.Series([], dtype="str")}
    )
    assert len(frequent_by_mlxtend(baskets_of(none, "basket", "item"), 0.5)) == 0
