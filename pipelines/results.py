"""What a job's result looks like on the terminal, line by line."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.baselines import WINDOWED_RFM
from models.metrics import Estimate
from pipelines.build import Built
from pipelines.charts import letters
from pipelines.contest import MODEL
from pipelines.evidence import Evidence
from pipelines.init import Written
from pipelines.jobs import Job
from pipelines.promote import Promoted
from pipelines.review import Reviewed
from pipelines.rounding import count, fraction, money, percent, signed, with_interval
from pipelines.run import WholeWay
from pipelines.score import Scored
from pipelines.table import Tabled
from pipelines.train import Trained

HEADLINE, HEADLINE_NAME = "roc_auc", "ROC AUC"
"""Metric that the lines below a training's table speak of."""

WORTH_CALLING = 10
"""Customers that the end of a run names."""


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as aligned columns, the first row as heading."""
    widths = [max(letters(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(
            cell + " " * (width - letters(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def initialised(result: Written) -> list[str]:
    """What was guessed and how sure that is."""
    heading = ("", "found", "sure", "because")
    rows = [(row.what, row.found, row.sure, row.reason) for row in result.table]
    doubtful = ", ".join(result.doubtful) or "none"
    return [
        *table([heading, *rows]),
        "",
        f"Wrote {result.path}; look at the lines marked CHECK (in doubt: {doubtful})",
        f"Next: {shlex.join(['regulars', 'run', '--config', str(result.path)])}",
    ]


def built(result: Built) -> list[str]:
    """What was read and what the warehouse holds."""
    heading = ("source", "read", "kept", "quarantined", "duplicated", "left out", "file")
    rows = [
        (
            load.source,
            f"{load.rows.read:,}",
            f"{load.rows.kept:,}",
            f"{load.rows.quarantined:,}",
            f"{load.rows.duplicated:,}",
            f"{load.rows.left_out:,}",
            Path(load.file).name + ("" if load.is_new else " (loaded before)"),
        )
        for load in result.loads
    ]
    known = result.history
    lines = ["", "Warehouse", *table([heading, *rows])]
    if known.sales_lines:
        lines.append(
            f"  {known.sales_lines:,} sales lines, {known.products:,} products, "
            f"{known.first_on} to {known.last_on}"
        )
    lines.append(f"  {known.customers:,} customers")
    if known.customers_without_row:
        lines.append(
            f"  {known.customers_without_row:,} of them have no row in the customers table"
        )
    return lines


def estimates(found: Mapping[str, Mapping[str, Estimate]]) -> list[str]:
    """Contestants with their headline figures and intervals."""
    heading = ("", "ROC AUC (95 % interval)", "average precision", "lift at 10 %", "Brier score")
    keys = ("roc_auc", "average_precision", "lift_at_10", "brier")
    rows = [
        (name, *(with_interval(figures[key]) for key in keys)) for name, figures in found.items()
    ]
    return table([heading, *rows])


def trained(job: Job, result: Trained) -> list[str]:
    """The new version and what it reached, on every test day."""
    return [
        "",
        f"{job.model_name} version {result.version.number} waits for its review",
        *estimates(result.estimates),
        *(f"  {line}" for line in _by_day(result)),
        f"Next: {job.command('review', job.task)}",
    ]


def _by_day(result: Trained) -> Iterator[str]:
    """How the test days differ, the lead over the baseline, and what a random split claims."""
    rolled, name = result.rolled, HEADLINE_NAME
    if len(rolled.days) > 1:
        found = rolled.contest.measured[MODEL].exact[HEADLINE]
        days = zip(rolled.days, found, strict=True)
        yield (
            f"means over {len(found)} test days, with intervals over customers; the model's "
            f"{name}: {', '.join(f'{fraction(each)} on {day}' for day, each in days)}"
        )
    if WINDOWED_RFM in result.estimates:
        gain = rolled.contest.differences(MODEL, WINDOWED_RFM)[HEADLINE]
        yield f"above {WINDOWED_RFM}: {with_interval(gain, signed)} {name}"
    if result.flattered:
        claimed = fraction(result.flattered[HEADLINE].value)
        yield (
            f"a random split of the rows would claim {claimed}: it has the same customers and "
            f"days on both sides, so do not believe it"
        )


def reviewed(job: Job, result: Reviewed) -> list[str]:
    """The verdict, each gate, and where the page lies."""
    return verdict(job, result.evidence, result.folder, estimates(result.evidence.estimates))


def verdict(job: Job, evidence: Evidence, folder: Path, told: Sequence[str]) -> list[str]:
    """What a review of any task found, and the command that follows.

    Parameters
    ----------
    job
        The call.
    evidence, folder
        Of the review.
    told
        Lines about the contestants.
    """
    lines = _verdict(evidence, folder, told)
    words = ["promote", job.task, "--review", evidence.review_id]
    if evidence.is_passed:
        return [*lines, f"Next: {job.command(*words)}"]
    return [
        *lines,
        f"Next: {job.command('train', job.task)}",
        f"  or: {job.command(*words, '--override', 'reason')}",
    ]


def _verdict(evidence: Evidence, folder: Path, told: Sequence[str]) -> list[str]:
    words = "may go live" if evidence.is_passed else "may not go live"
    gates = [
        ("passed" if gate.is_passed else "FAILED", gate.name, gate.found) for gate in evidence.gates
    ]
    return [
        "",
        f"Review {evidence.review_id}: version {evidence.challenger} {words}",
        *table([("", "gate", "found"), *gates]),
        *told,
        f"  page      {folder / 'review.html'}",
        f"  evidence  {folder / 'evidence.json'}",
    ]


def moved(result: Promoted) -> list[str]:
    """Which version is live now."""
    before = f"before: version {result.former}" if result.former else "the first champion"
    again = " already" if result.was_done_before else ""
    return [f"{result.version.name} version {result.version.number} is{again} live ({before})"]


def tabled(result: Tabled) -> list[str]:
    """Where the tables lie, and how many rows each has."""
    return [
        "",
        f"Behaviour table: {result.columns} columns, fingerprint {result.fingerprint[:12]}",
        *(f"  as_of {day}  {rows:,} customers" for day, rows in result.rows.items()),
        f"  {result.folder}",
    ]


def scored(job: Job, result: Scored) -> list[str]:
    """Where the scores lie, and whom to call first."""
    return [
        "",
        f"Scores as of {result.as_of}: {result.manifest.rows:,} customers, by {_version(result)}",
        f"  {result.path}",
        *(f"  Note: {note}" for note in result.notes),
        *_offers(job, result),
        *_worth_calling(job, result),
    ]


def _offers(job: Job, result: Scored) -> list[str]:
    if result.offers is None:
        return []
    code = job.business.currency.code
    customers = int(result.offers.contacted.sum())
    earned, spent = (
        f"{code} {count(each)}" for each in (result.offers.profit, result.offers.spending)
    )
    return [
        f"  offers to {customers:,} customers are expected to earn {earned}, and to cost {spent}"
    ]


def _version(result: Scored) -> str:
    return f"version {result.version.number}"


def _worth_calling(job: Job, result: Scored) -> list[str]:
    """Of those who get an offer, the most profitable; without offers, those most at risk.

    Most at risk are, of the most endangered tenth, those with most spend at risk; where nothing is
    known of spend, those of highest probability.
    """
    has_offers = result.offers is not None and bool(result.offers.contacted.any())
    stake = "expected_profit" if has_offers else "spend_at_risk"
    is_asked = (pc.field("decile") == 1) & pc.field("reasons").is_valid()
    rows = _named(result.path, stake, pc.field("offer") if has_offers else is_asked)
    if not rows:
        return ["  score.reasons_for is 0: nobody is named"]
    heading = ("customer", "chance to leave", stake.replace("_", " "), "play", "why")
    is_shown = [
        True,
        True,
        *(any(row[name] for row in rows) for name in (stake, "play", "reasons")),
    ]
    shown = [
        [cell for cell, is_wanted in zip(line, is_shown, strict=True) if is_wanted]
        for line in (heading, *(_customer(job, row, stake) for row in rows))
    ]
    return ["", "Most worth calling", *table(shown)]


def _named(path: Path, stake: str, is_asked: pc.Expression) -> list[dict[str, Any]]:
    """Rows that a run names, those with most at stake first; of others only what is asked."""
    names = ["customer", "probability", stake, "reasons", "play"]
    found = pq.read_table(path, columns=names, filters=is_asked)
    ranked = found.append_column("stake", pc.fill_null(found[stake], 0.0))
    keys = [("stake", "descending"), ("probability", "descending")]
    order = pc.sort_indices(ranked, sort_keys=keys)
    rows: list[dict[str, Any]] = found.take(order[:WORTH_CALLING]).to_pylist()
    return rows


def _customer(job: Job, row: Mapping[str, Any], stake: str) -> tuple[str, str, str, str, str]:
    """Customer, chance to leave, what is at stake, the play, and the two strongest reasons."""
    currency = job.business.currency
    at_stake = money(row[stake] or 0, currency.code, currency.digits)
    why = "; ".join((row["reasons"] or [])[:2])
    return (row["customer"], percent(row["probability"]), at_stake, row["play"] or "", why)


def whole_way(job: Job, result: WholeWay) -> list[str]:
    """Every step's result, and where everything lies."""
    lines = built(result.built)
    if result.trained is not None:
        lines += trained(job, result.trained)[:-1]
    else:
        lines += [
            "",
            f"{job.model_name} version {result.version.number} was trained on just this already",
        ]
    if result.review is not None:
        evidence, folder = result.review.evidence, result.review.folder
        lines += (
            _verdict(evidence, folder, estimates(evidence.estimates))
            if result.scored
            else reviewed(job, result.review)
        )
    lines += scored(job, result.scored) if result.scored else _not_scored(result)
    return [*lines, *_places(job)]


def _not_scored(result: WholeWay) -> list[str]:
    return ["", f"Nothing is scored: {result.not_scored}"]


def _places(job: Job) -> list[str]:
    """Where everything lies."""
    home = job.home
    store = f"sqlite:///{home.root.resolve() / 'mlflow' / 'mlflow.db'}"
    runs = shlex.join(["mlflow", "ui", "--backend-store-uri", store])
    if job.business.tracking.uri:
        runs = "the tracking server of the config"
    return [
        "",
        "Where it lies",
        f"  warehouse  {home.warehouse(job.business.name)}",
        f"  reviews    {home.reviews(job.business.name)}",
        f"  audit      {home.audit(job.business.name)}",
        f"  runs       {runs}",
    ]
