"""Slow and obvious definitions of every metric, customer by customer."""

from collections.abc import Sequence
from math import log


def roc_auc(churned: Sequence[bool], p: Sequence[float], w: Sequence[float]) -> float:
    won = pairs = 0.0
    for i in range(len(p)):
        for j in range(len(p)):
            if churned[i] and not churned[j]:
                pairs += w[i] * w[j]
                won += w[i] * w[j] * (1 if p[i] > p[j] else 0.5 if p[i] == p[j] else 0)
    return won / pairs


def average_precision(churned: Sequence[bool], p: Sequence[float], w: Sequence[float]) -> float:
    everyone_left = sum(w[i] for i in range(len(p)) if churned[i])
    area = recall_before = 0.0
    for threshold in sorted(set(p), reverse=True):
        called = [i for i in range(len(p)) if p[i] >= threshold]
        caught = sum(w[i] for i in called if churned[i])
        recall = caught / everyone_left
        if recall > recall_before:
            area += (recall - recall_before) * caught / sum(w[i] for i in called)
        recall_before = recall
    return area


def lift_at(share: float, churned: Sequence[bool], p: Sequence[float], w: Sequence[float]) -> float:
    budget = share * sum(w)
    caught, left_over = 0.0, budget
    for level in sorted(set(p), reverse=True):
        tied = [i for i in range(len(p)) if p[i] == level]
        weight = sum(w[i] for i in tied)
        if weight > 0:
            taken = min(1.0, left_over / weight)
            caught += taken * sum(w[i] for i in tied if churned[i])
            left_over -= taken * weight
    overall = sum(w[i] for i in range(len(p)) if churned[i]) / sum(w)
    return caught / budget / overall


def log_loss(churned: Sequence[bool], p: Sequence[float], w: Sequence[float]) -> float:
    kept = [min(max(value, 2.0**-52), 1 - 2.0**-52) for value in p]
    total = sum(-w[i] * (log(kept[i]) if churned[i] else log(1 - kept[i])) for i in range(len(p)))
    return total / sum(w)


def brier(churned: Sequence[bool], p: Sequence[float], w: Sequence[float]) -> float:
    return sum(w[i] * (p[i] - churned[i]) ** 2 for i in range(len(p))) / sum(w)


def expected_calibration_error(
    churned: Sequence[bool], p: Sequence[float], w: Sequence[float]
) -> float:
    bins: dict[int, list[int]] = {}
    for i in range(len(p)):
        above = sum(w[j] for j in range(len(p)) if p[j] > p[i])
        level = sum(w[j] for j in range(len(p)) if p[j] == p[i])
        bins.setdefault(min(9, int(10 * (above + level / 2) / sum(w))), []).append(i)
    error = 0.0
    for members in bins.values():
        observed = sum(w[i] * churned[i] for i in members)
        expected = sum(w[i] * p[i] for i in members)
        error += abs(observed - expected)
    return error / sum(w)
