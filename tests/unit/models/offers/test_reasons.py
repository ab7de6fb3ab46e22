"""Reasons are told in words, the strongest first, and none claims what is not known."""

import re
from math import nan

import numpy as np
import pandas as pd
import pytest

from models.offers.evidence import Evidence, EvidenceUnclear, of_single_items
from models.offers.reasons import percent, reasons_of

TITLES = pd.Series(["MILK", "TEA", "CAKE", "COFFEE 500 G"])
MILK, TEA, CAKE, COFFEE = range(4)

RULES = pd.DataFrame(
    {"antecedent": [TEA], "consequent": [CAKE], "confidence": [0.7], "lift": [3.1]}
)
SEQUENCES = RULES.assign(confidence=0.34, lift=2.0, days=21)
LATELY = pd.DataFrame({"customer": [0], "item": [TEA], "days_since": [5]})
MOVES = pd.DataFrame(
    {
        "customer": [0],
        "item": [COFFEE],
        "need": ["COFFEE"],
        "from_tier": ["regular"],
        "to_tier": ["large"],
        "moved_share": [0.12],
        "days": [56],
    }
)
POPULARITY = np.array([0.3, 0.08, 0.0004, nan])


def offer(item: int, kind: str = "cross", **known: object) -> pd.DataFrame:
    plain: dict[str, object] = {"customer": 0, "probability": 0.034, "cycle_days": nan}
    row = {"item": item, "kind": kind, "days_since": nan} | plain | known
    return pd.DataFrame({name: [value] for name, value in row.items()})


def reason(offered: pd.DataFrame, evidence: Evidence | None = None) -> tuple[str, str]:
    told = reasons_of(offered, TITLES, Evidence() if evidence is None else evidence)
    return told["reason_kind"].iloc[0], told["reason"].iloc[0]


def bought(days: int, since: float, cycle: float, *, is_own: bool) -> pd.DataFrame:
    return offer(
        MILK,
        "repeat",
        bought_days=days,
        days_since=since,
        cycle_days=cycle,
        is_own_cycle=is_own,
    )


@pytest.mark.parametrize(
    ("offered", "text"),
    [
        (
            bought(9, 16.0, 14.2, is_own=True),
            "bought on 9 days, every 14 days on average, last 16 days ago",
        ),
        (
            bought(30, 1.0, 1.0, is_own=True),
            "bought on 30 days, every day on average, last 1 day ago",
        ),
        (
            bought(1, 16.0, 3.5, is_own=False),
            (
                "bought on 1 day, last 16 days ago; those who bought it on 3 days or more "
                "typically do so every 3.5 days"
            ),
        ),
        (
            offer(MILK, "repeat", days_since=16.0, cycle_days=14.0),
            "last bought 16 days ago; its cycle is every 14 days",
        ),
    ],
)
def test_an_own_cycle_is_told_as_far_as_it_is_known(offered: pd.DataFrame, text: str) -> None:
    assert reason(offered) == ("own_cycle", text)


def test_a_purchase_without_a_cycle_is_told_without_one() -> None:
    assert reason(bought(2, 0.4, nan, is_own=False)) == (
        "own_past",
        "bought on 2 days, last less than a day ago",
    )
    assert reason(offer(MILK, "repeat", days_since=3.0)) == ("own_past", "last bought 3 days ago")


def test_a_rule_is_told_with_what_it_starts_from() -> None:
    assert reason(offer(CAKE), Evidence(rules=RULES, lately=LATELY)) == (
        "rule",
        "bought TEA 5 days ago; 70 % of the baskets with it hold this too (lift 3.1)",
    )


def test_a_sequence_is_told_with_its_time() -> None:
    assert reason(offer(CAKE), Evidence(sequences=SEQUENCES, lately=LATELY)) == (
        "sequence",
        "bought TEA 5 days ago; 34 % of those who buy it buy this within 21 days (lift 2.0)",
    )


def test_a_sequence_whose_time_is_over_is_no_reason() -> None:
    late = LATELY.assign(days_since=22)
    assert reason(offer(CAKE), Evidence(sequences=SEQUENCES, lately=late))[0] == "probability"


def test_a_rule_from_what_the_customer_did_not_buy_is_no_reason() -> None:
    others = LATELY.assign(customer=1)
    assert reason(offer(CAKE), Evidence(rules=RULES, lately=others))[0] == "probability"


def test_a_rule_of_lift_1_is_no_reason() -> None:
    evidence = Evidence(rules=RULES.assign(lift=1.0), lately=LATELY)
    assert reason(offer(CAKE), evidence)[0] == "probability"


def test_customers_alike_are_counted_where_their_number_is_known() -> None:
    offered = offer(CAKE, alike_share=0.62)
    assert reason(offered) == ("alike", "62 of the 100 customers most alike buy it")
    text = "62 % of the customers most alike buy it"
    assert reason(offered, Evidence(alike=None)) == ("alike", text)
    assert reason(offered, Evidence(alike=7)) == ("alike", text)


def test_few_customers_alike_are_no_reason() -> None:
    assert reason(offer(CAKE, alike_share=0.09))[0] == "probability"
    assert reason(offer(CAKE, alike_share=nan))[0] == "probability"
    assert reason(offer(CAKE, alike_share=0.0), Evidence(alike_least=0.0))[0] == "probability"


def test_a_move_up_is_told_with_its_tiers() -> None:
    assert reason(offer(COFFEE, "up"), Evidence(moves=MOVES)) == (
        "transition",
        "buys COFFEE (regular); 12 % of those who do move up to large within 8 weeks",
    )


def test_the_likeliest_of_several_moves_is_told() -> None:
    both = pd.concat([MOVES, MOVES.assign(from_tier="small", moved_share=0.2, days=60)])
    assert reason(offer(COFFEE, "up"), Evidence(moves=both))[1] == (
        "buys COFFEE (small); 20 % of those who do move up to large within 60 days"
    )


def test_popularity_is_told_with_rank_and_window() -> None:
    assert reason(offer(TEA), Evidence(popularity=POPULARITY)) == (
        "popularity",
        (
            "by popularity number 2 of 3 items: in 8 % of all baskets of the last 8 weeks; no "
            "closer reason is known"
        ),
    )
    rare = Evidence(popularity=POPULARITY, popularity_days=20)
    assert reason(offer(CAKE), rare)[1] == (
        "by popularity number 3 of 3 items: in less than 0.1 % of all baskets of the last 20 days; "
        "no closer reason is known"
    )


def test_without_any_evidence_only_the_probability_is_told() -> None:
    text = "no reason is known but its probability of 3.4 %"
    assert reason(offer(TEA)) == ("probability", text)
    assert reason(offer(COFFEE), Evidence(popularity=POPULARITY)) == ("probability", text)


def test_a_customer_without_a_history_has_no_other_reason_than_popularity() -> None:
    evidence = Evidence(popularity=POPULARITY, without_history=[0])
    offered = offer(TEA, alike_share=0.9)
    assert reason(offered, evidence) == (
        "popularity",
        (
            "by popularity number 2 of 3 items: in 8 % of all baskets of the last 8 weeks; this "
            "customer has no history"
        ),
    )
    assert reason(offered, Evidence(without_history=[0])) == (
        "probability",
        "no reason is known but its probability of 3.4 %; this customer has no history",
    )


def test_the_strongest_reason_of_each_kind_of_offer_is_told() -> None:
    evidence = Evidence(
        rules=RULES, sequences=SEQUENCES, lately=LATELY, moves=MOVES, popularity=POPULARITY
    )
    every = offer(CAKE, alike_share=0.5)
    assert reason(every, evidence)[0] == "rule"
    assert reason(every.assign(days_since=3.0, cycle_days=2.0), evidence)[0] == "rule"
    assert reason(every.assign(kind="repeat", days_since=3.0), evidence)[0] == "own_past"
    assert reason(every.assign(kind="repeat"), evidence)[0] == "rule"
    assert reason(offer(COFFEE, "up", alike_share=0.5), evidence)[0] == "transition"
    assert reason(offer(COFFEE, "cross", alike_share=0.5), evidence)[0] == "alike"
    without_rules = Evidence(sequences=SEQUENCES, lately=LATELY, popularity=POPULARITY)
    assert reason(every, without_rules)[0] == "sequence"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.0001, "less than 0.1 %"),
        (0.008, "0.8 %"),
        (0.08, "8 %"),
        (0.344, "34 %"),
        (0.999, "more than 99 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_is_never_said_to_be_none_or_all_where_it_is_not(share: float, text: str) -> None:
    assert percent(share) == text


def test_no_offers_have_no_reasons() -> None:
    assert len(reasons_of(offer(TEA).iloc[:0], TITLES, Evidence())) == 0


def test_rules_by_labels_become_rules_by_positions_where_both_sides_are_one_item() -> None:
    rules = pd.DataFrame(
        {
            "antecedent": [("product:tea",), ("product:tea", "product:milk"), ("category:hot",)],
            "consequent": [("product:milk",), ("product:cake",), ("product:milk",)],
            "lift": [2.0, 3.0, 4.0],
        }
    )
    labels = pd.Series(["product:milk", "product:tea", "product:cake"])
    found = of_single_items(rules, labels)
    assert found.to_dict("records") == [{"antecedent": 1, "consequent": 0, "lift": 2.0}]


def test_evidence_without_a_column_is_refused() -> None:
    text = (
        "evidence of sequences needs a column 'days', but the table has: antecedent, consequent, "
        "confidence, lift"
    )
    with pytest.raises(EvidenceUnclear, match=f"^{re.escape(text)}$"):
        Evidence(sequences=RULES)


@pytest.mark.parametrize(
    ("offered", "lately"), [(bought(1, 3.0, nan, is_own=False), LATELY[:0]), (offer(TEA), LATELY)]
)
def test_a_customer_without_a_history_who_bought_something_is_refused(
    offered: pd.DataFrame, lately: pd.DataFrame
) -> None:
    text = (
        "customers without a history have bought nothing, but customer 0 has; leave out of "
        "without_history who has bought anything"
    )
    with pytest.raises(EvidenceUnclear, match=f"^{re.escape(text)}$"):
        reasons_of(offered, TITLES, Evidence(lately=lately, without_history={0}))


@pytest.mark.parametrize(
    ("rules", "lately", "text"),
    [
        (
            RULES,
            LATELY.assign(item=4),
            "positions in column 'item' of lately are 0 to 3, but one is 4",
        ),
        (
            RULES,
            LATELY.assign(item=nan),
            "positions in column 'item' of lately are 0 to 3, but one is nan",
        ),
        (
            RULES,
            LATELY.assign(customer=nan),
            "positions in column 'customer' of lately are 0 or more, but one is nan",
        ),
        (
            RULES.assign(antecedent=-1),
            LATELY,
            "positions in column 'antecedent' of rules are 0 to 3, but one is -1",
        ),
        (
            RULES.assign(consequent=99),
            LATELY,
            "positions in column 'consequent' of rules are 0 to 3, but one is 99",
        ),
    ],
)
def test_evidence_of_what_there_is_not_is_refused(
    rules: pd.DataFrame, lately: pd.DataFrame, text: str
) -> None:
    whole = f"{text}; leave out rows of what is not in the table"
    with pytest.raises(EvidenceUnclear, match=f"^{re.escape(whole)}$"):
        reasons_of(offer(CAKE), TITLES, Evidence(rules=rules, lately=lately))
