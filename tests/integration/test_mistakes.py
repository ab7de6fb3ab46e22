"""What a user can get wrong, and what is said about it."""

from pathlib import Path

import pytest

from tests.corner_shop import CornerShop
from tests.running import digest, regulars, scores_of


def test_scoring_stops_on_another_behaviour_table_and_names_the_columns(
    shop: CornerShop, home: Path
) -> None:
    before = digest(scores_of(home))
    words = ("score", "churn", "--as-of", "2023-11-28", "--set", "behaviour.windows_days=[14,28]")
    done = regulars(*words, shop=shop, home=home)
    assert done.returncode == 1
    assert "but the config's lacks ['active_days_" in done.stderr
    assert "'active_days_count_56d'" in done.stderr
    assert "Traceback" not in done.stderr
    assert digest(scores_of(home)) == before


def test_a_horizon_that_is_not_over_is_refused_with_the_date_to_use(
    shop: CornerShop, home: Path
) -> None:
    words = ("train", "churn", "--set", "churn.test_as_of=2023-11-20")
    done = regulars(*words, shop=shop, home=home)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "regulars: labels for as_of=2023-11-20 need orders up to 2023-12-17, but the warehouse "
        "ends on 2023-11-27; use as_of <= 2023-10-31 or wait 20 days"
    )


@pytest.mark.parametrize(
    "as_of", ["2022-12-31", pytest.param("2026-01-01", marks=pytest.mark.slow)]
)
def test_a_day_outside_the_history_is_refused(shop: CornerShop, home: Path, as_of: str) -> None:
    done = regulars("score", "churn", "--as-of", as_of, shop=shop, home=home)
    assert done.returncode == 1
    assert f"as_of={as_of} was asked for; use a date from 2023-01-03" in done.stderr
    assert "Traceback" not in done.stderr


def test_scoring_without_a_champion_says_what_to_run(shop: CornerShop, tmp_path: Path) -> None:
    assert regulars("build", shop=shop, home=tmp_path).returncode == 0
    done = regulars("score", "churn", "--as-of", "2023-11-28", shop=shop, home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "regulars: scoring needs a champion of corner_shop-churn, but no version has been "
        "promoted; run: regulars train churn, regulars review churn, regulars promote churn "
        "--review ID"
    )


def test_a_job_without_a_warehouse_says_what_to_run(shop: CornerShop, tmp_path: Path) -> None:
    done = regulars("train", "churn", shop=shop, home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("which is not there; run: regulars build")


def test_an_unknown_review_names_those_there_are(shop: CornerShop, home: Path) -> None:
    done = regulars("promote", "churn", "--review", "nonesuch", shop=shop, home=home)
    known = next((home / "reviews" / "corner_shop").iterdir()).name
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "regulars: a promotion needs the identity of a review, but there is no 'nonesuch'; there "
        f"is {known}"
    )


def test_a_home_that_cannot_be_written_to_is_refused(shop: CornerShop, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")
    done = regulars("build", shop=shop, home=taken)
    assert done.returncode == 1
    assert f"the home folder {taken} needs to be writable, but is not" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            "behaviour.cohort.min_orders=100000",
            "nobody meets at least 100000 orders, the last within 56 days",
        ),
        ("churn.horizon_dayz=42", "churn.horizon_dayz: unknown key; did you mean horizon_days?"),
        ("churn.horizon_days=soon", "churn.horizon_days: Input should be a valid integer"),
        ("behaviour.windows_days=[28,14]", "behaviour.windows_days: needs to ascend"),
    ],
)
def test_a_mistake_in_a_setting_is_told_in_one_message(
    shop: CornerShop, home: Path, setting: str, told: str
) -> None:
    done = regulars("train", "churn", "--set", setting, shop=shop, home=home)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_that_changes_what_a_column_says_stops_the_scoring(
    shop: CornerShop, home: Path
) -> None:
    words = ("score", "churn", "--as-of", "2023-11-28", "--set", "currency.digits=3")
    done = regulars(*words, shop=shop, home=home)
    assert done.returncode == 1
    assert "but currency.digits is 3 and was 2" in done.stderr
