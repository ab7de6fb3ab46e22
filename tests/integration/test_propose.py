"""regulars propose as a user starts it, and what a training keeps of it."""

import json
from pathlib import Path

import pytest
import yaml

from tests.corner_shop import CornerShop
from tests.running import regulars


@pytest.fixture(scope="module")
def built(shop: CornerShop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose warehouse is built."""
    home = tmp_path_factory.mktemp("propose") / "home"
    done = regulars("build", shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    return home


def test_a_proposal_is_told_and_written_as_a_page_and_its_figures(
    shop: CornerShop, built: Path
) -> None:
    done = regulars("propose", "churn", shop=shop, home=built)
    assert done.returncode == 0, done.stderr
    folder = built / "reports" / "corner_shop"
    figures = json.loads((folder / "churn_definition.json").read_text(encoding="utf-8"))
    assert figures["as_of"] == "2023-11-28"
    assert [each["horizon_days"] for each in figures["horizons"]] == [14, 28, 56]
    page = (folder / "churn_definition.html").read_text(encoding="utf-8")
    for part in ("Who comes back, and when", "One-time buyers", "To paste into the config"):
        assert part in page
    _, pasted = done.stdout.split("To paste into the config\n")
    settings = yaml.safe_load(pasted.split("\n\n")[0])
    assert settings["churn"]["horizon_days"] == figures["proposed"]["churn.horizon_days"]
    assert str(folder / "churn_definition.html") in done.stdout


@pytest.mark.slow
def test_a_proposal_is_written_again_the_same(shop: CornerShop, built: Path) -> None:
    folder = built / "reports" / "corner_shop"
    first = regulars("propose", "churn", shop=shop, home=built)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    again = regulars("propose", "churn", "--set", "engine.threads=1", shop=shop, home=built)
    assert first.stdout.split("Try it")[0] == again.stdout.split("Try it")[0]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_orders_from_the_day_on_are_not_seen(shop: CornerShop, built: Path) -> None:
    words = ("propose", "churn", "--as-of", "2023-07-01", "--set", "propose.back_most=0.9")
    done = regulars(*words, shop=shop, home=built)
    assert done.returncode == 0, done.stderr
    assert "Orders before 1\xa0July\xa02023: 180 days" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--as-of", "2020-01-01"), "use a date from 2023-01-03 to 2023-11-28"),
        (("--by", "order"), "--by needs one of orders, but found 'order'; did you mean 'orders'?"),
        (("--set", "propose.back_most=2"), "propose.back_most: Input should be less than 1"),
    ],
)
def test_a_mistake_is_told_in_one_message(
    shop: CornerShop, built: Path, words: tuple[str, ...], told: str
) -> None:
    done = regulars("propose", "churn", *words, shop=shop, home=built)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_warehouse_a_build_is_asked_for(shop: CornerShop, tmp_path: Path) -> None:
    done = regulars("propose", "churn", shop=shop, home=tmp_path / "home")
    assert done.returncode == 1
    assert "run: regulars build" in done.stderr


def test_a_training_keeps_what_its_definition_was_chosen_by(first: tuple[Path, str]) -> None:
    artifacts = first[0] / "mlflow" / "artifacts"
    (figures,) = artifacts.rglob("definition/definition.json")
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["current"]["churn.horizon_days"] == 28
    assert len(found["current"]["label_rates"]["days"]) > 3
    page = figures.with_suffix(".html").read_text(encoding="utf-8")
    assert "what churn should mean" in page
