import numpy as np
import pytest

from features.settings import Currency
from models.economics import Economics
from models.profit import maximum_profit
from pipelines.contest import Contest, metrics_with
from pipelines.profits import profits_of

ECONOMICS = Economics()
USD = Currency()


def contest(rows: int = 400) -> Contest:
    random = np.random.default_rng(8)
    chance = random.beta(1, 4, rows)
    churned = random.random(rows) < chance
    given = {"challenger 4": chance, "recency": random.random(rows), "champion 3": chance**2}
    return Contest(churned, given, metrics_with(ECONOMICS))


def test_the_best_is_that_of_the_first_contestant_and_is_told_with_its_assumptions() -> None:
    held = contest()
    found = profits_of(held, ["challenger 4", "recency"], ECONOMICS, USD)
    best = maximum_profit(held.churned, held.probabilities["challenger 4"], ECONOMICS)
    assert found.best == best
    told = found.told.replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith(f"At best, the first {best.customers} customers (")
    assert f"which earns USD {best.profit * 400:,.0f}." in told
    assert told.endswith(
        "Assumed: a customer kept is worth USD 200.00, an offer taken costs USD 10.00, a contact "
        "USD 1.00, and of those who would leave 30 % accept."
    )


def test_where_no_contact_pays_that_is_said() -> None:
    dear = Economics(clv=20, incentive=19, contact_cost=19)
    found = profits_of(contest(), ["challenger 4"], dear, USD)
    assert found.told.startswith("No contact pays. Assumed:")
    assert found.best.customers == 0
    assert len(found.curves.curves[0].points) == 101


def test_contestants_keep_their_colours_and_their_order() -> None:
    found = profits_of(contest(), ["challenger 4", "champion 3"], ECONOMICS, USD)
    assert [(each.name, each.slot) for each in found.curves.curves] == [
        ("challenger 4", 1),
        ("champion 3", 3),
    ]


def test_a_curve_that_has_fallen_far_below_zero_is_cut_off_with_its_interval() -> None:
    dear = Economics(clv=100, incentive=20)
    found = profits_of(contest(), ["challenger 4"], dear, USD)
    (curve,) = found.curves.curves
    greatest = max(up for _, up in curve.points)
    assert greatest == pytest.approx(found.best.profit, rel=0.15)
    floor = -greatest / 2
    assert min(up for _, up in curve.points) >= floor
    assert curve.points[-1][0] < 1
    assert [share for share, _ in curve.points] == [share for share, _, _ in found.curves.band]
    assert min(low for _, low, _ in found.curves.band) >= floor
