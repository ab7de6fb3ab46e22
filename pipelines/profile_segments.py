"""Whom `regulars profile --by segment` compares: the segments of the live version."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from features.segments import UNLISTED
from features.wording import slug
from models.segments.clusters import NONE
from pipelines.config import Business
from pipelines.jobs import Job
from pipelines.profile_groups import Grouping
from pipelines.segments_live import champion

TASK: Final = "segments"
"""Whose live version tells the segments."""


def segment_grouping(job: Job, behaviour: pd.DataFrame) -> Grouping:
    """Segments of the customers of a behaviour table; those of no segment are in no group.

    The columns that segments were made of are hidden, and attributes told by them: any split makes
    the columns it splits by differ, so that no test of them says anything.

    Raises
    ------
    NoChampion
        When no version of segments has been promoted.
    ColumnsDiffer, SettingsDiffer
        When the config's columns, or what they mean, are not those of the version.
    """
    version, model = champion(replace(job, task=TASK))
    names = dict(zip(model.told["segment"].astype(int), model.told["name"], strict=True))
    segment = model.model.assign(behaviour).segment
    values = np.array([names.get(each) for each in segment.tolist()], dtype=object)
    (made_on,) = json.loads(version.said("trained_on"))
    about = (
        f"Segments of version {version.number}, made on {made_on}. The {len(model.columns)} "
        f"columns that they were made of are not compared: any split makes these differ, and "
        f"others that say almost the same, such as over another window, with them."
    )
    order = tuple(str(names[number]) for number in sorted(names) if number != NONE)
    hidden = hidden_by(job.business, [column.name for column in model.columns])
    return Grouping("segment", values, order, about, hidden)


def hidden_by(business: Business, names: Sequence[str]) -> frozenset[str]:
    """Columns that segments were made of, and attributes of whose levels any of these is a flag."""
    attributes = business.sources.customers.attributes if business.sources.customers else {}
    flags = {
        f"is_{name}_{level}": name
        for name, each in attributes.items()
        if each.type == "category"
        for level in (*map(slug, each.levels), UNLISTED)
    }
    return frozenset(names) | {flags[name] for name in names if name in flags}
