"""Says how likely customers take what may be offered; MLflow loads it as the model.

It is stored as text with every version of offers, beside its tables, and needs MLflow, LightGBM,
pandas and pyarrow alone, nothing of the project that wrote it.

    model = mlflow.pyfunc.load_model("models:/shop-offers@champion")
    model.predict(rows, params={"kind": "repeat"})
"""

from collections.abc import Mapping
from typing import Any, Final

import lightgbm as lgb
import mlflow
import numpy as np
import pandas as pd

COLUMNS: Final = ("customer", "item", "rank", "probability")


class Offers(mlflow.pyfunc.PythonModel):  # type: ignore[name-defined,misc]  # MLflow has no types
    """Chances of every kind of offer that the version has learnt."""

    def load_context(self, context: Any) -> None:  # noqa: ANN401  # MLflow's
        """Read the tables of the version."""
        tables = {
            name: pd.read_parquet(context.artifacts[name])
            for name in ("boosters", "columns", "methods", "numbers")
        }
        methods = zip(tables["methods"]["kind"], tables["methods"]["method"], strict=True)
        self._method = {  # of what is new to a customer, baselines need more than figures
            kind: method for kind, method in methods if kind == "repeat" or method == "trees"
        }
        self._columns: dict[str, list[str]] = {
            kind: tables["columns"].query("kind == @kind")["column"].tolist()
            for kind in self._method
        }
        self._lines = {
            kind: tables["numbers"].query("kind == @kind").set_index("driver")
            for kind in self._method
        }
        self._rankers = {
            kind: tables["boosters"].query("kind == @kind")["ranker"].nunique()
            for kind in self._method
        }
        self._boosters = {
            kind: [
                (float(row["weight"]), lgb.Booster(model_str=str(row["text"])))
                for row in tables["boosters"].query("kind == @kind").to_dict("records")
            ]
            for kind in self._method
        }

    def predict(
        self,
        context: Any,  # noqa: ANN401, ARG002  # MLflow's
        model_input: pd.DataFrame,
        params: Mapping[str, Any] | None = None,
    ) -> pd.DataFrame:
        """The chance of each row that it is bought within the horizon, and its rank.

        Chances of repeat are those of offers under the policies of the training: what these leave
        out, such as what was just bought, is bought more often than is said.

        Parameters
        ----------
        context
            Of MLflow.
        model_input
            One row per customer and item with the figures that were registered for its kind; they
            stand in the table ``columns``.
        params
            ``kind``: repeat (what customers may buy next of all items) or, where the version has
            learnt them, cross (categories never bought) and up (needs in which something above the
            usual tier may be bought; the item is the need); repeat by default.

        Returns
        -------
        pandas.DataFrame
            customer, item, rank (from 1, the likeliest first) and probability (0..1).
        """
        kind = str(dict(params or {}).get("kind", "repeat"))
        if kind not in self._method:
            known = ", ".join(self._method)
            raise ValueError(f"a kind is one of those learnt ({known}), but found {kind!r}")
        chance = self._chance(kind, model_input)
        found = model_input[["customer", "item"]].assign(probability=chance)
        order = found.assign(place=range(len(found)))
        order = order.sort_values(
            ["customer", "probability", "item"], ascending=[True, False, True], kind="stable"
        )
        rank = np.empty(len(order), dtype="int64")
        rank[order["place"].to_numpy()] = order.groupby("customer").cumcount().to_numpy() + 1
        found["rank"] = rank
        return found[list(COLUMNS)].astype({"rank": "int64", "probability": float})

    def _chance(self, kind: str, rows: pd.DataFrame) -> Any:  # noqa: ANN401  # an array
        """Probability of each row: a line on the log-odds of the score and of what goes with it."""
        missing = [name for name in self._columns[kind] if name not in rows]
        if missing:
            raise ValueError(f"{kind} needs the columns {missing}, but the rows lack them")
        figures = rows[self._columns[kind]].astype("float64" if kind == "up" else "float32")
        odds = np.zeros(len(rows))
        for driver, number in self._lines[kind].iterrows():
            value = self._driver(kind, str(driver), figures)
            odds = odds + number["weight"] * (value - number["centre"]) / number["spread"]
        return 1 / (1 + np.exp(-odds))

    def _driver(self, kind: str, driver: str, figures: pd.DataFrame) -> Any:  # noqa: ANN401
        """What a line is of: 1, the score, the logarithm of a figure, how overdue a visit is."""
        if driver == "intercept":
            return np.ones(len(figures))
        if driver == "score":
            return self._score(kind, figures)
        since = np.nan_to_num(figures["customer_days_since_last"].to_numpy("float64"))
        gap = figures["customer_gap_days"].to_numpy("float64")
        gap = np.where(np.isnan(gap), since, gap)
        if driver == "overdue":
            return np.log((since + 0.5) / (gap + 0.5))
        value = gap if driver == "customer_gap_days" else figures[driver].to_numpy("float64")
        return np.log1p(np.nan_to_num(value))

    def _score(self, kind: str, figures: pd.DataFrame) -> Any:  # noqa: ANN401  # an array
        """Log-odds of the trees, or the order of a baseline."""
        if self._method[kind] == "trees":
            array = figures.to_numpy()
            odds = [
                weight * np.asarray(trees.predict(array, raw_score=True))
                for weight, trees in self._boosters[kind]
            ]
            return np.sum(odds, axis=0) / self._rankers[kind]
        if self._method[kind] == "decayed":
            return figures["score_decayed"].to_numpy("float64")
        count, first, share = (
            np.nan_to_num(figures[name].to_numpy("float64"))
            for name in ("own_count", "own_baskets_since_first", "item_baskets_share")
        )
        return np.where(count > 0, count + 1 - 1 / (2 + first), 0.5 * share)


mlflow.models.set_model(Offers())
