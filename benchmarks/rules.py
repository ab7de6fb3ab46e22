"""Association rules with twelve measures beside rusket and mlxtend, in turns in one process.

Run as ``python -m benchmarks.rules [--rounds N]``. Of all itemsets of the sets retail at .02 % and
T10I4D100K at .05 %, which every library has in its own form beforehand, rules of confidence 30 %
and their twelve measures (those of mlxtend's frame) are made into a finished table: of pandas with
frozensets by rusket and mlxtend, of Arrow with lists by us. CPU seconds are the least of the
rounds. A peer that is not installed is left out. The last line is JSON.
"""

import argparse
import importlib
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pyarrow as pa

from benchmarks.goals import at_least, line
from benchmarks.itemsets import rows_of
from models.rules.arrow import rules_table
from models.rules.association import RulesWanted, rules_of
from models.rules.baskets import baskets_of
from models.rules.interchange import itemsets_frame
from models.rules.itemsets import Itemsets
from models.rules.mining import Wanted, frequent

CELLS = {"retail .02 %": ("retail", 0.0002), "T10I4D100K .05 %": ("T10I4D100K", 0.0005)}
CONFIDENCE = 0.3
MEASURES = (
    *("antecedent_support", "consequent_support", "support", "confidence", "lift"),
    *("representativity", "leverage", "conviction", "zhangs_metric", "jaccard", "certainty"),
    "kulczynski",
)
BOUNDS = {"rusket": 10.0, "mlxtend": 30.0}


def own(found: Itemsets) -> pa.Table:
    """Our rules and measures."""
    return rules_table(rules_of(found, RulesWanted(CONFIDENCE)), MEASURES)


def contestants(found: Itemsets) -> dict[str, Callable[[], Any]]:
    """What is timed, by name; all from the same itemsets."""
    frame = itemsets_frame(found)
    made: dict[str, Callable[[], Any]] = {"regulars": lambda: own(found)}
    for name, module in (("rusket", "rusket"), ("mlxtend", "mlxtend.frequent_patterns")):
        try:
            library: Any = importlib.import_module(module)
        except ModuleNotFoundError:
            sys.stdout.write(f"{name} is not installed\n")
            continue
        made[name] = partial(
            library.association_rules,
            frame,
            num_itemsets=found.baskets,
            metric="confidence",
            min_threshold=CONFIDENCE,
        )
    return made


def main() -> None:
    """Write every cell to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    ratios: dict[str, list[float]] = {}
    for cell, (name, support) in CELLS.items():
        rows = rows_of(name)
        if rows is None:
            sys.stdout.write(f"{cell}: left out, there is no {name}\n")
            continue
        found = frequent(baskets_of(rows, "basket", "item"), Wanted(support=support))
        seconds: dict[str, list[float]] = {}
        for _ in range(asked.rounds):
            for peer, call in contestants(found).items():
                began = time.process_time()
                table = call()
                seconds.setdefault(peer, []).append(time.process_time() - began)
                told = f"{cell}: {peer} {seconds[peer][-1]:.3f} s CPU, {len(table):,} rules\n"
                sys.stdout.write(told)
                del table  # or the next one's time would hold the end of this one's objects
        for peer in set(seconds) & set(BOUNDS):
            ratio = min(seconds[peer]) / min(seconds["regulars"])
            ratios.setdefault(peer, []).append(ratio)
    goals = {
        peer: at_least(statistics.geometric_mean(found), BOUNDS[peer])
        for peer, found in sorted(ratios.items())
    }
    sys.stdout.write(line("rules", goals))


if __name__ == "__main__":
    main()
