"""What profiles say of prospects."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from models.cross_sell.look_alikes import LookAlikeSpec, ProfileMissing, look_alikes

CATEGORIES = pd.Index(["toys", "wine", "bread"])


def made(customers: int = 600, seed: int = 0) -> tuple[pd.DataFrame, sparse.csr_array]:
    """Parents buy toys, the old buy wine, and everybody may buy bread."""
    draws = np.random.default_rng(seed)
    kids = draws.choice(["none", "some"], customers)
    age = draws.integers(18, 90, customers).astype(float)
    chance = np.column_stack(
        [
            np.where(kids == "some", 0.5, 0.05),
            np.where(age >= 54, 0.4, 0.1),
            np.full(customers, 0.3),
        ]
    )
    bought = sparse.csr_array((draws.random(chance.shape) < chance).astype(np.int64))
    age[draws.random(customers) < 0.2] = np.nan
    return pd.DataFrame({"kids": kids, "age": age}), bought


def test_who_is_like_buyers_gets_a_higher_probability() -> None:
    found = look_alikes(*made(), CATEGORIES)
    asked = pd.DataFrame({"kids": ["some", "none", None], "age": [30.0, 80.0, np.nan]})
    chance = found.propensity(asked)
    assert chance[:2, 0] == pytest.approx([0.5, 0.05], abs=0.12)
    assert chance[1, 1] > 2 * chance[0, 1]
    assert chance[:, 2] == pytest.approx(found.rates[2], abs=0.06)
    assert found.penalty is not None
    assert found.reason.startswith("profiles tell something: of customers left out, log loss is 0.")


def test_the_score_is_half_where_the_profile_tells_nothing() -> None:
    found = look_alikes(*made(), CATEGORIES)
    asked = pd.DataFrame({"kids": ["some", "none"], "age": [30.0, 30.0]})
    score = found.look_alike_score(asked)
    assert score[0, 0] > 0.65
    assert score[1, 0] < 0.25
    assert score[:, 2] == pytest.approx(0.5, abs=0.06)


def test_profiles_that_tell_nothing_give_popularity() -> None:
    profiles, bought = made()
    shuffled = profiles.sample(frac=1, random_state=1).reset_index(drop=True)
    found = look_alikes(shuffled, bought, CATEGORIES, LookAlikeSpec(penalties=(3.0,)))
    assert found.penalty is None
    assert found.propensity(profiles) == pytest.approx(np.tile(found.rates, (600, 1)))
    assert found.look_alike_score(profiles) == pytest.approx(np.full((600, 3), 0.5))
    assert found.reason == (
        "profiles tell nothing that popularity does not: of customers left out, it has the least "
        f"log loss, {found.losses[None]:.5f}; every prospect gets popularity"
    )


def test_popularity_is_smoothed_by_all_categories() -> None:
    profiles = pd.DataFrame({"age": [30.0, 50.0] * 5})
    bought = sparse.csr_array(np.array([[1, 0]] * 10))
    found = look_alikes(profiles, bought, pd.Index(["a", "b"]), LookAlikeSpec(penalties=(1e9,)))
    assert found.rates == pytest.approx([(10 + 20 * 0.5) / 30, (0 + 20 * 0.5) / 30])


def test_weights_are_those_of_greatest_penalised_likelihood() -> None:
    profiles, bought = made(200)
    found = look_alikes(profiles, bought, CATEGORIES, LookAlikeSpec(penalties=(10.0,)))
    answers = np.column_stack([each.answers(profiles[each.column]) for each in found.questions])
    chance = found.propensity(profiles)
    gradient = (answers - found.middle).T @ (chance - bought.toarray()) + 10.0 * found.weights
    assert gradient == pytest.approx(np.zeros(gradient.shape), abs=1e-3)


def test_a_value_never_seen_says_no_to_all_questions() -> None:
    found = look_alikes(*made(), CATEGORIES)
    asked = pd.DataFrame({"kids": ["many"], "age": ["unknown"]})
    assert np.isfinite(found.propensity(asked)).all()


def test_no_column_of_a_profile_is_refused() -> None:
    _, bought = made(20)
    message = (
        "look-alikes need a column of the profile that differs between customers, but the columns "
        "are: {}; give customers attributes such as age or region, or offer prospects what is "
        "popular"
    )
    for profiles, named in (
        (pd.DataFrame(index=range(20)), "none"),
        (pd.DataFrame({"country": ["UK"] * 20}), "country"),
    ):
        with pytest.raises(ProfileMissing, match=f"^{re.escape(message.format(named))}$"):
            look_alikes(profiles, bought, CATEGORIES)


def test_other_customers_than_profiles_are_refused() -> None:
    profiles, bought = made(20)
    message = (
        "look-alikes need a profile for each of 5 or more customers and what each bought of 3 "
        "categories, but profiles are 19 and bought has the shape (20, 3); make both from the same "
        "customers"
    )
    with pytest.raises(ProfileMissing, match=f"^{re.escape(message)}$"):
        look_alikes(profiles.head(19), bought, CATEGORIES)


def test_a_prospect_without_a_column_is_refused() -> None:
    found = look_alikes(*made(), CATEGORIES)
    message = (
        "profiles lack the columns ['kids'], which look-alikes were learnt from; add them, with "
        "nulls where they are not known"
    )
    with pytest.raises(ProfileMissing, match=f"^{re.escape(message)}$"):
        found.propensity(pd.DataFrame({"age": [30.0]}))


def test_a_whole_number_that_is_not_known_says_no() -> None:
    profiles, bought = made()
    whole = profiles.assign(age=profiles["age"].astype("Int64"))
    found = look_alikes(whole, bought, CATEGORIES)
    assert found.propensity(whole) == pytest.approx(
        look_alikes(profiles, bought, CATEGORIES).propensity(profiles)
    )


def test_only_texts_of_20_customers_or_more_are_asked_about() -> None:
    profiles, bought = made()
    towns = np.repeat(["small", "middle", "large"], [19, 20, 561])
    mails = [f"{number}@example.com" for number in range(600)]
    found = look_alikes(profiles.assign(town=towns, mail=mails), bought, CATEGORIES)
    asked = [each.value for each in found.questions if each.value is not None]
    assert asked == ["none", "some", "large", "middle"]


def test_penalties_are_tried_on_50_drawn_categories_at_most() -> None:
    profiles, bought = made(200)
    wide = sparse.csr_array(np.tile(bought.toarray()[:, :1], (1, 60)))
    spec = LookAlikeSpec(penalties=(30.0,))
    found = look_alikes(profiles, wide, pd.RangeIndex(60), spec)
    few = look_alikes(profiles, wide[:, :50], pd.RangeIndex(50), spec)
    assert found.weights.shape[1] == 60
    assert found.losses == pytest.approx(few.losses)


def test_penalties_are_tried_on_drawn_customers_and_learnt_on_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = LookAlikeSpec(penalties=(30.0,))
    whole = look_alikes(*made(), CATEGORIES, spec)
    monkeypatch.setattr("models.cross_sell.look_alikes._MOST_TRIED", 300)
    one, other = (look_alikes(*made(), CATEGORIES, spec) for _ in range(2))
    assert one.losses == other.losses
    assert one.losses != whole.losses
    assert np.array_equal(one.weights, whole.weights)
