"""Recommends items to baskets by the rules that lie beside it; MLflow loads it as the model.

It is stored as text with every version of rules and needs MLflow, pandas and pyarrow alone, nothing
of the project that wrote it. Rules that did not hold in later baskets recommend nothing.

    model = mlflow.pyfunc.load_model("models:/shop-rules@champion")
    model.predict(pandas.DataFrame({"basket": ["a", "a"], "item": ["bread", "butter"]}))
"""

from collections.abc import Mapping
from typing import Any, Final

import mlflow
import pandas as pd

COLUMNS: Final = ("basket", "rank", "item", "confidence", "lift", "rule")
AT_A_TIME: Final = 2_000
"""Baskets that are held in memory together."""


class Recommender(mlflow.pyfunc.PythonModel):  # type: ignore[name-defined,misc]  # MLflow has no types
    """Rules of all groups, those of the highest confidence first."""

    def load_context(self, context: Any) -> None:  # noqa: ANN401  # MLflow's
        """Read the tables of the version."""
        rules = pd.read_parquet(context.artifacts["rules"])
        items = pd.read_parquet(context.artifacts["items"])
        best = ["confidence", "lift", "count"]
        self._groups = list(dict.fromkeys(rules["group"]))
        self._rules = rules[rules["held"]].sort_values(best, ascending=False, kind="stable")
        self._title = dict(zip(items["label"], items["item"], strict=True))
        above = items[["item", "belongs_to"]].explode("belongs_to").dropna()
        self._above = above.astype("object")

    def predict(
        self,
        context: Any,  # noqa: ANN401, ARG002  # MLflow's
        model_input: pd.DataFrame,
        params: Mapping[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Items that each basket does not hold yet, the best first, each with its best rule.

        Parameters
        ----------
        context
            Of MLflow.
        model_input
            One row per basket and item, both as text. An item is called as in the rules or by its
            label; what it belongs to need not be given. Context, such as ``weekday:Friday``, is
            given like an item.
        params
            ``group``: whose rules, such as ``store: 7``; by default the first, all baskets
            together. ``most``: items that are recommended to a basket, at most; 10.

        Returns
        -------
        pandas.DataFrame
            basket, rank (from 1), item, confidence and lift of the rule (as it was mined), rule.
        """
        asked = dict(params or {})
        group = asked.get("group") or self._groups[0]
        if group not in self._groups:
            known = ", ".join(self._groups)
            raise ValueError(f"a group is one of those mined ({known}), but found {group!r}")
        rules = self._rules[self._rules["group"] == group].reset_index(drop=True)
        held = self._whole(model_input)
        numbers = held.groupby("basket", sort=False).ngroup() // AT_A_TIME
        found = [_recommended(rules, part) for _, part in held.groupby(numbers)]
        told = pd.concat([pd.DataFrame(columns=["basket", "item", "place"]), *found])
        return _ranked(told, rules, int(asked.get("most", 10)))

    def _whole(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Items of the baskets by their title, once each, and what they belong to."""
        items = rows[["basket", "item"]].dropna()
        items = items.assign(item=items["item"].replace(self._title))
        above = items.merge(self._above, on="item")[["basket", "belongs_to"]]
        both = pd.concat([items, above.rename(columns={"belongs_to": "item"})])
        return both.drop_duplicates(ignore_index=True)


def _recommended(rules: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Basket, item that it does not hold, and place of the best rule that says so."""
    parts = rules["antecedents"].explode().rename("item").rename_axis("place").reset_index()
    pairs = held.merge(parts, on="item")
    met = pairs.groupby(["basket", "place"], as_index=False).size()
    is_whole = met["size"] == met["place"].map(rules["antecedents"].str.len())
    said = rules["consequents"].explode().rename("item").rename_axis("place").reset_index()
    told = met[is_whole].merge(said, on="place")
    own = held.assign(is_held=True)
    told = told.merge(own, on=["basket", "item"], how="left")
    told = told[told["is_held"].isna()].sort_values("place", kind="stable")
    return told.drop_duplicates(["basket", "item"])[["basket", "item", "place"]]


def _ranked(told: pd.DataFrame, rules: pd.DataFrame, most: int) -> pd.DataFrame:
    """Rows of the result, the baskets in order of their names."""
    told = told.sort_values(["basket", "place", "item"], kind="stable", ignore_index=True)
    told["rank"] = told.groupby("basket").cumcount() + 1
    told = told[told["rank"] <= most]
    rule = rules.reindex(told["place"].astype("int64")).reset_index(drop=True)
    words = [
        f"{', '.join(left)} → {', '.join(right)}"
        for left, right in zip(rule["antecedents"], rule["consequents"], strict=True)
    ]
    found = told.reset_index(drop=True).assign(
        confidence=rule["confidence"], lift=rule["lift"], rule=pd.Series(words, dtype="object")
    )
    return found[list(COLUMNS)].astype({"rank": "int64", "confidence": float, "lift": float})


mlflow.models.set_model(Recommender())
