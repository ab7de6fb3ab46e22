"""regulars features: list, dictionary and explain as a user starts them."""

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from tests.corner_shop import CornerShop
from tests.running import regulars


@pytest.fixture(scope="module")
def built(shop: CornerShop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose warehouse is built."""
    home = tmp_path_factory.mktemp("features") / "home"
    done = regulars("build", shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    return home


def test_a_list_through_a_pipe_is_a_table_with_tabs_and_needs_no_warehouse(
    shop: CornerShop, tmp_path: Path
) -> None:
    done = regulars("features", "list", shop=shop, home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    rows = list(csv.DictReader(StringIO("\n".join(lines)), delimiter="\t"))
    (spend,) = (row for row in rows if row["name"] == "spend_28d")
    assert (spend["family"], spend["window_days"]) == ("monetary", "28")
    assert last.startswith(f"# {len(rows)} columns; ")
    assert not (tmp_path / "home").exists()


def test_a_family_that_is_not_there_is_refused_with_the_nearest(
    shop: CornerShop, tmp_path: Path
) -> None:
    done = regulars("features", "list", "--family", "recencey", shop=shop, home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "regulars: --family needs a family that corner_shop has columns of, but found 'recencey'; "
        "did you mean 'recency'?"
    )


def test_a_dictionary_says_where_it_lies_and_is_written_again_the_same(
    shop: CornerShop, tmp_path: Path
) -> None:
    first = regulars("features", "dictionary", shop=shop, home=tmp_path)
    page = tmp_path / "reports" / "corner_shop" / "features.html"
    assert first.stdout.splitlines() == [str(page)]
    before = page.read_bytes()
    assert regulars("features", "dictionary", shop=shop, home=tmp_path).returncode == 0
    assert page.read_bytes() == before
    assert list(page.parent.iterdir()) == [page]


def test_an_explanation_adds_up_to_what_the_orders_say(shop: CornerShop, built: Path) -> None:
    words = ("features", "explain", "spend_56d", "--customer", "00001", "--as-of", "2023-04-01")
    done = regulars(*words, shop=shop, home=built)
    assert done.returncode == 0, done.stderr
    with shop.orders.open(encoding="utf-8") as file:
        amounts = [
            float(row["amount"])
            for row in csv.DictReader(file)
            if row["customer"] == "00001" and "2023-02-04" <= row["ordered_at"][:10] < "2023-04-01"
        ]
    assert len(amounts) > 5
    assert f"= EUR {sum(amounts):,.2f}\n" in done.stdout
    assert f"purchases: {len(amounts)} lines, newest first\n" in done.stdout


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (("spend_5d", "00001", "2023-04-01"), "did you mean 'spend_56d'?"),
        (("spend_56d", "1", "2023-04-01"), "who is none of its 260; write it as the sources do"),
        (("spend_56d", "00001", "2020-04-01"), "an as_of needs orders before it"),
    ],
)
def test_a_mistake_is_told_in_one_message(
    shop: CornerShop, built: Path, question: tuple[str, str, str], told: str
) -> None:
    column, customer, as_of = question
    words = ("features", "explain", column, "--customer", customer, "--as-of", as_of)
    done = regulars(*words, shop=shop, home=built)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def household(home: Path) -> Callable[..., str]:
    """Asks about household 1 of the default config as of 2017-12-14."""

    def ask(*words: str) -> str:
        command = [str(Path(sys.executable).with_name("regulars")), *words]
        env = {**os.environ, "REGULARS_HOME": str(home), "COLUMNS": "120"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return ask


@pytest.mark.slow
def test_five_columns_of_a_household_are_what_its_files_say(tmp_path: Path) -> None:
    """Counted by hand in the files of the package, in the days of New York."""
    ask = household(tmp_path)
    ask("build")

    def explain(column: str) -> list[str]:
        return ask(
            *("features", "explain", column, "--customer", "1", "--as-of", "2017-12-14")
        ).splitlines()

    spend = explain("spend_28d")
    assert "value     15,006 = USD 150.06" in spend
    assert "purchases: the newest 50 of 55 lines" in spend
    assert "  and 5 more; --rows 55 shows all" in spend
    silent = explain("days_since_order")
    assert "value     10" in silent
    assert "purchases: 2 lines, newest first" in silent
    products = explain("products_count_28d")
    assert "value     52" in products
    assert "products: the newest 50 of 55 lines" in products
    unanswered = explain("campaigns_unanswered_count_91d")
    assert "value     2" in unanswered
    assert "sendings: 3 rows, newest first" in unanswered
    assert "  2017-11-09  18        Type A  2017-10-30         1" in unanswered
    age = explain("is_age_65")
    assert "value     1" in age
    assert age[-3:] == ["profile: 1 row", "  age", "  65+"]
