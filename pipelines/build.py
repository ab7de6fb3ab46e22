"""Job: raw files into the warehouse, all of it or nothing."""

from dataclasses import dataclass
from datetime import timedelta

from features.behaviour import keep_daily
from features.clock import midnight
from features.loads import Load, data_fingerprint, load_sources
from features.rules import Plausible
from features.staging import Stage
from features.star import History, build_star, history, is_current
from features.warehouse import Connection, transaction
from pipelines.jobs import Job
from pipelines.progress import fact


@dataclass(frozen=True)
class Built:
    """What a build read and what the warehouse now holds."""

    loads: tuple[Load, ...]
    history: History
    data_fingerprint: str


def run(job: Job) -> Built:
    """Load what is new, rebuild the star and extend the days of customers, in one transaction.

    Raises
    ------
    RegularsError
        When a source cannot be read or breaks its contract too often; nothing has changed then.
    """
    with job.alone("build"), job.opened(read_only=False) as con:
        with transaction(con):
            loads = _load(job, con)
            business = job.business
            is_known = is_current(con, business.sources, business.time_zone)
            if any(load.is_new for load in loads) or not is_known:
                with job.steps.step("star: facts and dimensions"):
                    build_star(con, business.sources, business.time_zone)
            with job.steps.step("days of customers"):
                keep_daily(con, business.sources, business.behaviour, business.engine)
        built = Built(tuple(loads), history(con, job.business.sources), data_fingerprint(con))
    fact(
        "built",
        business=job.business.name,
        lines=built.history.sales_lines,
        customers=built.history.customers,
        first_on=built.history.first_on,
        last_on=built.history.last_on,
    )
    return built


def _load(job: Job, con: Connection) -> list[Load]:
    business = job.business
    stage = Stage(
        job.config.folder,
        job.spill,
        business.time_zone,
        business.currency.digits,
        _plausible(job),
    )
    with job.steps.step("sources: read, check, quarantine"):
        loads = load_sources(con, business.sources, stage, job.now)
    for load in loads:
        rows = load.rows
        fact(
            "loaded" if load.is_new else "known",
            source=load.source,
            file=load.file,
            read=rows.read,
            kept=rows.kept,
            quarantined=rows.quarantined,
            duplicated=rows.duplicated,
            left_out=rows.left_out,
        )
    return loads


def _plausible(job: Job) -> Plausible:
    instants, zone = job.business.instants, job.business.time_zone
    latest = midnight(instants.latest, zone) if instants.latest else job.now + timedelta(days=1)
    return Plausible(midnight(instants.earliest, zone), latest)
