"""A model card of a real, small training on made-up customers, which tests then change."""

import io
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from features.contract import Cause, Column
from features.coverage import Coverage
from features.loads import Tally
from features.staging import Loaded
from features.star import History
from models.catalogue import CHURN_KINDS
from models.search import Found, Trial
from pipelines.card import Card, card_of
from pipelines.config import Business, Config
from pipelines.frames import Frame
from pipelines.insight import insight_of, refitted, told_of, with_stability
from pipelines.jobs import Home, Job
from pipelines.judgement import judgement_of
from pipelines.plan import Origin, Plan
from pipelines.progress import Steps
from pipelines.provenance import Provenance
from pipelines.rolling import Rolled, at_origins, split
from pipelines.season import Season
from pipelines.writeup import Recipe, Writeup
from tests.loading import orders

EVIL = "<script>alert('流失')</script> | *b* & `c`\n\x00"
DAYS = tuple(date(2024, 1, 1) + timedelta(days=28 * step) for step in range(6))
ORIGINS = (
    Origin(DAYS[:3], (DAYS[3],), (DAYS[4],)),
    Origin(DAYS[1:4], (DAYS[4],), (DAYS[5],)),
)
NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def _column(
    name: str, unit: str, meaning: str, cause: Cause | None = None, null: str = "never ordered"
) -> Column:
    return Column(name, unit, None, null, meaning, "", cause)


COLUMNS = (
    _column("days_since_order", "days", "days since the last order", "habit fading"),
    _column("orders_count", "orders", "orders ever"),
    _column("tenure_days", "days", "days since the first order"),
    _column("spend_28d", "minor units", "spend in the last 28 days", "rival"),
    _column("gap_mean_days", "days", EVIL, "habit fading", null="one order only"),
    _column("is_tier_gold", "flag", "tier: gold", null="tier unknown"),
    _column("is_tier_unlisted", "flag", "tier: any other", null="tier unknown"),
)


def frame(customers: int = 240, seed: int = 3) -> Frame:
    """Customers of six days who leave when they stay away long; ten of them are of the gold tier,
    of forty the tier is not known."""
    random = np.random.default_rng(seed)
    rows = customers * len(DAYS)
    who = np.tile(np.arange(customers), len(DAYS))
    recency = random.exponential(20, rows).round()
    orders_count = random.integers(1, 9, rows).astype(np.float64)
    gold = np.where(who < 40, np.nan, who < 50)
    features = {
        "days_since_order": recency,
        "orders_count": orders_count,
        "tenure_days": recency + random.integers(0, 500, rows),
        "spend_28d": random.integers(0, 90_000, rows).astype(np.float64),
        "gap_mean_days": np.where(orders_count == 1, np.nan, random.exponential(20, rows)),
        "is_tier_gold": gold,
        "is_tier_unlisted": 1 - gold,
    }
    odds = 0.09 * recency - 0.3 * orders_count - 0.5
    return Frame(
        np.array([f"c{number:03}" for number in who], dtype=object),
        np.repeat(np.array(DAYS, dtype="datetime64[D]"), customers),
        pd.DataFrame(features),
        random.random(rows) < 1 / (1 + np.exp(-odds)),
    )


def business(**churn: Any) -> Business:
    """A shop with tiers, whose fairness is asked about, and with economics."""
    tier = {"column": "t", "levels": ["gold"], "meaning": EVIL}
    customers = {"path": "c", "columns": {"customer": "c"}, "attributes": {"tier": tier}}
    settings = {
        "test_as_of": str(DAYS[-1]),
        "model": {"kind": "churn_logit"},
        "economics": {"clv": 100},
        "fairness": ["tier"],
        "stability_refits": 2,
        **churn,
    }
    sources = {"orders": orders(), "customers": customers}
    return Business.model_validate({"name": "shop", "sources": sources, "churn": settings})


@dataclass(frozen=True)
class Trained:
    """A small training, and what its card is made of."""

    job: Job
    found: Found
    rolled: Rolled
    frame: Frame

    @property
    def parts(self) -> dict[Any, Frame]:
        return split(self.frame, ORIGINS[-1], by_customer=False)


@cache
def trained() -> Trained:
    """One training for all tests: nothing changes it."""
    shop = business()
    spec = shop.churn.model
    params = CHURN_KINDS[spec.kind].first_params(spec)
    rows, plan = frame(), Plan(ORIGINS, by_customer=False)
    seasons = {day: Season(day, None, "the shop is too young") for day in plan.test}

    def parts(origin: Origin) -> dict[Any, Frame]:
        return split(rows, origin, by_customer=False)

    stages = tuple(
        replace(
            stage, probabilities={name: stage.probabilities[name] for name in ("model", "recency")}
        )
        for stage in at_origins(shop, params, plan, parts, seasons=seasons, on_day=lambda _: None)
    )
    config = Config(business=shop, folder=Path(), path=Path("shop.yaml"))
    job = Job(config, Home(Path("h")), NOW, Steps(Console(file=io.StringIO())))
    found = Found(params, 0.4321, (Trial(0, params, 0.4321, 1.0),), "study")
    return Trained(job, found, Rolled(shop, stages), rows)


@cache
def card() -> Card:
    """The card of `trained`."""
    made = trained()
    train, newest = made.parts["train"], made.rolled.newest
    refits = refitted(made.job.business.churn, made.found.params, train)
    own, *others = (told_of(each, COLUMNS, newest.test) for each in (newest.fitted, *refits))
    seen = insight_of(newest.fitted, COLUMNS, newest.test)
    writeup = Writeup(
        made.job,
        made.rolled,
        COLUMNS,
        judgement_of(made.rolled),
        None,
        with_stability(seen, own, others),
    )
    return card_of(
        writeup,
        made.found,
        plan=Plan(ORIGINS, by_customer=False),
        parts=made.parts,
        recipe=Recipe("d" * 64, "b" * 64, "{}", "0.1.0+abc"),
        provenance=provenance(),
    )


def provenance(coverage: Coverage | None = None) -> Provenance:
    """Two sources, one of them with an evil rule."""
    tallies = (
        Tally("customers", 1, Loaded(300, 290, 4, 6, 0, None, None)),
        Tally("orders", 2, Loaded(9000, 8990, 0, 0, 10, 0, 86_400_000_000)),
    )
    return Provenance(
        History(DAYS[0], DAYS[-1] + timedelta(days=28), 8990, 300, 12, 7),
        DAYS[-1],
        coverage or Coverage(280, 30, 5, 8990, 899),
        tallies,
        {f"customers: {EVIL}": 4},
    )


def changed(**changes: Any) -> Card:
    """The card with other facts."""
    return replace(card(), **changes)
