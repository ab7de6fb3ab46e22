"""What the customers table says, as it held before as_of."""

from features.contract import Profile, Shape
from features.families.profile import profile
from tests.builders import AS_OF, DAY, Customer, Shop, features_in, order


def values_of(*rows: Customer) -> dict[str, float | None]:
    return features_in(Shop(orders=(order(),), customers=rows))


def flags(values: dict[str, float | None]) -> list[float | None]:
    return [values[f"is_tier_{level}"] for level in ("gold", "silver", "unlisted")]


def test_a_level_of_the_config_has_its_own_flag() -> None:
    assert flags(values_of(Customer("ann", "silver"))) == [0, 1, 0]


def test_other_levels_share_a_flag() -> None:
    assert flags(values_of(Customer("ann", "bronze"))) == [0, 0, 1]


def test_an_unknown_level_has_no_flags() -> None:
    assert flags(values_of(Customer("ann", None))) == [None, None, None]


def test_a_customer_whom_the_table_lacks_has_no_profile() -> None:
    values = values_of(Customer("bob", "gold", 40))
    assert flags(values) == [None, None, None]
    assert values["age"] is None


def test_a_number_stays_as_it_is() -> None:
    assert values_of(Customer("ann", age=41.5))["age"] == 41.5


def test_an_attribute_is_seen_from_the_day_after_it_holds() -> None:
    rows = (
        Customer("ann", "silver", valid_from_on=AS_OF - 9 * DAY),
        Customer("ann", "gold", valid_from_on=AS_OF - DAY),
    )
    assert flags(values_of(*rows)) == [1, 0, 0]


def test_an_attribute_that_holds_from_as_of_is_not_seen() -> None:
    rows = (
        Customer("ann", "silver", valid_from_on=AS_OF - 9 * DAY),
        Customer("ann", "gold", valid_from_on=AS_OF),
    )
    assert flags(values_of(*rows)) == [0, 1, 0]


def test_before_its_first_dated_row_a_customer_is_unknown() -> None:
    assert flags(values_of(Customer("ann", "gold", valid_from_on=AS_OF))) == [None] * 3


def test_an_undated_row_holds_since_ever() -> None:
    assert flags(values_of(Customer("ann", "gold"))) == [1, 0, 0]


def test_a_level_called_other_does_not_clash_with_the_rest() -> None:
    home = Profile("home", is_number=False, levels=("Other",), meaning="home")
    shape = Shape((7,), profile=(home,))
    assert [c.name for c in profile(shape).columns] == ["is_home_other", "is_home_unlisted"]
