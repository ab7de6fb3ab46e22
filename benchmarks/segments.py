"""Segments beside plain scikit-learn pipelines: made-up customers, noise, speed, a real shop.

Run as ``python -m benchmarks.segments [PART ...] [--kinds KIND ...]``, parts: made_up, noise,
speed, complete_journey. The plain pipeline is what is usually written: medians for missing numbers,
StandardScaler (and one-hot categories), PCA to 90 % of the variance, k-means for every number of
segments, the one with the greatest silhouette taken.

made_up: customers of known segments whose middles are all six spreads apart, of unlike sizes, in
five dresses; adjusted Rand index with the truth, mean over seeds with a 95 % t-interval.
noise: how often segments are found in one group of customers, in six dresses.
speed: 100,000 customers x 40 columns, each in a process of its own, with its peak memory.
complete_journey: purity and coverage of rules, on households they were not learnt from, on two
days; stability across families, and how many moved in 56 days.

The last line is JSON. Goals: adjusted Rand of .9 in every dress, segments found in no noise, and at
most three times the plain pipeline's seconds.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from rich.console import Console
from scipy.stats import t
from sklearn.cluster import KMeans
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.metrics import silhouette_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.goals import Goal, at_least, at_most, line
from features.behaviour import build
from models.metrics import Estimate
from models.migration import ABSENT, migration
from models.segments.agreement import adjusted_rand
from models.segments.choosing import find_segments
from models.segments.clusters import NONE
from models.segments.moving import segment_drift, segment_reference
from models.segments.portraits import Asked, gallery
from models.segments.settings import Kind, SegmentsSpec
from models.spec import FloatArray, IntArray
from pipelines import build as building
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps

SEEDS: Final = (1, 2, 3, 4)
ROWS: Final = 2000
SEGMENTS: Final = 4
APART: Final = 6.0
QUICK: Final = {"resamples": 20, "references": 8, "sample": ROWS, "most": 7}
KINDS: Final[tuple[Kind, ...]] = ("kmeans", "mini_batch", "gaussian_mixture", "hdbscan")
LARGE: Final = (100_000, 40)
DAYS: Final = (date(2017, 10, 19), date(2017, 12, 14))
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "how they buy": (
        *("days_since_order", "orders_per_week", "gap_mean_days", "order_value_mean_91d"),
        *("spend_91d", "categories_count_91d", "products_count_91d", "new_products_share_91d"),
        *("discount_share_182d", "price_tier_182d", "private_label_lines_share_182d"),
        "stores_count_91d",
    ),
    "the last 91 days": (),
    "everything": (),
}

Made = tuple[pd.DataFrame, IntArray]


def normal(draws: np.random.Generator, columns: int = 8) -> tuple[FloatArray, IntArray]:
    """Segments of unlike size, their middles equally far apart."""
    axes = np.linalg.qr(draws.normal(size=(columns, columns)))[0][:SEGMENTS]
    weights = np.linspace(2.0, 1.0, SEGMENTS)
    segment = draws.choice(SEGMENTS, ROWS, p=weights / weights.sum())
    values = axes[segment] * APART / np.sqrt(2) + draws.normal(size=(ROWS, columns))
    return values, segment.astype(np.int64)


def _table(values: FloatArray) -> pd.DataFrame:
    return pd.DataFrame(values, columns=[f"c{place}" for place in range(values.shape[1])])


def plain_dress(draws: np.random.Generator) -> Made:
    """Normal columns."""
    values, segment = normal(draws)
    return _table(values), segment


def money(draws: np.random.Generator) -> Made:
    """Every column an amount with a heavy tail, of another size."""
    values, segment = normal(draws)
    return _table(np.exp(values + np.arange(8))), segment


def mistakes(draws: np.random.Generator) -> Made:
    """One number in a hundred is a thousand times too large."""
    values, segment = normal(draws)
    return _table(np.where(draws.random(values.shape) < 0.01, values * 1000, values)), segment


def missing(draws: np.random.Generator) -> Made:
    """A tenth of the numbers is missing."""
    values, segment = normal(draws)
    return _table(np.where(draws.random(values.shape) < 0.1, np.nan, values)), segment


def crowded(draws: np.random.Generator) -> Made:
    """Ten columns of noise beside."""
    values, segment = normal(draws)
    return _table(np.column_stack([values, draws.normal(size=(ROWS, 10))])), segment


def categories(draws: np.random.Generator) -> Made:
    """Middles nearer to each other, and three categories that go with the segment."""
    values, segment = normal(draws)
    table = _table(values)
    for place in range(3):
        other = draws.integers(0, SEGMENTS, ROWS)
        told = np.where(draws.random(ROWS) < 0.85, segment, other)
        table[f"taste{place}"] = np.array([f"taste {number}" for number in range(SEGMENTS)])[told]
    return table, segment


DRESSES: Final[Mapping[str, Callable[[np.random.Generator], Made]]] = {
    "normal": plain_dress,
    "money": money,
    "mistakes": mistakes,
    "missing": missing,
    "crowded": crowded,
    "categories": categories,
}


def _correlated(draws: np.random.Generator) -> FloatArray:
    spread = np.full((8, 8), 0.7) + 0.3 * np.eye(8)
    return draws.multivariate_normal(np.zeros(8), spread, ROWS)


NOISE: Final[Mapping[str, Callable[[np.random.Generator], FloatArray]]] = {
    "normal": lambda draws: draws.normal(size=(ROWS, 8)),
    "correlated": _correlated,
    "money": lambda draws: np.exp(_correlated(draws)),
    "uniform": lambda draws: draws.random((ROWS, 8)),
    "counts": lambda draws: draws.poisson(0.5, (ROWS, 8)).astype(np.float64),
    "heavy tails": lambda draws: draws.standard_t(3, (ROWS, 8)),
}


def usual(table: pd.DataFrame, most: int = 8) -> IntArray:
    """Segments of the plain pipeline."""
    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), PCA(0.9))
    text = OneHotEncoder(sparse_output=False)
    columns = make_column_transformer(
        (numeric, make_column_selector(dtype_include="number")),
        (text, make_column_selector(dtype_exclude="number")),
    )
    points = columns.fit_transform(table)
    some = np.random.default_rng(0).permutation(len(points))[:2000]
    best, found = -np.inf, np.zeros(len(points), dtype=np.int64)
    for count in range(2, most + 1):
        labels = KMeans(count, n_init=5, random_state=0).fit_predict(points)
        score = silhouette_score(points[some], labels[some])
        if score > best:
            best, found = score, labels.astype(np.int64)
    return found


def ours(table: pd.DataFrame, kind: Kind) -> IntArray:
    """Segments of ours; everybody in one where none are stable."""
    texts = tuple(name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name]))
    if kind == "gaussian_mixture" and texts:
        table, texts = table.drop(columns=list(texts)), ()
    spec = SegmentsSpec.model_validate({"kind": kind, "categories": texts, **QUICK})
    found = find_segments(table, spec)
    if found.model is None:
        return np.full(len(table), NONE, dtype=np.int64)
    return found.model.assign(table).segment


def mean_of(values: list[float]) -> Estimate:
    """The mean with its 95 % t-interval."""
    middle = float(np.mean(values))
    error = float(np.std(values, ddof=1)) / np.sqrt(len(values))
    half = float(t.ppf(0.975, len(values) - 1)) * error
    return Estimate(middle, middle - half, middle + half)


def made_up(kinds: Sequence[Kind]) -> Iterator[str | dict[str, Goal]]:
    """Adjusted Rand index of every way on every dress."""
    for dress, make in DRESSES.items():
        sets = [make(np.random.default_rng(seed)) for seed in SEEDS]
        usually = [adjusted_rand(usual(table), truth) for table, truth in sets]
        yield f"{dress:12}{'scikit-learn':18}{_told(mean_of(usually))}\n"
        for kind in kinds:
            found = [adjusted_rand(ours(table, kind), truth) for table, truth in sets]
            more = mean_of([a - b for a, b in zip(found, usually, strict=True)])
            yield f"{dress:12}{kind:18}{_told(mean_of(found))}   more: {_told(more)}\n"
            if kind == "kmeans":
                yield {f"{dress}: adjusted Rand of k-means": at_least(float(np.mean(found)), 0.9)}


def noise(kinds: Sequence[Kind]) -> Iterator[str | dict[str, Goal]]:
    """How often segments are found where there are none."""
    wrong = dict.fromkeys(kinds, 0)
    for dress, make in NOISE.items():
        told = []
        for kind in kinds:
            tables = [_table(make(np.random.default_rng(seed))) for seed in SEEDS[:2]]
            seen = sum(bool((ours(table, kind) != NONE).any()) for table in tables)
            wrong[kind] += seen
            told.append(f"{kind} {seen} of {len(tables)}")
        yield f"{dress:12}segments in noise: {', '.join(told)}; scikit-learn always\n"
    for kind in kinds:
        yield {f"noise split by {kind}": at_most(wrong[kind], 0)}


def large() -> pd.DataFrame:
    """Customers of five segments in forty columns, half of them amounts."""
    rows, columns = LARGE
    draws = np.random.default_rng(1)
    segment = draws.integers(0, 5, rows)
    middles = draws.normal(size=(5, columns))
    values = middles[segment] + draws.normal(size=(rows, columns))
    values[:, ::2] = np.exp(values[:, ::2])
    return _table(values)


def timed(way: str) -> None:
    """Seconds and peak memory of one way, as JSON on standard output."""
    table = large()
    start = time.perf_counter()
    if way == "scikit-learn":
        usual(table)
    elif way == "assign":
        found = find_segments(table.head(5000), SegmentsSpec(most=5, fewest=5))
        start = time.perf_counter()
        if found.model is not None:
            found.model.assign(table)
    else:
        find_segments(table, SegmentsSpec.model_validate({"kind": way}))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sys.stdout.write(json.dumps({"seconds": seconds, "gigabytes": peak}))


def speed(kinds: Sequence[Kind]) -> Iterator[str | dict[str, Goal]]:
    """Each way in a process of its own."""
    found: dict[str, float] = {}
    for way in ("scikit-learn", *kinds, "assign"):
        command = [sys.executable, "-m", "benchmarks.segments", "--timed", way]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        told = json.loads(done.stdout)
        found[way] = told["seconds"]
        ratio = told["seconds"] / found["scikit-learn"]
        yield (
            f"{LARGE[0]:,} x {LARGE[1]}  {way:18}{told['seconds']:8.1f} s, {ratio:5.2f} times "
            f"scikit-learn, {told['gigabytes']:.2f} GB\n"
        )
    if "kmeans" in found:
        ratio = found["kmeans"] / found["scikit-learn"]
        yield {"seconds over scikit-learn's": at_most(ratio, 3)}


def behaviour() -> pd.DataFrame:
    """Behaviour of the households on both days."""
    config = load_config("complete_journey")
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        job = Job(config, Home(Path(folder)), datetime.now(UTC), Steps(Console(stderr=True)))
        building.run(job)
        with job.opened() as con:
            table = build(con, DAYS, job.business.sources, job.business.behaviour)
    found: pd.DataFrame = table.to_pandas()
    return found


def complete_journey(kinds: Sequence[Kind]) -> Iterator[str | dict[str, Goal]]:
    """Splits of households by several families of columns."""
    table = behaviour()
    days = [table[table["as_of"] == day].reset_index(drop=True) for day in DAYS]
    every = [name for name in table.columns if name not in ("customer", "as_of")]
    for family, named in FAMILIES.items():
        lately = [name for name in every if name.endswith("_91d")]
        columns = list(named) or (lately if "91" in family else every)
        for reduce in ("pca", "factors"):
            for kind in kinds:
                settings = {"kind": kind, "columns": columns, "reduce": reduce}
                spec = SegmentsSpec.model_validate(settings)
                yield from _households(f"{family}, {reduce}, {kind}", days, columns, spec)


def _households(
    title: str, days: list[pd.DataFrame], columns: list[str], spec: SegmentsSpec
) -> Iterator[str]:
    then, now = days
    found = find_segments(then, spec)
    yield f"{title}: {found.reason}\n"
    if found.model is None and spec.groups_only:
        cuts = spec.model_copy(update={"groups_only": False})
        yield from _households(f"{title}, cuts allowed", days, columns, cuts)
    if found.model is None:
        return
    before, after = found.model.assign(then), found.model.assign(now)
    value = {"value": then["spend_91d"].to_numpy(dtype=np.float64)}
    frame = gallery(then, before.segment, value, Asked(columns, used=columns)).frame()
    for row in frame.to_dict("records"):
        pure = Estimate(row["purity"], row["purity_low"], row["purity_high"])
        yield (
            f"  {row['share']:.0%} {row['name']}: purity {_told(pure)}, coverage "
            f"{row['coverage']:.2f}: {row['rule']}\n"
        )
    moved = segment_drift(segment_reference(before, found.model.count), after)
    sides = [
        pd.Series(side.segment, index=pd.Index(day["customer"]))
        for day, side in zip(days, (before, after), strict=True)
    ]
    went = migration(*sides).moves
    both = went[~went[["source", "target"]].isin([NONE, ABSENT]).any(axis=1)]
    stayed = both[both["source"] == both["target"]]["customers"].sum() / both["customers"].sum()
    yield f"  56 days later: index of shares {moved.psi:.3f}, in the same segment {stayed:.0%}\n"


def _told(found: Estimate) -> str:
    return f"{found.value:.3f} ({found.low:.3f}, {found.high:.3f})"


PARTS: Final[Mapping[str, Callable[[Sequence[Kind]], Iterator[str | dict[str, Goal]]]]] = {
    "made_up": made_up,
    "noise": noise,
    "speed": speed,
    "complete_journey": complete_journey,
}


def main() -> None:
    """Write every part to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all of them unless told")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, help="of ours; all unless told")
    parser.add_argument("--timed", help="one way alone, of the part speed")
    asked = parser.parse_args()
    if asked.timed:
        timed(asked.timed)
        return
    warnings.simplefilter("ignore")  # of the plain pipeline
    goals: dict[str, Goal] = {}
    for part in asked.parts or PARTS:
        for told in PARTS[part](asked.kinds or KINDS):
            if isinstance(told, dict):
                goals |= told
            else:
                sys.stdout.write(told)
                sys.stdout.flush()
    sys.stdout.write(line("segments", goals))


if __name__ == "__main__":
    main()
