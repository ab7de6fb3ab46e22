"""Effect sizes and checks, whatever the customers: slow forms agree, intervals hold their value."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.dominance import cliffs_delta
from models.profile.assumptions import mardia
from models.profile.categories import of_counts
from models.profile.effects import partial_eta_squared
from models.profile.groups import ColumnsUnfit, Groups
from models.profile.many import many, pillai, whitened
from models.profile.numbers import numbers
from models.profile.scaling import apart
from tests.oracles import profile as slow

VALUES = st.lists(st.integers(-5, 5).map(float), min_size=2, max_size=12)
SEEDS = st.integers(0, 10_000)


@given(VALUES, VALUES)
def test_cliffs_delta_is_that_of_all_pairs(one: list[float], other: list[float]) -> None:
    found = cliffs_delta(np.array(one), np.array(other))
    delta, _ = slow.cliffs_delta(np.array(one), np.array(other))
    assert found.value == pytest.approx(delta, abs=1e-12)
    assert -1 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1
    turned = cliffs_delta(np.array(other), np.array(one))
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-9)


@given(st.floats(0, 500), st.integers(1, 8), st.integers(1, 3000))
@example(5.7e-300, 1, 1)  # of which the library's noncentral distribution knows nothing
@example(1e-320, 8, 3000)
def test_the_interval_of_a_share_of_variance_lies_in_0_to_1(f: float, one: int, two: int) -> None:
    found = partial_eta_squared(f, one, two)
    assert 0 <= found.low <= found.high <= 1
    assert 0 <= found.value <= 1


@given(st.integers(2, 4), st.integers(2, 4), SEEDS)
@settings(max_examples=10)
def test_tables_have_v_within_its_interval_whatever_their_order(r: int, c: int, seed: int) -> None:
    counts = np.random.default_rng(seed).integers(5, 60, size=(r, c))
    names = (tuple(map(str, range(r))), tuple(map(str, range(c))))
    told = of_counts("x", counts, names, 1).finding
    value = told.effect.estimate
    assert 0 <= value.low <= value.value <= value.high <= 1
    turned = of_counts("x", counts.T, names[::-1], 1).finding
    assert turned.effect.estimate.value == pytest.approx(value.value)
    assert turned.tests[0].statistic == pytest.approx(told.tests[0].statistic)


@given(VALUES, VALUES, st.floats(0.1, 100), st.floats(-100, 100))
@settings(max_examples=10)
def test_the_unit_of_a_number_does_not_matter(
    one: list[float], other: list[float], scale: float, shift: float
) -> None:
    values = np.array([*one, *other])
    code = np.repeat([0, 1], [len(one), len(other)])
    groups = Groups("g", ("a", "b"), code)
    try:
        found = numbers("x", values, groups, 1).finding
    except ColumnsUnfit:
        return
    other_unit = numbers("x", values * scale + shift, groups, 1).finding
    assert other_unit.effect.estimate.value == pytest.approx(found.effect.estimate.value, abs=1e-9)
    assert other_unit.method == found.method
    assert other_unit.p == pytest.approx(found.p, rel=1e-4, abs=1e-9)


@given(SEEDS, st.integers(1, 4))
@settings(max_examples=10)
def test_mardias_figures_are_those_of_all_pairs(seed: int, columns: int) -> None:
    rows = np.random.default_rng(seed).gamma(2, size=(30, columns))
    centred = rows - rows.mean(axis=0)
    assert mardia(centred) == pytest.approx(slow.mardia(centred))


@given(SEEDS)
@settings(max_examples=5)
def test_differences_of_groups_do_not_depend_on_the_units_of_columns(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, groups = random.normal(size=(60, 3)), Groups("g", ("a", "b", "c"), np.arange(60) % 3)
    mixed = rows @ (random.normal(size=(3, 3)) + 3 * np.eye(3)) + random.normal(size=3)
    assert pillai(whitened(mixed), groups) == pytest.approx(pillai(whitened(rows), groups))
    values = [many("x", each, groups, 1).values for each in (rows, mixed)]
    assert list(values[0].values()) == pytest.approx(list(values[1].values()))


@given(SEEDS)
@settings(max_examples=5)
def test_distances_within_groups_are_summed_over_their_pairs(seed: int) -> None:
    random = np.random.default_rng(seed)
    places = random.normal(size=(20, 3))
    distances = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    code = np.arange(20) % 3
    found = apart("x", distances, Groups("g", ("a", "b", "c"), code), 1)
    within = slow.within(distances, code)
    whole = slow.within(distances, np.zeros(20, dtype=np.int64))
    f = (whole - within) / 2 / (within / 17)
    assert found.tests[0].statistic == pytest.approx(f)
