"""What an upgrade would earn: probability times margin, and the product to offer."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.spec import BoolArray, FloatArray, IntArray
from models.up_sell.candidates import UpPairs
from models.up_sell.need_days import NeedDays, need_days
from models.up_sell.tiers import Tiers
from models.up_sell.transitions import Transitions
from models.up_sell.unit_prices import sold

COLUMNS: Final = (
    *("customer", "need", "tier", "to_tier", "product", "probability"),
    *("purchases_expected", "purchases_above", "units_usual"),
    *("amount_usual", "amount_above", "extra_revenue"),
    *("margin_usual", "margin_above", "extra_margin"),
)
"""Columns of `expected_extra_margin`."""

_PRIOR_RETURNED: Final = 20.0


class ProbabilitiesUnfit(RegularsError):
    """Probabilities do not belong to the pairs."""


@dataclass(frozen=True)
class Earning:
    """Over which time an upgrade earns, and what the customer does with larger packs.

    Attributes
    ----------
    horizon
        Days that purchases are expected in; that of the probability.
    recent_days
        Days before ``as_of`` whose best-selling product is offered.
    content_kept
        Tiers by size only, 0..1. At 1 the customer buys the same content in fewer packs, at 0 as
        many packs as before.
    """

    horizon: int
    recent_days: int = 56
    content_kept: float = 1.0


def expected_extra_margin(
    pairs: UpPairs,
    probability: FloatArray,
    purchases: pd.DataFrame,
    tiers: Tiers,
    *,
    observed: Transitions,
    earning: Earning,
    days: NeedDays | None = None,
) -> pd.DataFrame:
    r"""What is expected of each pair within the horizon, a row per pair in their order.

    .. math:: E = p \, \Bigl(1 + s \Bigl(\frac{\lambda}{1 - e^{-\lambda}} - 1\Bigr)\Bigr) \,
              (g_{above} - g_{usual})

    p is the probability that something above is bought at all; :math:`\lambda` the purchases
    expected in the need, and the fraction those expected if there is any (Poisson). All after the
    first are above with the share s that stays there (``kept_next`` of the transitions, drawn to
    that of all needs); g is what one purchase of the customer's usual amount earns at either tier.
    Where all products of the need have a size, that amount is content, otherwise units. It is what
    is expected to happen, not what an offer would add: for that, hold customers out.

    Parameters
    ----------
    pairs
        Of a day.
    probability
        Shape (pairs,), 0..1.
    purchases
        See `models.up_sell.unit_prices.unit_prices`; nothing from the pairs' day on is seen.
    tiers
        Those that the pairs were made with.
    observed
        Transitions up to the same day.
    earning
        Over which time.
    days
        Of the same purchases, tiers and day, see `models.up_sell.need_days.need_days`; None: they
        are made here.

    Returns
    -------
    pandas.DataFrame
        customer; need; tier; to_tier; product (that sold most of to_tier lately, by units; as
        text); probability; purchases_expected (days in the horizon); purchases_above (of them at
        the tier above, if any is); units_usual (of one purchase day); amount_usual, amount_above
        (minor units of revenue, of one purchase); extra_revenue (expected, minor units);
        margin_usual, margin_above, extra_margin (the same of margins; NaN where costs are unknown).

    Raises
    ------
    ProbabilitiesUnfit
        When there is not one for each pair.
    """
    if probability.shape != (len(pairs),):
        message = (
            f"expected margins need one probability for each of {len(pairs):,} pairs, but the "
            f"shape is {probability.shape}; pass those that were made of these pairs"
        )
        raise ProbabilitiesUnfit(message)
    days = need_days(purchases, tiers, pairs.as_of) if days is None else days
    rows = _rows(pairs, days)
    asked = _Asked(pairs, days, tiers, rows)
    expected = _expected(days, rows, earning.horizon)
    if_any = expected / -np.expm1(-np.maximum(expected, 1e-9))
    above = 1 + np.maximum(if_any - 1, 0) * _kept(pairs, observed)
    found = pairs.keys[["customer", "need", "tier", "to_tier"]].copy()
    sellers = best_sellers(purchases, tiers, pairs.as_of, earning.recent_days)
    at = pd.MultiIndex.from_frame(found[["need", "to_tier"]])
    found["product"] = sellers.set_index(["need", "tier"])["product"].reindex(at).to_numpy()
    found["probability"] = probability
    found["purchases_expected"] = expected
    found["purchases_above"] = above
    found["units_usual"] = _usual(days, "units", rows)
    for kind, extra in (("amount", "extra_revenue"), ("margin", "extra_margin")):
        usual, higher = _earned(asked, kind, earning.content_kept)
        found[f"{kind}_usual"], found[f"{kind}_above"] = usual, higher
        found[extra] = probability * above * (higher - usual)
    return found[list(COLUMNS)]


def best_sellers(
    purchases: pd.DataFrame, tiers: Tiers, as_of: int, recent_days: int = 56
) -> pd.DataFrame:
    """The product of each need and tier that sold most units lately: need; tier; product.

    Where a tier sold nothing in the recent days, all before ``as_of`` count; equals by name.

    Parameters
    ----------
    purchases
        See `models.up_sell.unit_prices.unit_prices`.
    tiers
        Of the products.
    as_of
        Nothing from this day on is seen.
    recent_days
        Days before it that count.
    """
    lines = sold(purchases, as_of)
    recent = lines["day"] >= as_of - recent_days
    units = {
        name: part.groupby("product", observed=True)["quantity"].sum()
        for name, part in (("recent", lines[recent]), ("ever", lines))
    }
    table = tiers.products[["need", "tier", "product"]]
    for name, each in units.items():
        by_name = each.set_axis(each.index.astype(str).astype(object))
        table = table.assign(**{name: by_name.reindex(table["product"]).fillna(0).to_numpy()})
    table = table.sort_values(
        ["need", "tier", "recent", "ever", "product"],
        ascending=[True, True, False, False, True],
        kind="stable",
    )
    first = table.drop_duplicates(["need", "tier"])[["need", "tier", "product"]]
    return first.reset_index(drop=True)


def _rows(pairs: UpPairs, days: NeedDays) -> IntArray:
    """Which customer and need of the days each pair is."""
    heads = days.starts[:-1]
    every = pd.MultiIndex.from_arrays([days.customer[heads], days.need[heads]])
    asked = pd.MultiIndex.from_arrays(
        [
            days.customers.get_indexer(pd.Index(pairs.keys["customer"])),
            days.needs.get_indexer(pd.Index(pairs.keys["need"])),
        ]
    )
    return every.get_indexer(asked).astype(np.int64)


def _expected(days: NeedDays, rows: IntArray, horizon: int) -> FloatArray:
    """Purchase days within the horizon: the pair's own rate, drawn to that of its need.

    The mean of a gamma distribution: returns over the time since the first purchase, and one more
    return in the need's mean time.
    """
    heads = days.starts[:-1]
    returns = np.diff(days.starts) - 1.0
    time = np.maximum(int(days.day.max(initial=0)) + 1 - days.day[heads], 1).astype(np.float64)
    need, count = days.need[heads], len(days.needs)
    in_need = np.bincount(need, returns, minlength=count)
    rate = np.maximum(in_need, 1e-9) / np.maximum(np.bincount(need, time, minlength=count), 1.0)
    own: FloatArray = (returns + 1) / (time + 1 / rate[need])
    return own[rows] * horizon


def _kept(pairs: UpPairs, observed: Transitions) -> FloatArray:
    """Share of those who stepped up that bought so again next time, 0..1."""
    steps = observed.steps
    returned = steps["returned"].to_numpy(dtype=np.float64)
    kept = np.nan_to_num(steps["kept_next"].to_numpy(dtype=np.float64)) * returned
    overall = float(kept.sum() / max(returned.sum(), 1.0))
    drawn = (kept + _PRIOR_RETURNED * overall) / (returned + _PRIOR_RETURNED)
    by_tier = pd.Series(drawn, pd.MultiIndex.from_frame(steps[["need", "tier"]]))
    asked = pd.MultiIndex.from_frame(pairs.keys[["need", "tier"]])
    return by_tier.reindex(asked).fillna(overall).to_numpy(dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Asked:
    """Pairs, the days before theirs, and which customer and need of these each is."""

    pairs: UpPairs
    days: NeedDays
    tiers: Tiers
    rows: IntArray


def _earned(asked: _Asked, kind: str, content_kept: float) -> tuple[FloatArray, FloatArray]:
    """What one purchase of the usual amount earns at the usual tier and at the one above."""
    days, tiers = asked.days, asked.tiers
    need = days.needs.get_indexer(pd.Index(asked.pairs.keys["need"]))
    tier = asked.pairs.keys["tier"].to_numpy(dtype=np.int64)
    is_sized = _sized(tiers)[need]
    per_unit, per_content = (_each(days.parts, tiers, kind, of) for of in ("units", "content"))
    own_units, own_content = (_usual(days, of, asked.rows) for of in ("units", "content"))
    own = np.where(is_sized, own_content, own_units)
    usual, above = (
        np.where(is_sized, per_content[need, at], per_unit[need, at]) for at in (tier, tier + 1)
    )
    more = np.ones(len(need))
    if tiers.by == "size":
        sizes = tiers.table("size")
        more = content_kept + (1 - content_kept) * sizes[need, tier + 1] / sizes[need, tier]
    return own * usual, own * above * more


def _sized(tiers: Tiers) -> BoolArray:
    """Needs all of whose products have a size."""
    unknown = tiers.products["need"][tiers.products["size"].isna()].unique()
    found: BoolArray = ~tiers.needs.isin(unknown)
    return found


def _each(parts: pd.DataFrame, tiers: Tiers, kind: str, of: str) -> FloatArray:
    """Money for a unit, or for an amount of content, by need and tier; NaN where unknown."""
    shape = tiers.table("price").shape
    known = parts[parts[kind].notna() & parts[of].notna()]
    place = known["need"].to_numpy() * shape[1] + known["tier"].to_numpy()
    cells = shape[0] * shape[1]
    money, amount = (
        np.bincount(place, known[name].to_numpy(), minlength=cells) for name in (kind, of)
    )
    found = np.full(cells, np.nan)
    np.divide(money, amount, out=found, where=amount > 0)
    return found.reshape(shape)


def _usual(days: NeedDays, of: str, rows: IntArray) -> FloatArray:
    """Units or content of a purchase day of each pair, on average."""
    codes = [days.parts[name].to_numpy(dtype=np.int64) for name in ("customer", "need")]
    keys = codes[0] * max(len(days.needs), 1) + codes[1]
    _, place = np.unique(keys, return_inverse=True)
    whole = np.bincount(place, days.parts[of].to_numpy(), minlength=len(days.starts) - 1)
    found: FloatArray = whole[rows] / np.diff(days.starts)[rows]
    return found
