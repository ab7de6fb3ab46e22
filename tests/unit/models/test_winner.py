import re

import numpy as np
import pytest

from models.metrics import METRICS, Metric, average_precision, brier, resampled_weights
from models.rolling import Outcomes
from models.spec import BoolArray, FloatArray, OneClassOnly
from models.winner import RESAMPLES, Standing, verdict

AP = {"average_precision": METRICS["average_precision"]}
BOTH = {**AP, "brier": METRICS["brier"]}


DAYS = np.array(["2024-01-01", "2024-02-01", "2024-03-01"], dtype="datetime64[D]")


def drawn(rows: int, days: int = 1, seed: int = 1) -> tuple[Outcomes, FloatArray]:
    """Customers, each once on every day, and the chance with which each row left."""
    random = np.random.default_rng(seed)
    truth = random.beta(1, 3, rows * days)
    customers = np.tile(np.array([f"c{row}" for row in range(rows)], dtype=object), days)
    as_of = np.repeat(DAYS[:days], rows)
    return Outcomes(random.random(rows * days) < truth, as_of, customers), truth


def noisy(chances: FloatArray, size: float, seed: int = 2) -> FloatArray:
    return np.clip(chances + np.random.default_rng(seed).normal(0, size, len(chances)), 0, 1)


def test_of_equal_models_the_first_which_is_the_simplest_wins() -> None:
    validated, truth = drawn(200)
    found = verdict(validated, {"simple": truth, "complex": truth.copy()}, AP, seed=1)
    assert found.winner == "simple"
    assert found.standings["complex"]["average_precision"].behind == 0
    assert found.standings["complex"]["average_precision"].error == 0
    assert found.as_good == ("simple", "complex")


def test_a_simple_model_that_is_a_little_worse_wins_over_the_best() -> None:
    validated, truth = drawn(200)
    found = verdict(validated, {"simple": noisy(truth, 0.005), "complex": truth}, AP, seed=1)
    standing = found.standings["simple"]["average_precision"]
    assert 0 < standing.behind < standing.error
    assert found.winner == "simple"


def test_a_simple_model_that_is_clearly_worse_loses() -> None:
    validated, truth = drawn(2000)
    guesses = np.random.default_rng(3).random(2000)
    found = verdict(validated, {"simple": guesses, "complex": truth}, AP, seed=1)
    assert found.winner == "complex"
    assert found.as_good == ("complex",)
    assert found.standings["simple"]["average_precision"].errors_behind > 1


def test_a_winner_is_as_good_in_every_metric_not_in_one_alone() -> None:
    validated, truth = drawn(2000)
    shifted = truth * 0.5  # ranks alike, and is off in size
    found = verdict(validated, {"simple": shifted, "complex": truth}, BOTH, seed=1)
    assert found.standings["simple"]["average_precision"].is_as_good
    assert not found.standings["simple"]["brier"].is_as_good
    assert found.winner == "complex"
    assert verdict(validated, {"simple": shifted, "complex": truth}, AP, seed=1).winner == "simple"


def test_where_nobody_is_as_good_in_everything_the_least_behind_wins() -> None:
    validated, truth = drawn(2000)
    said = {"ranks": truth * 0.3, "sizes": noisy(truth, 0.1)}
    found = verdict(validated, said, BOTH, seed=1)
    assert found.as_good == ()
    worst = {
        name: max(standing.errors_behind for standing in standings.values())
        for name, standings in found.standings.items()
    }
    assert min(worst.values()) > 1
    assert found.winner == min(worst, key=worst.__getitem__)


def test_a_difference_without_any_error_is_infinitely_far_behind() -> None:
    assert Standing(0.4, 0.1, 0.0).errors_behind == float("inf")
    assert Standing(0.4, 0.0, 0.0).errors_behind == 0
    assert Standing(0.4, 0.1, 0.2).errors_behind == pytest.approx(0.5)
    assert Standing(0.4, 0.1, 0.1).is_as_good
    assert not Standing(0.4, 0.11, 0.1).is_as_good


def test_a_value_keeps_its_sign_where_less_is_better() -> None:
    validated, truth = drawn(300)
    worse = noisy(truth, 0.4)
    standing = verdict(validated, {"a": worse, "b": truth}, BOTH, seed=1).standings["a"]["brier"]
    assert standing.value == pytest.approx(brier(validated.churned, worse), rel=1e-12)
    gap = brier(validated.churned, worse) - brier(validated.churned, truth)
    assert standing.behind == pytest.approx(gap, rel=1e-9)


def slow_error(validated: Outcomes, a: FloatArray, b: FloatArray, seed: int) -> float:
    """Standard error of a difference of mean precisions, resample by resample, day by day."""
    weights = np.concatenate(list(resampled_weights(len(a), seed, RESAMPLES, validated.groups)))
    differences = []
    for weight in weights:
        means = []
        for said in (a, b):
            by_day = [
                average_precision(validated.churned[rows], said[rows], weight[rows])
                for rows in validated.rows_by_day
            ]
            means.append(sum(by_day) / len(by_day))
        differences.append(means[0] - means[1])
    return float(np.nanstd(np.array(differences), ddof=1))


def test_the_error_is_that_of_the_paired_difference_over_whole_customers() -> None:
    validated, truth = drawn(60, days=3)
    other = noisy(truth, 0.2)
    found = verdict(validated, {"a": other, "b": truth}, AP, seed=9)
    expected = slow_error(validated, other, truth, seed=9)
    assert found.standings["a"]["average_precision"].error == pytest.approx(expected, rel=1e-9)


def test_chances_of_one_day_are_never_compared_with_those_of_another() -> None:
    validated, truth = drawn(100, days=2)
    later = validated.as_of == DAYS[1]
    said = {"a": noisy(truth, 0.2), "b": truth}
    moved = {name: chances + later * 5.0 for name, chances in said.items()}
    assert verdict(validated, said, AP, seed=1) == verdict(validated, moved, AP, seed=1)


def test_a_day_with_one_outcome_tells_nothing() -> None:
    validated, truth = drawn(100, days=2)
    mute = np.repeat([False, True], 100)
    half = Outcomes(validated.churned & ~mute, validated.as_of, validated.customers)
    said = {"a": noisy(truth, 0.2), "b": truth}
    found = verdict(half, said, AP, seed=1).standings["a"]["average_precision"].value
    first = ~mute
    assert found == average_precision(half.churned[first], said["a"][first])


def test_days_of_one_outcome_only_are_refused() -> None:
    nobody: BoolArray = np.zeros(10, dtype=np.bool_)
    text = (
        "a choice between models needs a day with customers who left and customers who stayed, "
        "but none of 1 has both; widen the cohort or name one model alone"
    )
    with pytest.raises(OneClassOnly, match=f"^{re.escape(text)}$"):
        verdict(Outcomes(nobody), {"a": np.zeros(10), "b": np.zeros(10)}, AP, seed=1)


def test_equal_seeds_give_equal_verdicts_and_others_other_errors() -> None:
    validated, truth = drawn(80)
    said = {"a": noisy(truth, 0.2), "b": truth}
    metrics: dict[str, Metric] = AP
    one, again, other = (verdict(validated, said, metrics, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other
