"""Steps up of a version: as they were when read back, and predicted by the script alone."""

import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from models.next_basket.chances import Chances
from models.next_basket.chosen import Chosen
from models.up_sell.candidates import UpPairs, snapshot
from models.up_sell.propensity import OURS, UpSell, fit
from models.up_sell.settings import UpSellSpec
from pipelines.offers_cross import Cross
from pipelines.offers_evidence import nothing_known
from pipelines.offers_up import Up
from pipelines.offers_version import SCRIPT, OffersModel, model_of, tables_of
from tests.up_shop import Shop, made_up, tiers


@pytest.fixture(scope="module")
def pairs() -> UpPairs:
    return snapshot(made_up(Shop(customers=60, needs=2)), tiers(2), 240, 28)


@pytest.fixture(scope="module")
def model(pairs: UpPairs) -> UpSell:
    return fit([pairs], UpSellSpec(trees=10, rows_per_leaf=5))


def version(up: Up | None) -> OffersModel:
    one = np.ones(1)
    chances = Chances(("score",), np.zeros(1), one, one, 0.0)
    columns = ("own_count", "own_baskets_since_first", "item_baskets_share")
    none = nothing_known()
    return OffersModel(
        Chosen("combined", None, chances, columns), Cross(None), up, none.rules, none.sequences
    )


def predicted(up: Up, pairs: UpPairs, folder: Path, kind: str = "up") -> Any:
    """What the script says of these pairs, with the tables of a version alone."""
    paths = {}
    for name, table in tables_of(version(up)).items():
        paths[name] = str(folder / f"{name}.parquet")
        pq.write_table(table, paths[name])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlflow.models.set_model", lambda _: None)
        offers = runpy.run_path(str(SCRIPT))["Offers"]()
    offers.load_context(SimpleNamespace(artifacts=paths))
    rows = pd.DataFrame(pairs.figures, columns=list(pairs.columns))
    rows = rows.assign(customer=pairs.keys["customer"].astype(str), item=pairs.keys["need"])
    return offers.predict(None, rows, {"kind": kind})


@pytest.mark.parametrize("name", [OURS, "own_past", "own_rate", "transition_rate"])
def test_steps_up_are_read_back_as_they_were(name: str, model: UpSell, pairs: UpPairs) -> None:
    up = Up(name, model if name == OURS else None, model.rates)
    tables = tables_of(version(up))
    found = model_of(tables)
    assert found.up is not None
    assert found.up.name == name
    np.testing.assert_array_equal(found.up.said(pairs), up.said(pairs))
    np.testing.assert_array_equal(found.up.said(pairs), model.said_by(name, pairs))
    again = tables_of(found)
    assert all(again[each].equals(table) for each, table in tables.items())


def test_a_version_without_steps_up_knows_none() -> None:
    found = tables_of(version(None))
    assert len(found["up_rates"]) == 0
    assert model_of(found).up is None


def test_the_script_says_the_same_of_steps_up(
    model: UpSell, pairs: UpPairs, tmp_path: Path
) -> None:
    found = predicted(Up(OURS, model, model.rates), pairs, tmp_path)
    assert found["probability"].to_numpy() == pytest.approx(model.propensity(pairs), rel=1e-12)


def test_the_script_predicts_no_baseline_of_steps_up(
    model: UpSell, pairs: UpPairs, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"^a kind is one of those learnt \(repeat\), but found"):
        predicted(Up("own_rate", None, model.rates), pairs, tmp_path)
