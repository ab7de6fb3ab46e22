import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.contacts import chosen_under_budget, expected_profit, expected_spending
from models.economics import CustomerEconomics, Economics
from models.profit import expected_maximum_profit, maximum_profit, profit_curve
from models.savings import CostMatrix, cost_of, savings
from models.spec import BoolArray, FloatArray
from tests.oracles import profit as oracle

Customers = list[tuple[bool, float]]

some_economics = st.builds(
    lambda clv, incentive, contact_cost, alpha, beta: Economics(
        clv=clv,
        incentive=incentive * clv,
        contact_cost=contact_cost * clv,
        accept_alpha=alpha,
        accept_beta=beta,
    ),
    clv=st.sampled_from([1.0, 40.0, 200.0]),
    incentive=st.sampled_from([0.0, 0.05, 0.3, 0.9]),
    contact_cost=st.sampled_from([0.0, 0.005, 0.1, 0.5]),
    alpha=st.sampled_from([1.0, 2.0, 6.0, 20.0]),
    beta=st.sampled_from([1.0, 5.0, 14.0]),
)

some_customers = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]) | st.floats(0, 1)),
    min_size=2,
    max_size=30,
).filter(lambda customers: len({churned for churned, _ in customers}) == 2)

some_money = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.sampled_from([20.0, 50.0, 300.0]),
        st.sampled_from([0.0, 0.1, 0.5]),
        st.sampled_from([0.0, 0.01, 0.1, 0.4]),
        st.floats(0, 1),
    ),
    min_size=1,
    max_size=9,
)


def columns(customers: Customers) -> tuple[BoolArray, FloatArray]:
    churned, score = zip(*customers, strict=True)
    return np.array(churned), np.array(score)


def with_money(
    rows: list[tuple[float, float, float, float, float]],
) -> tuple[FloatArray, CustomerEconomics]:
    p, clv, incentive, contact_cost, acceptance = np.array(rows).T
    return p, CustomerEconomics(clv, incentive * clv, contact_cost * clv, acceptance)


@given(customers=some_customers, economics=some_economics)
def test_expected_maximum_profit_equals_its_oracle(
    customers: Customers, economics: Economics
) -> None:
    churned, score = columns(customers)
    expected = oracle.expected_maximum_profit(churned.tolist(), score.tolist(), economics)
    found = expected_maximum_profit(churned, score, economics)
    assert found.profit == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(customers=some_customers, economics=some_economics)
def test_maximum_profit_equals_its_oracle(customers: Customers, economics: Economics) -> None:
    churned, score = columns(customers)
    expected = oracle.profits(churned.tolist(), score.tolist(), economics, economics.acceptance)
    found = maximum_profit(churned, score, economics)
    assert found.profit == pytest.approx(max(expected), rel=1e-9, abs=1e-9)
    assert found.customers == np.count_nonzero(score >= found.threshold)


@given(customers=some_customers, economics=some_economics)
def test_not_knowing_the_acceptance_beforehand_earns_no_less_than_its_mean_or_everybody(
    customers: Customers, economics: Economics
) -> None:
    churned, score = columns(customers)
    found = expected_maximum_profit(churned, score, economics)
    everybody = expected_profit(churned.astype(np.float64), economics).mean()
    best = maximum_profit(churned, score, economics).profit
    assert found.profit >= best - 1e-9
    assert best >= max(0.0, everybody) - 1e-9
    assert 0 <= found.target_share <= 1


@given(customers=some_customers, economics=some_economics, seed=st.integers(0, 9))
def test_neither_the_order_of_customers_nor_a_rising_transform_changes_anything(
    customers: Customers, economics: Economics, seed: int
) -> None:
    churned, score = columns(customers)
    order = np.random.default_rng(seed).permutation(len(churned))
    rank = np.unique(score, return_inverse=True)[1].astype(np.float64) ** 3 - 7
    expected = expected_maximum_profit(churned, score, economics)
    assert expected_maximum_profit(churned[order], rank[order], economics) == expected
    best = maximum_profit(churned, score, economics)
    moved = maximum_profit(churned[order], rank[order], economics)
    assert (moved.profit, moved.customers) == (best.profit, best.customers)


@given(customers=some_customers, economics=some_economics)
def test_taking_everyone_twice_changes_nothing_per_customer(
    customers: Customers, economics: Economics
) -> None:
    churned, score = columns(customers)
    once = expected_maximum_profit(churned, score, economics)
    twice = expected_maximum_profit(np.tile(churned, 2), np.tile(score, 2), economics)
    assert twice.profit == pytest.approx(once.profit)
    assert twice.target_share == pytest.approx(once.target_share)
    best = maximum_profit(churned, score, economics)
    doubled = maximum_profit(np.tile(churned, 2), np.tile(score, 2), economics)
    assert (doubled.profit, doubled.threshold) == (best.profit, best.threshold)
    assert doubled.customers == 2 * best.customers


@given(customers=some_customers, economics=some_economics)
def test_no_ranking_beats_the_perfect_one(customers: Customers, economics: Economics) -> None:
    churned, score = columns(customers)
    perfect = churned.astype(np.float64)
    for profit in (expected_maximum_profit, maximum_profit):
        best = profit(churned, perfect, economics).profit
        assert profit(churned, score, economics).profit <= best + 1e-9


@given(customers=some_customers, economics=some_economics)
def test_a_curve_runs_from_nothing_to_everybody_below_the_maximum_profit(
    customers: Customers, economics: Economics
) -> None:
    churned, score = columns(customers)
    curve = profit_curve(churned, score, economics, 1, resamples=10, steps=20)
    assert curve.profit[0] == curve.low[0] == curve.high[0] == 0
    everybody = expected_profit(churned.astype(np.float64), economics).mean()
    assert curve.profit[-1] == pytest.approx(everybody, abs=1e-9)
    assert curve.profit.max() <= maximum_profit(churned, score, economics).profit + 1e-9


@given(
    rows=st.lists(
        st.tuples(
            st.booleans(), st.booleans(), *[st.floats(0.01, 100)] * 2, *[st.floats(0, 9)] * 2
        ),
        min_size=1,
        max_size=20,
    ).filter(lambda rows: any(row[0] for row in rows))
)
def test_no_decision_saves_more_than_everything_and_the_better_trivial_one_nothing(
    rows: list[tuple[bool, bool, float, float, float, float]],
) -> None:
    churned, contacted, fn, tp, fp, tn = (np.array(column) for column in zip(*rows, strict=True))
    costs = CostMatrix(tp, fp, fn, tn)
    assert savings(churned, contacted, costs) <= 1
    trivial = [np.zeros_like(contacted), np.ones_like(contacted)]
    better = min(trivial, key=lambda decision: cost_of(churned, decision, costs))
    assert savings(churned, better, costs) == 0
    assert max(savings(churned, decision, costs) for decision in trivial) == 0


@given(rows=some_money, customers=st.integers(0, 10))
def test_a_number_of_customers_is_spent_as_well_as_can_be(
    rows: list[tuple[float, float, float, float, float]], customers: int
) -> None:
    p, economics = with_money(rows)
    choice = chosen_under_budget(p, economics, customers=customers)
    profit = expected_profit(p, economics)
    best = oracle.best_choice(profit.tolist(), [1.0] * len(p), customers)
    assert choice.profit == choice.most == pytest.approx(best)
    assert choice.contacted.sum() <= customers
    assert (profit[choice.contacted] > 0).all()


@given(rows=some_money, money=st.floats(0, 200))
def test_money_is_never_overspent_and_earns_between_half_of_the_best_and_the_best(
    rows: list[tuple[float, float, float, float, float]], money: float
) -> None:
    p, economics = with_money(rows)
    choice = chosen_under_budget(p, economics, money=money)
    profit, spending = expected_profit(p, economics), expected_spending(p, economics)
    best = oracle.best_choice(profit.tolist(), spending.tolist(), money)
    assert choice.spending <= money * (1 + 1e-12)
    assert choice.profit <= best + 1e-9 <= choice.most + 2e-9
    assert choice.profit >= choice.most / 2 - 1e-9
    assert (profit[choice.contacted] > 0).all()
    assert choice.profit == pytest.approx(profit[choice.contacted].sum())


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=9), money=st.floats(0, 50))
def test_money_is_spent_as_well_as_can_be_where_all_cost_the_same(
    p: list[float], money: float
) -> None:
    alike = Economics(incentive=0, contact_cost=7)
    choice = chosen_under_budget(np.array(p), alike, money=money)
    profit = expected_profit(np.array(p), alike).tolist()
    assert choice.profit == pytest.approx(oracle.best_choice(profit, [7.0] * len(p), money))
