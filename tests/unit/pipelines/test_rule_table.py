import numpy as np
import pandas as pd
import pytest

from features.contract import Column
from models.churn import tree
from models.spec import ChurnTree
from pipelines.rule_table import rule_table

AGE = Column("days_since_order", "days", None, "never ordered", "days since the last order", "x")
SPEND = Column("spend_28d", "minor units", 28, "no order", "spend in four weeks", "y")


def test_each_rule_is_told_with_its_odds_its_share_and_what_its_columns_mean() -> None:
    """400 customers: of 100 silent ones 60 left, of the others 30; one row counts as the rate."""
    silent = np.arange(400) < 100
    features = pd.DataFrame(
        {"days_since_order": np.where(silent, 90.0, 10.0), "spend_28d": np.full(400, 5.0)}
    )
    left = (np.arange(400) < 60) | (np.arange(400) >= 370)
    spec = ChurnTree(leaves=2, rows_per_leaf=50, prior_rows=1.0)
    fitted = tree.fit(spec, tree.first_params(spec), features, left, seed=1)
    table = rule_table(fitted.library_object, [AGE, SPEND])
    often, rarely = (
        np.log(rate / (1 - rate)) for rate in ((60 + 90 / 400) / 101, (30 + 90 / 400) / 301)
    )
    everybody = 0.25 * often + 0.75 * rarely
    added = [often - everybody, rarely - everybody]
    assert list(table["rule"].str.split(" ").str[:2].str.join(" ")) == [
        "everybody",
        "days_since_order >",
        "days_since_order <=",
    ]
    assert list(table["meaning"]) == ["", *["days since the last order"] * 2]
    assert list(table["share"]) == [1.0, 0.25, 0.75]
    assert list(table["log_odds"]) == pytest.approx([everybody, *added])
    assert list(table["odds_times"]) == pytest.approx(np.exp([everybody, *added]))
