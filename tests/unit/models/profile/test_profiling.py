"""All comparisons of made-up customers: what is there is found and said, and nothing else."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.contract import Column
from models.false_discoveries import false_discovery_rate
from models.phrases import Money
from models.profile.details import Questions
from models.profile.groups import Groups
from models.profile.profiling import Profile, profile
from models.profile.single import Customers, single
from models.profile.words import Words

NAMES = ("those who stayed", "those who left")


def column(name: str, unit: str, meaning: str) -> Column:
    return Column(name, unit, None, "never bought", meaning, "")


WORDS = Words(
    {
        "spend": column("spend", "minor units", "spend in the last 91 days"),
        "orders": column("orders", "orders", "orders in the last 91 days"),
        "days": column("days", "days", "days since the last order"),
    },
    {"home": "home ownership"},
    Money("USD", 2),
)
QUESTIONS = Questions(
    candidates=("days", "orders", "spend", "discount", "letters", "noise", "hum", "buzz"),
    outcome="spend",
    covariate="orders",
    factor="home",
    sets=(("buying", ("orders", "spend")), ("offers", ("discount", "letters"))),
    map_most=60,
)


def made_up(n: int = 400, seed: int = 1, gap: float = 1.0) -> Customers:
    """Leavers bought longer ago, and less; owners spend more; letters go to those who buy."""
    random = np.random.default_rng(seed)
    left = (np.arange(n) % 4 == 0).astype(np.int64)
    owner = random.random(n) < 0.5 - 0.25 * gap * left
    orders = random.normal(10 - 2 * gap * left, 2, n)
    numbers = {
        "days": random.gamma(2, 5, n) * (1 + gap * left),
        "orders": orders,
        "spend": 100 * (20 * orders + 40 * owner + random.normal(0, 15, n)),
        "discount": random.normal(size=n),
        "letters": orders + random.normal(0, 1.5, n),
        **{name: random.normal(size=n) for name in ("noise", "hum", "buzz")},
    }
    home = np.where(owner, "Owner", "Renter").astype(object)
    home[::50] = None
    table = pd.DataFrame(numbers)
    table.loc[left == 1, "discount"] = table["discount"].where(random.random(n) < 0.5)
    return Customers(Groups("churned", NAMES, left), table, {"home": home}, {"home": ("Renter",)})


@pytest.fixture(scope="module")
def found() -> Profile:
    return profile(made_up(), QUESTIONS, WORDS)


def said(found: Profile) -> dict[str, str]:
    return {told.finding.subject: told.sentence for told in found.single.told}


def test_what_differs_comes_first_and_is_said_in_the_columns_own_words(found: Profile) -> None:
    names = [told.finding.subject for told in found.single.told if told.is_sure]
    assert set(names) == {"days", "orders", "spend", "letters", "home", "discount: known or not"}
    text = said(found)["spend"]
    assert text.startswith("Spend in the last 91 days: on average USD 1")
    assert "for those who left, USD 2" in text
    assert "the one of those who left has the lower figure in" in text
    assert text.endswith("of 100 such pairs, a large difference.")
    assert said(found)["noise"] == (
        "Noise: no difference between those who stayed and those who left that chance could not "
        "make."
    )


def test_a_category_is_told_by_the_level_that_stands_out(found: Profile) -> None:
    text = said(found)["home"]
    assert text.startswith("Home ownership: Renter for 7")
    assert "of those who left and 4" in text
    assert "of those who stayed, a small difference." in text


def test_who_has_a_value_at_all_is_compared_too(found: Profile) -> None:
    text = said(found)["discount: known or not"]
    assert text.startswith("Discount: not known for 44 % of those who left and 0 %")


def test_chances_are_corrected_for_the_number_of_columns(found: Profile) -> None:
    told = found.single.told
    chances = np.array([each.finding.p for each in told])
    expected = false_discovery_rate(chances, len(chances), "benjamini_hochberg")
    assert [each.adjusted for each in told] == pytest.approx(expected.tolist())
    careful = replace(QUESTIONS, adjustment="benjamini_yekutieli")
    others = profile(made_up(), careful, WORDS).single.told
    assert sum(each.is_sure for each in others) <= sum(each.is_sure for each in told)


def test_every_method_says_one_sentence(found: Profile) -> None:
    methods = " ".join(told.finding.method for told in found.together)
    for name in (
        *("two-way analysis of variance", "analysis of covariance", "discriminant analysis"),
        *("multivariate analysis of variance", "logistic regression", "linear regression"),
        *("principal components", "factor analysis", "canonical correlation", "permutational"),
    ):
        assert name in methods
    for told in found.together:
        assert told.sentence[0].isupper() or told.sentence[0].isdigit()
        assert told.sentence.endswith(".")
        assert not {"p <", "eta", "lambda"} & set(told.sentence.split())


def test_at_equal_orders_leavers_spend_no_less(found: Profile) -> None:
    (text,) = {t.sentence for t in found.together if "analysis of covariance" in t.finding.method}
    assert text == (
        "Spend in the last 91 days: if all were alike in orders in the last 91 days, it would be "
        "USD 209 for those who stayed and USD 200 for those who left; as they are, USD 221 and "
        "USD 165."
    )
    assert found.details.adjusted is not None
    means = found.details.adjusted.means
    assert abs(np.diff(means["value"])[0]) < 1500
    assert abs(np.diff(means["plain"])[0]) > 3000


def test_what_marks_leavers_is_named(found: Profile) -> None:
    (text,) = {t.sentence for t in found.together if "discriminant" in t.finding.method}
    assert text.startswith("What marks those who left most is ")
    assert "orders in the last 91 days (lower)" in text
    assert "of 100 customers are put into the right group, where guessing reaches 50." in text


def test_customers_who_differ_in_nothing_are_not_told_apart() -> None:
    found = profile(made_up(gap=0.0, seed=3), QUESTIONS, WORDS)
    sure = [told.finding.subject for told in found.single.told if told.is_sure]
    assert sure == ["discount: known or not"]
    texts = {told.sentence for told in found.together}
    assert "Taken together, 8 columns do not differ between groups for certain." in texts
    assert "On the map, customers lie no nearer to their own group than to others." in texts
    assert "No line through all 8 columns tells groups apart." in texts


def test_a_method_that_cannot_say_anything_is_refused_and_the_others_go_on() -> None:
    few = replace(QUESTIONS, candidates=("days", "orders", "spend"), sets=None)
    found = profile(made_up(), few, WORDS)
    assert found.refused == {
        "factor analysis": "1 factors need more columns than 3, which can tell 0; name more columns"
    }
    assert found.details.components is not None
    one = profile(made_up(), replace(few, candidates=("days",)), WORDS)
    assert list(one.refused) == ["several columns"]
    assert one.details.two_way is not None


def test_equal_seeds_give_equal_findings_and_arguments_stay_as_they_were(found: Profile) -> None:
    customers = made_up()
    again = profile(customers, QUESTIONS, WORDS)
    assert [told.adjusted for told in again.together] == [told.adjusted for told in found.together]
    assert [told.sentence for told in again.single.told] == [
        told.sentence for told in found.single.told
    ]
    pd.testing.assert_frame_equal(customers.numbers, made_up().numbers)


def test_several_groups_are_told_by_the_highest_and_the_lowest() -> None:
    customers = made_up(600)
    random = np.random.default_rng(5)
    code = random.integers(0, 4, 600)
    table = customers.numbers.assign(spend=customers.numbers["spend"] + 9000 * code)
    groups = Groups("age", ("20s", "30s", "40s", "50s"), code.astype(np.int64))
    found = profile(replace(customers, groups=groups, numbers=table), QUESTIONS, WORDS)
    text = said(found)["spend"]
    assert text.startswith("Spend in the last 91 days: on average most for 50s (USD ")
    assert "and least for 20s (USD " in text
    assert found.details.mapped is not None
    assert found.details.mapped.of_groups is not None
    assert set(found.details.logistic) == {"20s", "30s", "40s", "50s"}
    (text,) = {t.sentence for t in found.together if "permutational" in t.finding.method}
    assert "; most alike are " in text


def test_equal_figures_are_not_counted_as_higher_ones() -> None:
    code = np.repeat([0, 1], 100).astype(np.int64)
    values = np.r_[np.zeros(90), np.ones(10), np.zeros(60), np.ones(40)]
    customers = Customers(Groups("churned", NAMES, code), pd.DataFrame({"spend": values * 1e4}))
    (told,) = single(customers, WORDS, "benjamini_hochberg", 1).told
    pairs = "has the higher figure in 36 of 100 such pairs and the lower in 6 of 100, a small "
    assert pairs in told.sentence


def test_groups_whose_lines_cross_are_not_said_to_be_alike() -> None:
    random = np.random.default_rng(4)
    orders = random.normal(10, 2, 400)
    left = (np.arange(400) % 2).astype(np.int64)
    spend = 100 * (200 + (orders - orders.mean()) * np.where(left, 10, -10))
    spend += 100 * random.normal(0, 5, 400)
    customers = replace(
        made_up(),
        groups=Groups("churned", NAMES, left),
        numbers=made_up().numbers.assign(orders=orders, spend=spend),
    )
    found = profile(customers, QUESTIONS, WORDS)
    (text,) = {t.sentence for t in found.together if "analysis of covariance" in t.finding.method}
    assert text.startswith(
        "Spend in the last 91 days: how far customers alike in orders in the last 91 days lie "
        "apart by group depends on it: at 8."
    )
    low, high = text.split(", at 11.")
    assert low.endswith("for those who stayed and USD 186 for those who left")
    assert high.endswith("for those who left and USD 186 for those who stayed.")


def test_how_columns_go_together_does_not_soften_what_is_said_of_groups(found: Profile) -> None:
    told = found.together
    of_columns = {"linear regression", "principal components", "factor analysis", "canonical corr"}
    is_alone = [any(each.finding.method.startswith(name) for name in of_columns) for each in told]
    assert sum(is_alone) == 4
    for alone in (True, False):
        own = [each for each, mine in zip(told, is_alone, strict=True) if mine is alone]
        chances = np.array([each.finding.p for each in own])
        rates = false_discovery_rate(chances, len(chances), "benjamini_hochberg")
        assert [each.adjusted for each in own] == pytest.approx(rates.tolist())
