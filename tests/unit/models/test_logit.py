from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from skops import io

from models.churn import logit
from models.spec import ChurnLogit
from tests.churners import churners

PEOPLE = churners(800)
SPEC = ChurnLogit()
FITTED = logit.fit(SPEC, logit.first_params(SPEC), PEOPLE.features, PEOPLE.churned, seed=1)


def test_skops_trusts_every_part_and_reads_it_back_to_the_bit() -> None:
    moved = FITTED.calibrated(0.83, -0.21)
    stored = io.dumps(moved.library_object)
    assert io.get_untrusted_types(data=stored) == []
    restored = logit.restore(io.loads(stored, trusted=[]), moved.columns)
    assert np.array_equal(restored.predict(PEOPLE.features), moved.predict(PEOPLE.features))
    assert np.array_equal(
        restored.contributions(PEOPLE.features), moved.contributions(PEOPLE.features)
    )


def test_the_pipeline_alone_gives_the_calibrated_probability() -> None:
    moved = FITTED.calibrated(0.83, -0.21)
    alone = moved.library_object.predict_proba(PEOPLE.features)[:, 1]
    assert np.array_equal(alone, moved.predict(PEOPLE.features))


def test_a_missing_value_moves_the_score_by_its_flag_alone() -> None:
    gaps = PEOPLE.features["gap_mean_days"].isna().to_numpy()
    moved = FITTED.contributions(PEOPLE.features)[:, FITTED.columns.index("gap_mean_days")]
    assert len(np.unique(moved[gaps].round(12))) == 1
    assert moved[gaps][0] > 0  # those without a gap leave more often


def test_a_value_missing_for_the_first_time_counts_as_average() -> None:
    unknown = PEOPLE.features.assign(spend_28d=np.nan)
    moved = FITTED.contributions(unknown)[:, FITTED.columns.index("spend_28d")]
    assert np.array_equal(moved, np.zeros(800))


def test_fewer_customers_than_landmarks_raise_no_warning() -> None:
    few = PEOPLE.first(30)
    fitted = logit.fit(SPEC, {"inverse_penalty": 0.1}, few.features, few.churned, seed=1)
    assert fitted.predict(few.features).shape == (30,)


def test_it_ranks_a_telephone_company_as_well_as_published_models(shared_data: Path) -> None:
    table = pd.read_parquet(shared_data / "churn" / "telco.parquet")
    churned = (table["Churn"] == "Yes").to_numpy()
    spent = pd.to_numeric(table["TotalCharges"], errors="coerce")
    plain = table.drop(columns=["customerID", "Churn"]).assign(TotalCharges=spent)
    features = pd.get_dummies(plain, dtype=float).astype(float)
    parts = StratifiedKFold(10, shuffle=True, random_state=0).split(features, churned)
    areas = []
    for train, test in parts:
        fitted = logit.fit(
            SPEC, logit.first_params(SPEC), features.iloc[train], churned[train], seed=1
        )
        areas.append(roc_auc_score(churned[test], fitted.predict(features.iloc[test])))
    assert np.mean(areas) == pytest.approx(0.850, abs=0.003)
