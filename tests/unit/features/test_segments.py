"""What tells customers apart."""

import re

import duckdb
import pytest

from features.schemas import Sources
from features.segments import Segments, SegmentsUnknown, segments_of


def sources(**attributes: dict[str, object]) -> Sources:
    given = {"path": "c.csv", "columns": {"customer": "id"}, "attributes": attributes}
    return Sources.model_validate({"customers": given})


CLUB = sources(
    sex={"column": "sex", "levels": ["f"]},
    age={"column": "age", "type": "number"},
    tier={"column": "tier", "levels": ["gold", "o'hara"], "meaning": "tier of the club"},
)


def named(segments: Segments, column: str, value: object) -> object:
    """The segment of a row with one value."""
    with duckdb.connect() as con:
        query = f'SELECT {segments.sql} FROM (SELECT ? AS "{column}")'
        return con.execute(query, [value]).fetchall()[0][0]


def test_the_first_category_with_several_levels_tells_customers_apart() -> None:
    found = segments_of(CLUB, None)
    assert (found.by, found.meaning, found.attribute) == ("tier", "tier of the club", "tier")
    assert found.names == ("gold", "o'hara", "unlisted", "unknown")


def test_without_such_a_category_orders_do() -> None:
    found = segments_of(sources(), None)
    assert (found.by, found.attribute) == ("orders", None)
    assert segments_of(CLUB, "orders") == found


@pytest.mark.parametrize(
    ("value", "segment"),
    [("gold", "gold"), ("o'hara", "o'hara"), ("tin", "unlisted"), (None, "unknown")],
)
def test_a_value_is_its_level_or_unlisted_or_unknown(value: object, segment: str) -> None:
    assert named(segments_of(CLUB, "tier"), "tier", value) == segment


def test_a_category_without_levels_has_one_segment_of_those_who_have_a_value() -> None:
    found = segments_of(sources(tier={"column": "tier"}), "tier")
    assert named(found, "tier", "gold") == "unlisted"


@pytest.mark.parametrize(
    ("orders", "segment"),
    [(1, "1 order"), (2, "2 to 4 orders"), (4, "2 to 4 orders"), (5, "5 orders or more")],
)
def test_orders_so_far_are_one_few_or_many(orders: int, segment: str) -> None:
    assert named(segments_of(CLUB, "orders"), "orders_so_far", orders) == segment


@pytest.mark.parametrize(
    ("by", "hint"), [("teir", "; did you mean 'tier'?"), ("age", ""), ("postcode", "")]
)
def test_what_tells_nobody_apart_is_refused(by: str, hint: str) -> None:
    text = f"--by needs one of orders, sex, tier, but found {by!r}{hint}"
    with pytest.raises(SegmentsUnknown, match=f"^{re.escape(text)}$"):
        segments_of(CLUB, by)
