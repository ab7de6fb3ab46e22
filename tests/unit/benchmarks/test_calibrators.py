import numpy as np
import pytest
from scipy.optimize import minimize

from benchmarks.calibrators import CALIBRATORS
from models.calibration import sigmoid
from models.spec import BoolArray, FloatArray


def drawn(rows: int = 30_000) -> tuple[BoolArray, FloatArray, FloatArray]:
    """Outcomes, the log-odds that a model gave, and the true probabilities: a beta curve."""
    random = np.random.default_rng(8)
    odds = random.normal(-0.5, 1.5, rows)
    given = sigmoid(odds)
    truth = sigmoid(0.4 * np.log(given) - 1.6 * np.log1p(-given) - 0.3)
    return random.random(rows) < truth, odds, truth


@pytest.mark.parametrize("name", CALIBRATORS)
def test_no_calibrator_reverses_the_ranking(name: str) -> None:
    churned, odds, _ = drawn(3_000)
    found = CALIBRATORS[name](churned, odds)(np.linspace(-6, 6, 200))
    assert (np.diff(found) >= 0).all()
    assert ((found > 0) & (found < 1)).all()


def test_beta_and_isotonic_find_a_curve_that_no_line_can_follow() -> None:
    churned, odds, truth = drawn()
    off = {
        name: np.abs(fit(churned, odds)(odds) - truth).mean() for name, fit in CALIBRATORS.items()
    }
    assert off["beta"] < 0.01
    assert off["isotonic"] < 0.02
    assert off["sigmoid"] > 0.02
    assert off["none"] > off["sigmoid"]


def test_beta_is_the_likeliest_of_its_curves() -> None:
    churned, odds, _ = drawn(2_000)

    def loss(weights: FloatArray) -> float:
        p = sigmoid(odds)
        z = weights[0] * np.log(p) - weights[1] * np.log1p(-p) + weights[2]
        return float((np.logaddexp(0, z) - churned * z).sum())

    best = minimize(loss, np.array([1.0, 1.0, 0.0]), bounds=[(0, None), (0, None), (None, None)])
    found = CALIBRATORS["beta"](churned, odds)(odds)
    loss_found = -float(np.log(np.where(churned, found, 1 - found)).sum())
    assert loss_found == pytest.approx(float(best.fun), rel=1e-6)


def test_beta_on_scores_that_run_against_the_outcome_is_the_base_rate() -> None:
    churned, odds, _ = drawn(3_000)
    found = CALIBRATORS["beta"](churned, -odds)(odds)
    assert set(found) == {churned.mean()}
