"""The script stored with a version of value gives the numbers of the project's functions."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from models.value.catalogue import process_of
from models.value.fitted import Fitted
from models.value.snapshots import OWN, ValueSnapshot
from models.value.two_part import Scale, TwoPart, TwoPartSpec
from models.value.two_part import fit as fit_learner
from pipelines.value_learning import ValueModel
from pipelines.value_models import ANCHORED, LEARNER, Economy, Repeat, ValueModels, shifted, told_by
from pipelines.value_version import SCRIPT, tables_of

ECONOMY = Economy(28, 364, 0.1, 0.4)
PARAMETERS = {
    "bg_nbd": (0.243, 4.414, 0.793, 2.426),
    "mbg_nbd": (0.525, 6.183, 0.891, 1.614),
    "pareto_nbd": (0.553, 10.578, 0.606, 11.669),
}
SUMMARY = pd.DataFrame(
    {
        "repeats": [0.0, 0.0, 1.0, 2.0, 7.0, 60.0, 400.0, np.nan],
        "last_at": [0.0, 0.0, 3.0, 30.0, 38.0, 39.0, 51.0, np.nan],
        "age": [0.0, 39.0, 39.0, 31.0, 38.0, 52.0, 52.0, np.nan],
        "repeat_spend_mean": [np.nan, np.nan, 1250.0, -20.0, 3100.0, 999.0, 5000.0, np.nan],
    },
    index=[f"c{number}" for number in range(8)],
)


def fitted(name: str, parameters: tuple[float, ...]) -> Fitted:
    names = tuple(f"p{place}" for place in range(len(parameters)))
    count = len(parameters)
    return Fitted(name, names, (), np.log(parameters), np.eye(count) / 100, -1.0, 100)


def repeat(name: str) -> Repeat:
    spending = fitted("gamma_gamma", (6.25, 3.74, 1544.0))
    return Repeat(process_of(name), fitted(name, PARAMETERS[name]), spending)


def stored(model: ValueModel, folder: Path) -> Any:
    """The script as MLflow opens it, without MLflow's ceremony."""
    tables = tables_of(model, {}, pd.DataFrame({"column": ["spend"], "bin": [0]}))
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    spec = importlib.util.spec_from_file_location("value_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.Value()
    paths = {name: str(folder / f"{name}.parquet") for name in tables}
    found.load_context(SimpleNamespace(artifacts=paths))
    return found


def snapshot(number: int) -> ValueSnapshot:
    draws = np.random.default_rng(number)
    wealth = draws.gamma(2.0, 1.0, 200)
    figures = pd.DataFrame({"wealth": wealth, "spare": draws.random(200)})
    figures.loc[::9, "wealth"] = np.nan
    own = pd.DataFrame(draws.random((200, len(OWN))), columns=list(OWN))
    spend = np.where(draws.random(200) < 0.6, 900 * wealth, 0.0)
    return ValueSnapshot(28 * number, 28, figures.join(own), spend)


def learner(scale: Scale) -> TwoPart:
    spec = TwoPartSpec(trees=6, rows_per_leaf=10, scale=scale, money="smearing")
    return fit_learner([snapshot(number) for number in range(3)], spec)


def models(*names: str, learner: TwoPart | None = None) -> ValueModels:
    return ValueModels(learner, {name: repeat(name) for name in names}, {}, None, ())


def asked(summary: pd.DataFrame = SUMMARY) -> pd.DataFrame:
    return summary.reset_index(names="customer")


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("rate", [0.0, 0.1])
def test_a_model_of_repeat_buying_says_the_same_in_the_script(
    name: str, rate: float, tmp_path: Path
) -> None:
    economy = Economy(28, 364, rate, 0.4)
    model = ValueModel(name, models(name), economy)
    found = stored(model, tmp_path).predict(None, asked())
    told = told_by(model.models.repeats[name], SUMMARY, economy)
    for column in ("purchases", "alive", "value"):
        expected = told[column].to_numpy(dtype=float)
        assert found[column].to_numpy() == pytest.approx(expected, rel=1e-8, nan_ok=True), column
    spend = told["spend_by_purchases"].fillna(0.0).to_numpy()
    assert found["spend"].to_numpy() == pytest.approx(spend, rel=1e-8)
    assert np.isnan(found["probability"]).all()


def test_a_naive_version_gives_the_column_that_it_is_given(tmp_path: Path) -> None:
    script = stored(ValueModel("same_again", models("bg_nbd"), ECONOMY), tmp_path)
    rows = asked().assign(value_same_again=np.arange(8.0))
    assert script.predict(None, rows)["spend"].tolist() == list(range(8))
    with pytest.raises(ValueError, match=r"^value needs the columns \['value_same_again'\], but"):
        script.predict(None, asked())


@pytest.mark.parametrize("scale", ["root", "log"])
@pytest.mark.parametrize("money", [LEARNER, ANCHORED])
def test_a_learner_says_the_same_in_the_script(scale: Scale, money: str, tmp_path: Path) -> None:
    ours = learner(scale)
    script = stored(ValueModel(money, models("mbg_nbd", learner=ours), ECONOMY), tmp_path)
    figures = snapshot(9).figures.iloc[:8]
    rows = pd.concat([asked(), figures], axis=1)
    plain = script.predict(None, rows)
    assert plain["probability"].to_numpy() == pytest.approx(ours.probability(figures))
    assert plain["spend"].to_numpy() == pytest.approx(ours.spend(figures))
    assert plain["purchases"].notna().sum() == 7
    moved = script.predict(None, rows.assign(value_times=1.5, value_shift=0.7))
    expected = shifted(ours.probability(figures), 0.7)
    assert moved["probability"].to_numpy() == pytest.approx(expected)
    times = 1.5 if money == ANCHORED else 1.0
    assert moved["spend"].to_numpy() == pytest.approx(times * ours.spend(figures))
    with pytest.raises(
        ValueError, match=r"^value needs the columns \['wealth'\], but the rows lack"
    ):
        script.predict(None, rows.drop(columns="wealth"))
