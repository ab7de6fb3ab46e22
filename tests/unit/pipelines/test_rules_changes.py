"""What changed at a made-up grocer: found by the job, told on its page, kept with its run."""

import json
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from features.clock import Window
from models.rules.association import RulesWanted, rules_of
from models.rules.baskets import baskets_of
from models.rules.changes import CHANGES, changed
from models.rules.mining import Wanted, frequent
from pipelines import rules_results
from pipelines.rule_periods import PeriodsTooLong
from pipelines.rules_train import RulesTrained
from tests.rules_shop import CHANGE, FIRST, TEST, Grocer, baskets, changing_baskets, opened


@pytest.fixture(scope="module")
def grocer(tmp_path_factory: pytest.TempPathFactory, registry_template: Path) -> Grocer:
    return opened(tmp_path_factory.mktemp("changing"), registry_template, changing_baskets())


@pytest.fixture(scope="module")
def trained(grocer: Grocer) -> RulesTrained:
    return grocer.train()


def said(table: pd.DataFrame) -> pd.DataFrame:
    """The table with each rule in words as its index."""
    left, right = (table[side].map(" + ".join) for side in ("antecedents", "consequents"))
    return table.set_index(left + " → " + right)


def compared(trained: RulesTrained, comparison: str) -> pd.DataFrame:
    table = trained.found.changes
    return said(table[table["comparison"] == comparison])


def counted(lead: str, follow: str, start: object, end: object) -> tuple[int, int]:
    """Baskets of some days with both, and with the first, by hand."""
    orders: dict[str, set[str]] = {}
    for line in changing_baskets():
        if start <= line.ordered_at.date() < end:  # type: ignore[operator]
            orders.setdefault(line.order, set()).add(str(line.product))
    held = [items for items in orders.values() if lead in items]
    return sum(follow in items for items in held), len(held)


def with_crisps(*, is_discounted: bool, store: str | None = None) -> list[str]:
    """Orders of the days mined with crisps at a discount, or at full price, by hand."""
    return [
        line.order
        for line in changing_baskets()
        if line.product == "crisps"
        and bool(line.discount) is is_discounted
        and line.ordered_at.date() < TEST
        and store in (None, line.store)
    ]


def test_rules_that_appear_fade_and_turn_are_found(trained: RulesTrained) -> None:
    table = compared(trained, "periods")
    change = table["change"].to_dict()
    assert change["toast → jam"] == "appeared"
    assert change["tea → lemon"] == "faded"
    assert change["wine → cheese"] == "turned"
    assert table.loc[
        ["toast → jam", "tea → lemon", "wine → cheese"], "is_association_changed"
    ].all()
    assert change["crisps → dip"] == "steady"
    assert trained.found.periods is not None
    assert trained.found.periods.newer == Window(CHANGE, TEST)


def test_a_rule_that_is_only_bought_more_keeps_its_tie(trained: RulesTrained) -> None:
    """Jam is bought more from the day of the change on, with milk as without it."""
    row = compared(trained, "periods").loc["milk → jam"]
    assert row["change"] == "appeared"
    assert not row["is_association_changed"]


def test_figures_of_periods_are_those_of_counting_by_hand(trained: RulesTrained) -> None:
    row = compared(trained, "periods").loc["toast → jam"]
    for side, start, end in (("before", FIRST, CHANGE), ("after", CHANGE, TEST)):
        both, lead = counted("toast", "jam", start, end)
        assert (row[f"{side}_count"], row[f"{side}_antecedent_count"]) == (both, lead)
        assert row[f"{side}_confidence"] == pytest.approx(both / lead)


def test_a_rule_that_holds_under_promotion_only_is_found_and_hardly_another(
    trained: RulesTrained,
) -> None:
    table = compared(trained, "promotion")
    row = table.loc["crisps → dip"]
    assert row["change"] == "appeared"
    assert row["before_confidence"] < 0.1
    assert row["after_confidence"] > 0.5
    assert row["before_lift"] < row["after_lift"]
    others = table[table["change"].isin(CHANGES[:-1]) & ~table["is_implied"]].drop("crisps → dip")
    assert len(others) <= 1, "at a false discovery rate of one in twenty"
    assert row["after_antecedent_count"] == len(with_crisps(is_discounted=True))
    assert row["before_antecedent_count"] == len(with_crisps(is_discounted=False))


def test_each_group_is_told_its_own_promotions(grocer: Grocer) -> None:
    found = grocer.train('rules.splits=["store"]', "rules.group_least=400").found
    table = said(found.changes[found.changes["comparison"] == "promotion"]).loc["crisps → dip"]
    for store in ("north", "south"):
        row = table[table["group"] == f"store: {store}"].iloc[0]
        assert row["change"] in ("appeared", "strengthened")
        for side, is_discounted in (("before", False), ("after", True)):
            expected = with_crisps(is_discounted=is_discounted, store=store)
            assert row[f"{side}_antecedent_count"] == len(expected)


def test_a_context_of_promotions_changes_nothing_of_what_is_compared(
    grocer: Grocer, trained: RulesTrained
) -> None:
    """The items of that context are discounted always, so that their rules have one side only."""
    found = grocer.train('rules.context=["promoted"]').found
    table = said(found.changes[found.changes["comparison"] == "promotion"])
    figures = [f"{side}_{each}" for side in ("before", "after") for each in ("count", "lift")]
    own = compared(trained, "promotion")
    pd.testing.assert_frame_equal(
        table.loc[["crisps → dip"], figures], own.loc[["crisps → dip"], figures]
    )
    promoted = table.loc["promoted_product:crisps → dip"]
    assert promoted["change"] == "not_compared"
    assert promoted["before_antecedent_count"] > 0
    assert promoted["after_antecedent_count"] == 0


def test_no_rule_that_was_kept_is_left_out_of_either_comparison(trained: RulesTrained) -> None:
    kept = set(said(trained.found.rules).index)
    for comparison in ("periods", "promotion"):
        table = compared(trained, comparison)
        assert set(table.index[table["is_kept"]]) == kept
        assert not table.index.duplicated().any()


def test_numbers_of_changes_are_kept_with_the_run(trained: RulesTrained, grocer: Grocer) -> None:
    assert trained.version is not None
    client = mlflow.MlflowClient(f"sqlite:///{grocer.home}/mlflow/mlflow.db")
    run = client.get_run(trained.version.run_id)
    artifacts = Path(run.info.artifact_uri.removeprefix("file://"))
    table = pd.read_parquet(artifacts / "changes.parquet")
    (group,) = trained.found.groups
    for comparison, numbers in group.changes.items():
        own = table[table["comparison"] == comparison]
        for change in CHANGES[:-1]:
            told = int((own["change"] == change).sum())
            assert run.data.metrics[f"all.{comparison}.{change}"] == numbers[change] == told
        assert numbers["steady"] >= int((own["change"] == "steady").sum())
    assert json.loads((artifacts / "groups.json").read_text())[0]["changes"] == group.changes


def test_the_page_and_the_terminal_say_what_changed(trained: RulesTrained, grocer: Grocer) -> None:
    page = trained.page.read_text(encoding="utf-8")
    assert page.index("What changed") < page.index("Without and with a promotion")
    assert "toast → jam" in page
    lines = rules_results.trained(grocer.job(), trained)
    (line,) = (each for each in lines if each.startswith("  Between two periods: "))
    assert f"turned {trained.found.groups[0].changes['periods']['turned']}, appeared " in line


def test_nothing_is_said_of_what_is_not_asked_for(grocer: Grocer) -> None:
    sets = ("rules.changes.against=nothing", "rules.changes.promotion=false")
    result = grocer.train(*sets)
    assert result.found.periods is None
    assert result.found.changes.empty
    assert result.found.groups[0].changes == {}
    assert "What changed" not in result.page.read_text(encoding="utf-8")


def test_periods_beyond_the_days_mined_are_refused_before_anything_is_mined(
    grocer: Grocer,
) -> None:
    with pytest.raises(PeriodsTooLong, match="need 80 days to mine, but there are 70"):
        grocer.train("rules.changes.newer_days=40")


def test_a_customers_basket_is_one_in_each_period(grocer: Grocer) -> None:
    """Fifty customers, each of whom comes on every fiftieth day: twenty of them in both periods."""
    found = grocer.train("rules.basket=customer", "rules.support=0.4").found
    table = found.changes[found.changes["comparison"] == "periods"]
    assert found.groups[0].baskets == 50
    assert table[["before_antecedent_count", "after_antecedent_count"]].max().tolist() == [35, 35]


def test_groups_are_compared_by_themselves(tmp_path: Path, registry_template: Path) -> None:
    """Without discounts in the source nothing is said of promotions."""
    stores = opened(tmp_path, registry_template, baskets())
    found = stores.train('rules.splits=["overall", "store"]', "rules.group_least=400").found
    assert [set(group.changes) for group in found.groups] == [{"periods"}] * 3
    table = said(found.changes)
    (all_of_them, north, south) = (
        table[table["group"] == group.name].loc["toast → jam"] for group in found.groups
    )
    for figure in ("count", "antecedent_count"):
        for side in ("before", "after"):
            column = f"{side}_{figure}"
            assert all_of_them[column] == north[column] + south[column]
    assert {all_of_them["change"], north["change"], south["change"]} == {"steady"}


def test_baskets_that_are_shuffled_between_the_periods_hardly_change_a_rule() -> None:
    """Twenty shuffles, two tests of each at a false discovery rate of one in twenty."""
    orders: dict[str, set[str]] = {}
    for line in changing_baskets():
        if line.ordered_at.date() < TEST:
            orders.setdefault(line.order, set()).add(str(line.product))
    shop = list(orders.values())
    lines = pd.DataFrame(
        [(number, item) for number, items in enumerate(shop) for item in items],
        columns=["basket", "item"],
    )
    rules = rules_of(
        frequent(baskets_of(lines, "basket", "item"), Wanted(support=0.02, max_length=2)),
        RulesWanted(0.05),
    )
    random, told = np.random.default_rng(4), 0
    for _ in range(20):
        is_late = (random.permutation(len(shop)) < len(shop) // 2)[lines["basket"]]
        older, newer = (baskets_of(lines[side], "basket", "item") for side in (~is_late, is_late))
        told += bool((changed(rules, older, newer, least=0.1)["change"] != "steady").any())
    assert len(rules) > 100
    assert told <= 3
