"""What customers were worth so far, beside what a version lets expect of them."""

from datetime import date
from pathlib import Path

import pandas as pd

from features.clock import days_after
from pipelines.config import Business
from pipelines.jobs import Job
from pipelines.tables import replace_file, replace_text
from pipelines.tracked import as_parquet
from pipelines.value_days import day_of
from pipelines.value_gathered import Purse, ValueMaterial, summary_of
from pipelines.value_learning import ValueLearnt, ValueModel, repeat_of
from pipelines.worth_found import WorthFound, worth_found
from pipelines.worth_gathered import Lifetime, worth_seen
from pipelines.worth_tables import worth_tables


def worth_on_newest(job: Job, material: ValueMaterial, found: ValueLearnt) -> WorthFound:
    """What customers were worth before the day after the last order."""
    business, purse = job.business, material.purse
    as_of = day_of(purse.known_until)
    lifetime = _lifetime(business, purse, as_of, found)
    with job.opened() as con:
        seen = worth_seen(con, business, purse.purchases, as_of, lifetime)
    return worth_found(seen)


def _lifetime(business: Business, purse: Purse, as_of: date, found: ValueLearnt) -> Lifetime | None:
    """Lifetime values of two days by one model, where the model was not fitted on later ones."""
    model, asked = found.model, business.value
    if model.models.beyond is None:
        return None
    earlier = days_after(as_of, -asked.worth.moved_days(asked.horizon_days))
    before = _values(purse, earlier, model) if earlier >= found.found.tested else None
    what = "revenue" if found.found.margin_source == "unknown" else "margin"
    told, share = f"{what} of the next {asked.clv_days} days", model.economy.margin_share
    return Lifetime(_values(purse, as_of, model), before, told, share)


def _values(purse: Purse, day: date, model: ValueModel) -> pd.Series:
    value: pd.Series = repeat_of(model, summary_of(purse.purchases, day))["value"]
    return value


def written(worth: WorthFound, page: str) -> dict[str, str | bytes]:
    """The page, and the tables of `worth_tables`, by their path in a run."""
    tables = worth_tables(worth)
    kept = {f"value/{name}.parquet": as_parquet(each) for name, each in tables.items()}
    return {"value.html": page, **kept}


def keep(job: Job, worth: WorthFound, text: str) -> Path:
    """Write tables and page below the reports; the page last, so that it proves them."""
    folder = job.home.reports(job.business.name)
    for name, table in worth_tables(worth).items():
        with replace_file(folder / "value" / f"{name}.parquet") as staged:
            staged.write_bytes(as_parquet(table))
    page = folder / "value.html"
    replace_text(page, text)
    return page
