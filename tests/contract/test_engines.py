"""The embedded way, by prefix sums, and the portable statement give one and the same table."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.schemas import Sources
from features.settings import Behaviour, Cohort
from features.warehouse import Connection
from tests.builders import AS_OF, DAY, Shop, built, midnight_in, order
from tests.engines import differing, require_one_table
from tests.households import DAYS, REAL
from tests.shops import ASKED, shops

RULES = tuple(
    ASKED.model_copy(update={"cohort": cohort})
    for cohort in (Cohort(), Cohort(contract="active"), Cohort(contract="prospect"))
)


def test_prefix_sums_equal_the_statement_on_real_households(
    real: tuple[Connection, Sources],
) -> None:
    con, sources = real
    require_one_table(con, sources, REAL, DAYS)


@pytest.mark.slow
@settings(max_examples=10)
@given(shops(), st.sampled_from(RULES))
def test_prefix_sums_equal_the_statement_on_odd_shops(shop: Shop, rule: Behaviour) -> None:
    early = order(midnight_in(AS_OF - 28 * DAY, shop.time_zone) - DAY)
    with built(shop.with_orders(early)) as (con, sources):
        require_one_table(con, sources, rule, (AS_OF - 28 * DAY, AS_OF))


def test_a_value_that_differs_would_be_found() -> None:
    table = pa.table({"customer": ["a", "b"], "as_of": [1, 1], "x": [1.0, 2.0], "y": [None, 0.0]})
    other = pa.table({"customer": ["a", "b"], "as_of": [1, 1], "x": [1.0, 2.1], "y": [0.0, 0.0]})
    assert differing(table, other) == {"x": [(2.0, 2.1)], "y": [(None, 0.0)]}
