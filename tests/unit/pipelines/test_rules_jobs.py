"""Rules of a made-up grocer: found, confirmed, registered, recommended, reviewed, promoted."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest

from features.spark import SparkMissing
from pipelines import promote, rules_results, rules_review, rules_train
from pipelines.artifacts import ModelRefused
from pipelines.definition import SettingsDiffer
from pipelines.evidence import NothingToReview
from pipelines.rules_groups import GroupsTooSmall
from pipelines.rules_train import RulesTrained
from pipelines.store import quietly
from tests.loading import fully
from tests.rules_shop import CONFIRM_DAYS, DAYS, FIRST, OTHERS, TEST, Grocer, baskets, opened


@pytest.fixture(scope="module")
def grocer(tmp_path_factory: pytest.TempPathFactory, registry_template: Path) -> Grocer:
    return opened(tmp_path_factory.mktemp("grocer"), registry_template, baskets())


@pytest.fixture(scope="module")
def trained(grocer: Grocer) -> RulesTrained:
    return grocer.train()


def said(found: pd.DataFrame) -> set[str]:
    pairs = zip(found["antecedents"], found["consequents"], strict=True)
    return {f"{' + '.join(left)} → {' + '.join(right)}" for left, right in pairs}


def recommended(result: RulesTrained, *items: str, **params: Any) -> pd.DataFrame:
    assert result.version is not None
    rows = pd.DataFrame({"basket": ["b"] * len(items), "item": list(items)})
    with quietly():
        model = mlflow.pyfunc.load_model(result.version.source)
        found: pd.DataFrame = model.predict(rows, params=params)
    return found


# ------------------------------------------------------------------------------------ mining


def test_what_was_planted_is_found_and_held_and_nothing_else_is(trained: RulesTrained) -> None:
    table = trained.found.rules
    assert said(table) == {"toast → jam", "jam → toast"}
    assert table["held"].all()
    (group,) = trained.found.groups
    assert (group.name, group.kept, group.held) == ("all", 2, 2)
    assert group.lifting > group.kept
    assert group.candidates > group.confident


def test_figures_are_those_of_counting_by_hand(trained: RulesTrained) -> None:
    orders: dict[str, set[str]] = {}
    days = {}
    for line in baskets():
        orders.setdefault(line.order, set()).add(str(line.product))
        days[line.order] = line.ordered_at.date()
    (row,) = (
        each for each in trained.found.rules.to_dict("records") if each["consequents"] == ["jam"]
    )
    for prefix, is_later in (("", False), ("later_", True)):
        held = [items for order, items in orders.items() if (days[order] >= TEST) is is_later]
        toast = [items for items in held if "toast" in items]
        both = sum("jam" in items for items in toast)
        jam = sum("jam" in items for items in held)
        assert row[f"{prefix}count"] == both
        assert row[f"{prefix}antecedent_count"] == len(toast)
        assert row[f"{prefix}confidence"] == pytest.approx(both / len(toast))
        assert row[f"{prefix}lift"] == pytest.approx(both * len(held) / len(toast) / jam)
    assert row["baskets"] == trained.found.groups[0].baskets == 20 * (DAYS - CONFIRM_DAYS)


def test_nothing_is_mined_from_the_days_that_confirm(
    tmp_path: Path, registry_template: Path, trained: RulesTrained
) -> None:
    """The rule turns on the very day from which on nothing may be known."""
    turned = opened(tmp_path, registry_template, baskets(turns=True)).train()
    figures = ["count", "antecedent_count", "consequent_count", "lift", "p", "adjusted_p"]
    assert said(turned.found.rules) == said(trained.found.rules)
    assert turned.found.rules[figures].equals(trained.found.rules[figures])
    assert not turned.found.rules["held"].any()
    pd.testing.assert_frame_equal(turned.found.changes, trained.found.changes)
    assert turned.found.mined.end == TEST
    assert recommended(turned, "toast").empty


def test_stores_are_groups_of_their_own_and_small_ones_are_named(grocer: Grocer) -> None:
    sets = ('rules.splits=["overall", "store"]', "rules.group_least=600")
    found = grocer.train(*sets).found
    assert [group.name for group in found.groups] == ["all", "store: north"]
    assert "fewer than 600 baskets (rules.group_least): store: south (467)" in " ".join(
        found.groups[0].notes
    )
    assert set(found.rules["group"]) == {"all", "store: north"}


def test_stores_alone_are_mined_and_recommended_by_the_first(grocer: Grocer) -> None:
    result = grocer.train('rules.splits=["store"]', "rules.group_least=400")
    assert [group.name for group in result.found.groups] == ["store: north", "store: south"]
    assert recommended(result, "toast")["item"].tolist() == ["jam"]


def test_a_basket_above_the_cap_is_told(grocer: Grocer) -> None:
    (group,) = grocer.train("rules.largest=3").found.groups
    assert len(group.notes) == 2
    assert all("baskets held more than 3 items (rules.largest)" in note for note in group.notes)


def test_a_context_is_told_and_never_follows(grocer: Grocer) -> None:
    table = grocer.train('rules.context=["weekday"]', "rules.fdr=0.99").found.rules
    weekdays = [any("weekday" in item for item in side) for side in table["antecedents"]]
    assert table["has_context"].tolist() == weekdays
    assert not any("weekday" in item for side in table["consequents"] for item in side)


# -------------------------------------------------------------------------------- the version


def test_a_basket_with_toast_is_recommended_jam_by_the_rule_that_says_so(
    trained: RulesTrained,
) -> None:
    (row,) = recommended(trained, "toast", "milk").to_dict("records")
    rule = trained.found.rules.set_index(trained.found.rules["consequents"].str[0]).loc["jam"]
    assert (row["basket"], row["rank"], row["item"]) == ("b", 1, "jam")
    assert row["rule"] == "toast → jam"
    assert (row["confidence"], row["lift"]) == (rule["confidence"], rule["lift"])


def test_labels_name_items_too(trained: RulesTrained) -> None:
    assert recommended(trained, "product:toast")["item"].tolist() == ["jam"]


def test_what_a_basket_holds_is_not_recommended_to_it(trained: RulesTrained) -> None:
    assert recommended(trained, "toast", "jam").empty
    assert recommended(trained, *OTHERS).empty


def test_a_group_that_was_not_mined_is_refused(trained: RulesTrained) -> None:
    with pytest.raises(ValueError, match=r"one of those mined \(all\), but found 'store: 9'"):
        recommended(trained, "toast", group="store: 9")


def test_a_version_holds_text_and_parquet_and_is_refused_when_a_byte_changes(
    grocer: Grocer,
) -> None:
    result = grocer.train()
    assert result.version is not None
    folder = Path(result.version.source.removeprefix("file://"))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"recommend.py", "artifacts/rules.parquet", "artifacts/items.parquet"} <= files
    assert not [name for name in files if name.endswith((".pkl", ".pickle"))]
    assert set(grocer.registry.load_tables(result.version)) == {"rules", "items"}
    script = folder / "recommend.py"
    script.write_text(script.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(ModelRefused, match=r"changed: \['recommend\.py'\]"):
        grocer.registry.load_tables(result.version)


def test_no_rule_is_a_result_that_registers_nothing(grocer: Grocer) -> None:
    before = grocer.registry.versions("grocer-rules")
    job = grocer.job("rules.confidence=0.95")
    result = rules_train.run(job)
    assert result.version is None
    assert grocer.registry.versions("grocer-rules") == before
    lines = rules_results.trained(job, result)
    text = "No rule is significant at a false discovery rate of 5 %: nothing is registered"
    assert lines[1].replace("\xa0", " ") == text
    assert not any(line.startswith("Next") for line in lines)
    assert "grocer" in result.page.read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------- review


def test_rules_that_hold_go_live(grocer: Grocer) -> None:
    result = grocer.train()
    assert result.version is not None
    job = grocer.job("rules.hold_least=0.3")
    review = rules_review.run(job)
    gates = {gate.name: gate.is_passed for gate in review.evidence.gates}
    assert gates == dict.fromkeys(
        ("rules hold", "something to recommend by", "unseen days", "data fresh"), True
    )
    assert "may be promoted" in (review.folder / "review.html").read_text(encoding="utf-8")
    assert "may go live" in "\n".join(rules_results.reviewed(job, review))
    moved = promote.run(grocer.job(), review.evidence.review_id)
    assert moved.version.number == result.version.number
    with pytest.raises(NothingToReview):
        rules_review.run(job)


def test_two_rules_that_hold_may_be_luck(grocer: Grocer) -> None:
    """Wilson's interval of two of two begins at .34."""
    grocer.train()
    found = rules_review.run(grocer.job())
    (rate,) = (
        each["hold_rate"] for name, each in found.evidence.estimates.items() if name == "challenger"
    )
    assert (rate.value, round(rate.low, 2)) == (1.0, 0.34)
    assert [gate.name for gate in found.evidence.gates if not gate.is_passed] == ["rules hold"]


def test_rules_that_turned_do_not_go_live(tmp_path: Path, registry_template: Path) -> None:
    turned = opened(tmp_path, registry_template, baskets(turns=True))
    turned.train()
    found = rules_review.run(turned.job("rules.hold_least=0.01"))
    failed = [gate.name for gate in found.evidence.gates if not gate.is_passed]
    assert failed == ["rules hold", "something to recommend by"]


def test_days_that_were_mined_judge_nothing_and_old_rules_are_not_fresh(grocer: Grocer) -> None:
    grocer.train(f"rules.test_as_of={TEST - timedelta(days=10)}", "rules.confirm_days=10")
    late = rules_review.run(grocer.job("rules.confirm_days=50", "rules.age_most=39"))
    assert [gate.is_passed for gate in late.evidence.gates][2:] == [False, False]
    sets = ("rules.confirm_days=40", "rules.age_most=40", "rules.changes.against=nothing")
    fresh = rules_review.run(grocer.job(*sets))
    assert [gate.is_passed for gate in fresh.evidence.gates][2:] == [True, True]


def test_rules_of_other_settings_are_not_reviewed(grocer: Grocer) -> None:
    grocer.train()
    with pytest.raises(SettingsDiffer, match=r"rules\.support is 0\.5 and was 0\.02"):
        rules_review.run(grocer.job("rules.support=0.5"))


# ------------------------------------------------------------------------------------ mistakes


def test_a_group_that_is_too_small_is_refused(grocer: Grocer) -> None:
    text = (
        "rules of a group need 9,000 baskets (rules.group_least), but the largest group, "
        "store: north, has 933; use a smaller rules.group_least, or overall among rules.splits"
    )
    with pytest.raises(GroupsTooSmall, match=fully(text)):
        grocer.train('rules.splits=["store"]', "rules.group_least=9000")


def test_another_engine_gives_equal_rules(grocer: Grocer) -> None:
    own, others = grocer.train(), grocer.train("rules.engine=mlxtend")
    pd.testing.assert_frame_equal(own.found.rules, others.found.rules)


def test_an_engine_that_is_not_installed_is_refused_before_anything_is_made(
    grocer: Grocer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    before = sorted(grocer.home.rglob("*"))
    text = (
        "the engine Spark needs the package pyspark, which is not installed; install the extra "
        "regulars[spark] and Java 17"
    )
    with pytest.raises(SparkMissing, match=fully(text)):
        grocer.train("rules.engine=spark")
    assert sorted(grocer.home.rglob("*")) == before


def test_a_training_that_fails_registers_nothing(
    grocer: Grocer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = grocer.registry.versions("grocer-rules")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rules_train, "_model", stop)
    with pytest.raises(KeyboardInterrupt):
        grocer.train()
    assert grocer.registry.versions("grocer-rules") == before
    with sqlite3.connect(grocer.home / "mlflow" / "mlflow.db") as database:
        newest = "SELECT status FROM runs ORDER BY start_time DESC LIMIT 1"
        assert database.execute(newest).fetchall() == [("KILLED",)]


def test_a_run_keeps_its_figures_and_tables(grocer: Grocer) -> None:
    result = grocer.train()
    assert result.version is not None
    run = mlflow.MlflowClient(f"sqlite:///{grocer.home}/mlflow/mlflow.db").get_run(
        result.version.run_id
    )
    assert run.data.metrics["all.kept"] == run.data.metrics["all.held"] == 2
    assert run.data.params["rules.support"] == "0.02"
    artifacts = Path(run.info.artifact_uri.removeprefix("file://"))
    page = (artifacts / "rules.html").read_text(encoding="utf-8")
    assert page == result.page.read_text(encoding="utf-8")
    assert "toast" in page
    assert said(pd.read_parquet(artifacts / "rules.parquet")) == {"toast → jam", "jam → toast"}
    assert len(pd.read_parquet(artifacts / "bundles.parquet")) == 0
    assert json.loads((artifacts / "groups.json").read_text())[0]["held"] == 2
    assert result.found.mined.start == FIRST
