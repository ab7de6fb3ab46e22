"""Job: how groups of customers differ, by every statistic that the customers allow; a page."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from threadpoolctl import threadpool_limits

from models.profile.profiling import profile
from pipelines.jobs import Job
from pipelines.profile_found import Found, groups_table, pairs_table, results_table
from pipelines.profile_gathered import gathered
from pipelines.profile_groups import By, file_of
from pipelines.profile_page import profile_page
from pipelines.progress import fact
from pipelines.registry import Registry
from pipelines.runs import Run
from pipelines.tables import replace_text
from pipelines.tracked import as_parquet, config_file
from pipelines.writeup import git_commit

TASK = "profile"


@dataclass(frozen=True)
class Profiled:
    """What was found, and where.

    Attributes
    ----------
    found
        Comparisons of every kind.
    run_id
        Tracked run that holds tables and page.
    page
        File that shows what was found.
    """

    found: Found
    run_id: str
    page: Path


def run(job: Job, by: str, as_of: date) -> Profiled:
    """Compare groups of the customers of a day, and write a page of how they differ.

    Nothing is registered: the tables lie with the tracked run.

    Parameters
    ----------
    job
        Its config says what is looked at (``profile``).
    by
        What puts customers into groups: ``churned``, ``responded``, ``campaign:NAME``,
        ``segment``, an attribute, or ``FILE.parquet:COLUMN``.
    as_of
        Customers are compared by what was known before it.

    Raises
    ------
    RegularsError
        When nothing is called ``by``, the day lies outside the history, it is not yet known who did
        what, or fewer than two groups are left.
    """
    business = job.business
    with job.alone(TASK):
        seen = gathered(job, By(by, as_of))
        with job.steps.step("comparisons"), threadpool_limits(limits=1, user_api="blas"):
            told = profile(seen.customers, seen.questions, seen.words)
        found = Found(business.name, by, seen, told)
        text = profile_page(found)
        with job.steps.step("tracking: metrics, tables"):
            run_id = _track(job, found, text)
        page = job.home.reports(business.name) / f"profile_{file_name(by)}_{as_of}.html"
        replace_text(page, text)
    fact("profiled", business=business.name, by=by, run=run_id)
    return Profiled(found, run_id, page)


def file_name(by: str) -> str:
    """What was asked, as part of a file's name; another name for whatever else was asked.

    ``churned`` is its own name. What a name of a file cannot hold, such as a folder or a colon,
    makes ``segments_parquet_segment_3f1c2a90``: the end is of all that was asked, and of the whole
    path where that is a file.
    """
    name = re.sub(r"\W+", "_", Path(by).name).strip("_") or "groups"
    if name == by:
        return name
    file = file_of(by)
    whole = by if file is None else f"{file[0].resolve()}:{file[1]}"
    return f"{name}_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def _track(job: Job, found: Found, page: str) -> str:
    """Identity of the run that keeps parameters, figures, tables and the page."""
    business = job.business
    registry = Registry(business.tracking.address, job.home.root)
    registry.reconcile()
    tags = {
        "business": business.name,
        "kind": TASK,
        "by": found.asked,
        "as_of": str(found.seen.as_of),
        "data_fingerprint": found.seen.data_fingerprint,
        "code": git_commit(),
    }
    name = f"{TASK} {found.asked} {job.now:%Y-%m-%d %H:%M}"
    with registry.start_run(f"{business.name}/{TASK}", name, tags) as tracked:
        _log(tracked, job, found, page)
        return tracked.id


def _log(tracked: Run, job: Job, found: Found, page: str) -> None:
    settings = job.business.profile.model_dump(mode="json")
    tracked.log(
        params={f"profile.{name}": value for name, value in settings.items()},
        metrics=_figures(found),
        files={
            **config_file(job.business),
            "profile.parquet": as_parquet(results_table(found)),
            "profile_groups.parquet": as_parquet(groups_table(found)),
            "profile_pairs.parquet": as_parquet(pairs_table(found)),
            "profile.html": page,
        },
    )


def _figures(found: Found) -> dict[str, float]:
    """Customers of the groups, columns that differ, and how well groups are told apart."""
    single, details = found.profile.single, found.profile.details
    figures = {
        "customers": float(found.profile.customers.groups.counts.sum()),
        "groups": float(len(found.profile.customers.groups)),
        "columns.compared": float(len(single.told)),
        "columns.differing": float(sum(each.is_sure for each in single.told)),
    }
    if details.discriminant is not None:
        hit = details.discriminant.finding.effect.estimate
        figures["right_group.share"] = hit.value
        figures["right_group.share.low"] = hit.low
        figures["right_group.by_chance"] = details.discriminant.by_chance
    return figures
