import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.leaks import LeakCheckBroken
from pipelines.frames import Frame
from pipelines.plan import Origin
from pipelines.rolling import split
from pipelines.train import LeakFound, check_leaks

DAYS = [date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)]


def frame(customers: int = 600) -> Frame:
    """Customers of three days with one column of noise."""
    random = np.random.default_rng(3)
    rows = customers * len(DAYS)
    return Frame(
        np.array([f"c{number}" for _ in DAYS for number in range(customers)], dtype=object),
        np.repeat(np.array(DAYS, dtype="datetime64[D]"), customers),
        pd.DataFrame({"noise": random.normal(size=rows)}),
        random.random(rows) < 0.3,
    )


def test_columns_without_a_leak_are_accepted() -> None:
    check_leaks(frame(), 0.98)


def test_a_column_that_tells_the_outcome_stops_the_training_and_is_named() -> None:
    found = frame()
    leaky = found.features.assign(days_until_order=np.where(found.churned, 90.0, 12.0))
    expected = (
        "training needs columns that do not know the outcome, but these tell it by themselves: "
        "days_until_order (AUC 1.000 by rank); look where they come from, or raise "
        "churn.leak_bound=0.98 if they are right"
    )
    with pytest.raises(LeakFound, match=re.escape(expected)):
        check_leaks(Frame(found.customers, found.as_of, leaky, found.churned), 0.98)


def test_a_check_that_cannot_see_a_planted_copy_refuses_to_go_on() -> None:
    with pytest.raises(LeakCheckBroken, match="with 1 % noise"):
        check_leaks(frame(), 1.0)


def test_parts_of_a_plan_in_time_share_no_day() -> None:
    parts = split(frame(), Origin((DAYS[0],), (DAYS[1],), (DAYS[2],)), by_customer=False)
    assert [np.unique(parts[part].as_of).tolist() for part in parts] == [[day] for day in DAYS]


def test_parts_of_a_plan_by_customer_share_no_customer() -> None:
    parts = split(frame(), Origin((DAYS[0],), (DAYS[0],), (DAYS[0],)), by_customer=True)
    train, calibration, test = (set(part.customers) for part in parts.values())
    assert train.isdisjoint(calibration | test)
    assert calibration.isdisjoint(test)
    assert len(train | calibration | test) == 600
