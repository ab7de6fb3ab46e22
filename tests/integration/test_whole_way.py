import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines import audit
from pipelines.registry import Registry
from tests.corner_shop import CornerShop, open_shop

pytestmark = pytest.mark.xdist_group("whole_way")


def regulars(*words: str, shop: CornerShop, home: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("regulars")), *words]
    options = ["--config", str(shop.config), "--home", str(home)]
    return subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, env=os.environ
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> CornerShop:
    return open_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def first(shop: CornerShop, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home after one whole run, and what the run printed."""
    home = tmp_path_factory.mktemp("first") / "home"
    done = regulars("run", shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    return home, done.stdout


@pytest.fixture
def home(first: tuple[Path, str], tmp_path: Path) -> Iterator[Path]:
    """The first home itself, put back afterwards: artifact addresses in it are absolute."""
    kept = tmp_path / "kept"
    shutil.copytree(first[0], kept)
    yield first[0]
    shutil.rmtree(first[0])
    shutil.copytree(kept, first[0])


def scores_of(home: Path) -> Path:
    return next((home / "scores" / "corner_shop" / "churn").glob("as_of=*/scores.parquet"))


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def test_one_command_leads_from_raw_orders_to_scored_customers(first: tuple[Path, str]) -> None:
    home, printed = first
    scores = pq.read_table(scores_of(home)).to_pandas()
    assert len(scores) > 100
    assert scores["customer"].is_monotonic_increasing
    assert scores["customer"].str.fullmatch(r"\d{5}").all()
    assert scores["probability"].between(0, 1).all()
    assert set(scores["decile"]) == set(range(1, 11))
    assert scores["reasons"].notna().sum() == 20
    assert "Most worth calling" in printed
    assert str(scores_of(home)) in printed


def test_the_most_endangered_have_the_first_decile_and_reasons(first: tuple[Path, str]) -> None:
    scores = pq.read_table(scores_of(first[0])).to_pandas().sort_values("probability")
    top = scores.tail(20)
    assert top["reasons"].notna().all()
    assert (top["decile"] <= 2).all()
    assert all(1 <= len(words) <= 3 for words in top["reasons"])


def test_a_manifest_lists_rows_and_versions(first: tuple[Path, str]) -> None:
    path = scores_of(first[0])
    manifest = json.loads(path.with_name("manifest.json").read_text())
    assert manifest["rows"] == pq.read_metadata(path).num_rows
    assert manifest["model_version"] == 1
    assert len(manifest["behaviour_fingerprint"]) == 64


def test_a_second_run_trains_nothing_and_changes_no_score(shop: CornerShop, home: Path) -> None:
    before = digest(scores_of(home))
    again = regulars("run", shop=shop, home=home)
    assert again.returncode == 0, again.stderr
    assert "was trained on just this already" in again.stdout
    assert "(loaded before)" in again.stdout
    assert digest(scores_of(home)) == before
    assert len(Registry(None, home).versions("corner_shop-churn")) == 1


def test_the_first_promotion_is_in_the_audit(first: tuple[Path, str]) -> None:
    (entry,) = audit.history(first[0] / "audit" / "corner_shop.jsonl")
    assert (entry.what, entry.from_version, entry.to_version) == ("promote", None, 1)
    assert entry.why == "every gate passed"


def test_an_equal_challenger_is_refused_unless_someone_overrides_it_and_can_be_rolled_back(
    shop: CornerShop, home: Path
) -> None:
    assert regulars("train", "churn", shop=shop, home=home).returncode == 0
    reviewed = regulars("review", "churn", shop=shop, home=home)
    assert reviewed.returncode == 0, reviewed.stderr
    assert "version 2 may not go live" in reviewed.stdout
    review_id = reviewed.stdout.split("Review ")[1].split(":")[0]

    refused = regulars("promote", "churn", "--review", review_id, shop=shop, home=home)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        f"regulars: promotion needs every gate of review {review_id} to pass, but these failed: "
        f"beats champion 1; train a better version, or promote with "
        f'--override "reason", which is recorded'
    )

    words = ("promote", "churn", "--review", review_id, "--override", "the buyer asked")
    assert "version 2 is live" in regulars(*words, shop=shop, home=home).stdout
    assert "version 2 is already live" in regulars(*words, shop=shop, home=home).stdout
    assert "version 1 is live" in regulars("rollback", "churn", shop=shop, home=home).stdout
    moves = audit.history(home / "audit" / "corner_shop.jsonl")
    assert [(m.what, m.to_version) for m in moves] == [
        ("promote", 1),
        ("promote", 2),
        ("rollback", 1),
    ]
    assert moves[1].why == "the buyer asked"


def test_scoring_stops_on_another_behaviour_table_and_names_the_columns(
    shop: CornerShop, home: Path
) -> None:
    before = digest(scores_of(home))
    words = ("score", "churn", "--as-of", "2023-11-28", "--set", "behaviour.windows_days=[14,28]")
    done = regulars(*words, shop=shop, home=home)
    assert done.returncode == 1
    assert "but the config's lacks ['active_days_count_56d'" in done.stderr
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


@pytest.mark.parametrize("as_of", ["2022-12-31", "2026-01-01"])
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


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_training_leaves_no_champion_moved_and_its_run_closed(
    shop: CornerShop, home: Path, sent: signal.Signals, code: int
) -> None:
    process = started("train", "churn", "--set", "churn.search.trials=500", shop=shop, home=home)
    wait_for_a_trial(home / "search" / "corner_shop.journal", process)
    process.send_signal(sent)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code, told
    assert "Traceback" not in told
    assert not list(home.rglob(".tmp-*"))
    assert run_states(home) == ["FINISHED", "KILLED"]
    assert regulars("review", "churn", shop=shop, home=home).returncode == 1


def test_a_second_process_with_the_same_job_is_refused_with_the_holder(
    shop: CornerShop, home: Path
) -> None:
    process = started("train", "churn", "--set", "churn.search.trials=500", shop=shop, home=home)
    try:
        wait_for_a_trial(home / "search" / "corner_shop.journal", process)
        second = regulars("train", "churn", shop=shop, home=home)
        assert second.returncode == 1
        assert f"process {process.pid}" in second.stderr
    finally:
        process.kill()
        process.communicate()
    assert regulars("train", "churn", shop=shop, home=home).returncode == 0
    assert run_states(home).count("FAILED") == 1


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


def test_a_leak_among_the_features_stops_the_training(
    shop: CornerShop, home: Path, tmp_path: Path
) -> None:
    """The customers table says who leaves: each attribute of the future is such a leak."""
    with shop.orders.open(encoding="utf-8") as file:
        last = {row["customer"]: row["ordered_at"][:10] for row in csv.DictReader(file)}
    secret = tmp_path / "secret.csv"
    lines = [f"{customer},{day.replace('-', '')}" for customer, day in last.items()]
    secret.write_text("\n".join(["customer,last_order", *lines]) + "\n", encoding="utf-8")
    customers = {
        "path": str(secret),
        "columns": {"customer": "customer"},
        "attributes": {"last_order": {"column": "last_order", "type": "number"}},
    }
    assignment = f"sources.customers={json.dumps(customers)}"
    words = ("--set", assignment, "--set", "churn.train_cutoffs=1")
    assert regulars("build", *words, shop=shop, home=home).returncode == 0
    done = regulars("train", "churn", *words, shop=shop, home=home)
    assert done.returncode == 1
    assert "training needs columns that do not know the outcome, but these" in done.stderr
    assert "last_order (AUC 1.000 by rank)" in done.stderr
    assert run_states(home) == ["FAILED", "FINISHED"]


def started(*words: str, shop: CornerShop, home: Path) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).with_name("regulars")), *words]
    options = ["--config", str(shop.config), "--home", str(home)]
    return subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for_a_trial(journal: Path, process: subprocess.Popen[str]) -> None:
    """Return when the process has added to the journal of its search."""
    size, until = journal.stat().st_size, time.monotonic() + 60
    while journal.stat().st_size <= size + 4000:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "no trial within a minute"
        time.sleep(0.02)


def run_states(home: Path) -> list[str]:
    """States of the training runs, trials aside."""
    with sqlite3.connect(home / "mlflow" / "mlflow.db") as database:
        rows = database.execute("SELECT status FROM runs WHERE name LIKE 'train%'").fetchall()
    return sorted(status for (status,) in rows)


def reviewed(home: Path) -> tuple[str, Path]:
    """Identity and evidence of the one review of a home."""
    (folder,) = (home / "reviews" / "corner_shop").iterdir()
    return folder.name, folder / "evidence.json"


def test_evidence_that_somebody_edited_promotes_nothing(shop: CornerShop, tmp_path: Path) -> None:
    home = tmp_path / "home"
    words = ("run", "--set", "review.drift_most=0.0001")
    assert regulars(*words, shop=shop, home=home).returncode == 0
    review_id, evidence = reviewed(home)
    evidence.write_text(evidence.read_text().replace('"is_passed": false', '"is_passed": true'))
    done = regulars("promote", "churn", "--review", review_id, shop=shop, home=home)
    assert done.returncode == 1
    assert "is not what its review sealed" in done.stderr
    assert Registry(None, home).champion("corner_shop-churn") is None


def test_a_challenger_of_other_columns_is_held_against_the_simple_rules(
    shop: CornerShop, home: Path
) -> None:
    """A champion that cannot see today's table must not block its successor, nor be beaten."""
    wider = ("--set", "behaviour.windows_days=[28,56]")
    done = regulars("run", *wider, shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    assert "beats recency" in done.stdout
    assert "Nothing is scored: scoring needs the behaviour table that the model" in done.stdout
    review_id = done.stdout.split("Review ")[1].split(":")[0]
    promoted = regulars("promote", "churn", "--review", review_id, *wider, shop=shop, home=home)
    assert "version 2 is live (before: version 1)" in promoted.stdout
    scored = regulars("run", *wider, shop=shop, home=home)
    assert "by version 2" in scored.stdout


def test_a_review_of_a_version_that_is_not_the_newest_any_more_promotes_nothing(
    shop: CornerShop, home: Path
) -> None:
    assert regulars("train", "churn", shop=shop, home=home).returncode == 0
    printed = regulars("review", "churn", shop=shop, home=home).stdout
    review_id = printed.split("Review ")[1].split(":")[0]
    assert regulars("train", "churn", shop=shop, home=home).returncode == 0
    words = ("promote", "churn", "--review", review_id, "--override", "hurry")
    done = regulars(*words, shop=shop, home=home)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"regulars: review {review_id} judged version 2, but version 3 has been registered since; "
        "review that one"
    )


def test_a_setting_that_changes_what_a_column_says_stops_the_scoring(
    shop: CornerShop, home: Path
) -> None:
    words = ("score", "churn", "--as-of", "2023-11-28", "--set", "currency.digits=3")
    done = regulars(*words, shop=shop, home=home)
    assert done.returncode == 1
    assert "but currency.digits is 3 and was 2" in done.stderr


def test_scores_of_a_day_that_the_model_has_seen_the_outcome_of_say_so(
    shop: CornerShop, home: Path
) -> None:
    done = regulars("score", "churn", "--as-of", "2023-05-01", shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    assert "Note: the model has seen outcomes until 2023-10-03" in done.stdout


def test_damaged_scores_are_written_anew(shop: CornerShop, home: Path) -> None:
    path = scores_of(home)
    before = digest(path)
    path.write_bytes(b"x")
    words = ("score", "churn", "--as-of", "2023-11-28")
    assert regulars(*words, shop=shop, home=home).returncode == 0
    assert digest(path) == before
    assert not list((home / "spill").iterdir())


@pytest.mark.parametrize("settings", ["engine.threads=1", "score.batch_rows=7"])
def test_scores_are_equal_to_the_byte_at_any_thread_count_and_batch_size(
    shop: CornerShop, home: Path, settings: str
) -> None:
    before = digest(scores_of(home))
    words = ("score", "churn", "--as-of", "2023-11-28", "--set", settings)
    assert regulars(*words, shop=shop, home=home).returncode == 0
    assert digest(scores_of(home)) == before


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("after", [0.15, 0.6, 1.1])
def test_a_build_that_is_stopped_ends_with_the_code_of_its_signal(
    shop: CornerShop, tmp_path: Path, sent: signal.Signals, code: int, after: float
) -> None:
    process = started("build", shop=shop, home=tmp_path / "home")
    time.sleep(after)
    process.send_signal(sent)
    _, told = process.communicate(timeout=60)
    assert process.returncode in {code, 0}, told
    assert "Traceback" not in told
