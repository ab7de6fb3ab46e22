"""What is measured of propensities, and which model is used."""

import re

import numpy as np
import pytest

from models.cross_sell.learner import fit
from models.cross_sell.measures import ranked
from models.cross_sell.popularity import popularity
from models.cross_sell.settings import CrossSellSpec
from models.cross_sell.trial import NothingToTry, compared, trial
from models.metrics import average_precision, expected_calibration_error, log_loss, roc_auc
from tests.first_purchases import by_hand, shop
from tests.oracles.cross_sell import ndcg, recall


def test_figures_of_a_customer_equal_the_slow_way() -> None:
    snapshot = shop(30, 1)[0]
    chance = np.random.default_rng(0).random(snapshot.counts.shape).round(1)
    found = ranked(snapshot, chance)
    figures = found.per_customer()
    free = ~snapshot.has
    for customer in range(30):
        bought = (found.bought[customer][free[customer]]).tolist()
        scores = chance[customer][free[customer]].tolist()
        if not any(bought):
            assert np.isnan(figures["recall@5"][customer])
            continue
        for depth in (1, 3, 5):
            expected = recall(scores, bought, depth)
            assert figures[f"recall@{depth}"][customer] == pytest.approx(expected)
        assert figures["ndcg@5"][customer] == pytest.approx(ndcg(scores, bought, 5))


def test_figures_over_pairs_are_those_of_metrics() -> None:
    snapshot = shop(60, 1)[0]
    chance = np.random.default_rng(1).random(snapshot.counts.shape)
    given = {"learner": chance, "popularity": np.full(chance.shape, 0.1)}
    found = compared(snapshot, given, seed=0, resamples=20)
    bought, free = snapshot.outcome("a test"), ~snapshot.has
    for name, metric in (
        ("average_precision", average_precision),
        ("roc_auc", roc_auc),
        ("log_loss", log_loss),
        ("expected_calibration_error", expected_calibration_error),
    ):
        assert found.value(name).value == pytest.approx(metric(bought[free], chance[free]))
    ratio = bought[free].sum() / chance[free].sum()
    assert found.value("bought_to_promised").value == pytest.approx(ratio)
    assert found.pairs == free.sum()
    assert found.taken_up == (bought & free).sum()


def test_the_learner_is_used_where_affinity_tells() -> None:
    *earlier, held_out = shop()
    spec = CrossSellSpec(trees=40, rows_per_leaf=20, kept_share=0.3)
    found = trial(held_out, fit(earlier, spec), popularity(earlier), seed=0, resamples=50)
    assert found.chosen == "learner"
    assert found.gain("average_precision").low > 0
    assert found.gain("recall@5").low > 0
    assert found.gain("log_loss").low > 0
    assert found.reason.startswith(
        "the learner is better than popularity in average_precision: it changes average_precision "
        "by +0."
    )
    affinity = set(found.figures.loc[found.figures["model"] == "affinity", "measure"])
    assert "average_precision" in affinity
    assert "log_loss" not in affinity


def test_popularity_is_used_where_the_learner_is_no_better() -> None:
    held_out = shop(60, 1)[0]
    same = np.full(held_out.counts.shape, 0.1)
    found = compared(held_out, {"learner": same, "popularity": same}, seed=0, resamples=20)
    assert found.chosen == "popularity"
    assert found.reason == (
        "the learner is not better than popularity by its interval: it changes average_precision "
        "by +0.0000 (+0.0000 to +0.0000) and recall@5 by +0.0000 (+0.0000 to +0.0000); popularity "
        "is used instead"
    )


def test_equal_seeds_draw_alike() -> None:
    held_out = shop(40, 1)[0]
    chance = np.random.default_rng(2).random(held_out.counts.shape)
    given = {"learner": chance, "popularity": np.full(chance.shape, 0.1)}
    one, other = (compared(held_out, given, seed=7, resamples=10) for _ in range(2))
    assert one.figures.equals(other.figures)


def test_a_trial_of_one_outcome_is_refused() -> None:
    snapshot = by_hand([[1, 0]], bought=[[1, 0]])
    flat = np.full((1, 2), 0.5)
    message = (
        "a trial needs categories that customers took up and others that they did not, but 0 of 1 "
        "pairs were; hold out another snapshot"
    )
    with pytest.raises(NothingToTry, match=f"^{re.escape(message)}$"):
        compared(snapshot, {"learner": flat, "popularity": flat}, seed=0)


def test_a_trial_says_that_the_learner_knows_the_days() -> None:
    *earlier, held_out = shop(90, 3)
    model = fit(earlier, CrossSellSpec(trees=20, rows_per_leaf=20, kept_share=0.5))
    fair = trial(held_out, model, popularity(earlier), seed=0, resamples=20)
    seen = trial(earlier[-1], model, popularity(earlier), seed=0, resamples=20)
    assert not fair.is_seen
    assert seen.is_seen
    assert seen.reason.endswith(
        "; the learner knows days up to 2026-03-25, and the snapshot is of 2026-02-26, so that "
        "this is no test of its probabilities"
    )
