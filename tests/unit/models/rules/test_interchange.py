"""Frames of mlxtend, Arrow tables and graphs, there and back."""

import json
import math
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from models.rules import interchange
from models.rules.arrow import itemsets_table, rules_table
from models.rules.association import RulesWanted, rules_of
from models.rules.graph import node_link
from models.rules.interchange import (
    RETURN_METRICS,
    FrameUnusable,
    apriori,
    association_rules,
    fpgrowth,
    itemsets_frame,
    itemsets_from,
    one_hot_baskets,
    rules_frame,
)
from models.rules.measures import MeasureUnknown
from models.rules.mining import Limits, Wanted
from tests.oracles import rules as oracle

SHOP = [frozenset("ab")] * 3 + [frozenset("abc")] * 2 + [frozenset("c")] * 4 + [frozenset("d")]
ONE_HOT = pd.DataFrame([{item: item in basket for item in "dbac"} for basket in SHOP])


def frame() -> pd.DataFrame:
    return itemsets_frame(oracle.mined(SHOP, 1))


def test_a_one_hot_frame_is_baskets_by_name_or_by_position() -> None:
    baskets = one_hot_baskets(ONE_HOT, use_colnames=True)
    assert baskets.labels.tolist() == ["a", "b", "c", "d"]
    assert baskets.sizes.tolist() == [len(basket) for basket in SHOP]
    assert baskets.frequencies().tolist() == [5, 5, 6, 1]
    assert one_hot_baskets(ONE_HOT).frequencies().tolist() == [1, 5, 5, 6]


@pytest.mark.parametrize(
    "kind", [int, float, "boolean", pd.SparseDtype(bool), pd.SparseDtype(int, 0)]
)
def test_ones_and_sparse_columns_are_read_alike(kind: type) -> None:
    baskets, same = (
        one_hot_baskets(each, use_colnames=True) for each in (ONE_HOT, ONE_HOT.astype(kind))
    )
    assert same.starts.tolist() == baskets.starts.tolist()
    assert same.codes.tolist() == baskets.codes.tolist()


def test_a_frame_without_rows_or_columns_has_no_item_in_a_basket() -> None:
    assert one_hot_baskets(ONE_HOT[:0]).count == 0
    assert one_hot_baskets(pd.DataFrame(index=range(3))).sizes.tolist() == [0, 0, 0]


@pytest.mark.parametrize(("value", "said"), [(2, "2.0"), (math.nan, "nan")])
def test_other_values_are_refused(value: float, said: str) -> None:
    table = ONE_HOT.astype(float)
    table.loc[4, "b"] = value
    message = (
        "a one-hot frame holds True and False, or 1 and 0, but column 'b' holds "
        f"np.float64({said}) in row 4"
    )
    with pytest.raises(FrameUnusable, match=f"^{re.escape(message)}$"):
        one_hot_baskets(table)


def test_columns_of_one_name_are_refused() -> None:
    table = pd.concat([ONE_HOT, ONE_HOT["a"]], axis=1)
    message = "items need different names, but two columns are called 'a'"
    with pytest.raises(FrameUnusable, match=f"^{message}$"):
        one_hot_baskets(table, use_colnames=True)


@pytest.mark.parametrize("mine", [fpgrowth, apriori])
def test_frequent_itemsets_of_a_one_hot_frame(mine: Callable[..., pd.DataFrame]) -> None:
    found = mine(ONE_HOT, min_support=0.2, use_colnames=True)
    assert found.columns.tolist() == ["support", "itemsets"]
    supports = dict(zip(found["itemsets"], found["support"], strict=True))
    assert supports == {items: count / 10 for items, count in oracle.frequent(SHOP, 2).items()}
    short = mine(ONE_HOT, min_support=0.5, max_len=1)
    assert set(short["itemsets"]) == {frozenset({1}), frozenset({2}), frozenset({3})}


def test_missing_values_are_refused_before_mining() -> None:
    message = "baskets with missing values have no exact counts; leave these baskets out"
    with pytest.raises(FrameUnusable, match=f"^{re.escape(message)}$"):
        fpgrowth(ONE_HOT, null_values=True)


def test_more_itemsets_than_fit_are_refused_with_the_support_that_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        interchange, "Wanted", lambda **asked: Wanted(**asked, limits=Limits(itemsets=3))
    )
    message = (
        "more than 3 itemsets are in 1 baskets or more; those in 6 or more fit: "
        "ask for min_support=0.6"
    )
    with pytest.raises(FrameUnusable, match=f"^{re.escape(message)}$"):
        fpgrowth(ONE_HOT, 0.1)


def test_itemsets_come_back_from_their_frame() -> None:
    for baskets in (1, len(SHOP)):  # told, or found from the shares
        back = itemsets_from(frame().sample(frac=1, random_state=1), baskets)
        assert dict(back.each()) == oracle.frequent(SHOP, 1)
        assert back.baskets == len(SHOP)


def test_rules_have_the_columns_of_mlxtend() -> None:
    found = association_rules(frame(), num_itemsets=10, min_threshold=0.4)
    assert found.columns.tolist() == ["antecedents", "consequents", *RETURN_METRICS]
    by_name = dict(
        zip(
            zip(found["antecedents"], found["consequents"], strict=True),
            found["confidence"],
            strict=True,
        )
    )
    a, b, c = map(frozenset, "abc")
    assert by_name == {
        (a, b): 1.0,
        (b, a): 1.0,
        (a, c): 0.4,
        (b, c): 0.4,
        (a | b, c): 0.4,
        (a | c, b): 1.0,
        (b | c, a): 1.0,
        (a, b | c): 0.4,
        (b, a | c): 0.4,
    }


@pytest.mark.parametrize(
    ("metric", "threshold"), [("lift", 1.2), ("support", 0.2), ("leverage", -1), ("confidence", 0)]
)
def test_any_measure_chooses_rules(metric: str, threshold: float) -> None:
    every = rules_frame(rules_of(oracle.mined(SHOP, 1), RulesWanted(1e-9)))
    found = association_rules(frame(), metric=metric, min_threshold=threshold)
    expected = set(every[every[metric] >= threshold].itertuples(index=False, name=None))
    assert set(found.itertuples(index=False, name=None)) == expected
    assert 0 < len(found) <= len(every)


def test_the_columns_that_are_asked_for_are_returned() -> None:
    found = association_rules(frame(), return_metrics=["phi", "antecedent support"])
    assert found.columns.tolist() == ["antecedents", "consequents", "phi", "antecedent support"]


def test_supports_alone_need_no_parts() -> None:
    whole = frame().tail(1)  # of three items
    found = association_rules(whole, support_only=True, min_threshold=0.1)
    assert len(found) == 6
    assert (found["support"] == 0.2).all()
    assert found["lift"].isna().all()
    assert association_rules(whole, support_only=True, min_threshold=0.3).empty


def test_no_rule_is_a_frame_of_the_same_columns() -> None:
    found = association_rules(frame(), metric="lift", min_threshold=99)
    assert (len(found), len(found.columns)) == (0, 14)


@pytest.mark.parametrize(
    ("table", "baskets", "message"),
    [
        (
            frame()[:0],
            1,
            "rules need itemsets, but the frame has no row; mine with a lower support",
        ),
        (
            frame()[["support"]],
            1,
            "itemsets need columns 'support' and 'itemsets', but the frame has: support",
        ),
        (
            frame().tail(-4),  # without those of one item
            1,
            (
                "every part of an itemset needs a row, but one of those of {'a', 'b'} has none; "
                "mine all frequent itemsets, or pass support_only=True"
            ),
        ),
        (
            frame(),
            7,
            (
                "supports are shares of 7 baskets, but 0.5 is none; "
                "pass the number of all baskets as num_itemsets"
            ),
        ),
        (
            pd.DataFrame({"support": [math.pi / 4, 0.1], "itemsets": [{"a"}, {"b"}]}),
            1,
            (
                "supports are shares of one number of baskets, but no number up to 10,000,000 fits "
                "all; pass the number of baskets as num_itemsets"
            ),
        ),
    ],
)
def test_frames_that_rules_cannot_be_made_of_are_refused(
    table: pd.DataFrame, baskets: int, message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$") as caught:
        association_rules(table, baskets)
    assert isinstance(caught.value, FrameUnusable)


def test_missing_values_and_unknown_measures_are_refused() -> None:
    message = "baskets with missing values have no exact counts; leave these baskets out"
    with pytest.raises(FrameUnusable, match=f"^{re.escape(message)}$"):
        association_rules(frame(), 10, null_values=True)
    with pytest.raises(MeasureUnknown, match="not by 'elevation'"):
        association_rules(frame(), metric="elevation")


def test_arrow_tables_have_lists_of_labels() -> None:
    itemsets = oracle.mined(SHOP, 2)
    rows = itemsets_table(itemsets).to_pylist()
    assert {frozenset(row["items"]): row["count"] for row in rows} == oracle.frequent(SHOP, 2)
    assert rows[0]["support"] == rows[0]["count"] / 10
    rules = rules_of(itemsets, RulesWanted(0.9))
    table = rules_table(rules, ["count", "lift"])
    assert str(table.schema.field("antecedent").type) == "list<item: string>"
    assert table.to_pylist()[0] == {"antecedent": ["a"], "consequent": ["b"], "count": 5, "lift": 2}
    assert rules_table(rules.where(np.array([], dtype=np.int64))).num_rows == 0


def test_a_graph_can_be_written_as_json() -> None:
    rules = rules_of(oracle.mined(SHOP, 5), RulesWanted(0.9))
    graph = node_link(rules, ["lift", "conviction"])
    assert json.loads(json.dumps(graph, allow_nan=False)) == graph
    names = {node["id"]: node["items"] for node in graph["nodes"]}
    assert [(names[e["source"]], names[e["target"]], e["lift"]) for e in graph["edges"]] == [
        (["a"], ["b"], 2.0),
        (["b"], ["a"], 2.0),
    ]
    assert graph["edges"][0]["conviction"] is None  # infinite


def test_networkx_reads_the_graph() -> None:
    networkx = pytest.importorskip("networkx", reason="networkx is no dependency")
    graph = networkx.node_link_graph(node_link(rules_of(oracle.mined(SHOP, 1))), edges="edges")
    assert graph.is_directed()
    assert graph.number_of_edges() == len(rules_of(oracle.mined(SHOP, 1)))


@pytest.mark.parametrize(
    ("metric", "threshold"), [("confidence", 0.401), ("lift", 0.91), ("zhangs_metric", 0.05)]
)
def test_rules_and_measures_are_those_of_mlxtend(metric: str, threshold: float) -> None:
    """But for rules of exactly the least confidence, of which mlxtend loses some to rounding."""
    patterns = pytest.importorskip(
        "mlxtend.frequent_patterns", reason="the comparison needs mlxtend, which is not installed"
    )
    random = np.random.default_rng(4)
    shop = [frozenset(np.array(list("abcdef"))[random.random(6) < 0.5].tolist()) for _ in range(97)]
    table = itemsets_frame(oracle.mined(shop, 5))
    theirs, ours = (
        in_order(made(table, num_itemsets=97, metric=metric, min_threshold=threshold))
        for made in (patterns.association_rules, association_rules)
    )
    assert len(ours) > 20
    pd.testing.assert_frame_equal(ours, theirs)


def test_itemsets_are_those_of_mlxtend() -> None:
    patterns = pytest.importorskip(
        "mlxtend.frequent_patterns", reason="the comparison needs mlxtend, which is not installed"
    )
    for mine in ("fpgrowth", "apriori"):
        theirs = getattr(patterns, mine)(ONE_HOT, min_support=0.15, use_colnames=True, max_len=2)
        ours = getattr(interchange, mine)(ONE_HOT, min_support=0.15, use_colnames=True, max_len=2)
        assert dict(zip(ours["itemsets"], ours["support"], strict=True)) == dict(
            zip(theirs["itemsets"], theirs["support"], strict=True)
        )


def in_order(found: pd.DataFrame) -> pd.DataFrame:
    keys = [
        f"{sorted(lead)} {sorted(follow)}"
        for lead, follow in zip(found["antecedents"], found["consequents"], strict=True)
    ]
    return found.iloc[np.argsort(keys)].reset_index(drop=True)
