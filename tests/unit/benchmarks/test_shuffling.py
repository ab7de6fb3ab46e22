"""Shuffled baskets keep their margins, and every table of these comes up as often."""

from collections import Counter

import numpy as np
import pandas as pd

from benchmarks.shuffling import shuffled
from models.rules.baskets import Baskets
from tests.oracles.rules import coded


def items_of(baskets: Baskets) -> list[list[int]]:
    return [
        baskets.codes[begin:end].tolist()
        for begin, end in zip(baskets.starts[:-1], baskets.starts[1:], strict=True)
    ]


def test_sizes_and_frequencies_are_kept_and_items_stay_distinct() -> None:
    random = np.random.default_rng(1)
    shop = [frozenset(np.array(list("abcdef"))[random.random(6) < 0.4].tolist()) for _ in range(41)]
    baskets = coded(shop, list("abcdef"))
    copy = shuffled(baskets, seed=3)
    assert copy.sizes.tolist() == baskets.sizes.tolist()
    assert copy.frequencies().tolist() == baskets.frequencies().tolist()
    assert all(items == sorted(set(items)) for items in items_of(copy))
    assert copy.codes.tolist() != baskets.codes.tolist()


def test_a_seed_gives_the_same_copy_again() -> None:
    baskets = coded([frozenset("abc"), frozenset("cd"), frozenset("ef")] * 5, list("abcdef"))
    one, again, other = (shuffled(baskets, seed).codes.tolist() for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_every_table_of_the_margins_comes_up_as_often() -> None:
    """Sizes 2, 1, 1 and frequencies 2, 1, 1 allow five tables; 2,000 draws, 400 each ± 4 σ."""
    baskets = Baskets(
        np.array([0, 2, 3, 4]), np.array([0, 1, 0, 2], dtype=np.int32), pd.Index(["a", "b", "c"])
    )
    tables = Counter(str(items_of(shuffled(baskets, seed, 12))) for seed in range(2_000))
    assert len(tables) == 5
    assert all(abs(count - 400) < 72 for count in tables.values())
