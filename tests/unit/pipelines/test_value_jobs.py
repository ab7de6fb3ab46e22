"""Value of a made-up shop's customers: learnt, tested, registered, read alone, reviewed, scored."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.clock import HorizonNotObserved, OutsideHistory
from features.cohort import CohortEmpty
from models.metrics import METRICS, evaluate
from models.value.baselines import Naive, customers_of, naive
from models.value.snapshots import OWN
from models.value.summary import summarised
from pipelines import promote, value_results, value_review, value_score
from pipelines.artifacts import ModelRefused
from pipelines.definition import SettingsDiffer
from pipelines.scoring import ColumnsDiffer
from pipelines.store import quietly
from pipelines.value_gathered import asked_on, described, gathered
from pipelines.value_learning import chance_calibration, learnt
from pipelines.value_models import told_by
from pipelines.value_train import ValueTrained
from pipelines.value_version import model_of, tables_of
from tests.value_shop import END, HORIZON, TEST, TeaShop, opened, purchases


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, registry_template: Path) -> TeaShop:
    return opened(tmp_path_factory.mktemp("teashop"), registry_template, purchases())


@pytest.fixture(scope="module")
def trained(shop: TeaShop) -> ValueTrained:
    return shop.train()


@pytest.fixture(scope="module")
def live(shop: TeaShop, trained: ValueTrained) -> TeaShop:
    reviewed = value_review.run(shop.job())
    promote.run(shop.job(), reviewed.evidence.review_id, "only to score")
    assert trained.version.number == 1
    return shop


def test_a_model_is_picked_before_what_it_is_tested_on(
    trained: ValueTrained, shop: TeaShop
) -> None:
    found = trained.found
    assert found.tested == TEST
    assert found.chosen_on == TEST - timedelta(days=HORIZON)
    assert found.verdict is not None
    assert found.held_before is not None
    assert found.verdict.model in found.held_before.predictors
    assert set(found.verdict.gains) == set(found.baselines)
    assert found.shipped == found.verdict.chosen
    assert found.held.came == pytest.approx(found.customers["came"].sum())
    assert found.margin_source == "costs"
    assert 0 < found.margin_share < 1
    lines = value_results.trained(shop.job(), trained)
    assert any("teashop-value version 1 waits for its review" in line for line in lines)
    assert trained.page.read_text(encoding="utf-8").lstrip().startswith("<!doctype html>")
    tables = {path.stem for path in (trained.page.parent / "value").iterdir()}
    assert {"customers", "tiers", "cohorts", "left_out"} <= tables


def test_a_season_that_was_not_observed_is_told_with_its_reason(trained: ValueTrained) -> None:
    assert {"year_ago", "seasonal_total"} <= set(trained.found.untold)
    assert "latest_total" in trained.found.baselines


def test_tenths_and_cohorts_hold_all_customers(trained: ValueTrained) -> None:
    found = trained.found
    for table in (found.held.deciles, found.held.cohorts):
        rows = table[table["predictor"] == found.shipped]
        assert rows["customers"].sum() == found.held.customers
        assert rows["promised"].sum() == pytest.approx(found.customers[found.shipped].sum())
    assert sorted(found.cohorts.unique()) == ["2024Q1", "2024Q2"]


def test_a_version_is_read_back_as_it_was(trained: ValueTrained, shop: TeaShop) -> None:
    tables = shop.registry.load_tables(trained.version)
    moved = tables["reference"].to_pandas()
    again = tables_of(model_of(tables), described(shop.job().business), moved)
    assert set(again) == set(tables)
    for name, table in again.items():
        assert table.equals(tables[name]), name


def test_a_version_of_another_release_is_refused(trained: ValueTrained, shop: TeaShop) -> None:
    tables = shop.registry.load_tables(trained.version)
    fewer = tables | {"numbers": tables["numbers"].drop_columns(["number"])}
    message = (
        "table numbers of a version of value needs the columns ['name', 'number'], but lacks "
        "['number']: another release wrote it; train again"
    )
    with pytest.raises(ModelRefused, match=f"^{re.escape(message)}$"):
        model_of(fewer)
    del tables["processes"]
    with pytest.raises(ModelRefused, match=r"but lacks \['processes'\]$"):
        model_of(tables)


def test_repeat_purchases_are_expected_of_the_days_that_were_seen(
    trained: ValueTrained, shop: TeaShop
) -> None:
    repeat = trained.found.repeat_buying
    assert repeat is not None
    weeks = repeat.over_time[repeat.over_time["is_known"]]
    last = weeks.to_dict("records")[-1]
    model = model_of(shop.registry.load_tables(trained.version)).models.repeats[repeat.name]
    bought = pd.DataFrame(
        [(line.customer, line.ordered_at.date(), 1.0) for line in purchases()],
        columns=["customer", "bought_on", "spend"],
    )
    summary = summarised(bought, last["ends_on"])
    ages, parameters = summary["age"].to_numpy(), np.exp(model.fitted.estimates[:, None])
    assert last["came"] == summary["repeats"].sum()
    expected = model.process.newcomer(parameters, ages).sum()
    assert last["expected"] == pytest.approx(expected)


def test_intervals_of_the_calibration_are_of_the_resamples_asked_for(shop: TeaShop) -> None:
    business = shop.job("value.resamples=50", "value.seed=3").business
    draws = np.random.default_rng(1)
    chance = draws.random(300)
    bought = draws.random(300) < chance
    name = "expected_calibration_error"
    expected = evaluate(bought, chance, 3, metrics={name: METRICS[name]}, resamples=50)[name]
    assert chance_calibration(business, chance, bought) == expected


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, registry_template: Path) -> TeaShop:
    folder = tmp_path_factory.mktemp("teashop")
    shop = opened(folder, registry_template, purchases(), models=["bg_nbd"])
    assert shop.train().found.shipped == "latest_total"
    return shop


def test_columns_that_no_part_of_a_version_looks_at_may_change(plain: TeaShop) -> None:
    reviewed = value_review.run(plain.job("behaviour.windows_days=[28]"))
    assert set(reviewed.evidence.drift) == set(OWN)


def test_a_naive_version_is_held_to_be_no_worse_once_a_season_is_observed(plain: TeaShop) -> None:
    def of_a_season(*asked: Any) -> Naive:
        said = naive(*asked).said
        said["seasonal_total"] = said.pop("latest_total")
        return Naive(said, {})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.value_review.naive", of_a_season)
        gates = value_review.run(plain.job()).evidence.gates
    names = {gate.name for gate in gates}
    assert "not worse than the same again" in names
    assert not {name for name in names if name.startswith("better than")}


def test_customers_of_a_naive_predictor_are_those_of_the_cohort(shop: TeaShop) -> None:
    job = shop.job("behaviour.cohort.min_orders=3", "behaviour.cohort.active_within_days=56")
    material = gathered(job)
    found = customers_of(material.purse.purchases, asked_on(job.business, TEST))
    asked = material.purse.on(TEST, HORIZON).customers
    assert set(found) == set(asked)
    assert len(asked) > 20


@pytest.mark.slow
def test_the_same_training_gives_the_same_model(live: TeaShop, trained: ValueTrained) -> None:
    again = live.train()
    first, second = (live.registry.load_tables(each.version) for each in (trained, again))
    for name, table in first.items():
        assert table.equals(second[name]), name
    found = value_review.run(live.job()).evidence
    assert found.as_of == TEST
    passed = {gate.name: gate.is_passed for gate in found.gates}
    assert passed["not worse than champion 1"]
    assert passed["total not farther off than that of champion 1"]
    assert passed["unseen days"]
    assert "no drift" in passed
    assert found.estimates["challenger"] == found.estimates["champion 1"]


def test_what_is_bought_after_the_test_began_trains_nothing(
    trained: ValueTrained, shop: TeaShop, tmp_path: Path, registry_template: Path
) -> None:
    doubled = tuple(
        replace(line, amount=2 * line.amount) if line.ordered_at.date() >= TEST else line
        for line in purchases()
    )
    job = opened(tmp_path, registry_template, doubled).job()
    found = learnt(job, gathered(job))
    first = shop.registry.load_tables(trained.version)
    second = tables_of(found.model, described(job.business), first["reference"].to_pandas())
    for name in ("boosters", "columns", "numbers", "processes"):
        assert first[name].equals(second[name]), name
    assert found.found.held.came > 1.5 * trained.found.held.came


def test_scores_are_one_row_of_each_customer_of_late(live: TeaShop) -> None:
    result = value_score.run(live.job(), END)
    rows = pd.read_parquet(result.path)
    late = {
        line.customer
        for line in purchases()
        if END - timedelta(days=112) <= line.ordered_at.date() < END
    }
    assert set(rows["customer"]) == late
    assert not rows["customer"].duplicated().any()
    assert rows["customer"].is_monotonic_increasing
    assert rows["probability"].between(0, 1).all()
    assert (rows["spend"] >= 0).all()
    assert sorted(rows["value_rank"]) == list(range(1, len(rows) + 1))
    best = rows.sort_values("value_rank")
    assert best["value"].is_monotonic_decreasing
    share = best["value"].cumsum() / best["value"].sum()
    assert best["value_share_cumulated"].to_numpy() == pytest.approx(share.to_numpy())
    assert set(rows["tier"]) <= {"top", "large", "medium", "small"}
    assert rows["recency_score"].between(1, 5).all()
    assert rows["cell"].notna().all()
    lines = value_results.scored(live.job(), result)
    assert any(f"Value as of {END}: {len(rows):,} customers" in line for line in lines)


def test_who_bought_once_is_not_told_alive_by_bg_nbd(live: TeaShop) -> None:
    version = live.registry.champion("teashop-value")
    assert version is not None
    model = model_of(live.registry.load_tables(version))
    once = pd.DataFrame(
        {"repeats": [0.0, 2.0], "last_at": [0.0, 4.0], "age": [20.0, 20.0]}
        | {"repeat_spend_mean": [np.nan, 3000.0]},
        index=["once", "thrice"],
    )
    told = told_by(model.models.repeats["bg_nbd"], once, model.economy)
    rows = told.to_dict("index")
    first, third = rows["once"], rows["thrice"]
    assert np.isnan(first["alive"])
    assert first["alive_reason"] == "one_purchase"
    assert first["purchases"] > 0
    assert 0 < third["alive"] < 1
    assert third["alive_reason"] is None


def test_the_same_night_gives_the_same_bytes(live: TeaShop) -> None:
    first = value_score.run(live.job(), END).path.read_bytes()
    assert value_score.run(live.job(), END).path.read_bytes() == first


def test_scores_do_not_know_what_is_bought_later(
    live: TeaShop, tmp_path: Path, registry_template: Path
) -> None:
    whole = pq.read_table(value_score.run(live.job(), TEST).path)
    cut = opened(tmp_path, registry_template, purchases(after=False))
    with pytest.MonkeyPatch.context() as patch:
        version = live.registry.champion("teashop-value")
        patch.setattr("pipelines.value_score.live", lambda *_: (live.registry, version))
        alone = pq.read_table(value_score.run(cut.job(), TEST).path)
    assert alone.equals(whole)


def test_the_stored_script_gives_the_numbers_of_the_scores(
    live: TeaShop, trained: ValueTrained
) -> None:
    with quietly():
        model = mlflow.pyfunc.load_model(trained.version.source)
        rows = model.input_example
        found = model.predict(rows).set_index("customer")
    told = trained.found.customers.loc[found.index]
    for name in ("probability", "purchases", "alive", "value"):
        assert found[name].to_numpy() == pytest.approx(
            told[name].to_numpy(dtype=float), rel=1e-9, nan_ok=True
        ), name
    assert found["spend"].to_numpy() == pytest.approx(told[trained.found.shipped].to_numpy())
    assert live.registry is not None


def test_other_settings_than_those_of_the_training_are_refused(live: TeaShop) -> None:
    message = r"value\.horizon_days is 14 and was 28; restore them or train again$"
    with pytest.raises(SettingsDiffer, match=message):
        value_score.run(live.job("value.horizon_days=14"), END)


def test_columns_that_are_gone_are_named(live: TeaShop) -> None:
    with pytest.raises(ColumnsDiffer, match=r"lacks or defines differently \['.*_56d'.*\]; rest"):
        value_score.run(live.job("behaviour.windows_days=[28]"), END)


def test_a_test_whose_horizon_is_not_over_is_refused(shop: TeaShop) -> None:
    later = TEST + timedelta(days=1)
    message = (
        f"value that is tested on the 28 days from {later} on needs orders up to "
        f"{later + timedelta(days=27)}, but the warehouse ends on {END - timedelta(days=1)}; use "
        f"value.test_as_of up to {TEST}, or fewer value.horizon_days"
    )
    with pytest.raises(HorizonNotObserved, match=f"^{re.escape(message)}$"):
        shop.train(f"value.test_as_of={later}")


def test_a_history_of_less_than_two_horizons_is_refused(shop: TeaShop) -> None:
    with pytest.raises(OutsideHistory, match=r"^value needs 280 days of orders before the test on"):
        shop.train("value.horizon_days=140")


def test_days_without_customers_are_refused_with_the_setting_that_leaves_them_out(
    shop: TeaShop,
) -> None:
    message = (
        r"^a behaviour table needs customers, but nobody meets at least 9 orders, .*; value is "
        r"learnt from up to value.train_cutoffs=\d+ days before a test: fewer leave out the oldest$"
    )
    with pytest.raises(CohortEmpty, match=message):
        shop.train("behaviour.cohort.min_orders=9")


@pytest.mark.slow
def test_where_nobody_buys_again_a_naive_predictor_is_registered_and_says_so(
    tmp_path: Path, registry_template: Path
) -> None:
    once = {str(line.customer): line for line in reversed(purchases(60))}
    shop = opened(tmp_path, registry_template, tuple(once.values()), models=["bg_nbd"])
    trained = shop.train()
    found = trained.found
    assert found.verdict is None
    assert found.shipped in found.baselines
    assert found.untold["bg_nbd"].startswith("the spend of a purchase is learnt from 10 customers")
    assert found.repeat_buying is None
    assert found.customers["value"].isna().all()
    assert (found.customers["alive_reason"] == "no_model").all()
    lines = value_results.trained(shop.job(), trained)
    assert any("No model of value could be learnt" in line for line in lines)
    assert found.learnt_from == ()
    reviewed = value_review.run(shop.job())
    promote.run(shop.job(), reviewed.evidence.review_id, "only to score")
    scored = value_score.run(shop.job(), TEST)
    assert "Who is worth most" not in value_results.scored(shop.job(), scored)
    rows = pd.read_parquet(scored.path)
    assert rows["value"].isna().all()
    assert rows["tier"].isna().all()
    assert rows["spend"].notna().all()
