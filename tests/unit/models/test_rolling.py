import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.metrics import METRICS, Estimate, evaluate, roc_auc
from models.rolling import Measured, Outcomes, measure
from models.spec import BoolArray, FloatArray, OneClassOnly

DAYS = np.array(["2024-01-01", "2024-02-01", "2024-03-01"], dtype="datetime64[D]")


def days(customers: int, seed: int = 3) -> tuple[Outcomes, FloatArray, FloatArray]:
    """Customers who are judged on three days, a good score, and the same one blurred."""
    random = np.random.default_rng(seed)
    chance = np.tile(random.beta(1, 3, customers), len(DAYS))
    people = np.array([f"c{number}" for number in range(customers)] * len(DAYS), dtype=object)
    rows = Outcomes(random.random(len(chance)) < chance, np.repeat(DAYS, customers), people)
    return rows, chance, np.clip(chance + random.normal(0, 0.05, len(chance)), 0.01, 0.99)


def one(rows: Outcomes, chance: FloatArray, *, seed: int = 1, resamples: int = 200) -> Measured:
    return measure(rows, {"it": chance}, seed, resamples=resamples)["it"]


def test_one_day_is_measured_as_an_evaluation_measures_it() -> None:
    rows, chance, _ = days(300)
    first = rows.where(rows.as_of == DAYS[0])
    assert one(first, chance[:300]).means() == evaluate(
        first.churned, chance[:300], 1, resamples=200
    )


def test_a_mean_is_that_of_the_days_and_a_day_is_what_it_is_alone() -> None:
    rows, chance, _ = days(300)
    found = one(rows, chance)
    alone = [roc_auc(rows.churned[at], chance[at]) for at in rows.rows_by_day]
    assert found.exact["roc_auc"] == pytest.approx(alone)
    assert found.means()["roc_auc"].value == pytest.approx(np.mean(alone))
    assert [day["roc_auc"].value for day in found.by_day()] == pytest.approx(alone)


def test_resamples_draw_a_customer_with_all_days_at_once() -> None:
    """The slow way: write every drawn customer's rows out, and measure each day."""
    rows, chance, _ = days(40)
    found = one(rows, chance, resamples=25).sampled["roc_auc"]
    random = np.random.default_rng(1)
    assert rows.customers is not None
    names = sorted(set(rows.customers.tolist()))
    picks = random.integers(0, len(names), size=(25, len(names)))
    for drawn, figures in zip(picks, found, strict=True):
        for at, figure in zip(rows.rows_by_day, figures, strict=True):
            of = dict(zip(rows.customers[at], at, strict=True))
            taken = [of[names[pick]] for pick in drawn]
            assert figure == pytest.approx(roc_auc(rows.churned[taken], chance[taken]), nan_ok=True)


def test_an_interval_by_customer_is_wider_than_one_that_takes_rows_for_customers() -> None:
    random = np.random.default_rng(8)
    chance = np.tile(random.beta(1, 3, 200), 3)
    churned = np.tile(random.random(200) < chance[:200], 3)  # the same outcome on every day
    people = np.array([f"c{n}" for n in range(200)] * 3, dtype=object)
    as_of = np.repeat(DAYS, 200)
    by_customer = one(Outcomes(churned, as_of, people), chance).means()["brier"]
    by_row = one(Outcomes(churned, as_of), chance).means()["brier"]
    assert by_customer.high - by_customer.low > 1.4 * (by_row.high - by_row.low)


def test_a_contestant_does_not_differ_from_itself() -> None:
    rows, chance, _ = days(100)
    found = measure(rows, {"a": chance, "b": chance.copy()}, 1, resamples=50)
    assert found["a"].minus(found["b"])["roc_auc"] == Estimate(0.0, 0.0, 0.0)


def test_a_paired_interval_is_narrower_than_two_single_ones() -> None:
    rows, chance, blurred = days(500)
    found = measure(rows, {"good": chance, "blurred": blurred}, 1)
    paired, single = found["good"].minus(found["blurred"])["roc_auc"], found["good"].means()
    assert paired.low < paired.value < paired.high
    assert paired.high - paired.low < single["roc_auc"].high - single["roc_auc"].low


def test_a_day_without_leavers_has_no_rank_metric_and_counts_for_none() -> None:
    rows, chance, _ = days(200)
    churned = rows.churned & (rows.as_of != DAYS[1])
    found = one(Outcomes(churned, rows.as_of, rows.customers), chance)
    assert np.isnan(found.exact["roc_auc"][1])
    means = found.means()
    assert means["roc_auc"].value == pytest.approx(np.mean(found.exact["roc_auc"][[0, 2]]))
    assert means["brier"].value == pytest.approx(np.mean(found.exact["brier"]))
    assert means["roc_auc"].low < means["roc_auc"].value < means["roc_auc"].high


def test_outcomes_of_one_kind_are_refused() -> None:
    churned: BoolArray = np.zeros(6, dtype=np.bool_)
    with pytest.raises(OneClassOnly, match=re.escape("an evaluation needs customers who left")):
        one(Outcomes(churned), np.full(6, 0.5))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.permutations(range(90)))
def test_the_order_of_the_rows_changes_no_figure(seed: int, order: list[int]) -> None:
    rows, chance, _ = days(30, seed)
    assert rows.as_of is not None
    assert rows.customers is not None
    churned = rows.churned.copy()
    churned[:2] = [True, False]
    mixed = Outcomes(churned[order], rows.as_of[order], rows.customers[order])
    first = one(Outcomes(churned, rows.as_of, rows.customers), chance, resamples=20).means()
    other = one(mixed, chance[order], resamples=20).means()
    for key in METRICS:
        pair = [(each.value, each.low, each.high) for each in (first[key], other[key])]
        assert pair[0] == pytest.approx(pair[1], nan_ok=True, rel=1e-9)
