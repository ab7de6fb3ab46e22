"""A map of customers or groups from their distances, and whether groups lie apart on it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial.distance import pdist, squareform
from scipy.stats import f_oneway
from sklearn.isotonic import IsotonicRegression
from sklearn.manifold import MDS, ClassicalMDS

from models.metrics import Estimate
from models.profile.effects import OF_ETA, size_of
from models.profile.findings import SURE, Check, Effect, Finding, Test
from models.profile.groups import ColumnsUnfit, Groups
from models.spec import FloatArray, IntArray

PERMUTATIONS: Final = 999
STRESS_MOST: Final = 0.2
"""Kruskal's stress from which on a map is poor (Kruskal 1964, "Multidimensional scaling by
optimizing goodness of fit to a nonmetric hypothesis")."""

EUCLIDEAN_LEAST: Final = 0.95
"""Share of the eigenvalues' absolute sum that must not be negative."""

_SPREAD: Final = "groups may differ in how far apart their own customers are, not in where they are"
_POOR: Final = "read the distances in the table, not off the map"
_ORDER: Final = "only the order of the distances is drawn (nonmetric scaling)"
_AXES: Final = 2


@dataclass(frozen=True, eq=False)
class Map:
    """Places in a plane whose distances are like those asked for.

    Attributes
    ----------
    places
        Shape (n, 2), about 0; along the axes of largest spread.
    stress
        Kruskal's stress 1 of the map: 0 is perfect.
    checks
        Whether distances are those of a space at all, and whether the map shows them.
    method
        Classical or nonmetric scaling.
    """

    places: FloatArray
    stress: float
    checks: tuple[Check, ...]
    method: str


def scaled(distances: FloatArray, seed: int) -> Map:
    """A map of things from the distances between them.

    Classical scaling (Torgerson 1952, "Multidimensional scaling: theory and method") where the
    distances are those of a space; otherwise, or where its stress is above `STRESS_MOST`,
    nonmetric scaling of their order (Kruskal 1964) by SMACOF, begun at the classical map.

    Parameters
    ----------
    distances
        Shape (n, n), symmetric, at least three things.
    seed
        Of the library.

    Raises
    ------
    ColumnsUnfit
        When there are fewer than three things, or all lie in one place.
    """
    if len(distances) <= _AXES or not distances.any():
        message = (
            f"a map needs three things that lie apart, but found {len(distances)}; compare more "
            "groups"
        )
        raise ColumnsUnfit(message)
    share = _euclidean(distances)
    by = f"{EUCLIDEAN_LEAST:.0%} of the eigenvalues not below 0"
    is_met = share >= EUCLIDEAN_LEAST
    check = Check("distances of a space", by, share, np.nan, is_met, "" if is_met else _ORDER)
    first = ClassicalMDS(n_components=_AXES, metric="precomputed").fit(distances)
    places, method = np.asarray(first.embedding_, dtype=np.float64), "classical scaling"
    stress = stress_of(distances, places, ordered=False)
    if not is_met or stress > STRESS_MOST:
        other = _nonmetric(distances, places, seed)
        lower = stress_of(distances, other, ordered=True)
        if not is_met or lower < stress:
            places, stress, method = other, lower, "nonmetric scaling"
    shown = stress <= STRESS_MOST
    of_map = Check(
        "a map shows the distances",
        f"Kruskal's stress at most {STRESS_MOST:g}",
        stress,
        np.nan,
        shown,
        "" if shown else _POOR,
    )
    return Map(_turned(places), stress, (check, of_map), method)


def _euclidean(distances: FloatArray) -> float:
    n = len(distances)
    centring = np.eye(n) - 1 / n
    values = np.linalg.eigvalsh(-0.5 * centring @ distances**2 @ centring)
    return float(1 - np.abs(values[values < 0]).sum() / np.abs(values).sum())


def stress_of(distances: FloatArray, places: FloatArray, *, ordered: bool) -> float:
    r"""Kruskal's stress 1 of a map, 0 is perfect.

    .. math:: \sqrt{\frac{\sum (d_{ij} - \hat d_{ij})^2}{\sum d_{ij}^2}}

    with the map's distances d, and the distances asked for times the best factor, or where only
    their order counts, the nearest in that order.

    Parameters
    ----------
    distances, places
        Shapes (n, n) and (n, 2).
    ordered
        Whether only the order counts.
    """
    asked, drawn = squareform(distances, checks=False), pdist(places)
    if ordered:
        wanted = IsotonicRegression().fit_transform(asked, drawn)
    else:
        wanted = asked * float((asked * drawn).sum() / (asked**2).sum())
    return float(np.sqrt(((drawn - wanted) ** 2).sum() / (drawn**2).sum()))


def _nonmetric(distances: FloatArray, places: FloatArray, seed: int) -> FloatArray:
    library = MDS(
        n_components=_AXES,
        metric_mds=False,
        metric="precomputed",
        n_init=1,
        init="random",
        random_state=seed,
    )
    found: FloatArray = library.fit_transform(distances, init=places)
    return found


def _turned(places: FloatArray) -> FloatArray:
    """Along the axes of largest spread, the largest value of each positive."""
    centred = places - places.mean(axis=0)
    found: FloatArray = centred @ np.linalg.svd(centred, full_matrices=False)[2].T
    largest = found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])]
    return found * np.where(largest < 0, -1.0, 1.0)


def between_groups(rows: FloatArray, groups: Groups) -> FloatArray:
    """Mahalanobis' distances between the means of groups, by pooled covariances, shape (g, g).

    Parameters
    ----------
    rows
        Shape (n, k).
    groups
        Of the rows.
    """
    parts = groups.split(rows)
    within = sum(
        ((part - part.mean(axis=0)).T @ (part - part.mean(axis=0)) for part in parts),
        np.zeros((rows.shape[1], rows.shape[1])),
    )
    covariance = within / (len(rows) - len(groups))
    means = np.stack([part.mean(axis=0) for part in parts])
    found: FloatArray = squareform(pdist(means, "mahalanobis", VI=np.linalg.pinv(covariance)))
    return found


def apart(subject: str, distances: FloatArray, groups: Groups, seed: int) -> Finding:
    r"""Whether customers lie nearer to their own group than to others, by any kind of distance.

    .. math:: F = \frac{SS_A / (g - 1)}{SS_W / (n - g)}, \quad
              SS_W = \sum_g \frac{1}{n_g} \sum_{i < j \in g} d_{ij}^2

    with the chance counted in permutations: Anderson 2001, "A new method for non-parametric
    multivariate analysis of variance". Whether groups spread alike is looked at by an analysis of
    variance of the distances from their centroids (Anderson 2006). R squared is the share of the
    squared distances that lies between groups; its interval is not known.

    Parameters
    ----------
    subject
        What the distances are of.
    distances
        Shape (n, n), symmetric.
    groups
        Of the customers.
    seed
        Of the permutations.
    """
    n, g = len(distances), len(groups)
    squares = distances**2
    whole = float(squares.sum()) / 2 / n
    seen = whole - _within(squares, groups.code, groups.counts.astype(np.float64))
    f = seen / (g - 1) / ((whole - seen) / (n - g))
    p = _permuted(squares, groups, whole - seen, seed)
    share = seen / whole
    return Finding(
        method="permutational multivariate analysis of variance",
        subject=subject,
        customers=n,
        tests=(Test("pseudo-F by permutations", f, (float(g - 1), float(n - g)), p),),
        checks=(_spread(squares, groups),),
        effects=(Effect("R squared", Estimate(share, np.nan, np.nan), size_of(share, OF_ETA)),),
    )


def _within(squares: FloatArray, code: IntArray, counts: FloatArray) -> float:
    indicator = np.eye(len(counts))[code]
    sums = np.einsum("ng,ng->g", squares @ indicator, indicator)
    return float((sums / 2 / counts).sum())


def _permuted(squares: FloatArray, groups: Groups, within: float, seed: int) -> float:
    random, counts = np.random.default_rng(seed), groups.counts.astype(np.float64)
    reached = 1
    for _ in range(PERMUTATIONS):
        other = _within(squares, random.permutation(groups.code), counts)
        reached += other <= within * (1 + 1e-12)
    return reached / (PERMUTATIONS + 1)


def _spread(squares: FloatArray, groups: Groups) -> Check:
    """Whether customers lie equally far from the middle of their groups."""
    parts = []
    for place in range(len(groups)):
        own = squares[np.ix_(groups.code == place, groups.code == place)]
        middle = own.mean(axis=1) - own.mean() / 2
        parts.append(np.sqrt(np.maximum(middle, 0.0)))
    by = "analysis of variance of the distances from centroids"
    if all(np.ptp(part) <= 1e-12 * (1 + float(part.max())) for part in parts):
        return Check("equal spread", by, np.nan, np.nan, is_met=True)
    found = f_oneway(*parts)
    is_met = bool(found.pvalue >= SURE)
    told = "" if is_met else _SPREAD
    return Check("equal spread", by, float(found.statistic), float(found.pvalue), is_met, told)
