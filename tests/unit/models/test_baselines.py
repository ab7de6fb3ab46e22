import numpy as np
import pandas as pd
import pytest

from models.baselines import Baseline, fit_baselines, fit_windowed_rfm, restored_rfm
from models.metrics import roc_auc
from tests.churners import churners

PEOPLE = churners(2000)


def of(name: str, features: pd.DataFrame) -> Baseline:
    return {each.name: each for each in fit_baselines(features, PEOPLE.churned)}[name]


def test_recency_ranks_by_days_since_the_last_order() -> None:
    recency = of("recency", PEOPLE.features)
    expected = roc_auc(PEOPLE.churned, PEOPLE.features["days_since_order"].to_numpy())
    assert recency.column == "days_since_order"
    assert roc_auc(PEOPLE.churned, recency.predict(PEOPLE.features)) == pytest.approx(expected)


def test_frequency_ranks_by_fewest_orders_over_the_longest_window() -> None:
    frequency = of("frequency", PEOPLE.features)
    orders = PEOPLE.features["orders_count_182d"].to_numpy()
    assert frequency.column == "orders_count_182d"
    expected = roc_auc(PEOPLE.churned, -orders)
    assert roc_auc(PEOPLE.churned, frequency.predict(PEOPLE.features)) == pytest.approx(expected)


def test_a_count_without_a_window_is_longer_than_any() -> None:
    features = PEOPLE.features.assign(orders_count=1.0, orders_count_of_returns_900d=2.0)
    assert of("frequency", features).column == "orders_count"


def test_probabilities_have_the_mean_of_the_churn_rate() -> None:
    for baseline in fit_baselines(PEOPLE.features, PEOPLE.churned):
        mean = baseline.predict(PEOPLE.features).mean()
        assert mean == pytest.approx(PEOPLE.churned.mean(), abs=0.005)


def test_who_never_ordered_counts_as_the_longest_recency_seen() -> None:
    recency = of("recency", PEOPLE.features)
    odd = pd.DataFrame({"days_since_order": [np.nan, PEOPLE.features["days_since_order"].max()]})
    assert len(set(recency.predict(odd))) == 1


def test_overdue_ranks_by_the_time_since_the_last_order_over_the_gap_to_be_expected() -> None:
    ratio = PEOPLE.features["days_since_order"] / (9 + PEOPLE.features["orders_count_182d"])
    features = PEOPLE.features.assign(overdue_ratio_shrunk=ratio)
    overdue = of("overdue", features)
    expected = roc_auc(PEOPLE.churned, ratio.to_numpy())
    assert roc_auc(PEOPLE.churned, overdue.predict(features)) == pytest.approx(expected)


def test_windowed_rfm_looks_at_recency_orders_and_spend_and_at_nothing_else() -> None:
    train, later, test = (
        PEOPLE.features.iloc[a:b] for a, b in ((0, 900), (900, 1400), (1400, 2000))
    )
    rfm = fit_windowed_rfm((train, PEOPLE.churned[:900]), (later, PEOPLE.churned[900:1400]), seed=3)
    assert rfm is not None
    other = test.assign(gap_mean_days=1.0, color=9.0)
    assert (rfm.predict(test) == rfm.predict(other)).all()
    assert (rfm.predict(test) != rfm.predict(test.assign(spend_28d=0.0))).any()
    assert roc_auc(PEOPLE.churned[1400:], rfm.predict(test)) > 0.7
    assert (restored_rfm(rfm.text).predict(test) == rfm.predict(test)).all()


def test_a_table_without_spend_has_no_windowed_rfm() -> None:
    rows = (PEOPLE.features[["color", "days_since_order"]], PEOPLE.churned)
    assert fit_windowed_rfm(rows, rows, seed=3) is None


def test_a_table_of_contracts_has_the_base_rate_as_its_baseline() -> None:
    (only,) = fit_baselines(PEOPLE.features[["color"]], PEOPLE.churned)
    assert (only.name, only.column) == ("base_rate", None)
    probability = only.predict(PEOPLE.features.iloc[:3])
    assert probability == pytest.approx(np.full(3, PEOPLE.churned.mean()))


def test_a_column_that_says_nothing_gives_everybody_the_base_rate() -> None:
    recency = of("recency", pd.DataFrame({"days_since_order": np.ones(2000)}))
    probability = recency.predict(pd.DataFrame({"days_since_order": [1.0, 99.0]}))
    assert probability == pytest.approx(np.full(2, PEOPLE.churned.mean()))
