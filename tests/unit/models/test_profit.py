import re
import time

import numpy as np
import pytest

from models.economics import Economics
from models.metrics import evaluate, resampled_weights
from models.profit import (
    NOBODY,
    MaximumProfit,
    expected_maximum_profit,
    maximum_profit,
    profit_curve,
    profit_metrics,
)
from models.spec import BoolArray, FiguresUnfit, FloatArray, OneClassOnly

LITERATURE = Economics()

# The ten customers of proflogit's tests/test_empc.py (estripling/proflogit-python), whose values
# are those of R's EMP::empChurn(scores, classes, alpha = 6, beta = 14, clv = 200, d = 10, f = 1).
TEN_CHURNED = np.array([1, 1, 0, 0, 0, 1, 1, 1, 1, 0], dtype=np.bool_)
TEN_SCORES = np.array(
    [
        *(0.6125478, 0.3642710, 0.4321361, 0.1402911, 0.3848959),
        *(0.2444155, 0.9706413, 0.8901728, 0.7817814, 0.8687518),
    ]
)
# The eight customers of the examples of empulse's empc and mpc.
EIGHT_CHURNED = np.array([0, 1, 0, 1, 0, 1, 0, 1], dtype=np.bool_)
EIGHT_SCORES = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9])


def sample(rows: int, seed: int = 3) -> tuple[BoolArray, FloatArray]:
    random = np.random.default_rng(seed)
    probability = random.beta(1, 5, rows).round(6)
    return random.random(rows) < probability, probability


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, 30.3003222629848),
        ({0: 0.287577520124614}, 30.3001182343737),
        ({0: 0.287577520124614, 6: 0.113703411305323}, 29.2002764792561),
    ],
)
def test_expected_maximum_profit_is_that_of_proflogit(
    changed: dict[int, float], expected: float
) -> None:
    scores = TEN_SCORES.copy()
    for position, score in changed.items():
        scores[position] = score
    found = expected_maximum_profit(TEN_CHURNED, scores, LITERATURE)
    assert found.profit == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("scores", "profit", "share"),
    [
        ([0.0, 1.0], 28.0000000000391, 0.499999999728095),
        ([1.0, 0.0], 22.5007912244511, 0.9991601018889205),
        ([0.5, 0.5], 22.5007912244511, 0.9991601018889205),
    ],
)
def test_two_customers_are_worth_what_empulse_says(
    scores: list[float], profit: float, share: float
) -> None:
    # expected_values of TestEMPC in empulse's tests; the last two share one hull.
    found = expected_maximum_profit(np.array([False, True]), np.array(scores), LITERATURE)
    assert found.profit == pytest.approx(profit, abs=1e-9)
    assert found.target_share == pytest.approx(share, abs=1e-9)


def test_eight_customers_are_worth_what_empulse_says() -> None:
    # empulse.metrics.empc: (23.875593418348124, 0.8743700763487141); mpc_score: 23.875.
    found = expected_maximum_profit(EIGHT_CHURNED, EIGHT_SCORES, LITERATURE)
    assert found.profit == pytest.approx(23.875593418348124, abs=1e-9)
    assert found.target_share == pytest.approx(0.8743700763487141, abs=1e-9)
    best = maximum_profit(EIGHT_CHURNED, EIGHT_SCORES, LITERATURE)
    assert best.profit == pytest.approx(23.874999999999996, abs=1e-9)


def test_maximum_profit_of_eight_customers_by_hand() -> None:
    best = maximum_profit(EIGHT_CHURNED, EIGHT_SCORES, LITERATURE)
    assert best.profit == pytest.approx((4 * (0.3 * 190 - 1) - 3 * 11) / 8)
    assert (best.target_share, best.customers, best.threshold) == (7 / 8, 7, 0.2)


def test_an_incentive_as_a_share_of_the_value_is_converted_by_multiplying() -> None:
    # Verbraken's delta = 0.05 and phi = 0.005 are an incentive of 10 and a contact of 1 at 200.
    of_shares = Economics(clv=200, incentive=0.05 * 200, contact_cost=0.005 * 200)
    assert of_shares == LITERATURE


def test_profit_scales_with_the_currency() -> None:
    cents = Economics(clv=20_000, incentive=1000, contact_cost=100)
    in_cents = expected_maximum_profit(TEN_CHURNED, TEN_SCORES, cents)
    in_euros = expected_maximum_profit(TEN_CHURNED, TEN_SCORES, LITERATURE)
    assert in_cents.profit == pytest.approx(100 * in_euros.profit)
    assert in_cents.target_share == pytest.approx(in_euros.target_share)


def test_where_no_contact_pays_nobody_is_contacted() -> None:
    dear = Economics(clv=20, incentive=10, contact_cost=15)
    assert maximum_profit(TEN_CHURNED, TEN_SCORES, dear) == MaximumProfit(0.0, 0.0, 0, NOBODY)
    found = expected_maximum_profit(TEN_CHURNED, TEN_SCORES, dear)
    assert (found.profit, found.target_share) == (0, 0)
    assert not (TEN_SCORES >= NOBODY).any()


def test_a_contact_that_only_a_high_acceptance_repays_is_worth_something_in_expectation() -> None:
    dear = Economics(clv=100, incentive=10, contact_cost=40)
    churned, scores = np.array([True, False]), np.array([1.0, 0.0])
    assert maximum_profit(churned, scores, dear).profit == 0
    assert 0 < expected_maximum_profit(churned, scores, dear).profit < 1


def test_free_offers_go_to_everybody_who_might_leave() -> None:
    free = Economics(incentive=0, contact_cost=0)
    found = expected_maximum_profit(np.array([True, False]), np.array([0.9, 0.1]), free)
    assert found.profit == pytest.approx(0.5 * 0.3 * 200)
    assert found.target_share == pytest.approx(0.5)


def test_a_sure_acceptance_makes_both_profits_equal() -> None:
    sure = Economics(accept_alpha=3e5, accept_beta=7e5)
    found = expected_maximum_profit(TEN_CHURNED, TEN_SCORES, sure)
    best = maximum_profit(TEN_CHURNED, TEN_SCORES, sure)
    assert found.profit == pytest.approx(best.profit, abs=1e-6)
    assert found.target_share == pytest.approx(best.target_share)


def test_those_at_the_threshold_or_above_are_those_counted() -> None:
    churned, probability = sample(500)
    best = maximum_profit(churned, probability.round(2), LITERATURE)
    contacted = probability.round(2) >= best.threshold
    assert contacted.sum() == best.customers == pytest.approx(500 * best.target_share)
    left = (contacted & churned).sum()
    assert 500 * best.profit == pytest.approx(left * 56 - (best.customers - left) * 11)


def test_a_curve_of_two_customers_by_hand() -> None:
    curve = profit_curve(
        np.array([True, False]), np.array([0.9, 0.1]), LITERATURE, 1, resamples=20, steps=4
    )
    assert curve.share.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert curve.profit == pytest.approx([0, 14, 28, 25.25, 22.5])


def test_a_tie_on_a_curve_counts_in_proportion() -> None:
    curve = profit_curve(
        np.array([True, False]), np.array([0.5, 0.5]), LITERATURE, 1, resamples=20, steps=2
    )
    assert curve.profit == pytest.approx([0, 11.25, 22.5])


def test_a_curve_lies_inside_its_interval_and_peaks_near_the_maximum_profit() -> None:
    churned, probability = sample(2000)
    curve = profit_curve(churned, probability, LITERATURE, seed=5)
    assert len(curve.share) == 101
    assert (curve.low[1:] < curve.profit[1:]).all()
    assert (curve.profit[1:] < curve.high[1:]).all()
    best = maximum_profit(churned, probability, LITERATURE)
    assert best.profit - 0.1 < curve.profit.max() <= best.profit


def test_the_interval_at_the_end_of_a_curve_is_that_of_a_mean() -> None:
    churned, probability = sample(2000)
    earned = np.where(churned, 56.0, -11.0)
    half = 1.96 * earned.std() / np.sqrt(len(earned))
    curve = profit_curve(churned, probability, LITERATURE, seed=5)
    assert curve.low[-1] == pytest.approx(earned.mean() - half, abs=half / 8)
    assert curve.high[-1] == pytest.approx(earned.mean() + half, abs=half / 8)


def test_equal_seeds_give_equal_curves() -> None:
    churned, probability = sample(200)
    one, same, other = (
        profit_curve(churned, probability, LITERATURE, seed, resamples=50) for seed in (5, 5, 6)
    )
    assert (one.low == same.low).all()
    assert (one.low != other.low).any()


def test_customers_who_repeat_are_drawn_whole() -> None:
    churned, probability = sample(300)
    once = profit_curve(churned, probability, LITERATURE, seed=5)
    four_times = profit_curve(
        np.tile(churned, 4),
        np.tile(probability, 4),
        LITERATURE,
        seed=5,
        groups=np.tile(np.arange(300), 4),
    )
    assert four_times.low == pytest.approx(once.low)
    assert four_times.high == pytest.approx(once.high)


FUNCTIONS = [
    expected_maximum_profit,
    maximum_profit,
    lambda churned, probability, economics: profit_curve(churned, probability, economics, 1),
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("churned", "probability", "text"),
    [
        (
            TEN_CHURNED,
            TEN_SCORES[:4],
            (
                "profits over a ranking need one figure per customer, but the shapes are "
                "churned (10,), probability (4,); "
                "pass arrays of one length, with the customers in one order"
            ),
        ),
        (
            TEN_CHURNED[:0],
            TEN_SCORES[:0],
            "profits over a ranking need customers, but churned is empty; widen the cohort",
        ),
        (
            TEN_CHURNED[:3],
            np.array([0.1, np.nan, np.inf]),
            (
                "profits over a ranking need finite numbers, but 2 of 3 in probability are not; "
                "mend them or leave these customers out"
            ),
        ),
    ],
)
def test_figures_that_do_not_fit_are_refused(
    function: object, churned: BoolArray, probability: FloatArray, text: str
) -> None:
    assert callable(function)
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}$"):
        function(churned, probability, LITERATURE)


def test_as_metrics_of_an_evaluation_profits_are_what_they_are_alone() -> None:
    churned, probability = sample(300)
    found = evaluate(churned, probability, seed=1, metrics=profit_metrics(LITERATURE))
    expected = expected_maximum_profit(churned, probability, LITERATURE).profit
    best = maximum_profit(churned, probability, LITERATURE).profit
    assert found["expected_maximum_profit"].value == pytest.approx(expected, rel=1e-12)
    assert found["maximum_profit"].value == pytest.approx(best, rel=1e-12)


def test_the_interval_of_a_profit_is_that_of_customers_drawn_again() -> None:
    churned, probability = sample(120)
    metrics = profit_metrics(LITERATURE)
    found = evaluate(churned, probability, seed=1, metrics=metrics, resamples=40)
    ((weights,),) = [list(resampled_weights(len(churned), 1, 40, None))]
    for name, function in (
        ("expected_maximum_profit", expected_maximum_profit),
        ("maximum_profit", maximum_profit),
    ):
        drawn = [np.repeat(np.arange(len(churned)), row.astype(int)) for row in weights]
        profits = [function(churned[rows], probability[rows], LITERATURE).profit for rows in drawn]
        low, high = np.quantile(profits, [0.025, 0.975])
        assert found[name].low == pytest.approx(low, rel=1e-9)
        assert found[name].high == pytest.approx(high, rel=1e-9)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_one_class_has_no_profit_to_measure(function: object) -> None:
    assert callable(function)
    text = (
        "a profit needs customers who left and customers who stayed, but of 3 rows 3 left; "
        "widen the cohort, change the horizon or use other as_of dates"
    )
    with pytest.raises(OneClassOnly, match=f"^{re.escape(text)}$"):
        function(np.ones(3, dtype=np.bool_), np.array([0.1, 0.2, 0.3]), LITERATURE)


def test_a_hundred_thousand_customers_take_less_than_a_second() -> None:
    churned, probability = sample(100_000)
    began = time.process_time()
    expected_maximum_profit(churned, probability, LITERATURE)
    maximum_profit(churned, probability, LITERATURE)
    assert time.process_time() - began < 1
