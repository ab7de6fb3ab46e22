"""What docs/worth.md shows runs, and its tables name what there is."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from models.value.baselines import BASELINES
from models.worth.loyalty import LoyaltySpec
from models.worth.rfm import rfm_figures
from models.worth.stages import STAGES, default_rules
from models.worth.turnover import customer_rates
from pipelines.worth_settings import WorthSettings
from tests.worth_shop import habits, seen

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "worth.md").read_text(encoding="utf-8")
AS_OF = 400


def lines() -> pd.DataFrame:
    """Two hundred customers of a year and more, some of whom fall silent."""
    draws = np.random.default_rng(0)
    customer = draws.integers(0, 200, 6000)
    day = draws.integers(0, AS_OF + 29, 6000)
    amount = draws.integers(1, 90, 6000) * (1 + customer % 5) * 1.0
    table = pd.DataFrame({"customer": customer, "day": day, "amount": amount})
    return table[(table["customer"] % 3 > 0) | (table["day"] < 10 + table["customer"] * 2)]


def test_the_examples_run() -> None:
    purchases = lines()
    people = pd.Series(np.linspace(100.0, 10.0, 200), index=range(200))
    told = purchases.sample(300, random_state=0)[["customer", "day"]]
    behaviour = {
        day: rfm_figures(purchases, day).astype(float).iloc[:, :2]
        for day in (AS_OF, AS_OF - 28, AS_OF - 56, AS_OF - 84)
    }
    known: dict[str, object] = {
        "purchases": purchases,
        "as_of": AS_OF,
        "first_day": 0,
        "known_until": AS_OF + 29,
        "contacts": told.assign(cost=0.5, satisfaction=8.0),
        "referrals": told.iloc[:20],
        "prospects": pd.Series(100, index=range(180, 230)),
        "values": people,
        "values_before": people.iloc[:190],
        "behaviour": behaviour,
        "seen": seen(habits()),
        "survival": np.cumprod(np.full((3, 12), 0.9), axis=1),
        "margins": np.array([1.0, 2.0, 3.0]),
    }
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(block, "docs/worth.md", "exec"), known)  # noqa: S102  our own page
    still, compared = known["still"], known["compared"]
    assert getattr(still, "value", np.empty(0)).shape == (3,)
    assert "learner" in getattr(compared, "predictors", ())


def test_every_naive_predictor_stage_and_rate_is_described() -> None:
    named = set(re.findall(r"^\| `([a-z_]+)`", TEXT, re.MULTILINE))
    assert {*BASELINES, "latest_total"} <= named
    assert set(STAGES) <= named
    rates = customer_rates(lines(), [0, 100, 200], targeted=[1, 1]).columns
    assert {name for name in rates if name.endswith("_rate")} <= named


def test_the_rules_are_those_of_the_page() -> None:
    told = [rule.told for rule in default_rules(60)]
    assert told == [
        "awareness: orders_count < 1",
        "dissolution: days_since_order ≥ 60",
        "dissolution: days_since_order ≥ 30 and silence_ratio ≥ 4",
        "commitment: orders_count ≥ 6 and tenure_days ≥ 120",
        "expansion: orders_count ≥ 3",
        "exploration: everybody else",
    ]
    assert LoyaltySpec().score_most == 10


def test_the_settings_of_the_page_are_what_there_is() -> None:
    (table,) = re.findall(r"\| setting of `value.worth` .*?\n\n", TEXT, re.DOTALL)
    cells = [line.split("|")[1] for line in table.splitlines()[2:] if line]
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == set(
        WorthSettings.model_fields
    )
    (block,) = re.findall(r"```yaml\nvalue:\n(.*?)```", TEXT, re.DOTALL)
    settings = WorthSettings.model_validate(yaml.safe_load(f"value:\n{block}")["value"]["worth"])
    assert settings.tier_rows["tier"].tolist() == ["top", "rest"]
