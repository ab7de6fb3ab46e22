"""Offers of a made-up grocer: learnt, tested, registered, read alone, reviewed, made at night."""

import re
from datetime import timedelta
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.clock import Window
from models.offers.shelf import PolicyUnfit
from pipelines import offers_results, offers_review, offers_score, promote
from pipelines.artifacts import ModelRefused
from pipelines.definition import SettingsDiffer
from pipelines.offers_gathered import seen_on
from pipelines.offers_train import OffersTrained
from pipelines.offers_tried import OURS, POPULAR
from pipelines.offers_version import model_of, tables_of
from pipelines.store import quietly
from tests.offers_shop import (
    CATEGORIES,
    CHEAP,
    END,
    FIRST,
    HORIZON,
    NEWCOMERS,
    TEST,
    Grocer,
    opened,
    purchases,
)


@pytest.fixture(scope="module")
def grocer(tmp_path_factory: pytest.TempPathFactory, registry_template: Path) -> Grocer:
    return opened(tmp_path_factory.mktemp("grocer"), registry_template, purchases())


@pytest.fixture(scope="module")
def trained(grocer: Grocer) -> OffersTrained:
    return grocer.train()


@pytest.fixture(scope="module")
def again(grocer: Grocer, live: Grocer) -> OffersTrained:
    assert live is grocer
    return grocer.train()


@pytest.fixture(scope="module")
def live(grocer: Grocer, trained: OffersTrained) -> Grocer:
    reviewed = offers_review.run(grocer.job())
    promote.run(grocer.job(), reviewed.evidence.review_id, "only to score")
    assert trained.version.number == 1
    return grocer


def test_the_test_beats_popular_items_and_says_so(trained: OffersTrained, grocer: Grocer) -> None:
    test = trained.learning.test
    assert test.gain.low > 0
    assert test.came[OURS].value > test.came[POPULAR].value
    lines = offers_results.trained(grocer.job(), trained)
    assert any("grocer-offers version 1 waits for its review" in line for line in lines)
    assert any("bought within 14 days" in line for line in lines)
    assert trained.page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_version_is_read_back_as_it_was(trained: OffersTrained, grocer: Grocer) -> None:
    tables = grocer.registry.load_tables(trained.version)
    again = tables_of(model_of(tables))
    assert set(again) == set(tables)
    for name, table in again.items():
        assert table.equals(tables[name]), name


def test_a_version_of_another_release_is_refused(trained: OffersTrained, grocer: Grocer) -> None:
    tables = grocer.registry.load_tables(trained.version)
    fewer = tables | {"boosters": tables["boosters"].drop_columns(["ranker"])}
    message = (
        "table boosters of a version of offers needs the columns ['kind', 'ranker', 'name', "
        "'weight', 'text'], but lacks ['ranker']: another release wrote it; train again"
    )
    with pytest.raises(ModelRefused, match=f"^{re.escape(message)}$"):
        model_of(fewer)
    del tables["rates"]
    with pytest.raises(ModelRefused, match=r"but lacks \['rates'\]$"):
        model_of(tables)


def test_a_version_says_the_same_chances_without_this_project(trained: OffersTrained) -> None:
    with quietly():
        model = mlflow.pyfunc.load_model(trained.version.source)
        rows = model.input_example
        found = model.predict(rows)
    assert list(found.columns) == ["customer", "item", "rank", "probability"]
    chosen = trained.learning.used.chosen
    figures = rows[list(chosen.columns)].to_numpy(dtype=np.float32)
    assert found["probability"].to_numpy() == pytest.approx(chosen.chance(figures))
    best = found.sort_values(["customer", "probability"], ascending=[True, False])
    assert best.groupby("customer")["rank"].apply(lambda each: each.is_monotonic_increasing).all()


def test_what_was_known_on_the_day_of_calibration_is_what_a_reading_of_that_day_tells(
    grocer: Grocer, trained: OffersTrained
) -> None:
    job = grocer.job()
    found = trained.material.calibration(job.business)
    with job.opened() as con:
        day, before = found.as_of, Window(FIRST, found.as_of)
        seen = seen_on(con, job.business, before, trained.material.behaviours[day])
    assert found.goods.histories.customers.equals(seen.goods.histories.customers)
    for name in ("firsts", "days", "starts", "codes"):
        one, other = (getattr(each.goods.histories, name) for each in (found, seen))
        np.testing.assert_array_equal(one, other)
    assert found.up is not None
    assert seen.up is not None
    assert found.up.names.equals(seen.up.names)
    pairs = {
        "items": (found.goods.items, seen.goods.items),
        "bought": (found.goods.purchases, seen.goods.purchases),
        "products": (found.up.products, seen.up.products),
        "needs": (found.up.needs, seen.up.needs),
        "sold": (found.up.purchases, seen.up.purchases),
    }
    for one, other in pairs.values():
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_the_same_training_gives_the_same_model(
    trained: OffersTrained, again: OffersTrained, grocer: Grocer
) -> None:
    first, second = (grocer.registry.load_tables(each.version) for each in (trained, again))
    for name, table in first.items():
        assert table.equals(second[name]), name


def test_what_is_bought_after_the_test_began_trains_nothing(
    trained: OffersTrained, tmp_path: Path, registry_template: Path
) -> None:
    other = purchases(150, after=False)
    shuffled = tuple(
        line.__class__(**{**vars(line), "product": "mints"})
        for line in purchases()
        if line.ordered_at.date() >= TEST
    )
    found = opened(tmp_path, registry_template, (*other, *shuffled)).train()
    chances = found.learning.repeat.chosen.chances
    assert found.learning.repeat.chosen.columns == trained.learning.repeat.chosen.columns
    if found.learning.repeat.chosen.name == trained.learning.repeat.chosen.name:
        assert np.array_equal(chances.weights, trained.learning.repeat.chosen.chances.weights)
    assert found.learning.up.chosen == trained.learning.up.chosen
    theirs, ours = found.learning.cross.cross.rates, trained.learning.cross.cross.rates
    assert theirs.equals(ours)


def test_offers_of_a_night_keep_the_policies_and_say_why(live: Grocer) -> None:
    job = live.job("offers.policies.exclude={category: [fish]}")
    result = offers_score.run(job, END)
    rows = pq.read_table(result.path).to_pandas()
    assert rows["rank"].max() <= 4
    assert (rows.groupby("customer")["rank"].max() == rows.groupby("customer").size()).all()
    assert not rows["item"].isin(CATEGORIES["fish"]).any()
    assert (rows["reason"].str.len() > 0).all()
    is_repeat = rows["kind"] == "repeat"
    is_known = rows["days_since_bought"].notna()
    assert (is_known == is_repeat)[rows["kind"] != "up"].all()
    known = rows[is_repeat & rows["cycle_days"].notna()]
    assert (known["days_since_bought"] >= 0.5 * known["cycle_days"]).all()
    assert (rows["expected_margin"] <= rows["expected_revenue"]).all()
    assert result.customers == rows["customer"].nunique()
    lines = offers_results.scored(job, result)
    assert any("of them without a history" in line for line in lines)


def test_who_never_bought_gets_what_is_popular_and_the_reason_says_so(live: Grocer) -> None:
    result = offers_score.run(live.job(), END)
    rows = pq.read_table(result.path).to_pandas()
    new = rows[rows["customer"].isin(NEWCOMERS)]
    assert result.newcomers == 2
    assert new.groupby("customer").size().tolist() == [4, 4]
    assert (new["kind"] == "cross").all()
    assert new["reason"].str.contains("by popularity number").all()
    assert new["reason"].str.contains("this customer has no history").all()


def test_a_step_up_has_a_place_and_says_what_it_would_bring(live: Grocer) -> None:
    rows = pq.read_table(offers_score.run(live.job(), END).path).to_pandas()
    is_up = rows["kind"] == "up"
    steps = rows[is_up]
    assert len(steps) > 0
    assert not steps["item"].isin(CHEAP).any()
    assert not (steps["days_since_bought"] <= 42).any()
    assert (steps["expected_extra_margin"] > 0).all()
    assert (steps["expected_extra_revenue"] > 0).all()
    assert rows.loc[~is_up, "expected_extra_revenue"].isna().all()
    told = steps[steps["reason_kind"] == "transition"]["reason"]
    assert len(told) > 0
    assert told.str.fullmatch(
        r"buys (bakery|dairy|fish|sweets) \(lower price\); [\d.]+ % of those who do move up to "
        r"upper price within 14 days"
    ).all()


def test_without_a_place_kept_a_step_up_competes_with_all_others(live: Grocer) -> None:
    kept, free = (
        pq.read_table(offers_score.run(live.job(*more), END).path).to_pandas()["kind"]
        for more in ((), ("offers.policies.least_per_kind={}",))
    )
    assert (free == "up").sum() < (kept == "up").sum()


def test_tiers_of_another_training_are_refused(live: Grocer) -> None:
    message = r'offers\.up_sell\.tiers is \{.*"ratio_least": 1\.3.*\} and was \{.*'
    with pytest.raises(SettingsDiffer, match=message):
        offers_score.run(live.job("offers.up_sell.tiers.ratio_least=1.3"), END)


def test_other_rules_than_the_learner_was_told_are_refused(live: Grocer) -> None:
    message = r"offers\.reasons\.confidence is 0\.5 and was 0\.05; restore them or train again$"
    with pytest.raises(SettingsDiffer, match=message):
        offers_score.run(live.job("offers.reasons.confidence=0.5"), END)


def test_the_same_night_gives_the_same_bytes(live: Grocer) -> None:
    first = offers_score.run(live.job(), END).path.read_bytes()
    assert offers_score.run(live.job(), END).path.read_bytes() == first


def test_offers_do_not_know_what_is_bought_later(
    live: Grocer, tmp_path: Path, registry_template: Path
) -> None:
    whole = pq.read_table(offers_score.run(live.job(), TEST).path)
    cut = opened(tmp_path, registry_template, purchases(after=False))
    with pytest.MonkeyPatch.context() as patch:
        version = live.registry.champion("grocer-offers")
        patch.setattr("pipelines.offers_score.live", lambda *_: (live.registry, version))
        alone = pq.read_table(offers_score.run(cut.job(), TEST).path)
    assert alone.equals(whole)


def test_a_review_tells_what_was_bought_of_the_offers(grocer: Grocer, again: OffersTrained) -> None:
    assert again.version.number == 2
    found = offers_review.run(grocer.job()).evidence
    assert found.as_of == TEST == END - timedelta(days=HORIZON)
    assert "popular" in found.estimates
    names = [gate.name for gate in found.gates]
    assert names[0] == "better than popular items"
    assert "chances come true" in names
    passed = {gate.name: gate.is_passed for gate in found.gates}
    assert passed["better than popular items"]
    assert passed["unseen days"]
    assert passed["not worse than champion 1"]


def test_a_policy_that_names_no_column_is_refused_before_anything_is_learnt(grocer: Grocer) -> None:
    with pytest.raises(PolicyUnfit, match=r"^offers\.policies\.exclude\.colour needs a column"):
        grocer.train("offers.policies.exclude={colour: [red]}")


def test_scoring_another_level_is_refused(live: Grocer) -> None:
    with pytest.raises(SettingsDiffer, match=r'offers\.item is "category" and was "product"'):
        offers_score.run(live.job("offers.item=category"), END)


def test_pandas_reads_the_offers(live: Grocer) -> None:
    result = offers_score.run(live.job(), END)
    frame = pd.read_parquet(result.path)
    assert frame["probability"].between(0, 1).all()
    assert result.manifest.rows == len(frame)
