import re

import numpy as np
import pandas as pd
import pytest

from models.sequences.rules import RulesUnclear, RulesWanted, confirmed, sequential_rules
from models.sequences.sequences import Sequences, sequences_of
from models.thresholds import ThresholdUnusable


def walks(people: int = 400, days: int = 40, *, follows: bool, seed: int = 4) -> Sequences:
    """One of six things on two days of five; where it follows, b is two days behind most a."""
    random = np.random.default_rng(seed)
    who, when = np.nonzero(random.random((people, days)) < 0.4)
    what = np.array(list("abcdef"))[random.integers(0, 6, len(who))]
    rows = pd.DataFrame({"who": who, "when": when, "what": what})
    if follows:
        behind = rows[(rows["what"] == "a") & (random.random(len(rows)) < 0.7)]
        rows = pd.concat([rows, behind.assign(when=behind["when"] + 2, what="b")])
    return sequences_of(rows, "who", "when", "what")


def test_a_rule_worked_out_by_hand() -> None:
    """Of a, b, c on days 0, 1, 9, half of the orders that begin with a have b within 2 days."""
    rows = [(who, day, what) for who in range(3) for day, what in ((0, "a"), (1, "b"), (9, "c"))]
    table = sequences_of(pd.DataFrame(rows, columns=["who", "when", "what"]), "who", "when", "what")
    found = sequential_rules(table, 10, RulesWanted(within=2, support=0.5)).frame()
    assert len(found) == 1
    assert found.loc[0].to_dict() == {
        "before": (),
        "antecedent": ("a",),
        "consequent": ("b",),
        "trials": 3,
        "count": 3,
        "support": 1.0,
        "confidence": 1.0,
        "lift": pytest.approx(2.0),
        "expected": pytest.approx(1.5),
        "p": pytest.approx(1 / 8),
        "adjusted": pytest.approx(1.0),  # of nine pairs
        **{f"wait_p{share}": 1.0 for share in (10, 25, 50, 75, 90)},
    }


@pytest.mark.slow
def test_what_follows_is_found_and_holds_later_and_nothing_else_does() -> None:
    wanted = RulesWanted(within=3, support=0.01)
    table = walks(follows=True)
    found = sequential_rules(table, 20, wanted)
    assert found.hypotheses == 36
    kept = found.where(found.adjusted <= 0.05)
    assert (kept.antecedent, kept.consequent) == ((("a",),), (("b",),))
    assert kept.frame()["wait_p50"].tolist() == [2.0]
    assert confirmed(kept, table, 20, 42).held.all()
    shuffled = walks(follows=False)
    assert not (sequential_rules(shuffled, 20, wanted).adjusted <= 0.05).any()
    assert not confirmed(kept, shuffled, 20, 40).held.any()


def test_a_rule_of_two_steps_worked_out_by_hand() -> None:
    """Behind a, b on days 0 and 1 stand c, d, e; within 2 days is one of them: a third are c."""
    days = ((0, "a"), (1, "b"), (3, "c"), (8, "d"), (9, "e"))
    rows = [(who, day, what) for who in range(2) for day, what in days]
    table = sequences_of(pd.DataFrame(rows, columns=["who", "when", "what"]), "who", "when", "what")
    wanted = RulesWanted(within=2, support=0.5, most_steps=2)
    found = sequential_rules(table, 20, wanted)
    assert found.hypotheses == (5 + 3) * 5  # antecedents a, b, c, d, e, ab, bc, de
    rules = found.frame().set_index(["before", "antecedent", "consequent"])
    assert [tuple(index) for index in rules.index if index[0]] == [((("a",),), ("b",), ("c",))]
    row = rules.loc[[((("a",),), ("b",), ("c",))]].iloc[0]
    assert (row["trials"], row["count"], row["wait_p50"]) == (2, 2, 2.0)
    assert row["expected"] == pytest.approx(2 / 3)
    assert row["p"] == pytest.approx(1 / 9)


def test_steps_too_far_from_each_other_are_no_antecedent() -> None:
    days = ((0, "a"), (3, "b"), (4, "c"))
    rows = [(who, day, what) for who in range(2) for day, what in days]
    table = sequences_of(pd.DataFrame(rows, columns=["who", "when", "what"]), "who", "when", "what")
    near, far = (
        sequential_rules(table, 20, RulesWanted(within=within, support=0.5, most_steps=2))
        for within in (2, 3)
    )
    assert near.before == ((),)
    assert ((("a",),), ("b",), ("c",)) in set(
        zip(far.before, far.antecedent, far.consequent, strict=True)
    )


def test_a_rule_of_two_steps_is_looked_for_in_the_later_period_as_it_was_found() -> None:
    table = walks(follows=True)
    found = sequential_rules(table, 20, RulesWanted(within=3, support=0.01, most_steps=2))
    longer = found.where(np.array([len(before) > 0 for before in found.before]))
    later = confirmed(longer, table, 20, 42).later
    assert len(longer) > 0
    assert (later.before, later.antecedent) == (longer.before, longer.antecedent)
    assert later.trials.sum() > 0


def test_days_on_which_rules_were_found_do_not_confirm_them() -> None:
    table = walks(follows=True)
    rules = sequential_rules(table, 20, RulesWanted(within=3, support=0.01))
    assert rules.as_of == 20
    message = (
        "rules are confirmed by what they were not found in, which begins at 20, but the period "
        "begins at 19; let it begin there or later, or find the rules before it"
    )
    with pytest.raises(RulesUnclear, match=f"^{re.escape(message)}$"):
        confirmed(rules, table, 19, 40)


def test_a_period_too_short_to_see_a_rule_in_is_refused() -> None:
    table = walks(follows=True)
    rules = sequential_rules(table, 20, RulesWanted(within=3, support=0.01))
    message = (
        "rules that take up to 3 need a longer period to hold in, but from 20 to 23 there are 3"
    )
    with pytest.raises(RulesUnclear, match=re.escape(message)):
        confirmed(rules, table, 20, 23)


def test_a_confidence_that_says_nothing_is_refused() -> None:
    message = "confidence is a share above 0 and at most 1, but it is 0.0"
    with pytest.raises(ThresholdUnusable, match=re.escape(message)):
        sequential_rules(walks(follows=True), 20, RulesWanted(within=3, support=0.1, confidence=0))
