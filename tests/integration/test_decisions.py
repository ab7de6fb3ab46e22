"""Reviews, promotions and rollbacks, as a reviewer makes them."""

import csv
import json
from pathlib import Path

import pytest

from pipelines import audit
from pipelines.registry import Registry
from tests.corner_shop import CornerShop
from tests.running import (
    regulars,
    reviewed,
    run_states,
)


def test_the_first_promotion_is_in_the_audit(first: tuple[Path, str]) -> None:
    (entry,) = audit.history(first[0] / "audit" / "corner_shop.jsonl")
    assert (entry.what, entry.from_version, entry.to_version) == ("promote", None, 1)
    assert entry.why == "every gate passed"


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
