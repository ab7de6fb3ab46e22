"""Whatever was bought: oracles agree, the future changes nothing, equals are treated alike."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.metrics import resampled_weights
from models.migration import migration
from models.value.baselines import Asked, naive
from models.value.contract_value import Discounting, contract_value
from models.value.held_out import held_out
from models.value.snapshots import snapshot
from models.worth.cohorts import cohorts
from models.worth.pareto import pareto
from models.worth.profitability import CostsAssumed, ledger, totals
from models.worth.rfm import RfmCuts, RfmSpec, quantile_cuts, rfm_cuts, rfm_figures, rfm_scores
from models.worth.stage_moves import periods_until
from models.worth.stages import default_rules, stage_figures, stages_of
from models.worth.tiers import tiers_of
from models.worth.turnover import customer_rates
from tests.oracles import worth
from tests.till_rolls import bought, cell

FEW = settings(max_examples=max(settings().max_examples // 3, 5))
"""Tables of pandas take milliseconds each."""

FEWER = settings(max_examples=max(settings().max_examples // 6, 3))
"""Many tables take more."""

EDGES = [10, 20, 30, 40]
ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.integers(0, 45), st.sampled_from([-2.0, 1.0, 2.0, 5.0])
    ),
    min_size=1,
    max_size=40,
)
MONEY = st.lists(st.sampled_from([-3.0, 0.0, 1.0, 2.0, 10.0]), min_size=1, max_size=30)


@given(MONEY, st.integers(2, 7))
def test_scores_are_those_of_middle_ranks(values: list[float], bins: int) -> None:
    cuts = quantile_cuts(np.array(values), bins)
    found = np.searchsorted(cuts, values, side="right") + 1
    assert found.tolist() == worth.score(values, bins)


@FEW
@given(ROWS, st.integers(2, 6))
def test_equal_customers_score_alike_and_better_ones_not_worse(
    rows: list[worth.Row], bins: int
) -> None:
    figures = rfm_figures(bought(*rows), 46)
    if figures.empty:
        return
    cuts = rfm_cuts(figures, RfmSpec(recency=bins, frequency=bins, monetary=bins))
    found = rfm_scores(figures, cuts)
    for score, column, sign in (
        ("recency_score", "days_since_order", -1),
        ("frequency_score", "orders_count", 1),
        ("monetary_score", "spend", 1),
    ):
        assert worth.agreeing(found[score].tolist(), (sign * found[column]).tolist())
        assert found.groupby(column)[score].nunique().max() == 1
        assert found[score].between(1, bins).all()


@FEWER
@given(ROWS)
def test_what_is_bought_from_as_of_on_changes_nothing(rows: list[worth.Row]) -> None:
    lines, as_of = bought(*rows), 30
    before = lines[lines["day"] < as_of]
    pd.testing.assert_frame_equal(rfm_figures(lines, as_of), rfm_figures(before, as_of))
    pd.testing.assert_frame_equal(stage_figures(lines, as_of, 10), stage_figures(before, as_of, 10))
    behaviour = pd.DataFrame({"x": 1.0}, index=sorted({row[0] for row in rows}))
    one, other = (snapshot(behaviour, each, as_of, 7, 45) for each in (lines, before))
    pd.testing.assert_frame_equal(one.figures, other.figures)
    asked = Asked(as_of, 7)
    said = [naive(behaviour.index, each, asked).said for each in (lines, before)]
    assert {k: v.tolist() for k, v in said[0].items()} == {
        k: v.tolist() for k, v in said[1].items()
    }


@FEWER
@given(ROWS)
def test_cohorts_and_rates_are_those_of_the_oracle(rows: list[worth.Row]) -> None:
    lines = bought(*rows)
    found = cohorts(lines, EDGES)
    for (begun, age), (active, money) in worth.cohort_cells(rows, EDGES).items():
        assert found.active.to_numpy()[begun, age] == active
        assert found.revenue.to_numpy()[begun, age] == pytest.approx(money)
    table = customer_rates(lines, EDGES)
    for place, row in enumerate(worth.rates(rows, EDGES)):
        found_row = [cell(table, place, name) for name in row]
        assert found_row == pytest.approx(list(row.values()), nan_ok=True)
    known = table["retention_rate"].notna()
    assert (table["retention_rate"] + table["attrition_rate"])[known].to_numpy() == pytest.approx(1)


@FEWER
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_table(rows: list[worth.Row], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = bought(*rows), bought(*shuffled)
    pd.testing.assert_frame_equal(rfm_figures(one, 46), rfm_figures(other, 46))
    pd.testing.assert_frame_equal(cohorts(one, EDGES).revenue, cohorts(other, EDGES).revenue)
    pd.testing.assert_frame_equal(ledger(one, EDGES), ledger(other, EDGES))


@FEW
@given(ROWS, st.floats(0, 1))
def test_a_ledger_adds_up(rows: list[worth.Row], share: float) -> None:
    lines = bought(*rows)
    assumed = CostsAssumed(product_cost_share=share, serving_cost_per_order=0.5)
    nobody = pd.DataFrame({"customer": [], "day": []}).astype({"day": "int64"})
    found = ledger(lines, EDGES, nobody, assumed)
    inside = lines[(lines["day"] >= 10) & (lines["day"] < 40)]
    assert found["revenue"].sum() == pytest.approx(inside["amount"].sum())
    orders = {who: days for who, days in worth.orders(rows, 40).items() if max(days) >= 10}
    count = sum(day >= 10 for days in orders.values() for day in days)
    expected = inside["amount"].sum() * (1 - share) - 0.5 * count
    assert found["profit"].sum() == pytest.approx(expected)
    assert totals(found)["profit"].sum() == pytest.approx(expected)


@given(MONEY, st.sampled_from([0.2, 0.5, 0.8, 1.0]))
def test_the_share_that_makes_the_profit_is_that_of_the_oracle(
    profit: list[float], asked: float
) -> None:
    if sum(profit) <= 0:
        return
    found = pareto(np.array(profit), asked, resamples=2)
    assert found.needed.value == pytest.approx(worth.needed(profit, asked))
    assert found.peak.value - found.lost.value == pytest.approx(1.0)
    assert found.profit_share[-1] == pytest.approx(1.0)


@FEW
@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("xyz")), min_size=1, max_size=20))
def test_no_customer_and_no_money_is_lost_in_a_migration(moves: list[tuple[str, str]]) -> None:
    draws = np.random.default_rng(len(moves))
    before = pd.Series([one for one, _ in moves])
    after = pd.Series([other for _, other in moves[1:]], index=range(1, len(moves)), dtype=object)
    spent = [pd.Series(draws.integers(0, 9, len(moves)).astype(float)) for _ in range(2)]
    found = migration(before, after, *spent)
    assert found.moves["customers"].sum() == len(moves)
    assert found.moves["revenue_moved"].sum() == pytest.approx(spent[1].sum() - spent[0].sum())
    assert found.moves.groupby("source")["share"].sum().to_numpy() == pytest.approx(1.0)
    assert (found.moves["moved_low"] <= found.moves["moved_high"]).all()


@given(MONEY)
def test_equal_values_are_in_one_tier_and_higher_ones_not_below(values: list[float]) -> None:
    found = tiers_of(pd.Series(values)).cat.codes
    assert worth.agreeing((-found).tolist(), [int(each) for each in values])


@FEW
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=25))
def test_a_resample_counts_as_its_rows_repeated(pairs: list[tuple[int, int]]) -> None:
    came, said = (np.array(each, dtype=float) for each in zip(*pairs, strict=True))
    found = held_out(came, {"x": said}, resamples=3, seed=5)

    (weights,) = list(resampled_weights(len(came), 5, 3, None))
    for place, times in enumerate(weights):
        one, other = (worth.drawn(each.tolist(), times.tolist()) for each in (came, said))
        expected = worth.spearman(one, other)
        assert found.sampled["x"]["spearman"][place] == pytest.approx(expected, nan_ok=True)
        error = np.mean(np.abs(np.array(one) - np.array(other)))
        assert found.sampled["x"]["mae"][place] == pytest.approx(error)


@FEW
@given(ROWS)
def test_every_customer_has_one_stage(rows: list[worth.Row]) -> None:
    figures = stage_figures(bought(*rows), 46, 10)
    assert stages_of(figures, default_rules(12)).notna().all()


@given(st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=4, max_size=4))
def test_times_until_the_end_are_those_of_a_long_walk(counts: list[list[int]]) -> None:
    table = np.array(counts, dtype=float) + 1.0  # every stage leads everywhere
    share = table / table.sum(axis=1, keepdims=True)
    expected, alive = np.zeros(4), np.eye(4)
    inner = share.copy()
    inner[:, 3] = 0.0
    for _ in range(2000):
        expected += alive.sum(axis=1)
        alive = alive @ inner
        alive[:, 3] = 0.0
    assert periods_until(share, 3)[:3] == pytest.approx(expected[:3], rel=1e-6)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=12),
    st.floats(0, 0.5),
    st.sampled_from(["start", "end"]),
)
def test_contracts_are_worth_their_margins_one_by_one(
    hazards: list[float], rate: float, paid: str
) -> None:
    survival = np.cumprod(1 - np.array(hazards))[None, :]
    asked = Discounting.model_validate({"rate": rate, "periods_a_year": 2, "paid": paid})
    found = contract_value(survival, np.array([3.0]), asked)
    there = [1.0, *survival[0].tolist()]
    first = 0 if paid == "start" else 1
    expected = sum(
        3.0 * there[week] / (1 + rate) ** (week / 2) for week in range(first, first + len(hazards))
    )
    assert found.value[0] == pytest.approx(expected)
    assert found.beyond[0] >= 0


def test_cut_points_are_plain_arrays_that_can_be_stored() -> None:
    figures = rfm_figures(bought(("a", 1, 1.0), ("b", 2, 3.0)), 9)
    cuts = rfm_cuts(figures)
    again = RfmCuts(**{name: np.array(list(each)) for name, each in vars(cuts).items()})
    pd.testing.assert_frame_equal(rfm_scores(figures, cuts), rfm_scores(figures, again))
