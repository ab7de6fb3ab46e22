"""The evidence behind a definition of churn: gathered once, written as JSON and as settings."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from typing import Any

import yaml

from features.star import History
from features.warehouse import Connection
from models.metrics import Estimate
from models.survival import Survival
from pipelines.config import Business
from pipelines.proposal import Chosen, Horizon, Proposal, Spread, propose
from pipelines.rounding import NO_BREAK
from pipelines.study import QUANTILES, Contracts, Rate, Study, Waiting, contracts, study

_WIDTH = 100


@dataclass(frozen=True)
class Silent:
    """Orders define churn: what they say, and what the rules make of it."""

    study: Study
    proposal: Proposal


Defined = Silent | Contracts


def define(
    con: Connection,
    business: Business,
    known: History,
    as_of: date | None = None,
    by: str | None = None,
) -> Defined:
    """What there is to say for a definition of churn; for the parameters see `pipelines.study`.

    Raises
    ------
    RegularsError
        When orders or labels are too few; see `pipelines.study`.
    """
    if business.churn.kind == "labelled":
        return contracts(con, business, as_of, by)
    found = study(con, business, known, as_of, by)
    return Silent(found, propose(found, business))


def snippet(proposal: Proposal) -> str:
    """The proposed settings as YAML to paste into a config, with the reasons above them."""
    chosen = proposal.proposed
    if chosen is None:
        return ""
    told = [
        f"# {line}".replace(NO_BREAK, " ")
        for reason in proposal.reasons
        for line in wrap(reason, _WIDTH - 2)
    ]
    return "\n".join([*told, yaml.safe_dump(_settings(chosen), sort_keys=False)])


def assignments(proposal: Proposal) -> list[str]:
    """The settings that would change, as ``--set`` takes them."""
    before, chosen = _flat(_settings(proposal.current)), proposal.proposed
    if chosen is None:
        return []
    after = _flat(_settings(chosen))
    return [
        f"{path}={'null' if value is None else value}"
        for path, value in after.items()
        if before[path] != value
    ]


def _settings(chosen: Chosen) -> dict[str, dict[str, Any]]:
    cohort = chosen.cohort.model_dump(mode="json")
    if chosen.cohort.contract == "none":
        del cohort["contract"]
    return {
        "behaviour": {"cohort": cohort},
        "churn": {
            "horizon_days": chosen.horizon_days,
            "gap_days": chosen.gap_days,
            "test_as_of": chosen.test_as_of,
        },
    }


def _flat(settings: dict[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in settings.items():
        inner = _flat(value, f"{above}{key}.") if isinstance(value, dict) else {above + key: value}
        found |= inner
    return found


def to_json(defined: Defined) -> str:
    """All figures behind a definition; what is not known is null."""
    found = _contracts(defined) if isinstance(defined, Contracts) else _silent(defined)
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def _contracts(defined: Contracts) -> dict[str, Any]:
    return {
        "kind": "labelled",
        "label_rates": list(map(_rate, defined.by_day)),
        "by": defined.segments.by,
        "newest_by_segment": {name: _rate(rate) for name, rate in defined.by_segment.items()},
    }


def _silent(defined: Silent) -> dict[str, Any]:
    found, proposal = defined.study, defined.proposal
    horizons = found.candidates.horizons_days
    waiting = [found.everyone, found.one_time, *found.by_segment]
    return {
        "kind": "silent",
        "as_of": found.as_of,
        "orders_from": found.first_on,
        "orders_until": found.last_on,
        "by": found.segments.by,
        "fits": proposal.fits,
        "reasons": list(proposal.reasons),
        "current": {
            **_flat(_settings(proposal.current)),
            "label_rates": _spread(proposal.current_spread),
        },
        "proposed": _flat(_settings(proposal.proposed)) if proposal.proposed else None,
        "horizons": [_horizon(each) for each in proposal.horizons],
        "returns": [_waiting(each, horizons) for each in waiting],
    }


def _horizon(each: Horizon) -> dict[str, Any]:
    return {
        "horizon_days": each.days,
        "come_back": _estimate(each.back),
        "gaps_watched": each.watched,
        "label_rates": _spread(each.spread),
        "label_rates_without_one_time_buyers": _spread(each.without_one_time),
        "rules": {check.name: check.is_passed for check in each.checks},
    }


def _waiting(each: Waiting, horizons: Sequence[int]) -> dict[str, Any]:
    return {
        "customers": each.name,
        "gaps": each.gaps,
        "open_share": _number(each.open_share),
        "days_by_share": {str(share): each.survival.quantile(share) for share in QUANTILES},
        "back_within_days": {str(days): _estimate(each.survival.ending(days)) for days in horizons},
    }


def _back(survival: Survival, silent: int, within: Sequence[int]) -> dict[str, Any]:
    return {str(days): _estimate(survival.ending(days, silent)) for days in within}


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "mean": _number(spread.mean),
        "variation": _number(spread.variation),
        "days": list(map(_rate, spread.rates)),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {"as_of": rate.as_of, "customers": rate.customers, "lost": rate.lost}


def _estimate(found: Estimate) -> dict[str, float | None]:
    return {name: _number(value) for name, value in vars(found).items()}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
