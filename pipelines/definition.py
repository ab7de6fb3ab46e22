"""Settings that change what a column or a label says without changing any column's name."""

import json
from collections.abc import Mapping

from features.errors import RegularsError
from pipelines.config import Business


class SettingsDiffer(RegularsError):
    """A model is asked about customers who are described by other rules than its own."""


def definition(business: Business) -> dict[str, str]:
    """Path in the config to value, as JSON, of every such setting."""
    orders = business.sources.orders
    settings = {
        "behaviour.category_level": business.behaviour.category_level,
        "behaviour.cohort": business.behaviour.cohort.model_dump(mode="json"),
        "churn.gap_days": business.churn.gap_days,
        "churn.horizon_days": business.churn.horizon_days,
        "churn.kind": business.churn.kind,
        "currency.digits": business.currency.digits,
        "sources.orders.non_products": orders.non_products if orders else None,
        "sources.orders.returns": orders.returns if orders else None,
        "time_zone": business.time_zone,
    }
    return {path: json.dumps(value, sort_keys=True) for path, value in settings.items()}


def lifetime_definition(business: Business) -> dict[str, str]:
    """The same of a model of lifetimes, whose weeks and horizons were tested."""
    settings = {
        "lifetime.horizons_weeks": business.lifetime.horizons_weeks,
        "lifetime.weeks": business.lifetime.weeks,
    }
    return definition(business) | {path: json.dumps(value) for path, value in settings.items()}


_ONLY_WHERE_AND_WHEN = {
    *("test_as_of", "mine_days", "confirm_days", "engine", "limits", "bundles"),
    *("hold_least", "age_most", "group_least", "changes"),
}
"""Settings of rules that change which are found, and not what one of them says."""


def rules_definition(business: Business) -> dict[str, str]:
    """Path in the config to value, as JSON, of every setting that decides what a rule says."""
    orders, products = business.sources.orders, business.sources.products
    asked = business.rules.model_dump(mode="json", exclude=_ONLY_WHERE_AND_WHEN)
    settings = {f"rules.{name}": value for name, value in asked.items()} | {
        "sources.orders.non_products": orders.non_products if orders else None,
        "sources.orders.returns": orders.returns if orders else None,
        "sources.products.hierarchy": list(products.hierarchy) if products else None,
        "time_zone": business.time_zone,
    }
    return {path: json.dumps(value, sort_keys=True) for path, value in settings.items()}


_OF_CHURN = ("churn.gap_days", "churn.horizon_days", "churn.kind")

_OF_OFFERS = ("item", "cross", "horizon_days", "active_within_days", "facts")
"""Settings of offers that decide what a chance is of; policies may change from day to day."""

_OF_RULES_TOLD = ("support", "confidence")
"""Settings of reasons that decide which rules a learner is told, where it is told any."""

_OF_UP_SELL = ("need", "size", "level", "tiers", "pairs")
"""Settings of the up-sell that decide what its figures are of; how they are learnt may change."""


def offers_definition(business: Business) -> dict[str, str]:
    """The same of offers: items, whom they are made to, horizon, and what columns mean."""
    products = business.sources.products
    asked = business.offers.model_dump(mode="json", include=set(_OF_OFFERS))
    up = business.offers.up_sell
    told = up.model_dump(mode="json", exclude={"learner"}) if up else dict.fromkeys(_OF_UP_SELL)
    asked |= {f"up_sell.{name}": value for name, value in told.items()}
    if "rules" in business.offers.facts:  # figures of the learner are made of these rules
        reasons = business.offers.reasons
        asked |= {f"reasons.{name}": getattr(reasons, name) for name in _OF_RULES_TOLD}
    settings = {f"offers.{name}": value for name, value in asked.items()} | {
        "sources.products.hierarchy": list(products.hierarchy) if products else None,
        "sources.products.groups": list(products.groups) if products else None,
    }
    apart = ("behaviour.cohort", *_OF_CHURN)
    others = {path: value for path, value in definition(business).items() if path not in apart}
    return others | {path: json.dumps(value) for path, value in settings.items()}


_OF_SEGMENTS = ("families", "window_days", "columns")
"""Settings of segments that decide what a segment is of; how it is found and told may change."""


def segments_definition(business: Business) -> dict[str, str]:
    """The same of segments, which look at no outcome: columns, and what they mean."""
    asked = business.segments.model_dump(mode="json", include=set(_OF_SEGMENTS))
    others = {path: value for path, value in definition(business).items() if path not in _OF_CHURN}
    return others | {f"segments.{name}": json.dumps(value) for name, value in asked.items()}


_OF_VALUE = ("horizon_days", "clv_days", "discount_rate", "margin_share")
"""Settings of value that decide what its figures are of; how they are learnt may change."""


def value_definition(business: Business) -> dict[str, str]:
    """The same of value: who is a customer, what money is, horizons, interest and margin."""
    asked = business.value.model_dump(mode="json", include=set(_OF_VALUE))
    others = {path: said for path, said in definition(business).items() if path not in _OF_CHURN}
    return others | {f"value.{name}": json.dumps(each) for name, each in asked.items()}


def changes(trained: Mapping[str, str], today: Mapping[str, str]) -> list[str]:
    """Settings that differ, in words: ``churn.horizon_days is 42 and was 28``."""
    return [
        f"{path} is {today.get(path, 'gone')} and was {trained.get(path, 'not there')}"
        for path in sorted(trained.keys() | today.keys())
        if trained.get(path) != today.get(path)
    ]


def require_same_definition(trained: Mapping[str, str], today: Mapping[str, str]) -> None:
    """Nothing, when a model's settings are those of today's config.

    Raises
    ------
    SettingsDiffer
        Naming each setting with both values.
    """
    differing = changes(trained, today)
    if differing:
        message = (
            f"scoring needs the settings that the model was trained under, but "
            f"{'; '.join(differing)}; restore them or train again"
        )
        raise SettingsDiffer(message)
