"""Tiers by share or by value, and the policies of the user's table."""

import re

import numpy as np
import pandas as pd
import pytest

from models.worth.tiers import TIERS, TiersUnclear, tier_table, tiers_of


def test_the_pyramid_of_a_hundred_customers() -> None:
    found = tier_table(pd.Series(np.arange(100.0)))
    assert found["customers"].tolist() == [1, 4, 15, 80]
    assert found["tier"].tolist() == ["top", "large", "medium", "small"]
    assert found["policy"].tolist() == TIERS["policy"].tolist()
    assert found["value"].tolist() == [99.0, 386.0, 1305.0, 3160.0]
    assert found["least"].tolist() == [99.0, 95.0, 80.0, 0.0]


def test_equal_values_are_in_one_tier() -> None:
    found = tiers_of(pd.Series([5.0, 5.0, 5.0, 1.0]))
    assert found.astype(str).tolist() == ["small", "small", "small", "small"]
    table = pd.DataFrame({"tier": ["a", "b"], "share": [0.5, 1.0], "policy": ["", ""]})
    assert tiers_of(pd.Series([5.0, 5.0, 5.0, 1.0]), table).astype(str).tolist() == [*"aaab"]


def test_unknown_value_has_no_tier_and_counts_in_no_share() -> None:
    found = tiers_of(pd.Series([1.0, np.nan]))
    assert found.isna().tolist() == [False, True]
    assert tier_table(pd.Series([1.0, np.nan]))["customers_share"].sum() == 1.0


def test_tiers_by_value_begin_at_their_least() -> None:
    table = pd.DataFrame(
        {"tier": ["gold", "plain", "loss"], "least": [100.0, 0.0, -np.inf], "policy": [*"abc"]}
    )
    found = tiers_of(pd.Series([100.0, 99.9, 0.0, -0.1]), table)
    assert found.astype(str).tolist() == ["gold", "plain", "plain", "loss"]
    assert found.dtype.ordered  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (
            TIERS.drop(columns="policy"),
            (
                "tiers need rows with the columns tier, policy, and either share or least, but the "
                "table has tier, share and 4 rows; see models.worth.tiers.TIERS"
            ),
        ),
        (
            TIERS.iloc[::-1],
            (
                "tiers need names of their own, and share to rise to 1, but it is 1, 0.2, 0.05, "
                "0.01; order the table from the highest tier down"
            ),
        ),
        (
            pd.DataFrame({"tier": [*"abc"], "least": [1.0, 2.0, 0.0], "policy": [*"xyz"]}),
            (
                "tiers need names of their own, and least to fall (that of the last does not "
                "matter), but it is 1, 2, 0; order the table from the highest tier down"
            ),
        ),
    ],
)
def test_tables_that_cut_nothing_are_refused(table: pd.DataFrame, text: str) -> None:
    with pytest.raises(TiersUnclear, match=f"^{re.escape(text)}$"):
        tiers_of(pd.Series([1.0]), table)


def test_tiers_may_be_named_by_numbers() -> None:
    table = pd.DataFrame({"tier": [1, 2], "share": [0.5, 1.0], "policy": ["call", "write"]})
    found = tier_table(pd.Series([1.0, 2.0]), table)
    assert found[["tier", "policy"]].to_numpy().tolist() == [["1", "call"], ["2", "write"]]


def test_shares_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(TiersUnclear, match=re.escape("share to rise to 1, but it is nan, nan")):
        tiers_of(pd.Series([1.0]), TIERS.assign(share="a few"))
