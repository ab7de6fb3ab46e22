"""What the results of jobs about offers look like on the terminal, line by line."""

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.jobs import Job
from pipelines.offers_review import OffersReviewed
from pipelines.offers_score import OffersScored
from pipelines.offers_train import OffersTrained
from pipelines.offers_up_words import step_rows, tier_rows
from pipelines.offers_words import (
    exactly,
    first_rows,
    headline,
    kind_rows,
    notes,
    reading,
    recommender_rows,
    used,
)
from pipelines.results import table, verdict
from pipelines.rounding import percent, tenths, with_interval

FIRST = 10
"""Offers that a scoring names."""


def trained(job: Job, result: OffersTrained) -> list[str]:
    """The new version, what it reached and what to keep in mind."""
    found, material = result.learning, result.material
    told = [kind_rows(found.test), recommender_rows(found), first_rows(found)]
    told += [step_rows(found.up), tier_rows(found.up)]
    lines = [
        "",
        f"{job.model_name} version {result.version.number} waits for its review",
        f"  {headline(found.test, material.days.horizon_days)}. {reading(found.test)}",
    ]
    for rows in told:
        if rows is not None and rows.cells:
            lines += ["", rows.heading, *table([rows.columns, *rows.cells])]
    remarks = [*used(found), *notes(material, found)]
    lines += ["", *(f"  Note: {each}" for each in remarks), f"  page  {result.page}"]
    return [*lines, f"Next: {job.command('review', job.task)}"]


def reviewed(job: Job, result: OffersReviewed) -> list[str]:
    """The verdict, each gate, and where the page lies."""
    rows = [
        (name, with_interval(figures["bought_share"], tenths))
        for name, figures in result.evidence.estimates.items()
    ]
    told = table([("", "offers bought (95 % interval)"), *rows])
    return verdict(job, result.evidence, result.folder, told)


def scored(job: Job, result: OffersScored) -> list[str]:
    """Where the offers lie, how many of each kind, and the first of them."""
    found = pq.read_table(result.path)
    currency = job.business.currency
    kinds = pc.value_counts(found["kind"]).to_pylist()
    told = ", ".join(f"{each['counts']:,} {each['values']}" for each in kinds)
    rows = [
        (
            row["customer"],
            str(row["rank"]),
            row["item"],
            row["kind"],
            percent(row["probability"]),
            "–" if row["expected_revenue"] is None else exactly(row["expected_revenue"], currency),
            row["reason"],
        )
        for row in found.slice(0, FIRST).to_pylist()
    ]
    new = f", {result.newcomers:,} of them without a history" if result.newcomers else ""
    of_all = f"{result.manifest.rows:,} to {result.customers:,} customers{new}"
    return [
        "",
        f"Offers as of {result.as_of}: {of_all}, by version {result.version.number}",
        f"  {result.path}",
        *([f"  {told}"] if told else []),
        *(f"  Note: {note}" for note in result.notes),
        "",
        "The first of them",
        *table([("customer", "", "item", "", "probability", "brings", "why"), *rows]),
    ]
