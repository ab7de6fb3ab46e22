import re

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from models.economics import CustomerEconomics, Economics
from models.spec import ColumnsMissing, FiguresUnfit, FloatArray


def customers(
    *,
    clv: tuple[float, ...] = (100.0, 300.0),
    incentive: tuple[float, ...] = (10.0, 0.0),
    contact_cost: tuple[float, ...] = (1.0, 0.0),
    acceptance: tuple[float, ...] = (0.0, 1.0),
) -> CustomerEconomics:
    figures: list[FloatArray] = [
        np.array(values) for values in (clv, incentive, contact_cost, acceptance)
    ]
    return CustomerEconomics(*figures)


def test_the_defaults_are_those_of_the_literature() -> None:
    economics = Economics()
    assert (economics.clv, economics.incentive, economics.contact_cost) == (200, 10, 1)
    assert (economics.accept_alpha, economics.accept_beta) == (6, 14)


def test_acceptance_is_the_mean_of_the_beta_distribution() -> None:
    assert Economics(accept_alpha=1, accept_beta=3).acceptance == 0.25


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in Economics.model_fields.values())


@pytest.mark.parametrize("name", ["incentive", "contact_cost"])
def test_a_cost_as_high_as_the_customers_worth_is_refused(name: str) -> None:
    text = (
        f"{name} must be less than clv, but {name} is 50.0 and clv is 50.0: it would cost as much "
        f"as the customer is worth; lower {name} or raise clv"
    )
    with pytest.raises(ValidationError, match=re.escape(text)):
        Economics.model_validate({"clv": 50, name: 50})


@pytest.mark.parametrize(
    "wrong",
    [
        {"clv": 0},
        {"clv": float("inf")},
        {"incentive": -1},
        {"contact_cost": -1},
        {"accept_alpha": 0},
        {"accept_beta": float("nan")},
        {"discount": 5},
    ],
)
def test_settings_out_of_their_bounds_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Economics.model_validate(wrong)


def test_an_offer_and_a_contact_may_be_free() -> None:
    assert Economics(incentive=0, contact_cost=0).incentive == 0


def test_customers_who_are_all_alike_have_the_mean_acceptance() -> None:
    alike = CustomerEconomics.of(Economics(clv=50), pd.DataFrame(index=range(3)), digits=2)
    assert alike.clv.tolist() == [50, 50, 50]
    assert alike.acceptance == pytest.approx([0.3, 0.3, 0.3])


def test_customers_may_differ_in_worth_by_a_column_in_minor_units() -> None:
    economics = Economics(clv=50, clv_column="spend_91d", clv_multiple=0.5)
    features = pd.DataFrame({"spend_91d": [10_000.0, np.nan, 0.0, -300.0], "orders_91d": 1.0})
    found = CustomerEconomics.of(economics, features, digits=2)
    assert found.clv.tolist() == [50, 50, 0, 0]
    in_yen = CustomerEconomics.of(economics, features, digits=0)
    assert in_yen.clv.tolist() == [5000, 50, 0, 0]


def test_a_table_without_the_column_of_worth_is_refused() -> None:
    with pytest.raises(ColumnsMissing, match="spend_91d"):
        CustomerEconomics.of(Economics(clv_column="spend_91d"), pd.DataFrame({"x": [1.0]}), 2)


def test_customers_may_differ_up_to_their_bounds() -> None:
    assert customers(clv=(0.0, 5.0)).acceptance.tolist() == [0, 1]


@pytest.mark.parametrize("name", ["clv", "incentive", "contact_cost"])
def test_customers_with_money_below_nothing_are_refused(name: str) -> None:
    values = (-1.0, 1.0)
    text = (
        f"the economics of customers need {name} of 0 or more, but 1 of 2 customers have less; "
        f"mend them or leave these customers out"
    )
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}$"):
        customers(**{name: values})


def test_an_acceptance_in_percent_is_refused() -> None:
    text = (
        "the economics of customers need acceptance within 0..1, but it runs from 0 to 30; "
        "pass probabilities, not log-odds or percentages"
    )
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}$"):
        customers(acceptance=(0.0, 30.0))


def test_a_customer_too_few_is_refused() -> None:
    text = (
        "the economics of customers need one figure per customer, but the shapes are clv (1,), "
        "incentive (2,), contact_cost (2,), acceptance (2,); "
        "pass arrays of one length, with the customers in one order"
    )
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}$"):
        customers(clv=(100.0,))
