"""The peer of the benchmark of hazards: Cox's regression as textbooks print it."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.cox import coefficients, fit_cox, partial_likelihood
from models.lifetimes import Lifetimes
from models.spec import FloatArray

TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def remissions() -> tuple[FloatArray, Lifetimes]:
    """Weeks of remission of Freireich et al. 1963, and who was treated."""
    told = [*TREATED.split(), *PLACEBO.split()]
    weeks = np.array([int(each.rstrip("+")) for each in told])
    ended = np.array([not each.endswith("+") for each in told])
    return np.array([[1.0]] * 21 + [[0.0]] * 21), Lifetimes(weeks, ended)


def test_the_remissions_of_freireich_are_as_r_prints_them() -> None:
    """coxph with its default, Efron's ties: -1.572, standard error .412."""
    rows, lifetimes = remissions()
    found = coefficients(rows, lifetimes, 0.0)
    assert found == pytest.approx([-1.5721], abs=5e-5)
    curvature = partial_likelihood(found, rows, lifetimes).curvature
    assert 1 / np.sqrt(curvature[0, 0]) == pytest.approx(0.4124, abs=5e-5)


def test_slope_and_curvature_are_those_of_the_likelihood() -> None:
    random = np.random.default_rng(2)
    rows, beta = random.normal(size=(60, 3)), np.array([0.4, -0.2, 0.1])
    lifetimes = Lifetimes(random.integers(1, 6, 60), random.random(60) < 0.7)
    here = partial_likelihood(beta, rows, lifetimes)
    for column in range(3):
        step = np.eye(3)[column] * 1e-5
        up, down = (partial_likelihood(beta + by, rows, lifetimes) for by in (step, -step))
        assert here.slope[column] == pytest.approx((up.value - down.value) / 2e-5, rel=1e-5)
        assert here.curvature[column] == pytest.approx((down.slope - up.slope) / 2e-5, rel=1e-5)


def test_a_penalty_draws_coefficients_towards_none() -> None:
    rows, lifetimes = remissions()
    sizes = [abs(coefficients(rows, lifetimes, penalty)[0]) for penalty in (0.0, 0.1, 10.0)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 0.05


def test_curves_of_a_proportional_world_are_found() -> None:
    random = np.random.default_rng(3)
    features = pd.DataFrame(random.normal(size=(4_000, 2)), columns=["pull", "idle"])
    hazard = 1 - np.exp(-np.exp(-2.0 + 0.8 * features["pull"].to_numpy())[:, None] * np.ones(6))
    ends = random.random((4_000, 6)) < hazard
    weeks = np.where(ends.any(axis=1), ends.argmax(axis=1) + 1, 6)
    lifetimes = Lifetimes(weeks, np.asarray(ends.any(axis=1)))
    found = fit_cox(features, lifetimes, range(4_000), 6).survival(features)
    assert np.abs(found - np.cumprod(1 - hazard, axis=1)).mean() < 0.015
