"""The live version of segments, once it is known to fit today's config."""

from features.behaviour import columns, shape_of
from pipelines.definition import segments_definition
from pipelines.jobs import Job
from pipelines.scoring import live, require_same
from pipelines.segments_version import SegmentsVersion, model_of
from pipelines.versions import Version


def champion(job: Job) -> tuple[Version, SegmentsVersion]:
    """The live version of the task, and what it knows, fit for today's config.

    Raises
    ------
    NoChampion
        When no version has been promoted.
    ColumnsDiffer, SettingsDiffer
        When the config's columns, or what they mean, are not those of the model.
    """
    registry, version = live(job, segments_definition(job.business))
    model = model_of(registry.load_tables(version))
    require_columns(job, model)
    return version, model


def require_columns(job: Job, model: SegmentsVersion) -> None:
    """Nothing, when the columns that segments were made of are still what they were.

    Raises
    ------
    ColumnsDiffer
        Naming those that are missing or mean something else.
    """
    names = {column.name for column in model.columns}
    today = columns(shape_of(job.business.sources, job.business.behaviour))
    ours = {column.name: column for column in today if column.name in names}
    in_order = [ours[column.name] for column in model.columns if column.name in ours]
    require_same(model.columns, in_order)
