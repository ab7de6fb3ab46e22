"""Slow and obvious definitions of profit: every threshold, every acceptance, every choice."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy import stats

from models.economics import Economics

PANELS = 50_000


def profits(
    churned: Sequence[bool], score: Sequence[float], economics: Economics, acceptance: float
) -> list[float]:
    """P(t; acceptance) of contacting nobody, then of every threshold, falling."""
    pi_0 = sum(churned) / len(churned)
    pi_1 = 1 - pi_0
    delta, phi = economics.incentive / economics.clv, economics.contact_cost / economics.clv
    found = [0.0]
    for t in sorted(set(score), reverse=True):
        contacted = [i for i in range(len(score)) if score[i] >= t]
        f_0 = sum(churned[i] for i in contacted) / sum(churned)
        f_1 = sum(not churned[i] for i in contacted) / (len(churned) - sum(churned))
        gain = economics.clv * (acceptance * (1 - delta) - phi) * pi_0 * f_0
        found.append(gain - economics.clv * (delta + phi) * pi_1 * f_1)
    return found


def expected_maximum_profit(
    churned: Sequence[bool], score: Sequence[float], economics: Economics
) -> float:
    """The best threshold at each of many acceptances, weighted by the beta density."""
    acceptance = (np.arange(PANELS) + 0.5) / PANELS
    density = stats.beta.pdf(acceptance, economics.accept_alpha, economics.accept_beta)
    at_none = np.array(profits(churned, score, economics, 0.0))
    at_all = np.array(profits(churned, score, economics, 1.0))
    best = np.full(PANELS, -np.inf)
    for low, high in zip(at_none, at_all, strict=True):  # each P is a line in the acceptance
        best = np.maximum(best, low + (high - low) * acceptance)
    return float((best * density).mean())


def best_choice(profit: Sequence[float], spending: Sequence[float], money: float) -> float:
    """The most that any set of customers earns within the money."""
    everyone = range(len(profit))
    return max(
        sum(profit[i] for i in chosen)
        for size in range(len(profit) + 1)
        for chosen in combinations(everyone, size)
        if sum(spending[i] for i in chosen) <= money
    )
