"""Effect sizes are those of pairs, chances those of SciPy, and false ones are few."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, mannwhitneyu
from scipy.stats.contingency import association

from models.dominance import cliffs_delta
from models.segments import distinguishing
from models.segments.clusters import NONE
from models.segments.distinguishing import effects
from models.segments.naming import names_of
from models.segments.wording import Words
from tests.oracles import segments as oracle


def shop(rows: int = 400, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    draws = np.random.default_rng(seed)
    segment = draws.integers(0, 2, rows)
    orders = draws.poisson(3 + 2 * segment).astype(float)
    orders[::10] = np.nan
    table = pd.DataFrame(
        {
            "orders": orders,
            "is_member": (draws.random(rows) < 0.3 + 0.4 * segment).astype(float),
            "noise": draws.normal(size=rows),
            "region": np.where(
                draws.random(rows) < 0.3 + 0.3 * segment, "north", draws.choice(["west", "east"])
            ),
        }
    )
    return table, segment


TABLE, SEGMENT = shop()
FOUND = effects(TABLE, SEGMENT, ["orders", "is_member", "noise"], ["region"], ["orders"])


def row(column: str, segment: int = 1) -> pd.Series:
    return FOUND[(FOUND["segment"] == segment) & (FOUND["column"] == column)].iloc[0]


def test_a_number_is_compared_pair_by_pair() -> None:
    known = TABLE["orders"].notna().to_numpy()
    orders = TABLE["orders"].to_numpy()
    ours, theirs = orders[known & (SEGMENT == 1)], orders[known & (SEGMENT == 0)]
    found = row("orders")
    assert found["delta"] == pytest.approx(oracle.cliffs_delta([*ours], [*theirs]))
    assert found["effect"] == abs(found["delta"])
    test = mannwhitneyu(ours, theirs, method="asymptotic", use_continuity=False)
    assert found["p"] == pytest.approx(test.pvalue)
    pooled = np.sqrt((ours.var() + theirs.var()) / 2)
    assert found["difference"] == pytest.approx((ours.mean() - theirs.mean()) / pooled)
    assert (found["inside"], found["outside"]) == (np.median(ours), np.median(theirs))
    assert found["known_inside"] == pytest.approx(known[SEGMENT == 1].mean())
    assert row("orders", 0)["delta"] == pytest.approx(-found["delta"])


def test_the_delta_of_a_flag_is_the_difference_of_shares() -> None:
    flag = TABLE["is_member"].to_numpy()
    found = row("is_member")
    assert found["delta"] == pytest.approx(flag[SEGMENT == 1].mean() - flag[SEGMENT == 0].mean())
    cells = pd.crosstab(flag, SEGMENT).to_numpy()
    assert found["cramers_v"] == pytest.approx(association(cells, method="cramer"))


def test_a_category_is_compared_by_cramers_v() -> None:
    cells = pd.crosstab(TABLE["region"], SEGMENT).to_numpy()
    found = row("region")
    assert found["cramers_v"] == pytest.approx(association(cells, method="cramer"))
    assert found["p"] == pytest.approx(chi2_contingency(cells, correction=False).pvalue)
    assert found["level"] == "north"
    assert found["inside"] == pytest.approx((TABLE["region"] == "north")[SEGMENT == 1].mean())


def test_noise_does_not_distinguish_and_false_ones_are_few_among_many() -> None:
    assert not row("noise")["is_distinguishing"]
    assert row("orders")["is_distinguishing"]
    assert FOUND["is_used"].tolist() == [name == "orders" for name in FOUND["column"]]
    draws = np.random.default_rng(2)
    many = pd.DataFrame(draws.normal(size=(60, 200)), columns=[f"n{at}" for at in range(200)])
    found = effects(many, draws.integers(0, 3, 60), list(many.columns))
    assert len(found) == 600
    assert (found["p"] < 0.05).any()  # some by chance
    assert not found["is_distinguishing"].any()


def test_those_of_no_segment_are_others_and_get_no_rows() -> None:
    segment = np.where(np.arange(len(TABLE)) < 100, NONE, SEGMENT)
    found = effects(TABLE, segment, ["orders"])
    assert found["segment"].tolist() == [0, 1]


def test_a_column_known_of_nobody_has_no_effect() -> None:
    table = pd.DataFrame({"void": [np.nan] * 4, "same": [1.0] * 4})
    found = effects(table, np.array([0, 0, 1, 1]), ["void", "same"])
    assert found["effect"].tolist() == [0.0] * 4
    assert found["q"].tolist() == [1.0] * 4


def test_names_are_made_of_the_strongest_columns_that_are_not_alike() -> None:
    draws = np.random.default_rng(3)
    segment = draws.integers(0, 2, 500)
    spend = draws.normal(size=500) + 4 * segment
    table = pd.DataFrame(
        {
            "spend_91d": spend,
            "spend_28d": spend + 0.05 * draws.normal(size=500),
            "visits": draws.normal(size=500) - 1.0 * segment,
            "is_member": (draws.random(500) < 0.3 + 0.5 * segment).astype(float),
        }
    )
    found = effects(table, segment, list(table.columns))
    names = names_of(found, table, Words(), alike=0.9)
    assert names[0].startswith("low spend ")
    assert names[1].startswith("high spend ")
    assert names[1].count("spend") == 1
    assert names[1].endswith(", low visits") or names[1].endswith(", is member")
    longer = names_of(found, table, Words(), parts=4, alike=0.9)
    assert "not is member" in longer[0]


def test_segments_without_any_difference_are_average_and_numbered() -> None:
    table = pd.DataFrame({"noise": np.random.default_rng(1).normal(size=90)})
    segment = np.arange(90) % 3
    names = names_of(effects(table, segment, ["noise"]), table)
    assert names == {0: "average", 1: "average (2)", 2: "average (3)"}


def test_a_category_names_its_level() -> None:
    names = names_of(FOUND, TABLE, parts=4)
    assert "region north" in names[1]


def test_a_distinguishing_number_has_the_interval_of_its_delta_and_others_have_none() -> None:
    draws = np.random.default_rng(1)
    segment = np.repeat([0, 1], 60)
    table = pd.DataFrame(
        {"spend": draws.normal(size=120) + segment, "noise": draws.normal(size=120)}
    )
    found = effects(table, segment, ["spend", "noise"])
    ends = {
        (int(row["segment"]), str(row["column"])): (row["delta_low"], row["delta_high"])
        for row in found.to_dict("records")
    }
    one, other = (table["spend"].to_numpy()[segment == each] for each in (1, 0))
    expected = cliffs_delta(one, other)
    assert ends[1, "spend"] == pytest.approx((expected.low, expected.high))
    assert ends[0, "spend"] == pytest.approx((-expected.high, -expected.low))
    assert np.isnan(ends[1, "noise"]).all()


def test_the_interval_of_many_customers_is_that_of_fewer_around_their_own_delta(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draws = np.random.default_rng(1)
    segment = np.repeat([0, 1], 300)
    table = pd.DataFrame({"spend": draws.normal(size=600) + segment})
    whole = effects(table, segment, ["spend"]).loc[1]
    monkeypatch.setattr(distinguishing, "ROWS", 100)
    some = effects(table, segment, ["spend"]).loc[1]
    assert some["delta"] == whole["delta"]
    assert some["delta_low"] < whole["delta_low"] < whole["delta"]
    assert whole["delta"] < whole["delta_high"] < some["delta_high"]
