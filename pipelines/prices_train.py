"""Job: elasticities and promotion lifts of items, tested on later weeks; a table and a page."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from features.clock import Window, days_after, require_history
from features.loads import data_fingerprint
from features.prices import WEEK, NoPrices, PriceWeeks, build_price_weeks, require_prices
from features.star import history
from features.warehouse import Connection
from models.prices.elasticity import ITEMS, elasticities
from models.prices.evidence import EFFECTS
from models.prices.out_of_time import OutOfTime, out_of_time
from models.prices.panel import Panel, panel_of
from models.prices.regression import TooFewItems
from pipelines.jobs import Job
from pipelines.prices_found import PricesFound, belongs_of, effects_table
from pipelines.prices_page import prices_page
from pipelines.progress import fact
from pipelines.runs import Run
from pipelines.tables import replace_text
from pipelines.tracked import as_parquet, config_file, training, training_run
from pipelines.writeup import git_commit

SEED: Final = 7
"""Of the resamples that the intervals of the test come from."""


@dataclass(frozen=True)
class PricesTrained:
    """What was found, and where.

    Attributes
    ----------
    found
        Effects and test.
    run_id
        Tracked run that holds the tables.
    page
        File that shows what was found.
    """

    found: PricesFound
    run_id: str
    page: Path


def run(job: Job) -> PricesTrained:
    """Estimate what prices and promotions do, test it on the last weeks, and write a page of it.

    Nothing is registered: the tables lie with the tracked run, and no version goes live.

    Raises
    ------
    PricesUnclear, ItemsUnclear
        When the sources do not tell what was sold at which price.
    OutsideHistory, NoPrices
        When nothing was sold before the as_of.
    TooFewItems
        When week effects are asked of too few items.
    """
    business = job.business
    with training(job) as registry:
        sold, fingerprint = _gather(job)
        tags = {
            "business": business.name,
            "kind": "price_elasticities",
            "data_fingerprint": fingerprint,
            "code": git_commit(),
            "as_of": str(sold.weeks.end),
        }
        with training_run(job, registry, tags) as tracked:
            found = _found(job, sold)
            with job.steps.step("tracking: metrics, tables"):
                text = prices_page(found, business.currency)
                _log(tracked, job, found, text)
        page = job.home.reports(business.name) / "prices.html"
        replace_text(page, text)
    fact("estimated", business=business.name, items=len(found.own("price")), run=tracked.id)
    return PricesTrained(found, tracked.id, page)


def _gather(job: Job) -> tuple[PriceWeeks, str]:
    business, asked = job.business, job.business.prices
    require_prices(asked, business.sources)
    with job.opened() as con, job.steps.step("prices of weeks"):
        sold = build_price_weeks(con, asked, _window(job, con), business.sources)
        return sold, data_fingerprint(con)


def _window(job: Job, con: Connection) -> Window:
    """Days before the as_of that are looked at."""
    asked, known = job.business.prices, history(con, job.business.sources)
    first, last = known.first_on, known.last_on
    if first is None or last is None:
        message = "prices need orders, but the warehouse has none; run: regulars build"
        raise NoPrices(message)
    end = days_after(last, 1) if asked.as_of is None else asked.as_of
    require_history([end], first, last)
    start = first if asked.weeks is None else max(first, days_after(end, -WEEK * asked.weeks))
    return Window(start, end)


def _found(job: Job, sold: PriceWeeks) -> PricesFound:
    asked = job.business.prices
    panel, belongs = panel_of(sold.rows.to_pandas(), asked.column), belongs_of(sold)
    with job.steps.step("elasticities"):
        fitted = elasticities(panel, belongs, asked.wanted)
    with job.steps.step("test on later weeks"):
        test = _tested(job, panel, belongs, sold.count)
    return PricesFound(
        business=job.business.name,
        as_of=sold.weeks.end,
        weeks=sold.weeks,
        levels=sold.levels,
        effects=effects_table(sold, fitted),
        groups=fitted.groups,
        test=test,
        test_weeks=asked.test_weeks,
        lines=sold.lines,
        unpriced=panel.unpriced,
    )


def _tested(job: Job, panel: Panel, belongs: pd.DataFrame, weeks: int) -> OutOfTime | None:
    """The test, where the weeks before it are enough to fit on."""
    asked = job.business.prices
    try:
        return out_of_time(panel, belongs, asked.wanted, weeks - asked.test_weeks, seed=SEED)
    except TooFewItems:  # the shorter history has fewer items; the whole of it has enough
        return None


def _log(tracked: Run, job: Job, found: PricesFound, page: str) -> None:
    """Parameters, figures, tables and page of the run."""
    business = job.business
    settings = business.prices.model_dump(mode="json")
    tracked.log(
        params={f"prices.{name}": value for name, value in settings.items()},
        metrics=_figures(found),
        files={
            **config_file(business),
            "prices.parquet": as_parquet(found.effects),
            "price_groups.parquet": as_parquet(found.groups),
            "prices.html": page,
        },
    )


def _figures(found: PricesFound) -> dict[str, float]:
    """Items of each effect, what the mean item shows, and the gains of the test."""
    figures = {f"{effect}.items": float(len(found.own(effect))) for effect in EFFECTS}
    for row in found.groups[found.groups["level"] == ITEMS].to_dict("records"):
        for column in ("value", "low", "high"):
            figures[f"{row['effect']}.{column}"] = float(row[column])
    for name, gain in {} if found.test is None else found.test.gain.items():
        figures[f"test.gain_over_{name}"] = gain.value
        figures[f"test.gain_over_{name}.low"] = gain.low
    return figures
