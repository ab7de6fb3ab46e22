"""Offers under policies for many customers, made up with a realistic skew: seconds and memory.

Run as ``python -m benchmarks.offers_scale [--customers N] [--candidates N] [--items N]``. Each
customer has distinct candidates, drawn by popularity (Zipf's law), half of them bought before, and
ten purchases lately; 20,000 rules go from one item to another one. Policies are in force all at
once: own cycle, stock, exclusions, two limits, diversity and a floor. Offers are made in blocks of
5,000 customers; making up a block is not in the seconds. The last line is JSON.
"""

import argparse
import resource
import sys
import time

import numpy as np
import pandas as pd

from benchmarks.goals import at_least, at_most, line
from models.offers.evidence import Evidence
from models.offers.offered import offers_of, together
from models.offers.policies import KINDS, Policies
from models.offers.shelf import FloatArray, WholeArray

BLOCK = 5_000
LATELY = 10
RULES = 20_000
POLICIES = Policies(
    rank_by="expected_margin",
    most_per={"category": 3, "brand": 4},
    most_per_kind={"repeat": 6},
    exclude={"brand": ("brand:7",)},
    diversity=0.2,
    diversity_by="category",
    unit_margin_least=0.05,
    probability_least=0.001,
)


def shop(items: int, random: np.random.Generator) -> pd.DataFrame:
    """Items with a label, a title, a category, a brand, a price and a margin."""
    price = np.round(random.lognormal(1.0, 0.7, items), 2)
    return pd.DataFrame(
        {
            "label": [f"product:{item}" for item in range(items)],
            "title": [f"ITEM {item}" for item in range(items)],
            "in_category": [f"category:{code}" for code in random.integers(0, 300, items)],
            "in_brand": [f"brand:{code}" for code in random.geometric(0.02, items)],
            "price": price,
            "unit_margin": np.where(random.random(items) < 0.05, np.nan, 0.3 * price),
        }
    )


def drawn(customers: int, each: int, edges: FloatArray, random: np.random.Generator) -> WholeArray:
    """Items by popularity, shape (customers, each)."""
    found = np.searchsorted(edges, random.random((customers, each)) * edges[-1])
    kept: WholeArray = np.minimum(found, len(edges) - 1).astype(np.int64)
    return kept


def block(
    first: int, customers: int, each: int, edges: FloatArray, random: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Candidates of so many customers, and what these bought lately."""
    who = np.repeat(np.arange(first, first + customers), each)
    # Slots of a row are strides of the shelf, so that the items of a customer are distinct.
    width = len(edges) // each
    what = (drawn(customers, each, edges[:width], random) * each + np.arange(each)).ravel()
    count = len(who)
    is_bought = random.random(count) < 0.5
    kinds = np.where(is_bought, 0, 1 + (random.random(count) < 0.1))
    candidates = pd.DataFrame(
        {
            "customer": who,
            "item": what,
            "kind": pd.Categorical.from_codes(kinds, categories=pd.Index(KINDS)),
            "probability": random.beta(0.3, 6, count),
            "units": 1 + random.random(count),
            "cycle_days": np.where(is_bought, random.gamma(2, 15, count), np.nan),
            "days_since": np.where(is_bought, random.geometric(0.02, count), np.nan),
            "bought_days": np.where(is_bought, random.geometric(0.2, count), 0),
            "is_own_cycle": is_bought & (random.random(count) < 0.5),
            "alike_share": random.integers(0, 40, count) / 100,
        }
    )
    lately = pd.DataFrame(
        {
            "customer": np.repeat(np.arange(first, first + customers), LATELY),
            "item": drawn(customers, LATELY, edges, random).ravel(),
            "days_since": random.geometric(0.1, customers * LATELY),
        }
    )
    return candidates, lately


def main() -> None:
    """Write seconds and memory to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--items", type=int, default=20_000)
    asked = parser.parse_args()
    random = np.random.default_rng(0)
    items = shop(asked.items, random)
    popularity = 0.3 / np.arange(1, asked.items + 1)
    edges = np.cumsum(popularity)
    rules = pd.DataFrame(
        {
            "antecedent": drawn(1, RULES, edges, random)[0],
            "consequent": random.integers(0, asked.items, RULES),
            "confidence": random.random(RULES),
            "lift": 1 + random.gamma(2, 1, RULES),
        }
    )
    stock = frozenset(items["label"][random.random(asked.items) < 0.9])
    parts, cpu, wall = [], 0.0, 0.0
    for first in range(0, asked.customers, BLOCK):
        size = min(BLOCK, asked.customers - first)
        candidates, lately = block(first, size, asked.candidates, edges, random)
        evidence = Evidence(rules=rules, lately=lately, popularity=popularity)
        begun = time.process_time(), time.perf_counter()
        parts.append(offers_of(candidates, items, POLICIES, stock, evidence))
        cpu, wall = cpu + time.process_time() - begun[0], wall + time.perf_counter() - begun[1]
    found = together(parts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    told = ", ".join(f"{name} {count:,}" for name, count in found.left_out.items())
    sys.stdout.write(f"{len(found.table):,} offers; left out: {told}\n")
    sys.stdout.write(f"all in {cpu:.1f} s CPU, {wall:.1f} s wall, peak {peak:.2f} GB\n")
    goals = {
        "cpu_seconds": at_most(cpu, 60.0),
        "gigabytes": at_most(peak, 2.0),
        "customers_with_an_offer": at_least(1 - found.filled[0] / asked.customers, 0.99),
    }
    sys.stdout.write(line("offers_scale", goals))


if __name__ == "__main__":
    main()
