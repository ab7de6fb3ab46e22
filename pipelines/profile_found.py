"""What a comparison of groups found, as tables that are stored and reloaded."""

import re
from dataclasses import dataclass
from math import nan
from typing import Final

import pandas as pd

from models.profile.numbers import pairs
from models.profile.profiling import Profile
from models.profile.single import Told
from pipelines.profile_gathered import Gathered

SINGLE, TOGETHER = "single", "together"
"""Families of findings: columns by themselves, and methods on several."""

MOST_TOLD: Final = 12
"""Columns that the page and the terminal tell of, at most."""


MOST_PAIRED: Final = 3
"""Columns of which the page tells which groups differ from which."""

PAIRS: Final = ("column", "one", "other", "difference", "low", "high", "p")


@dataclass(frozen=True, eq=False)
class Found:
    """What was looked at, and what came out.

    Attributes
    ----------
    business
        Name of the business.
    asked
        What was typed after ``--by``.
    seen
        What was looked at.
    profile
        What came out.
    """

    business: str
    asked: str
    seen: Gathered
    profile: Profile

    @property
    def strongest(self) -> tuple[Told, ...]:
        """Columns that differ for certain and by more than a trifle, each over one window.

        Without those that say the same as a stronger one.
        """
        single = self.profile.single
        found: dict[str, Told] = {}
        for each in single.told:
            name, size = each.finding.subject, each.finding.effect.size
            if each.is_sure and name not in single.same and size != "negligible":
                found.setdefault(re.sub(r"\d+", "", name), each)
        return tuple(found.values())[:MOST_TOLD]


def results_table(found: Found) -> pd.DataFrame:
    """One row per finding: family, subject, method, what was measured, and its sentence.

    With statistic and degrees of freedom (freedom_1, freedom_2; NaN: none), p and adjusted (0..1),
    effect, its value, low, high (NaN: not known) and size, customers, bent (assumptions that
    failed, and what was done) and same_as (a stronger column that says the same).
    """
    rows = [_row(SINGLE, each) for each in found.profile.single.told]
    rows += [_row(TOGETHER, each) for each in found.profile.together]
    table = pd.DataFrame(rows)
    same = found.profile.single.same
    is_single = table["family"] == SINGLE
    return table.assign(same_as=table["subject"].map(same).where(is_single).astype("string"))


def _row(family: str, told: Told) -> dict[str, object]:
    finding, test = told.finding, told.finding.tests[0]
    effect = finding.effect
    freedom = [*test.freedom, nan, nan]
    return {
        "family": family,
        "subject": finding.subject,
        "method": finding.method,
        "customers": finding.customers,
        "test": test.name,
        "statistic": test.statistic,
        "freedom_1": freedom[0],
        "freedom_2": freedom[1],
        "p": test.p,
        "adjusted": told.adjusted,
        "effect": effect.name,
        "value": effect.estimate.value,
        "low": effect.estimate.low,
        "high": effect.estimate.high,
        "size": effect.size or "",
        "bent": "; ".join(
            f"{check.assumption}: {check.instead}" for check in finding.checks if not check.is_met
        ),
        "sentence": told.sentence,
    }


def groups_table(found: Found) -> pd.DataFrame:
    """One row per column and group (of categories: and level): customers, and what is typical.

    Numbers have mean, its 95 % interval low and high, lower_quartile, median and upper_quartile;
    levels have the share (0..1) of the group.
    """
    single = found.profile.single
    parts = [
        each.groups.assign(column=name, level=pd.Series(pd.NA, dtype="string"))
        for name, each in single.numbers.items()
    ]
    for name, told in single.categories.items():
        shares = told.shares
        parts.append(
            pd.DataFrame(
                {
                    "column": name,
                    "group": [group for group in told.groups for _ in told.levels],
                    "level": pd.Series(list(told.levels) * len(told.groups), dtype="string"),
                    "customers": told.counts.ravel(),
                    "share": shares.ravel(),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    first = ["column", "group", "level", "customers"]
    return table[[*first, *(name for name in table.columns if name not in first)]]


def pairs_table(found: Found) -> pd.DataFrame:
    """Of the strongest numbers, which of several groups differ from which: `PAIRS`.

    One row per column and pair; p is corrected for the number of pairs of the column, and the
    difference is of means, or where ranks were compared Cliff's delta.
    """
    single = found.profile.single
    if len(found.profile.customers.groups) == 2:  # noqa: PLR2004  the finding says all of two
        return pd.DataFrame(columns=list(PAIRS))
    names = [each.finding.subject for each in found.strongest]
    told = [name for name in names if name in single.numbers][:MOST_PAIRED]
    parts = [pairs(single.numbers[name]).assign(column=name) for name in told]
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(PAIRS))
    return whole[list(PAIRS)]
