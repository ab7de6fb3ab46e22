"""The table of contents of the behaviour table."""

import pytest

from features.catalogue import FAMILIES, families
from features.contract import Profile, Shape, columns_of

AGE = Profile("age", is_number=True, levels=(), meaning="age")


def shape(
    *,
    windows_days: tuple[int, ...] = (7, 28),
    has_orders: bool = True,
    has_categories: bool = True,
    profile: tuple[Profile, ...] = (AGE,),
) -> Shape:
    return Shape(windows_days, has_orders, has_categories, profile)


def names(of: Shape) -> list[str]:
    return [family.name for family in families(of)]


def test_families_come_in_the_order_of_the_catalogue() -> None:
    assert names(shape()) == [
        "recency",
        "frequency",
        "monetary",
        "tenure",
        "rhythm",
        "price",
        "breadth",
        "variety",
        "profile",
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_named_like_its_function_and_file(family: object) -> None:
    made = family(shape())  # type: ignore[operator]  # a function of the catalogue
    assert f"features.families.{made.name}" == family.__module__


def test_without_orders_only_the_profile_is_left() -> None:
    assert names(shape(has_orders=False)) == ["profile"]


def test_without_a_category_there_is_no_variety() -> None:
    assert "variety" not in names(shape(has_categories=False))


def test_without_attributes_there_is_no_profile() -> None:
    assert "profile" not in names(shape(profile=()))


def test_the_default_windows_give_at_least_forty_columns() -> None:
    windows = (7, 14, 28, 56, 91, 182, 364)
    made = columns_of(families(shape(windows_days=windows, profile=())))
    assert len(made) >= 40
    assert len({column.name for column in made}) == len(made)
