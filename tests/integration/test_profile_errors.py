"""How often comparisons of groups that do not differ, or differ as much as is known, say so."""

import numpy as np
import pytest

from models.profile.categories import of_counts
from models.profile.groups import Groups
from models.profile.numbers import numbers
from models.spec import FloatArray

pytestmark = pytest.mark.slow
MARKETS = 1000
NAMES = ("a", "b", "c")


def drawn(kind: str, random: np.random.Generator) -> tuple[FloatArray, Groups]:
    """Three groups of which none differs in its middle."""
    sizes = {"few": (6, 6, 6), "lopsided": (15, 40, 120), "tails": (60, 80, 200)}.get(
        kind, (40, 40, 40)
    )
    code = np.repeat([0, 1, 2], sizes)
    values = random.normal(size=len(code))
    if kind == "skewed":
        values = np.exp(1.5 * values)
    if kind == "lopsided":  # the small group spreads most, which a plain analysis does not bear
        values *= np.array([3.0, 1.5, 1.0])[code]
    if kind == "tails":
        values = random.standard_t(2, len(code)) * np.array([3.0, 1.5, 1.0])[code]
    if kind == "counts":
        values = random.poisson(1.0, len(code)).astype(np.float64)
    return values, Groups("group", NAMES, code)


@pytest.mark.parametrize(
    ("kind", "rate"),
    [
        ("bell", 0.049),
        ("few", 0.050),
        ("skewed", 0.046),
        ("lopsided", 0.059),
        ("tails", 0.055),
        ("counts", 0.048),
    ],
)
def test_groups_that_do_not_differ_are_rarely_said_to(kind: str, rate: float) -> None:
    """At a chance of .05; docs/profile.md has the shares."""
    random = np.random.default_rng(11)
    found = [numbers("x", *drawn(kind, random), 1).finding.p < 0.05 for _ in range(MARKETS)]
    assert np.mean(found) == pytest.approx(rate, abs=0.002)


@pytest.mark.parametrize("customers", [12, 300])
def test_categories_that_do_not_differ_are_rarely_said_to(customers: int) -> None:
    random, reached, seen = np.random.default_rng(11), 0, 0
    for _ in range(400):
        table = np.zeros((2, 3), dtype=np.int64)
        np.add.at(table, (random.integers(0, 2, customers), random.integers(0, 3, customers)), 1)
        if (table.sum(axis=0) > 0).all() and (table.sum(axis=1) > 0).all():
            seen += 1
            reached += of_counts("x", table, (NAMES[:2], NAMES), 1).finding.p < 0.05
    assert reached / seen < 0.07  # where the truth is .05, 1.8 standard errors of 400 tables
