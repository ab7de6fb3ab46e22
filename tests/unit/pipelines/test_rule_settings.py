"""The section rules: what it refuses, and with which words."""

from pathlib import Path

import pytest

from pipelines.check import ConfigInvalid, load_config
from pipelines.config import Business
from pipelines.reference import described, lines
from pipelines.rule_settings import Rules
from tests.loading import fully

SHOP = """\
name: shop
sources:
  orders:
    path: orders.csv
    columns: {order: o, ordered_at: t, customer: c, amount: a, product: p}
churn: {test_as_of: 2024-01-01}
"""


def refused(folder: Path, assignment: str, *problems: str) -> None:
    path = folder / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    text = "\n".join([f"{path} has {count}:", *(f"  {each}" for each in problems)])
    with pytest.raises(ConfigInvalid, match=fully(text)):
        load_config(str(path), (assignment,))


@pytest.mark.parametrize(
    ("assignment", "problem"),
    [
        ("rules.support=0", "rules.support: Input should be greater than 0, but found 0"),
        (
            "rules.support=1.5",
            "rules.support: Input should be less than or equal to 1, but found 1.5",
        ),
        (
            "rules.basket=ordr",
            (
                "rules.basket: Input should be 'order', 'visit', 'customer_day' or 'customer', but "
                "found 'ordr'; did you mean 'order'?"
            ),
        ),
        ("rules.suport=.1", "rules.suport: unknown key; did you mean support?"),
        (
            "rules.items=[type]",
            "rules.items: needs some of product, but found type",
        ),
        (
            "rules.context=[channel]",
            "rules.context: channel needs sources.orders.columns.channel",
        ),
        (
            "rules.consequent_levels=[type]",
            "rules.consequent_levels: needs some of rules.items (product), but found type",
        ),
        (
            "rules.length_least=4",
            "rules: needs itemsets of 4 items for the shortest rule, but they have 3 at most",
        ),
        (
            "rules={length_most: 1}",
            "rules: needs itemsets of 2 items for the shortest rule, but they have 1 at most",
        ),
        (
            "rules.changes.against=year_ago",
            (
                "rules.changes.against: Input should be 'days_before', 'year_before' or 'nothing', "
                "but found 'year_ago'; did you mean 'year_before'?"
            ),
        ),
        (
            "rules.changes={against: year_before, older_days: 400}",
            (
                "rules.changes: needs an older period of up to 364 days, so that it ends before "
                "the newer one begins, but found 400"
            ),
        ),
        (
            "rules.changes.newer_day=7",
            "rules.changes.newer_day: unknown key; did you mean newer_days?",
        ),
        (
            "rules.antecedent_least=3",
            "rules: needs antecedent_least up to antecedent_most, but found 3 and 2",
        ),
    ],
)
def test_a_section_that_cannot_be_meant_is_refused(
    tmp_path: Path, assignment: str, problem: str
) -> None:
    refused(tmp_path, assignment, problem)


def test_a_config_needs_no_section_of_rules() -> None:
    for name in ("complete_journey", "online_retail", "telco"):
        assert load_config(name).business.rules.support > 0


def test_a_table_without_orders_cannot_ask_for_rules() -> None:
    with pytest.raises(ConfigInvalid, match=r"rules\.basket: baskets need sources\.orders"):
        load_config("telco", ("rules.support=.1",))


def test_an_itemset_is_as_long_as_the_longest_rule() -> None:
    assert Rules(antecedent_most=3, consequent_most=2).longest == 5
    assert Rules(length_most=4).longest == 4


def test_every_setting_of_rules_is_described() -> None:
    paths = {each.path for each in described(Business) if each.path.startswith("rules.")}
    named = {"rules.items", "rules.confirm_days", "rules.limits.itemsets", "rules.changes.against"}
    assert named < paths
    assert lines("rules.largest")[0] == "rules.largest: int (default 500)"
    takes = "rules.basket: order | visit | customer_day | customer (default order)"
    assert lines("rules.basket")[0] == takes
