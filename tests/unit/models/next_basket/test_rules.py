"""Rules as recommenders."""

import re

import numpy as np
import pandas as pd
import pytest

from models.next_basket.item_neighbours import RulesUnclear, by_rules
from models.next_basket.offers import NEVER, offers
from tests.past_baskets import histories

RULES = pd.DataFrame(
    {
        "antecedent": [[0], [0, 1], [2], [9]],
        "consequent": [3, 3, 4, 5],
        "confidence": [0.2, 0.6, 0.5, 0.9],
    }
)
PAST = {
    0: [(1, frozenset({0, 1})), (2, frozenset({0}))],
    1: [(1, frozenset({2})), (2, frozenset({0, 1, 2}))],
    2: [],
}


def test_the_best_rule_whose_whole_antecedent_is_in_the_newest_basket_counts() -> None:
    asked = histories(PAST)
    found = by_rules(RULES, asked.items).scores(asked)
    wanted = np.full((3, 6), NEVER)
    wanted[0, 3], wanted[1, 3], wanted[1, 4] = 0.2, 0.6, 0.5
    assert found.tolist() == wanted.tolist()


def test_more_baskets_may_be_held_against_the_rules() -> None:
    asked = histories(PAST)
    assert by_rules(RULES, asked.items, newest=2).scores(asked)[0, 3] == 0.6
    found = offers(by_rules(RULES, asked.items), asked, 2)
    assert found.tolist() == [[3, -1], [3, 4], [-1, -1]]


def test_rules_that_cannot_be_read_are_refused() -> None:
    items = pd.RangeIndex(6)
    text = "rules need a column 'confidence', but the table has: antecedent, consequent"
    with pytest.raises(RulesUnclear, match=f"^{re.escape(text)}$"):
        by_rules(RULES.drop(columns="confidence"), items)
    text = (
        "rules need an antecedent that is a list of 1 item or more and a confidence of 0 to 1, but "
        "of 4 rules 1 have another antecedent and 1 another confidence; mend them or leave them out"
    )
    odd = RULES.assign(
        antecedent=pd.Series([[], [0, 1], [2], [9]]), confidence=[0.2, 1.5, 0.5, 0.9]
    )
    with pytest.raises(RulesUnclear, match=f"^{re.escape(text)}$"):
        by_rules(odd, items)


@pytest.mark.parametrize("antecedent", ["milk", None, float("nan")])
def test_an_antecedent_that_is_no_list_is_refused(antecedent: object) -> None:
    rules = pd.DataFrame(
        {"antecedent": [["milk"], antecedent], "consequent": "tea", "confidence": 0.5}
    )
    text = (
        "rules need an antecedent that is a list of 1 item or more and a confidence of 0 to 1, but "
        "of 2 rules 1 have another antecedent and 0 another confidence; mend them or leave them out"
    )
    with pytest.raises(RulesUnclear, match=f"^{re.escape(text)}$"):
        by_rules(rules, pd.Index(["milk", "tea"]))
