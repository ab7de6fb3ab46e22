"""What the results of jobs about value look like on the terminal, line by line."""

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.jobs import Job
from pipelines.results import table, verdict
from pipelines.rounding import percent, signed, tenths, with_interval
from pipelines.value_review import ValueReviewed
from pipelines.value_score import ValueScored
from pipelines.value_train import ValueTrained
from pipelines.value_words import (
    cohort_rows,
    decile_rows,
    exact,
    headline,
    measure_rows,
    named,
    notes,
    parameter_rows,
    reading,
)

FIRST = 10
"""Customers that a scoring names."""


def trained(job: Job, result: ValueTrained) -> list[str]:
    """The new version, what it reached and what to keep in mind."""
    found, business = result.found, job.business
    told = [
        measure_rows(found.held, business),
        decile_rows(found.held, found.shipped, business),
        cohort_rows(found.held, found.shipped, business),
        parameter_rows(found),
    ]
    lines = [
        "",
        f"{job.model_name} version {result.version.number} waits for its review",
        f"  {headline(found)}. {reading(found, business)}",
    ]
    for rows in told:
        if rows is not None and rows.cells:
            lines += ["", rows.heading, *table([rows.columns, *rows.cells])]
    lines += ["", *(f"  Note: {each}" for each in notes(found))]
    lines += [f"  page  {result.page}"]
    return [*lines, f"Next: {job.command('review', job.task)}"]


def reviewed(job: Job, result: ValueReviewed) -> list[str]:
    """The verdict, each gate, and where the page lies."""
    business = job.business
    rows = [
        (
            named(name),
            with_interval(figures["mae"], lambda value: exact(value, business)),
            with_interval(figures["total_bias"], lambda value: signed(value, tenths)),
        )
        for name, figures in result.evidence.estimates.items()
    ]
    code = business.currency.code
    heads = ("", f"error per customer, {code} (95 % interval)", "total too high by")
    return verdict(job, result.evidence, result.folder, table([heads, *rows]))


def scored(job: Job, result: ValueScored) -> list[str]:
    """Where the scores lie, customers by tier, and who is worth most."""
    found, business = pq.read_table(result.path), job.business
    code = business.currency.code
    tiers = pc.value_counts(found["tier"].drop_null()).to_pylist()
    told = ", ".join(f"{each['counts']:,} {each['values']}" for each in tiers)
    total = sum(each or 0.0 for each in found["spend"].to_pylist())
    ranked = found.filter(pc.is_valid(found["value_rank"]))
    best = ranked.sort_by([("value_rank", "ascending")]).slice(0, FIRST).to_pylist()
    rows = [
        (
            row["customer"],
            exact(row["value"], business, whole=True),
            exact(row["spend"], business, whole=True),
            "–" if row["probability"] is None else percent(row["probability"]),
            "–" if row["alive"] is None else percent(row["alive"]),
            row["tier"] or "–",
            row["cell"] or "–",
        )
        for row in best
    ]
    days = business.value.horizon_days
    heads = ("customer", f"value, {code}", f"spend in {days} days", "buys", "alive", "tier", "cell")
    return [
        "",
        (
            f"Value as of {result.as_of}: {result.manifest.rows:,} customers, by version "
            f"{result.version.number}"
        ),
        f"  {result.path}",
        (
            f"  {code} {exact(total, business, whole=True)} are expected in {days} days, by "
            f"{named(result.money)}"
        ),
        *([f"  {told}"] if told else []),
        *(f"  Note: {note}" for note in result.notes),
        *(["", "Who is worth most", *table([heads, *rows])] if rows else []),
    ]
