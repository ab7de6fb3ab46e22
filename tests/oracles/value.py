"""Likelihoods and forecasts of repeat buying as means over made-up customers; slow, and plain.

A customer has a rate, and a chance or a rate of leaving. What such a customer does is written down
as it is told, and averaged over fine grids of both, weighted by the distributions of the model.
"""

import math
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Behaviour = tuple[float, float, float]
"""x, t_x and T."""


def rates(shape: float, rate: float, points: int = 3000) -> tuple[Floats, Floats]:
    """A grid of a Gamma distribution, even in the logarithm, and weights that add up to one."""
    logs = np.linspace(-60 / min(shape, 1), 6, points) + np.log(max(shape, 1) / rate)
    weight = stats.gamma.pdf(np.exp(logs), shape, scale=1 / rate) * np.exp(logs)
    return np.exp(logs), weight / weight.sum()


def chances(first: float, second: float) -> tuple[Floats, Floats]:
    """The same of a Beta distribution, even in the log-odds."""
    odds = np.linspace(-60 / min(first, 1), 60 / min(second, 1), 4000)
    log = first * -np.logaddexp(0, -odds) + second * -np.logaddexp(0, odds)
    weight = np.exp(log - log.max())
    return 1 / (1 + np.exp(-odds)), weight / weight.sum()


def bg_nbd(parameters: list[float], told: Behaviour) -> tuple[float, float]:
    """Likelihood of what was told, and of it with the customer there still."""
    r, alpha, a, b = parameters
    x, last_at, age = told
    (rate, of_rate), (chance, of_chance) = rates(r, alpha), chances(a, b)
    stayed = float(of_rate @ (rate**x * np.exp(-rate * age)))
    stayed *= float(of_chance @ (1 - chance) ** x)
    if x == 0:
        return stayed, stayed
    left = float(of_rate @ (rate**x * np.exp(-rate * last_at)))
    left *= float(of_chance @ (chance * (1 - chance) ** (x - 1)))
    return stayed + left, stayed


def mbg_cnbd(k: int, parameters: list[float], told: Behaviour) -> tuple[float, float]:
    """The same, with a coin after the first purchase too; without the times between purchases."""
    r, alpha, a, b = parameters
    x, last_at, age = told
    (rate, of_rate), (chance, of_chance) = rates(r, alpha), chances(a, b)
    bought = rate ** (k * x) * np.exp(-rate * last_at) / float(stats.gamma.pdf(1, k) * np.e) ** -x
    waited = stats.gamma.sf(age - last_at, k, scale=1 / rate)
    stayed = float(of_rate @ (bought * waited)) * float(of_chance @ (1 - chance) ** (x + 1))
    left = float(of_rate @ bought) * float(of_chance @ (chance * (1 - chance) ** x))
    return stayed + left, stayed


def pareto_nbd(parameters: list[float], told: Behaviour) -> tuple[float, float]:
    """The same, of customers who leave at a rate of their own."""
    r, alpha, s, beta = parameters
    x, last_at, age = told
    (rate, of_rate), (leaving, of_leaving) = rates(r, alpha, 500), rates(s, beta, 500)
    both = rate[:, None] + leaving
    stayed = rate[:, None] ** x * np.exp(-both * age)
    ended = np.exp(-both * last_at) - np.exp(-both * age)
    left = rate[:, None] ** x * leaving / both * ended
    whole, there = (float(of_rate @ each @ of_leaving) for each in (stayed + left, stayed))
    return whole, there


def bg_bb(parameters: list[float], told: Behaviour) -> tuple[float, float]:
    """The same, period by period: leave before it, or buy in it, or not."""
    alpha, beta, gamma, delta = parameters
    x, last_at, age = (int(each) for each in told)
    (buys, of_buys), (leaves, of_leaves) = chances(alpha, beta), chances(gamma, delta)
    whole = stayed = 0.0
    for there in range(last_at, age + 1):
        bought = float(of_buys @ (buys**x * (1 - buys) ** (there - x)))
        is_there_still = there == age
        gone = (1 - leaves) ** there * (1.0 if is_there_still else leaves)
        whole += bought * float(of_leaves @ gone)
        stayed = bought * float(of_leaves @ gone)
    return whole, stayed


def ahead_of_coins(
    rate: tuple[float, float],
    coin: tuple[float, float],
    horizon: float,
    k: int = 1,
    over: int = 0,
) -> float:
    """Expected purchases of who is there: purchase after purchase, each if not gone before.

    Parameters
    ----------
    rate, coin
        Of the Gamma and the Beta distribution, given what was told.
    horizon
        Time ahead.
    k, over
        Exponential parts of a time between purchases, and how many of them are over.
    """
    (rates_, of_rate), (chance, of_chance) = rates(*rate), chances(*coin)
    total = 0.0
    for number in range(1, 400):
        in_time = float(of_rate @ stats.gamma.cdf(horizon, k * number - over, scale=1 / rates_))
        more = in_time * float(of_chance @ (1 - chance) ** (number - 1))
        total += more
        if more < 1e-12:
            break
    return total


def parts_over(k: int, rate: tuple[float, float], told: Behaviour) -> Floats:
    """Chance that each number of the k parts of the wait is over, if no purchase came."""
    x, last_at, age = told
    rates_, weight = rates(*rate)
    so_far = rates_ ** (k * x) * np.exp(-rates_ * last_at)
    over = [stats.poisson.pmf(each, rates_ * (age - last_at)) for each in range(k)]
    mass = np.array([float(weight @ (so_far * each)) for each in over])
    return np.asarray(mass / mass.sum(), dtype=np.float64)


def ahead_of_pareto(
    rate: tuple[float, float], leaving: tuple[float, float], horizon: float
) -> float:
    """Expected purchases of who is there: the mean rate times the expected time there."""
    (rates_, of_rate), (leaves, of_leaves) = rates(*rate), rates(*leaving)
    return float(of_rate @ rates_) * float(of_leaves @ (-np.expm1(-leaves * horizon) / leaves))


def ahead_of_occasions(
    buying: tuple[float, float], leaving: tuple[float, float], periods: int
) -> float:
    """Expected purchases in periods to come of who was there in the last one."""
    (buys, of_buys), (leaves, of_leaves) = chances(*buying), chances(*leaving)
    there = sum(float(of_leaves @ (1 - leaves) ** number) for number in range(1, periods + 1))
    return float(of_buys @ buys) * there


def gamma_gamma(parameters: list[float], repeats: float, mean: float) -> float:
    """Density of the mean of so many amounts."""
    p, q, gamma = parameters
    inverse, of_inverse = rates(q, gamma)
    return float(of_inverse @ stats.gamma.pdf(mean, p * repeats, scale=1 / (inverse * repeats)))


def contract(parameters: list[float], periods: int, *, has_ended: bool) -> float:
    """Chance to be renewed so often; or to be paid for so many periods and then end."""
    chance, weight = chances(*parameters)
    kept = (1 - chance) ** (periods - has_ended)
    return float(weight @ (kept * chance if has_ended else kept))


def summary(bought: list[tuple[str, date, float]], as_of: date) -> dict[str, dict[str, float]]:
    """Summary of each customer in days, purchase by purchase."""
    found: dict[str, dict[str, float]] = {}
    for customer in sorted({who for who, day, _ in bought if day < as_of}):
        by_day: dict[date, float] = {}
        for who, day, spend in bought:
            if who == customer and day < as_of:
                by_day[day] = by_day.get(day, 0.0) + spend
        first, *more = sorted(by_day)
        days = [first, *more]
        found[customer] = {
            "repeats": len(more),
            "last_at": (days[-1] - first).days,
            "age": (as_of - first).days - 1,
            "spend": sum(by_day.values()),
            "repeat_spend_mean": math.nan,
            "log_intervals": sum(math.log((b - a).days) for a, b in pairwise(days)),
        }
        if more:
            found[customer]["repeat_spend_mean"] = sum(by_day[day] for day in more) / len(more)
    return found


def occasions(
    bought: list[tuple[str, date, float]], as_of: date, days: int
) -> dict[str, tuple[int, int, int]]:
    """Repeats, the last of them and the age of each customer, in periods."""
    periods: dict[str, set[int]] = {}
    for who, day, _ in bought:
        if day < as_of:
            periods.setdefault(who, set()).add(((as_of - day).days - 1) // days)
    return {who: (len(each) - 1, max(each) - min(each), max(each)) for who, each in periods.items()}
