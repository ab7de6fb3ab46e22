"""Says what customers will spend and are worth; MLflow loads it as the model.

It is stored as text with every version of value, beside its tables, and needs MLflow, LightGBM,
NumPy, SciPy, pandas and pyarrow alone, nothing of the project that wrote it.

    model = mlflow.pyfunc.load_model("models:/shop-value@champion")
    model.predict(rows)

Money is in minor units of the currency, times are in weeks.
"""

import json
from collections.abc import Callable
from typing import Any, Final

import lightgbm as lgb
import mlflow
import numpy as np
import pandas as pd
from scipy.special import exprel, logsumexp

COLUMNS: Final = ("customer", "probability", "purchases", "alive", "spend", "value")
NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)
MANY_NODES, MANY_WEIGHTS = np.polynomial.legendre.leggauss(96)
ROWS_AT_ONCE: Final = 1024

Array = np.ndarray[Any, Any]
Kernel = Callable[[Array, slice], Array]


class Value(mlflow.pyfunc.PythonModel):  # type: ignore[name-defined,misc]  # MLflow has no types
    """Chance to buy, purchases, money within the horizon, and value beyond it."""

    def load_context(self, context: Any) -> None:  # noqa: ANN401  # MLflow's
        """Read the tables of the version."""
        tables = {
            name: pd.read_parquet(context.artifacts[name])
            for name in ("boosters", "columns", "names", "numbers", "processes")
        }
        self._names = dict(zip(tables["names"]["name"], tables["names"]["text"], strict=True))
        numbers = zip(tables["numbers"]["name"], tables["numbers"]["number"], strict=True)
        self._numbers = {str(name): float(number) for name, number in numbers}
        self._columns = tables["columns"]["column"].tolist()
        texts = zip(tables["boosters"]["part"], tables["boosters"]["text"], strict=True)
        self._boosters = {part: lgb.Booster(model_str=str(text)) for part, text in texts}
        self._processes = {
            str(row["name"]): (_parameters(row["fitted"]), _parameters(row["spending"]))
            for row in tables["processes"].to_dict("records")
        }

    def predict(
        self,
        context: Any,  # noqa: ANN401, ARG002  # MLflow's
        model_input: pd.DataFrame,
        params: Any = None,  # noqa: ANN401, ARG002  # MLflow's
    ) -> pd.DataFrame:
        """What each customer will do, as of the day that the figures are of.

        Parameters
        ----------
        context, params
            Of MLflow.
        model_input
            customer; for the learner the figures in the table ``columns``, ``value_times``, what
            its money is multiplied by on the day (1 where left out), and ``value_shift``, what is
            added to the log-odds of its chances for the season (0 where left out); for models of
            repeat buying repeats, last_at, age (weeks) and repeat_spend_mean; where the money is
            that of a naive predictor, what that says, as ``value_`` and its name.

        Returns
        -------
        pandas.DataFrame
            customer; probability to buy within the horizon (0..1); purchases expected within it;
            alive (0..1), null of who bought once where the model cannot tell; spend (within the
            horizon); value (margin within the longer horizon of the version, discounted). What no
            model of the version tells is null.
        """
        nothing = np.full(len(model_input), np.nan)
        found = dict.fromkeys(COLUMNS[1:], nothing)
        if self._boosters:
            found["probability"] = _shifted(self._chance(model_input), model_input)
        best = self._names["beyond"]
        if best:
            found |= self._told(best, model_input)
        found["spend"] = self._money(model_input)
        return pd.DataFrame({"customer": model_input["customer"], **found})[list(COLUMNS)]

    def _figures(self, rows: pd.DataFrame) -> Array:
        _require(rows, self._columns)
        return rows[self._columns].to_numpy(dtype="float64")

    def _chance(self, rows: pd.DataFrame) -> Array:
        odds = _raw(self._boosters["chance"], self._figures(rows))
        line = self._numbers["slope"] * odds + self._numbers["intercept"]
        return 1 / (1 + np.exp(-line))

    def _amount(self, rows: pd.DataFrame) -> Array:
        raw, number = _raw(self._boosters["amount"], self._figures(rows)), self._numbers
        if self._names["scale"] == "log":
            return number["times"] * np.exp(raw)
        root = np.maximum(raw, 0.0)
        money = root**2 + 2 * root * number["added_0"] + number["added_1"]
        return number["times"] * np.maximum(money, 0.0)

    def _money(self, rows: pd.DataFrame) -> Array:
        """Money within the horizon, of the predictor that the version was tested with."""
        name = self._names["money"]
        if name in self._processes:
            told = self._told(name, rows)
            return np.asarray(np.nan_to_num(told["purchases"] * self._per_purchase(name, rows)))
        if name == "learner":
            return self._chance(rows) * self._amount(rows)
        if name == "learner_at_seasonal_total":
            times = rows.get("value_times", pd.Series(1.0, index=rows.index)).fillna(1.0)
            return np.asarray(
                self._chance(rows) * self._amount(rows) * times.to_numpy(dtype="float64")
            )
        _require(rows, [f"value_{name}"])
        return rows[f"value_{name}"].to_numpy(dtype="float64")

    def _per_purchase(self, name: str, rows: pd.DataFrame) -> Array:
        """Gamma-Gamma: expected money of a purchase (Fader and Hardie 2013, equation 5)."""
        p, q, gamma = self._processes[name][1]
        repeats, mean = (
            rows[column].to_numpy(dtype="float64") for column in ("repeats", "repeat_spend_mean")
        )
        has_own = (repeats > 0) & np.isfinite(mean) & (np.nan_to_num(mean) > 0)
        times = np.where(has_own, repeats, 0.0)
        return np.asarray(p * (gamma + times * np.where(has_own, mean, 0.0)) / (p * times + q - 1))

    def _told(self, name: str, rows: pd.DataFrame) -> dict[str, Array]:
        """Purchases, chance to be there still, and value, of a model of repeat buying."""
        _require(rows, ["repeats", "last_at", "age", "repeat_spend_mean"])
        figures = rows[["repeats", "last_at", "age"]].to_numpy(dtype="float64")
        known = ~np.isnan(figures).any(axis=1)
        x, last_at, age = figures[known].T
        parameters, number = self._processes[name][0], self._numbers
        weeks, beyond = number["horizon_weeks"], number["beyond_weeks"]
        force = number["force"]
        there = _alive(name, parameters, x, last_at, age)
        soon = there * _ahead(name, parameters, x, age, weeks)
        later = there * (
            _discounted(name, parameters, x, age, (beyond, force))
            if force
            else _ahead(name, parameters, x, age, beyond)
        )
        if name == "bg_nbd":  # holds everybody who bought once for alive, for ever
            there = np.where(x > 0, there, np.nan)
        found = {each: np.full(len(rows), np.nan) for each in ("purchases", "alive", "value")}
        found["purchases"][known], found["alive"][known] = soon, there
        found["value"][known] = later * number["margin_share"]
        return found | {"value": found["value"] * self._per_purchase(name, rows)}


def _shifted(chance: Array, rows: pd.DataFrame) -> Array:
    """Chances at the base rate of the season."""
    shift = (
        rows.get("value_shift", pd.Series(0.0, index=rows.index)).fillna(0.0).to_numpy("float64")
    )
    held = np.clip(chance, 1e-12, 1 - 1e-12)
    odds = np.log(held / (1 - held)) + shift
    return np.where(shift == 0, chance, 1 / (1 + np.exp(-odds)))


def _parameters(record: str) -> Array:
    """Parameters of a fitted model: its estimates are their logarithms."""
    return np.asarray(np.exp(np.array(json.loads(record)["estimates"], dtype="float64")))


def _require(rows: pd.DataFrame, columns: list[str]) -> None:
    missing = [name for name in columns if name not in rows]
    if missing:
        raise ValueError(f"value needs the columns {missing}, but the rows lack them")


def _raw(booster: lgb.Booster, figures: Array) -> Array:
    if not len(figures):  # LightGBM refuses an empty table
        return np.empty(0)
    return np.asarray(booster.predict(figures, raw_score=True, num_threads=1))


def _alive(name: str, parameters: Array, x: Array, last_at: Array, age: Array) -> Array:
    """Chance to be there still: Fader and Hardie 2008; Batislam et al. 2007; Schmittlein 1987."""
    r, alpha, a, b = parameters
    here, there = alpha + age, alpha + last_at
    if name == "pareto_nbd":
        return np.exp(-np.logaddexp(0, _left(parameters, x, last_at, age)))
    stayed = (r + x) * (np.log(there) - np.log(here))
    if name == "mbg_nbd":
        left = np.log(a) - np.log(b + x)
    else:
        left = np.where(x > 0, np.log(a) - np.log(np.maximum(b + x - 1, b)), -np.inf)
    return np.asarray(np.exp(stayed - np.logaddexp(stayed, left)))


def _left(parameters: Array, x: Array, last_at: Array, age: Array) -> Array:
    """Pareto/NBD: logarithm of the odds to have left, an integral over when."""
    r, alpha, s, beta = parameters
    power, wait = r + x, age - last_at
    fall = power / (alpha + last_at) + (s + 1) / (beta + last_at)
    with np.errstate(over="ignore"):
        buying = (alpha + last_at) * np.expm1(45.0 / power)
        leaving = (beta + last_at) * np.expm1(45.0 / (s + 1))
    reach = np.log1p(fall * np.minimum(wait, np.minimum(buying, leaving)))
    odds = np.full(len(x), -np.inf)
    rows = np.flatnonzero(reach > 0)
    for begin in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[begin : begin + ROWS_AT_ONCE]
        grown = reach[some, None] * (MANY_NODES + 1) / 2
        before = -wait[some, None] + np.expm1(grown) / fall[some, None]
        here = alpha + age[some, None]
        there = beta + age[some, None]
        size = -power[some, None] * np.log1p(before / here) - s * np.log1p(before / there) + grown
        size = size - np.log(there + before)
        whole = logsumexp(size, b=MANY_WEIGHTS, axis=1)
        odds[some] = whole + np.log(s * reach[some] / (2 * fall[some]))
    return odds


def _ahead(name: str, parameters: Array, x: Array, age: Array, weeks: float) -> Array:
    """Expected purchases within so many weeks of who is there still."""
    r, alpha, a, b = parameters
    if name == "pareto_nbd":  # Schmittlein, Morrison and Colombo 1987, equation 22
        time = b + age
        grown = np.log1p(weeks / time)
        return np.asarray((r + x) / (alpha + age) * time * grown * exprel((1 - a) * grown))
    reach, shape = weeks / (alpha + age), r + x

    def purchases(chance: Array, rows: slice) -> Array:
        power = shape[rows, None] * np.log1p(chance * reach[rows, None])
        return np.asarray(-np.expm1(-power) / chance)

    return _beta_mean(a, b + x + (name == "mbg_nbd"), (1 + shape) * reach, purchases)


def _discounted(
    name: str, parameters: Array, x: Array, age: Array, ahead: tuple[float, float]
) -> Array:
    """The same, each worth less the later it is; ``ahead`` are weeks and force of interest."""
    weeks, force = ahead
    r, alpha, a, b = parameters
    if name == "pareto_nbd":  # Fader, Hardie and Lee 2005
        time = b + age
        times, weights = _moments(weeks, force, time / (a + 1))
        there = np.exp(-a * np.log1p(times / time[:, None]))
        return np.asarray((r + x) / (alpha + age) * (weights * there).sum(axis=1))
    shape, time = r + x, alpha + age
    times, weights = _moments(weeks, force, time / (shape + 1))

    def purchases(chance: Array, rows: slice) -> Array:
        reach = times[rows] / time[rows, None]
        power = -(shape[rows, None] + 1)
        total = np.zeros_like(chance)
        for at in range(times.shape[1]):
            total += weights[rows, at, None] * np.exp(power * np.log1p(chance * reach[:, at, None]))
        return total

    steep = (1 + shape) * times[:, -1] / time
    return np.asarray(shape / time * _beta_mean(a, b + x + (name == "mbg_nbd"), steep, purchases))


def _moments(weeks: float, force: float, scale: Array) -> tuple[Array, Array]:
    """Moments in time and their weights, discounted, by Gauss and Legendre in the logarithm."""
    end = min(weeks, 40 / force)
    grown = np.log1p(end / scale)[:, None]
    times = scale[:, None] * np.expm1(grown * (NODES + 1) / 2)
    weights = WEIGHTS * grown / 2 * (scale[:, None] + times)
    return times, weights * np.exp(-force * times)


def _beta_mean(first: float, second: Array, steep: Array, of: Kernel) -> Array:
    """Mean of a function of p ~ Beta(first, second), by the trapezoidal rule in the log-odds.

    It stands for the Gaussian hypergeometric functions of the papers, which cancel or overflow for
    frequent buyers.
    """
    parts = [np.empty(0)]
    for begin in range(0, len(second), ROWS_AT_ONCE):
        rows = slice(begin, begin + ROWS_AT_ONCE)
        parts.append(_mean(first, second[rows, None], steep[rows, None], rows, of))
    return np.concatenate(parts)


def _mean(first: float, second: Array, steep: Array, rows: slice, of: Kernel) -> Array:
    width = np.sqrt(1 / first + 1 / second)
    middle = np.log(first) - np.log(second)
    far = 24.0 + np.log1p(steep)
    low = np.maximum(middle - 8 * width - far / first - 1, -np.log1p(steep + second + first) - 24.0)
    high = np.minimum(middle + 8 * width + 24.0 / second + 1, np.log1p(first + second) + 24.0)
    step = np.minimum(0.35, 0.65 * width)
    count = int(np.ceil((high - low) / step).max()) + 1
    step = (high - low) / (count - 1)
    odds = low + step * np.arange(count)
    density = -first * np.logaddexp(0, -odds) - second * np.logaddexp(0, odds)
    weight = np.exp(density - density.max(axis=1, keepdims=True))
    weight[:, :1] /= -np.expm1(-first * step)
    weight[:, -1:] /= -np.expm1(-second * step)
    return np.asarray((weight * of(1 / (1 + np.exp(-odds)), rows)).sum(axis=1) / weight.sum(axis=1))


mlflow.models.set_model(Value())
