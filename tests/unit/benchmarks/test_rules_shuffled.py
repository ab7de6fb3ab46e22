"""The benchmark mines level by level what all subsets counted give."""

import numpy as np
import pytest

from benchmarks import rules_shuffled
from tests.oracles import rules as oracle


@pytest.mark.parametrize("share", [0.02, 0.2, 0.6])
def test_levels_are_all_frequent_itemsets_of_up_to_three_items(
    monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setattr(rules_shuffled, "SUPPORT", share)
    random = np.random.default_rng(6)
    items = np.array(list("abcdef"))
    shop = [frozenset(items[random.random(6) < 0.5].tolist()) for _ in range(50)]
    found = dict(rules_shuffled.mined(oracle.coded(shop, list("abcdef"))).each())
    expected = oracle.frequent(shop, round(share * 50))
    assert found == {part: count for part, count in expected.items() if len(part) <= 3}
