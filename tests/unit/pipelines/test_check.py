from pathlib import Path

import pytest

from pipelines.check import ConfigInvalid, find_config, load_config
from tests.loading import fully

GOOD = """\
name: shop
sources:
  orders:
    path: orders.csv
    columns: {order: o, ordered_at: t, customer: c, amount: a}
churn: {test_as_of: 2024-01-01}
"""


@pytest.fixture
def shop(tmp_path: Path) -> str:
    (tmp_path / "shop.yaml").write_text(GOOD, encoding="utf-8")
    return str(tmp_path / "shop.yaml")


def problems(config: str, *assignments: str) -> list[str]:
    """What is told, without the first line."""
    with pytest.raises(ConfigInvalid) as caught:
        load_config(config, assignments)
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


def test_a_shipped_config_is_found_by_its_bare_name() -> None:
    assert find_config("telco").name == "telco.yaml"


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "", "/"])
def test_what_is_no_name_of_a_file_is_no_config(name: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"^--config needs a file or one of "):
        find_config(name)


def test_a_folder_of_the_same_name_does_not_hide_a_shipped_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("telco").mkdir()
    assert find_config("telco").is_file()


def test_a_file_of_the_same_name_comes_before_a_shipped_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("telco").write_text(GOOD, encoding="utf-8")
    assert load_config("telco").business.name == "shop"


def test_relative_paths_start_beside_the_config(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_config("shop.yaml").folder == Path(shop).parent
    assert load_config("shop.yaml").path == Path(shop)


@pytest.mark.parametrize(
    ("assignment", "told"),
    [
        (
            "churn_horizon=3",
            (
                "churn_horizon: unknown key; valid here: behaviour, churn, currency, "
                "engine, instants, lifetime, name, offers, prices, profile, propose, review, "
                "rules, score, segments, sources, time_zone, tracking, value"
            ),
        ),
        (
            "churn.model={kind: churn_gbm, leafs: 3}",
            "churn.model.leafs: unknown key; did you mean leaves?",
        ),
        (
            "churn.model={kind: xgb}",
            (
                "churn.model: needs a kind of 'churn_logit', 'churn_gbm', 'churn_tree', "
                "'churn_rules', 'churn_mlp', 'churn_ebm', 'churn_blend', but found 'xgb'"
            ),
        ),
        ("churn.model={trees: 3}", "churn.model: needs a kind, such as {kind: churn_gbm}"),
        (
            "churn.model={kind: churn_gbm, trees: 3}",
            "churn.model.trees: Input should be greater than or equal to 40, but found 3",
        ),
        (
            "churn.candidates=[{kind: churn_tree, leafs: 3}]",
            "churn.candidates.0.leafs: unknown key; did you mean leaves?",
        ),
        (
            "churn.candidates=[{kind: churn_gbm}]",
            (
                "churn.candidates: needs kinds that differ from each other and from churn.model "
                "(churn_gbm), but found churn_gbm again"
            ),
        ),
        (
            "churn.search={seconds: 0}",
            "churn.search.seconds: Input should be greater than 0, but found 0",
        ),
        (
            "sources.orders.returns=quarantin",
            (
                "sources.orders.returns: Input should be 'quarantine' or "
                "'negative_quantity', but found 'quarantin'; did you mean 'quarantine'?"
            ),
        ),
        (
            "sources.orders.columns.amount=5",
            (
                "sources.orders.columns.amount: needs a column's name, "
                "{expression: …} or {constant: …}"
            ),
        ),
        (
            "sources.orders.columns.amount={expresion: a}",
            "sources.orders.columns.amount.expresion: unknown key; did you mean expression?",
        ),
        (
            "sources.orders.columns.amount={expression: a b}",
            (
                "sources.orders.columns.amount.expression: "
                "needs one SQL expression (syntax error at or near \"b\"), but found 'a b'"
            ),
        ),
        ("sources.orders.columns={}", "sources.orders.columns.amount: is required, but missing"),
        ("sources.orders.path=null", "sources.orders: needs either path or database"),
        (
            "sources.orders.delimiter=tab",
            (
                "sources.orders.delimiter: String should match pattern "
                "'^[^\\x00\\r\\n\\\"]$', but found 'tab'"
            ),
        ),
        (
            "sources.orders.encoding=big6",
            (
                "sources.orders.encoding: needs the name of an encoding, such "
                "as utf-8, cp950, big5hkscs, gb18030, cp1252, latin-1, but found 'big6'"
            ),
        ),
        (
            "time_zone=Taipei",
            (
                "time_zone: needs a time zone of the IANA database, such as Europe/London, "
                "but found 'Taipei'"
            ),
        ),
        (
            "sources.orders.non_products='('",
            "sources.orders.non_products: needs a regular expression (missing ): (), but found '('",
        ),
        (
            "name=" + "x" * 200,
            "name: String should match pattern '^[a-z][a-z0-9_]{0,62}$', but found '"
            + "x" * 79
            + "…",
        ),
    ],
)
def test_a_problem_is_told_with_its_place_what_was_needed_and_found(
    shop: str, assignment: str, told: str
) -> None:
    assert told in problems(shop, assignment)


def test_problems_are_sorted_and_counted(shop: str) -> None:
    threads = "engine.threads: Input should be greater than or equal to 1, but found 0"
    zone = "zone: unknown key; did you mean time_zone?"
    text = f"{shop} has 2 problems:\n  {threads}\n  {zone}"
    with pytest.raises(ConfigInvalid, match=fully(text)):
        load_config(shop, ("zone=UTC", "engine.threads=0"))


def test_a_contradiction_of_something_wrong_is_not_told_too(shop: str) -> None:
    assert problems(shop, "churn.kind=labeled") == [
        (
            "churn.kind: Input should be 'silent' or 'labelled', but found 'labeled'; did you mean "
            "'labelled'?"
        )
    ]
    assert problems(shop, "churn.test_as_of=someday", "behaviour.windows_days=[2, 1]") == [
        "behaviour.windows_days: needs to ascend, but found [2, 1]",
        (
            "churn.test_as_of: Input should be a valid date or datetime, input is too short, but "
            "found 'someday'"
        ),
    ]
