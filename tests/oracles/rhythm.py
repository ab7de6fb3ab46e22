"""The gaps between days with an order: a customer's own, everybody's, and the present silence."""

import statistics
from fractions import Fraction
from math import exp, log, sqrt

from tests.oracles.others import gaps_of_everybody
from tests.oracles.past import Features, Past, days_of, gaps_of, ratio

PRIOR_GAPS = 3
"""So many gaps as everybody's usual ones stand beside a customer's own."""


def rhythm(past: Past) -> Features:
    days = days_of(past.bought())
    gaps, silent = gaps_of(past.bought()), past.since(days)
    mean = statistics.fmean(gaps) if gaps else None
    spread = statistics.stdev(gaps) if len(gaps) > 1 else None
    ranks = {"second": 2, "third": 3, "fifth": 5, "tenth": 10}
    return {
        "gap_mean_days": mean,
        "gap_spread_days": spread,
        "gap_longest_days": max(gaps) if gaps else None,
        "gap_variation": ratio(spread, mean),
        "overdue_ratio": ratio(silent, mean),
        **{
            f"days_since_{name}_last_order": past.age(days[-rank]) if len(days) >= rank else None
            for name, rank in ranks.items()
        },
        "gap_this_long_probability": None if silent is None else survival(past, gaps, silent),
        **against_everybody(past, gaps, silent),
    }


def survival(past: Past, gaps: list[int], silent: int) -> float:
    """Lomax: the customer's gaps and, before them, three that are a day above everybody's mean."""
    of_all = gaps_of_everybody(past.shop, past.as_of)
    usual = statistics.fmean(of_all) if of_all else 0
    days = PRIOR_GAPS * (usual + 1) + sum(gaps)
    return float((days / (days + silent)) ** (PRIOR_GAPS + len(gaps)))


def against_everybody(past: Past, gaps: list[int], silent: int | None) -> Features:
    """The present silence beside own gaps and three of everybody's."""
    of_all = gaps_of_everybody(past.shop, past.as_of)
    if not of_all or silent is None:
        names = ("overdue_ratio_shrunk", "longer_gaps_probability", "gap_log_deviation")
        return dict.fromkeys(names)
    weight = len(gaps) + PRIOR_GAPS
    usual = statistics.fmean(of_all)
    longer = sum(gap > silent for gap in gaps) + PRIOR_GAPS * exp(-silent / usual)
    return {
        "overdue_ratio_shrunk": silent / ((sum(gaps) + PRIOR_GAPS * usual) / weight),
        "longer_gaps_probability": longer / weight,
        "gap_log_deviation": log_deviation(gaps, of_all, silent),
    }


def log_deviation(gaps: list[int], of_all: list[int], silent: int) -> float | None:
    """Standard score of the silence's logarithm; logarithms of gaps in whole thousandths."""
    share = Fraction(PRIOR_GAPS, len(of_all))
    weighed = [(Fraction(1), gap) for gap in gaps] + [(share, gap) for gap in of_all]
    logs = [(weight, round(1000 * log(gap))) for weight, gap in weighed]
    total = sum(weight for weight, _ in logs)
    mean = sum(weight * x for weight, x in logs) / total
    variance = sum(weight * (x - mean) ** 2 for weight, x in logs) / total
    return ratio(1000 * log(silent) - float(mean), sqrt(variance))
