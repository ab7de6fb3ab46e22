"""Offers under policies, own cycles and rules for offers as plain loops over lists."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from math import inf, isnan, nan
from statistics import mean, median
from typing import Any, NamedTuple

from models.offers.policies import KINDS, Policies

Item = Mapping[str, Any]
"""label, title, price, unit_margin, in_category, brand."""


class Candidate(NamedTuple):
    """One row."""

    customer: int
    item: int
    kind: str
    probability: float
    units: float
    cycle_days: float
    days_since: float


def worth(row: Candidate, items: Sequence[Item], policies: Policies) -> float:
    """What the row is ranked by, before any discount."""
    item = items[row.item]
    money = {"expected_margin": item["unit_margin"], "expected_revenue": item["price"]}
    found = row.probability
    if policies.rank_by in money:
        found = row.probability * row.units * money[policies.rank_by]
    return -inf if isnan(found) else found


def value_of(item: Item, column: str) -> object:
    """Value of an item in a column as policies name it."""
    return {"item": item["label"], "category": item["in_category"], "brand": item["brand"]}[column]


def is_resting(rows: Sequence[Candidate], policies: Policies, *, known: bool) -> bool:
    """Whether any row of an item is within its own cycle, a known one or not."""
    if policies.cycle_share is None:
        return False
    for row in rows:
        cycle = policies.unknown_cycle_days if isnan(row.cycle_days) else row.cycle_days
        if isnan(row.days_since):
            continue
        if cycle is None and not known:
            return True
        if cycle is not None and known and row.days_since < policies.cycle_share * cycle:
            return True
    return False


def best(rows: Sequence[Candidate], items: Sequence[Item], policies: Policies) -> Candidate:
    """The one of several rows of an item that counts."""
    return min(
        rows,
        key=lambda row: (-worth(row, items, policies), -row.probability, KINDS.index(row.kind)),
    )


def reason_against(
    rows: Sequence[Candidate],
    row: Candidate,
    items: Sequence[Item],
    policies: Policies,
    stock: Collection[str] | None,
) -> str | None:
    """Why the row can be no offer, whatever else is offered."""
    item = items[row.item]
    margin = item["unit_margin"]
    expected = row.probability * row.units * margin
    least, least_expected = policies.unit_margin_least, policies.expected_margin_least
    tests = {
        "excluded": any(value_of(item, c) in values for c, values in policies.exclude.items()),
        "out_of_stock": stock is not None and item["label"] not in stock,
        "unit_margin_unknown": least is not None and isnan(margin),
        "unit_margin": least is not None and margin < least,
        "cycle": is_resting(rows, policies, known=True),
        "cycle_unknown": is_resting(rows, policies, known=False),
        "probability": row.probability < policies.probability_least,
        "expected_margin_unknown": least_expected is not None and isnan(expected),
        "expected_margin": least_expected is not None and expected < least_expected,
    }
    return next((name for name, applies in tests.items() if applies), None)


def full(
    row: Candidate, taken: Sequence[Candidate], items: Sequence[Item], policies: Policies
) -> str | None:
    """Which limit stands against one offer more."""
    for column, most in policies.most_per.items():
        value = value_of(items[row.item], column)
        if value is not None and most <= sum(
            value_of(items[one.item], column) == value for one in taken
        ):
            return "most_per"
    most = policies.most_per_kind.get(row.kind, inf)  # type: ignore[call-overload]
    return "most_per_kind" if sum(one.kind == row.kind for one in taken) >= most else None


def offers(
    candidates: Sequence[Candidate],
    items: Sequence[Item],
    policies: Policies,
    stock: Collection[str] | None,
) -> tuple[dict[int, list[Candidate]], Counter[str]]:
    """Offers of each customer by rank, and candidates left out by reason."""
    left_out: Counter[str] = Counter()
    found: dict[int, list[Candidate]] = {}
    for customer in sorted({row.customer for row in candidates}):
        allowed = []
        for item in range(len(items)):
            rows = [row for row in candidates if (row.customer, row.item) == (customer, item)]
            if not rows:
                continue
            one = best(rows, items, policies)
            left_out["given_twice"] += len(rows) - 1
            why = reason_against(rows, one, items, policies, stock)
            if why is None:
                allowed.append(one)
            else:
                left_out[why] += 1
        found[customer], rest = _greedy(allowed, items, policies)
        left_out += rest
    return found, left_out


def wanted(
    fit: Sequence[Candidate], taken: Sequence[Candidate], policies: Policies
) -> list[Candidate]:
    """Those that the next place may go to, where places are kept for some kinds."""
    lacking = {
        kind: min(
            least - sum(one.kind == kind for one in taken),
            sum(one.kind == kind for one in fit),
        )
        for kind, least in policies.least_per_kind.items()
    }
    kept = {kind: count for kind, count in lacking.items() if count > 0}
    if policies.most - len(taken) > sum(kept.values()):
        return list(fit)
    return [one for one in fit if one.kind in kept]


def _greedy(
    allowed: list[Candidate], items: Sequence[Item], policies: Policies
) -> tuple[list[Candidate], Counter[str]]:
    """Offers by rank, and the others by the limit that stood against them first."""
    taken: list[Candidate] = []
    against: dict[Candidate, str] = {}
    while True:
        for one in allowed:
            why = full(one, taken, items, policies)
            if one not in taken and one not in against and why is not None:
                against[one] = why
        fit = [one for one in allowed if one not in taken and one not in against]
        if not fit or len(taken) == policies.most:
            break

        def key(row: Candidate) -> tuple[float, float, float, int]:
            plain = worth(row, items, policies)
            group = policies.diversity_by and value_of(items[row.item], policies.diversity_by)
            alike = (
                sum(value_of(items[one.item], str(policies.diversity_by)) == group for one in taken)
                if group is not None
                else 0
            )
            now = plain * (1 - policies.diversity) ** alike if plain > 0 else plain
            return now, plain, row.probability, -row.item

        taken.append(max(wanted(fit, taken, policies), key=key))
    rest = [one for one in allowed if one not in taken]
    return taken, Counter(against.get(one, "most") for one in rest)


Purchase = tuple[int, int, int]
"""Customer, day, item."""


def cycles(
    purchases: Collection[Purchase], as_of: int
) -> dict[tuple[int, int], tuple[int, int, float, bool]]:
    """Days bought, days since, cycle and whether it is an own one, by customer and item."""
    days: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for customer, day, item in purchases:
        if day < as_of:
            days[customer, item].add(day)
    own = {
        pair: mean(b - a for a, b in pairwise(sorted(each)))
        for pair, each in days.items()
        if len(each) >= 3
    }
    found = {}
    for (customer, item), each in days.items():
        others = [gap for (_, other), gap in own.items() if other == item]
        typical = median(others) if others else nan
        cycle = own.get((customer, item), typical)
        found[customer, item] = (
            len(each),
            as_of - max(each),
            float(cycle),
            (customer, item) in own,
        )
    return found


Rule = tuple[int, int, float, float, float]
"""Antecedent, consequent, confidence, lift, days."""


def strongest(
    rules: Sequence[Rule], lately: Sequence[tuple[int, int, int]], customer: int, item: int
) -> tuple[Rule, int] | None:
    """The rule for an offer and the days since its antecedent was bought; None: no rule is."""
    found = []
    for rule in rules:
        antecedent, consequent, _, lift, days = rule
        since = [ago for who, what, ago in lately if (who, what) == (customer, antecedent)]
        if consequent == item != antecedent and lift > 1 and since and min(since) <= days:
            found.append((rule, min(since)))
    return min(found, key=lambda one: (-one[0][2], -one[0][3], one[0][0]), default=None)
