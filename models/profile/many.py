"""Many numbers of groups compared at once: multivariate analysis of variance."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from statsmodels.multivariate.manova import MANOVA

from models.profile.assumptions import equal_covariances, jointly_bell_shaped, within_groups
from models.profile.effects import OF_ETA, partial_eta_squared, size_of
from models.profile.findings import Effect, Finding, Test
from models.profile.groups import ColumnsUnfit, Groups
from models.spec import FloatArray

PERMUTATIONS: Final = 999

WILKS: Final = "Wilks' lambda"
PILLAI: Final = "Pillai's trace"
_NAMES: Final = (WILKS, PILLAI, "Hotelling-Lawley trace", "Roy's greatest root")

_ROBUST: Final = "Pillai's trace, which bears it best"
_COUNTED: Final = "chances counted in permutations"


@dataclass(frozen=True, eq=False)
class Many:
    """How groups differ in many numbers at once.

    Attributes
    ----------
    finding
        The four statistics, the assumptions, and the multivariate eta squared.
    values
        Statistic to its own value, where the finding's tests have the F that stands for it.
    """

    finding: Finding
    values: dict[str, float]


def many(subject: str, rows: FloatArray, groups: Groups, seed: int) -> Many:
    r"""How groups differ in many numbers at once, by multivariate analysis of variance.

    Wilks' lambda, with Rao's F, where columns are jointly normal and vary together alike in all
    groups. Otherwise Pillai's trace (Olson 1974, "Comparative robustness of six tests in
    multivariate analysis of variance"); where columns are not jointly normal its chance is counted
    in permutations of the customers. The multivariate eta squared is the F's partial one: of
    Wilks' lambda :math:`1 - \Lambda^{1/t}` with Rao's t, of Pillai's trace :math:`V / s`.

    Parameters
    ----------
    subject
        What the columns are together.
    rows
        Shape (n, k), without missing values.
    groups
        Of the rows.
    seed
        Of the permutations.

    Raises
    ------
    ColumnsUnfit
        When there are too few customers for so many columns.
    """
    n, k = rows.shape
    if n <= k + len(groups) or np.linalg.matrix_rank(within_groups(rows, groups)) < k:
        message = (
            f"{subject} needs more than {k + len(groups)} customers and columns of which none is "
            f"made of the others, or of the groups alone, but found {n:,} customers and {k} "
            "columns; leave columns out"
        )
        raise ColumnsUnfit(message)
    alike = equal_covariances(rows, groups, _ROBUST)
    shape = jointly_bell_shaped(rows, groups, _COUNTED)
    tests, values = _tests(rows, groups)
    order = [WILKS, *_NAMES[1:]] if alike.is_met and shape.is_met else [PILLAI, WILKS, *_NAMES[2:]]
    told = [tests[name] for name in order if name in tests]
    if not shape.is_met:
        counted = Test(
            f"{PILLAI} by permutations", values[PILLAI], (), _permuted(rows, groups, seed)
        )
        told = [counted, *told]
    chosen = tests[order[0]]
    effect = partial_eta_squared(chosen.statistic, *chosen.freedom)
    finding = Finding(
        method=f"multivariate analysis of variance, {told[0].name}",
        subject=subject,
        customers=n,
        tests=tuple(told),
        checks=(alike, shape),
        effects=(Effect("multivariate eta squared", effect, size_of(effect.value, OF_ETA)),),
    )
    return Many(finding, values)


def _tests(rows: FloatArray, groups: Groups) -> tuple[dict[str, Test], dict[str, float]]:
    dummies = np.eye(len(groups))[groups.code][:, 1:]
    design = np.column_stack([np.ones(len(rows)), dummies])
    contrast = np.eye(len(groups))[1:]
    with np.errstate(divide="ignore", invalid="ignore"):  # of few customers some have no F
        found = MANOVA(rows, design).mv_test([("groups", contrast)])
    table: pd.DataFrame = found["groups"]["stat"].astype(float)
    columns = ("Value", "Num DF", "Den DF", "F Value", "Pr > F")
    told = {
        str(name): row
        for name, *row in zip(table.index, *(table[each] for each in columns), strict=True)
    }
    tests = {
        name: Test(name, f, (between, within), p)
        for name, (_, between, within, f, p) in told.items()
        if np.isfinite(f)
    }
    return tests, {name: float(row[0]) for name, row in told.items()}


def pillai(white: FloatArray, groups: Groups) -> float:
    """Pillai's trace of rows whose total sums of squares and products are the identity."""
    indicator = np.eye(len(groups))[groups.code]
    sums = indicator.T @ white
    return float(((sums**2).sum(axis=1) / groups.counts).sum())


def whitened(rows: FloatArray) -> FloatArray:
    """Rows in coordinates whose total sums of squares and products are the identity."""
    left, _, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    found: FloatArray = left
    return found


def _permuted(rows: FloatArray, groups: Groups, seed: int) -> float:
    """Share of permutations of the customers with as large a trace, that of today counted."""
    white, random = whitened(rows), np.random.default_rng(seed)
    seen = pillai(white, groups)
    reached = 1
    for _ in range(PERMUTATIONS):
        shuffled = Groups(groups.name, groups.names, random.permutation(groups.code))
        reached += pillai(white, shuffled) >= seen * (1 - 1e-12)
    return reached / (PERMUTATIONS + 1)
