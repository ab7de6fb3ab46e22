"""Job: offers of a day to everybody who bought of late, and to those who never bought."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from features.clock import Window, days_after, require_history
from features.journeys import require_journeys
from features.loads import data_fingerprint
from features.star import history
from features.warehouse import Connection
from models.next_basket.chosen import active
from models.offers.offered import Offered, together
from pipelines.definition import offers_definition
from pipelines.jobs import Job
from pipelines.offers_cross import categories_of
from pipelines.offers_evidence import Known
from pipelines.offers_gathered import (
    Seen,
    allowed_of,
    behaviours,
    levels_of,
    newcomers,
    sold_before,
)
from pipelines.offers_goods import NothingOnOffer, number_of
from pipelines.offers_made import Allowed, newcomers_offers, offers_on, shop_on
from pipelines.offers_tried import Used, nobody_asked, sellers_of, steps_of
from pipelines.offers_up_shelf import EXTRA
from pipelines.offers_version import OffersModel, model_of, numbered
from pipelines.progress import Advance, fact
from pipelines.scoring import ScoredDay, live, notes_of, repair
from pipelines.tables import Fact, Manifest, sweep, write_partition
from pipelines.versions import Version

SCHEMA: Final = pa.schema(
    [
        pa.field("customer", pa.string()),
        pa.field("as_of", pa.date32()),
        pa.field("rank", pa.int32()),
        pa.field("item", pa.string()),
        pa.field("label", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("probability", pa.float64()),
        pa.field("units", pa.float64()),
        pa.field("expected_revenue", pa.float64()),
        pa.field("expected_margin", pa.float64()),
        *(pa.field(name, pa.float64()) for name in EXTRA),
        pa.field("reason_kind", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("days_since_bought", pa.float64()),
        pa.field("cycle_days", pa.float64()),
        pa.field("model_version", pa.int32()),
        pa.field("run_id", pa.string()),
    ]
)
"""One row per customer and offered item, by customer and rank. ``item`` is the title, ``label`` the
whole path; ``probability`` (0..1) is that of buying it within the horizon, of a customer without a
history that of the next basket; money is in minor units and of the whole purchase, not of what the
offer adds to it; margins are null where costs are not known. The two of what is extra are of offers
of the kind up alone, null of all others: what a step to any tier above would bring more within the
horizon, times the probability of one."""


@dataclass(frozen=True)
class OffersScored:
    """Where the offers lie, what they are of, and what their reader should know of the day.

    Attributes
    ----------
    path, manifest
        The file and what it says of itself.
    as_of, version
        The day and the model.
    customers, newcomers
        Who got offers, and who of them never bought.
    notes
        What makes the offers say more or less than they seem to.
    """

    path: Path
    manifest: Manifest
    as_of: date
    version: Version
    customers: int
    newcomers: int
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Night:
    """All that one scoring looks at."""

    seen: Seen
    newcomers: list[str]
    day: ScoredDay
    data_fingerprint: str


def run(job: Job, as_of: date) -> OffersScored:
    """Offers of a day by the champion; the same day, data, policies and version give equal bytes.

    Raises
    ------
    NoChampion
        When no version has been promoted.
    SettingsDiffer
        When the model was trained for other items, or under another horizon.
    OutsideHistory
        When nothing was bought before the day.
    PolicyUnfit, StockUnclear
        When a policy or the stock list names what there is not.
    """
    business = job.business
    path = job.home.scores(business.name, job.task, as_of) / "offers.parquet"
    with job.alone(f"score-{job.task}"):
        sweep(path.parent.parent)
        repair(path)
        registry, version = live(job, offers_definition(business))
        model = model_of(registry.load_tables(version))
        with job.opened() as con, job.steps.step(f"purchases before {as_of}"):
            night = _night(job, con, as_of, version, has_steps=model.up is not None)
        customers = night.seen.goods.histories.customers
        with job.steps.step(f"offers as of {as_of}", len(customers)) as told:
            made, items, remarks = _made(job, model, night, told)
        names = [*customers.astype(str), *night.newcomers]
        rows = _rows(made, (names, items), night, version)
        manifest = write_partition(path, iter([rows]), SCHEMA, _facts(job, night, version))
    who = made.table["customer"].unique()
    new = int((who >= len(customers)).sum())
    notes = (*notes_of(night.day), *remarks)
    fact("scored", business=business.name, task=job.task, as_of=as_of, rows=manifest.rows)
    return OffersScored(path, manifest, as_of, version, len(who), new, notes)


def _night(job: Job, con: Connection, as_of: date, version: Version, *, has_steps: bool) -> _Night:
    business, asked = job.business, job.business.offers
    require_journeys(asked, business.sources, "offers")
    known = history(con, business.sources)
    if known.first_on is not None and known.last_on is not None:
        require_history([as_of], known.first_on, known.last_on)
    before = Window(known.first_on or days_after(as_of, -1), as_of)
    goods, up = sold_before(con, business, before, has_steps=has_steps)
    behaviour = behaviours(con, business, [as_of])[as_of]
    categories = categories_of(goods, asked.cross, levels_of(business))
    allowed = Allowed(asked.policies)
    seen = Seen(as_of, asked.horizon_days, goods, categories, behaviour, allowed, up)
    day = ScoredDay(as_of, known, date.fromisoformat(version.said("seen_until")))
    return _Night(seen, newcomers(con, business, as_of), day, data_fingerprint(con))


def _made(
    job: Job, model: OffersModel, night: _Night, advance: Advance
) -> tuple[Offered, pd.DataFrame, tuple[str, ...]]:
    """Offers of everybody, what was on offer, and what policies and stock name in vain."""
    business, goods = job.business, night.seen.goods
    within, items = business.offers.active_within_days, goods.items
    allowed, remarks = allowed_of(job, goods)
    seen, day = replace(night.seen, allowed=allowed), number_of(night.seen.as_of)
    known = Known(numbered(model.rules, goods.items), numbered(model.sequences, goods.items), 0, 0)
    used = Used(model.repeat, model.cross, known, model.up)
    rows, parts = active(goods.histories, day, within), []
    up = steps_of(seen, model.up, rows) if len(rows) else None
    shop = shop_on(goods, day, business.offers)
    if len(rows):
        sellers = sellers_of(shop, seen, used, up, business.engine.threads)
        items = sellers.items(shop)
        parts = [offers_on(shop, sellers, rows, advance)]
    if night.newcomers:
        count = len(goods.histories.customers)
        new = np.arange(count, count + len(night.newcomers))
        parts.append(newcomers_offers(shop, allowed, new))
    if not parts:
        raise NothingOnOffer(nobody_asked(seen.as_of, within))
    return together(parts), items, remarks


def _rows(
    made: Offered, named: tuple[list[str], pd.DataFrame], night: _Night, version: Version
) -> pa.RecordBatch:
    names, items = named
    table, count = made.table, len(made.table)
    place, unknown = table["item"].to_numpy(), pd.Series(np.nan, index=table.index)
    text = {name: table[name].to_numpy(dtype=object) for name in ("kind", "reason_kind", "reason")}
    columns = {
        "customer": np.array(names, dtype=object)[table["customer"].to_numpy()],
        "as_of": np.full(count, np.datetime64(night.day.as_of, "D")),
        "rank": table["rank"].to_numpy(),
        "item": items["title"].to_numpy(dtype=object)[place],
        "label": items["label"].to_numpy(dtype=object)[place],
        **text,
        **{
            name: table.get(name, unknown).to_numpy(dtype=np.float64)
            for name in (
                "probability",
                "units",
                "expected_revenue",
                "expected_margin",
                *EXTRA,
                "cycle_days",
            )
        },
        "days_since_bought": table["days_since"].to_numpy(dtype=np.float64),
        "model_version": np.full(count, version.number),
        "run_id": np.full(count, version.run_id, dtype=object),
    }
    arrays = [pa.array(columns[field.name], type=field.type, from_pandas=True) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _facts(job: Job, night: _Night, version: Version) -> dict[str, Fact]:
    """What the partition says of itself; nothing that differs between reruns."""
    return {
        "business": job.business.name,
        "as_of": str(night.day.as_of),
        "model": version.name,
        "model_version": version.number,
        "run_id": version.run_id,
        "data_fingerprint": night.data_fingerprint,
        "data_until": str(night.day.known.last_on),
        "outcomes_seen_until": str(night.day.seen_until),
        "policies": job.business.offers.policies.model_dump_json(),
    }
