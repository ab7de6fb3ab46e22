"""What docs/prices.md says of settings and columns is what there is, and its example runs."""

import re
from pathlib import Path

import pandas as pd

from models.prices.elasticity import Elasticities
from models.prices.evidence import EFFECTS
from pipelines.price_settings import Prices
from tests.price_panels import Market, made_up

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "prices.md").read_text(encoding="utf-8")


def test_settings_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`prices\.([a-z_]+)", TEXT)) - {"parquet", "html"}
    assert named <= set(Prices.model_fields)
    assert named >= {"as_of", "price", "weeks_least", "share_least", "spread_least", "test_weeks"}
    assert f"fewer than {Prices().weeks_least} weeks" in TEXT
    assert f"`prices.share_least` is {Prices().share_least:.0%}".replace("%", " %") in TEXT


def test_the_example_runs_and_gives_the_columns_that_are_described() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    made = made_up(Market(items=20, categories=2))
    given: dict[str, object] = {"weeks": made.rows, "belongs": made.belongs}
    exec(example, given)  # noqa: S102  # the page's own text
    found = given["found"]
    assert isinstance(found, Elasticities)
    assert isinstance(found.rows, pd.DataFrame)
    section = TEXT.split("## The tables")[1].split("## From Python")[0]
    for name in (*found.rows.columns.drop(["item", "effect"]), *EFFECTS):
        assert f"`{name}`" in section
