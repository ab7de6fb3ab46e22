"""Rules that choose a horizon and a cohort."""

from datetime import timedelta

import pytest

from features.settings import Cohort
from pipelines.proposal import Proposal, Spread, propose
from pipelines.study import Rate
from tests.proposals import ENDED, FALLING, FIRST, HORIZONS, LAST, business, study, waiting


def failed(found: Proposal) -> dict[int, list[str]]:
    return {each.days: [check.name for check in each.failed] for each in found.horizons}


def test_the_shortest_horizon_that_keeps_every_rule_is_proposed() -> None:
    """After 14 and 28 silent days most gaps still end; after 56 the 20 that stay open are left."""
    found = propose(study(FALLING), business())
    assert failed(found) == {14: ["back", "rate"], 28: ["back"], 56: [], 91: [], 182: ["history"]}
    assert found.fits
    assert found.proposed is not None
    assert found.proposed.horizon_days == 56
    assert found.reasons[0].replace("\xa0", " ") == (
        "Horizon 56 days: the shortest that keeps every rule. Of those silent for 56 days 0 % "
        "(0 % to 0 %) come back within 91 more; a label rate of 30 %, between 30 % and 30 % over "
        "11 days."
    )


def test_where_nothing_fits_the_nearest_is_named_with_what_it_misses() -> None:
    rates = dict.fromkeys(HORIZONS, 0.7)
    found = propose(study(rates, of_one_time=0), business())
    assert not found.fits
    assert found.proposed is not None
    assert (found.proposed.horizon_days, found.proposed.cohort.min_orders) == (56, 1)
    assert found.reasons[0].replace("\xa0", " ") == (
        "Horizon 56 days comes nearest. It misses the rule of rate: 70.0 %, asked 5 % to 60 %."
    )


def test_where_most_come_back_silence_is_called_a_pause() -> None:
    found = propose(study(FALLING, waiting([*range(1, 120)])), business())
    assert not found.fits
    assert "Silence here is more often a pause than a loss" in found.reasons[0]


def test_one_time_buyers_are_left_out_where_nothing_fits_with_them() -> None:
    """Of 1,000 customers 500 bought once and left; of the others 300 left too."""
    found = propose(study(dict.fromkeys(HORIZONS, 0.8), of_one_time=0.5), business())
    assert found.fits
    assert found.proposed is not None
    assert found.proposed.cohort.min_orders == 2
    assert found.chosen is not None
    assert found.chosen.spread.mean == pytest.approx(0.6)
    assert found.reasons[2] == (
        "One-time buyers are left out: with them no horizon keeps every rule."
    )


def test_the_cohort_is_the_shortest_window_that_holds_nine_gaps_of_ten() -> None:
    found = propose(study(FALLING, waiting([*range(1, 29)] * 3, [400] * 5)), business())
    assert found.proposed is not None
    assert found.proposed.cohort.active_within_days == 28
    assert "90 % of gaps have ended by day 27" in found.reasons[1].replace("\xa0", " ")


def test_a_window_as_long_as_the_gaps_holds_them() -> None:
    found = propose(study(FALLING, waiting([28] * 9, [400])), business())
    assert found.proposed is not None
    assert found.proposed.cohort.active_within_days == 28


@pytest.mark.parametrize(
    ("still_open", "window", "told"),
    [(40, 56, "75 % of gaps have ended by day 38"), (900, None, "No window holds half of")],
)
def test_where_no_window_holds_so_many_fewer_do_or_none(
    still_open: int, window: int | None, told: str
) -> None:
    gaps = waiting(ENDED, [400] * still_open)
    found = propose(study(FALLING, gaps), business())
    assert found.proposed is not None
    assert found.proposed.cohort.active_within_days == window
    assert told in found.reasons[1].replace("\xa0", " ")


def test_a_contract_stays_the_cohort() -> None:
    contract = business(
        "behaviour.cohort={contract: active}", "behaviour.peers_by=[]", "propose.rate_most=0.9"
    )
    found = propose(study(FALLING), contract)
    assert found.proposed is not None
    assert found.proposed.cohort == Cohort(contract="active")
    assert found.reasons[1] == "Cohort: an active contract, as the config says."


def test_rates_that_swing_are_not_stable() -> None:
    rates = tuple(Rate(FIRST, 100, lost) for lost in (10, 30, 20))
    found = Spread(rates)
    assert (found.mean, found.least, found.most) == pytest.approx((0.2, 0.1, 0.3))
    assert found.variation == pytest.approx((2 / 3) ** 0.5 * 0.1 / 0.2)


def test_fewer_than_three_days_do_not_make_a_spread() -> None:
    found = propose(study(FALLING, days=3), business())
    assert failed(found)[56] == ["stable"]
    assert failed(found)[91] == ["rate", "stable"]


def test_the_bounds_are_those_of_the_config() -> None:
    found = propose(study(FALLING), business("propose.rate_most=0.25"))
    assert found.proposed is not None
    assert found.proposed.horizon_days == 91


def test_history_must_have_room_for_the_test_days() -> None:
    """Four labels of 182 days and two steps of 28 are 784 days; there are 700."""
    found = propose(study(FALLING), business())
    (check,) = found.horizons[-1].failed
    assert (check.found, check.asked) == ("700 days", "3 test days: 784 days of orders")
    one = propose(study(FALLING), business("churn.test_cutoffs=1", "churn.step_days=366"))
    assert failed(one)[182] == ["history"]
    assert failed(one)[91] == []


def test_what_would_change_is_said() -> None:
    found = propose(study(FALLING), business("churn.horizon_days=28"))
    assert found.changes == ("churn.horizon_days: 28 to 56",)


def test_a_test_day_whose_label_would_not_be_over_is_moved() -> None:
    late = business("churn.test_as_of=2023-11-20", "churn.horizon_days=7")
    found = propose(study(FALLING), late)
    assert found.proposed is not None
    assert found.proposed.test_as_of == LAST + timedelta(days=1 - 56)
    early = propose(study(FALLING), business("churn.test_as_of=2022-03-01"))
    assert early.proposed is not None
    assert early.proposed.test_as_of == LAST + timedelta(days=1 - 56)


def test_a_gap_is_kept_and_its_reason_told() -> None:
    kept = propose(study(FALLING, gap_days=7), business("churn.gap_days=7"))
    assert kept.proposed is not None
    assert kept.proposed.gap_days == 7
    assert kept.reasons[-1].startswith("Gap 7 days, as the config says")
    none = propose(study(FALLING), business())
    assert none.reasons[-1].startswith("Gap 0 days: raise it")
