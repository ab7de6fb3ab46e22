"""Where SciPy has the papers' formulas, sums and integrals here are equal to them."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln, gammaln, hyp2f1, hyperu

from models.value.catalogue import BG_NBD, MBG_NBD, PARETO_NBD
from models.value.cells import Cells, counted

COINS = (0.243, 4.414, 0.793, 2.426)
RATES = (0.553, 10.577, 0.606, 11.669)
X, LAST, AGE, WEEKS = np.array([0.0, 2.0, 7.0]), np.array([0.0, 30.43, 20.0]), 38.86, 39.0


@pytest.fixture(scope="module")
def cells() -> Cells:
    return counted(pd.DataFrame({"repeats": X, "last_at": LAST, "age": AGE}))


def test_bg_nbd_forecasts_are_those_of_equation_10(cells: Cells) -> None:
    r, alpha, a, b = COINS
    share = WEEKS / (alpha + AGE + WEEKS)
    fall = ((alpha + AGE) / (alpha + AGE + WEEKS)) ** (r + X)
    above = 1 - fall * hyp2f1(r + X, b + X, a + b + X - 1, share)
    expected = (a + b + X - 1) / (a - 1) * above
    parameters = np.array(COINS)[:, None]
    np.testing.assert_allclose(BG_NBD.ahead(cells, parameters, WEEKS), expected, rtol=1e-8)
    odds = a / (b + np.maximum(X, 1) - 1) * ((alpha + AGE) / (alpha + LAST)) ** (r + X)
    there = 1 / (1 + np.where(X > 0, odds, 0))
    np.testing.assert_allclose(BG_NBD.alive(cells, parameters), there)


def test_mbg_nbd_forecasts_are_those_of_its_paper(cells: Cells) -> None:
    r, alpha, a, b = COINS
    share = WEEKS / (alpha + AGE + WEEKS)
    fall = ((alpha + AGE) / (alpha + AGE + WEEKS)) ** (r + X)
    above = 1 - fall * hyp2f1(r + X, b + X + 1, a + b + X, share)
    expected = (a + b + X) / (a - 1) * above
    parameters = np.array(COINS)[:, None]
    np.testing.assert_allclose(MBG_NBD.ahead(cells, parameters, WEEKS), expected, rtol=1e-8)
    odds = a / (b + X) * ((alpha + AGE) / (alpha + LAST)) ** (r + X)
    np.testing.assert_allclose(MBG_NBD.alive(cells, parameters), 1 / (1 + odds))


def test_pareto_nbd_likelihood_is_that_with_hypergeometric_functions(cells: Cells) -> None:
    r, alpha, s, beta = RATES
    whole = r + s + X

    def part(time: np.ndarray | float) -> np.ndarray:
        away = (beta - alpha) / (beta + time)
        found = hyp2f1(whole, r + X, whole + 1, away) / (beta + time) ** whole
        return np.asarray(found, dtype=np.float64)

    stayed = (alpha + AGE) ** -(r + X) * (beta + AGE) ** -s
    both = stayed + s / whole * (part(LAST) - part(AGE))
    expected = gammaln(r + X) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.log(both)
    parameters = np.array(RATES)[:, None]
    value, _ = PARETO_NBD.score(cells, parameters)
    np.testing.assert_allclose(value, expected, rtol=1e-9)
    np.testing.assert_allclose(PARETO_NBD.alive(cells, parameters), stayed / both, rtol=1e-9)


def test_discounted_residual_transactions_are_those_with_tricomis_function(cells: Cells) -> None:
    """Fader, Hardie and Lee 2005, "RFM and CLV", equation 2."""
    r, alpha, s, beta = RATES
    force, parameters = 0.0027, np.array(RATES)[:, None]
    value, _ = PARETO_NBD.score(cells, parameters)
    logs = r * np.log(alpha) + s * np.log(beta) + (s - 1) * np.log(force) + gammaln(r + X + 1)
    logs += np.log(hyperu(s, s, force * (beta + AGE))) - gammaln(r)
    expected = np.exp(logs - (r + X + 1) * np.log(alpha + AGE) - value)
    found = PARETO_NBD.alive(cells, parameters)
    found = found * PARETO_NBD.discounted(cells, parameters, np.inf, force)
    np.testing.assert_allclose(found, expected, rtol=1e-7)


def test_bg_nbd_likelihood_is_equation_6(cells: Cells) -> None:
    r, alpha, a, b = COINS
    coins = betaln(a, b + X) - betaln(a, b) + gammaln(r + X) - gammaln(r) + r * np.log(alpha)
    left = np.where(X > 0, a / (b + np.maximum(X, 1) - 1) * (alpha + LAST) ** -(r + X), 0)
    expected = coins + np.log((alpha + AGE) ** -(r + X) + left)
    value, _ = BG_NBD.score(cells, np.array(COINS)[:, None])
    np.testing.assert_allclose(value, expected)
