"""Offers of the learner for many customers, made up with a realistic skew: seconds and memory.

Run as ``python -m benchmarks.next_basket_scale [--customers N] [--items N] [--threads N]``. Each
customer has favourites, drawn by popularity (Zipf's law), which make 7 in 10 items of a basket; the
others are drawn by popularity alone. Numbers of baskets and their sizes are geometric, 15 and 8 on
average. The ranker is trained on 2,000 customers beforehand; then what all histories say is learnt,
and every customer is offered 10 items: candidates, figures and ranking in blocks of customers. The
last line is JSON.
"""

import argparse
import resource
import sys
import time

import numpy as np
import pandas as pd

from benchmarks.goals import at_least, at_most, line
from models.next_basket.histories import Histories, WholeArray, ends
from models.next_basket.learner import examples, fit, ranked
from models.next_basket.pairs import past
from models.next_basket.settings import NextBasketSpec
from models.next_basket.targets import last_baskets

FAVOURITES = 40
LOYAL = 0.7
BASKETS = 15
SIZE = 8
GAP_DAYS = 7
LEARNT_FROM = 2_000


def made_up(customers: int, items: int, seed: int = 0) -> Histories:
    """Histories with skewed items, baskets and sizes."""
    random = np.random.default_rng(seed)
    chance = 1 / np.arange(1, items + 1)
    edges = np.cumsum(chance / chance.sum())

    def drawn(shape: tuple[int, ...]) -> WholeArray:
        found: WholeArray = np.minimum(np.searchsorted(edges, random.random(shape)), items - 1)
        return found

    lengths = 2 + random.geometric(1 / (BASKETS - 1), customers)
    owner = np.repeat(np.arange(customers), lengths)
    gaps = random.geometric(1 / GAP_DAYS, len(owner))
    days = np.cumsum(gaps)
    days -= days[ends(lengths)[:-1]][owner]
    basket = np.repeat(np.arange(len(owner)), random.geometric(1 / SIZE, len(owner)))
    favourite = drawn((customers, FAVOURITES))[
        owner[basket], np.minimum(random.geometric(0.08, len(basket)), FAVOURITES) - 1
    ]
    what = np.where(random.random(len(basket)) < LOYAL, favourite, drawn((len(basket),)))
    cells = np.unique(basket * items + what)
    sizes = np.bincount(cells // items, minlength=len(owner))
    return Histories(
        customers=pd.RangeIndex(customers),
        items=pd.RangeIndex(items),
        firsts=ends(lengths),
        days=days,
        starts=ends(sizes),
        codes=(cells % items).astype(np.int32),
    )


def main() -> None:
    """Write seconds and memory to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    every = made_up(asked.customers, asked.items)
    sys.stdout.write(f"{len(every.days):,} baskets, {len(every.codes):,} entries\n")
    few = every.taken(np.arange(min(LEARNT_FROM, asked.customers)))
    ranker = fit(examples(last_baskets(few), kept_share=0.3), NextBasketSpec())
    as_of = np.full(asked.customers, int(every.days.max()) + 1)
    cpu, wall = time.process_time(), time.perf_counter()
    learnt = past(every)
    told = time.process_time() - cpu, time.perf_counter() - wall
    sys.stdout.write(f"learnt in {told[0]:.1f} s CPU, {told[1]:.1f} s wall\n")
    found = ranked(ranker, learnt, every, as_of, 10, threads=asked.threads)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    sys.stdout.write(f"all in {cpu:.1f} s CPU, {wall:.1f} s wall, peak {peak:.2f} GB\n")
    goals = {
        "minutes": at_most(wall / 60, 10.0),
        "gigabytes": at_most(peak, 6.0),
        "customers_with_10_offers": at_least(float((found >= 0).all(axis=1).mean()), 1.0),
    }
    sys.stdout.write(line("next_basket_scale", goals))


if __name__ == "__main__":
    main()
