"""Changes that a shorter rule tells as well."""

import numpy as np

from models.rules.association import RulesWanted, rules_of
from models.rules.changes import compared, counts_in
from models.rules.fundamental import is_implied
from tests.oracles import rules as oracle

ITEMS = ["a", "b", "m", "x"]


def baskets(*kinds: tuple[str, int]) -> list[frozenset[str]]:
    return [frozenset(kind) for kind, number in kinds for _ in range(number)]


def told(before: list[frozenset[str]], after: list[frozenset[str]]) -> dict[str, tuple[str, bool]]:
    """Change of each rule on b, and whether a shorter one tells it."""
    wanted = RulesWanted(0.3, consequents=["b"], most_consequent=1)
    rules = rules_of(oracle.mined(before + after, 1), wanted)
    counts = tuple(counts_in(rules, oracle.coded(each, ITEMS)) for each in (before, after))
    table = compared(rules, (counts[0], counts[1]), least=0.4)
    leads = ["".join(sorted(map(str, each))) for each in table["antecedent"]]
    implied = is_implied(rules, table)
    return dict(zip(leads, zip(table["change"], implied, strict=True), strict=True))


def test_a_longer_rule_that_changed_as_a_shorter_one_is_implied() -> None:
    before = baskets(("ab", 20), ("ax", 80), ("abm", 20), ("amx", 80), ("bx", 20), ("x", 180))
    after = baskets(("ab", 60), ("ax", 40), ("abm", 60), ("amx", 40), ("bx", 20), ("x", 180))
    found = told(before, after)
    assert found["a"] == ("appeared", False)
    assert found["am"] == ("appeared", True)


def test_a_longer_rule_that_changed_the_other_way_is_not() -> None:
    """With m alone b is as frequent as it was."""
    before = baskets(("ab", 60), ("ax", 140), ("abm", 80), ("amx", 20), ("bm", 20), ("mx", 80))
    after = baskets(("ab", 180), ("ax", 20), ("abm", 45), ("amx", 55), ("bm", 55), ("mx", 45))
    others = baskets(("x", 400))
    found = told(before + others, after + others)
    assert found["a"] == ("strengthened", False)
    assert found["m"][0] == "steady"
    assert found["am"] == ("weakened", False)


def test_what_turned_is_not_told_by_what_only_weakened() -> None:
    """With a and m, b falls from above chance to below; with either alone less than that."""
    before = baskets(("ab", 300), ("ax", 100), ("abm", 90), ("amx", 10), ("bm", 300), ("mx", 100))
    after = baskets(("ab", 300), ("ax", 100), ("abm", 10), ("amx", 90), ("bm", 300), ("mx", 100))
    others = baskets(("b", 100), ("x", 500))
    found = told(before + others, after + others)
    assert found["a"] == ("weakened", False)
    assert found["m"] == ("weakened", False)
    assert found["am"] == ("turned", False)


def test_no_rule_is_implied_by_none() -> None:
    rules = rules_of(oracle.mined([frozenset("a")], 1))
    counts = counts_in(rules, oracle.coded([frozenset("a")], ITEMS))
    found = is_implied(rules, compared(rules, (counts, counts)))
    assert found.dtype == np.bool_
    assert len(found) == 0
