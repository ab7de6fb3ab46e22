import numpy as np
import pandas as pd
import pytest

from models.catalogue import CHURN_KINDS
from models.dependence import dependence
from models.spec import ChurnGbm, ChurnLogit, ChurnTree, Fitted
from tests.churners import churners
from tests.oracles import looking

PEOPLE = churners(400)
SPECS = (ChurnGbm(trees=40), ChurnLogit(), ChurnTree())


def fitted(spec: ChurnGbm | ChurnLogit | ChurnTree) -> Fitted:
    kind = CHURN_KINDS[spec.kind]
    return kind.fit(spec, kind.first_params(spec), PEOPLE.features, PEOPLE.churned, 1)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_the_curve_is_the_mean_over_customers_one_by_one(
    spec: ChurnGbm | ChurnLogit | ChurnTree,
) -> None:
    model, rows = fitted(spec), PEOPLE.features.head(12)
    found = dependence(model, rows, "gap_mean_days", most_points=4)

    def predict(row: object) -> float:
        return float(model.predict(pd.DataFrame([row]))[0])

    records = [dict(zip(rows.columns, row, strict=True)) for row in rows.to_numpy().tolist()]
    expected = [
        looking.dependence(predict, records, "gap_mean_days", value) for value in found.points
    ]
    assert found.chance.tolist() == pytest.approx(expected, abs=1e-12)
    assert found.unknown is not None
    at_null = looking.dependence(predict, records, "gap_mean_days", np.nan)
    assert found.unknown.value == pytest.approx(at_null, abs=1e-12)


def test_a_column_without_nulls_has_no_point_for_them() -> None:
    found = dependence(fitted(ChurnLogit()), PEOPLE.features, "spend_28d")
    assert found.unknown is None


def test_a_column_of_nulls_has_that_point_alone() -> None:
    rows = PEOPLE.features.head(30).assign(gap_mean_days=np.nan)
    found = dependence(fitted(ChurnGbm(trees=40)), rows, "gap_mean_days")
    assert found.unknown is not None
    assert [len(each) for each in (found.points, found.chance, found.low, found.high)] == [0] * 4


def test_few_values_are_points_and_many_are_met_where_customers_are() -> None:
    model = fitted(ChurnLogit())
    counts = dependence(model, PEOPLE.features, "orders_count_28d", most_points=20)
    assert counts.points.tolist() == sorted(PEOPLE.features["orders_count_28d"].unique())
    spend = dependence(model, PEOPLE.features, "spend_28d", most_points=9)
    assert len(spend.points) <= 9
    assert set(spend.points) <= set(PEOPLE.features["spend_28d"])
    inner = PEOPLE.features["spend_28d"].quantile([0.005, 0.995])
    assert inner.iloc[0] <= spend.points[0] < spend.points[-1] <= inner.iloc[1]


def test_the_band_holds_eight_customers_in_ten() -> None:
    model, rows = fitted(ChurnGbm(trees=40)), PEOPLE.features.head(101)
    found = dependence(model, rows, "days_since_order", most_points=3)
    single = np.sort(model.predict(rows.assign(days_since_order=found.points[1])))
    assert found.low[1] == pytest.approx(single[10], abs=1e-12)
    assert found.high[1] == pytest.approx(single[90], abs=1e-12)


def test_a_column_that_the_model_leaves_alone_gives_a_flat_line() -> None:
    tree = fitted(ChurnTree(leaves=2, rows_per_leaf=100))
    ((used,),) = [np.flatnonzero(np.abs(tree.contributions(PEOPLE.features)).sum(axis=0) > 0)]
    unused = next(name for place, name in enumerate(tree.columns) if place != used)
    found = dependence(tree, PEOPLE.features, unused)
    assert found.chance == pytest.approx(np.full(len(found.chance), found.chance[0]), abs=1e-12)
    assert np.ptp(dependence(tree, PEOPLE.features, tree.columns[used]).chance) > 0.05
