"""Job: what a column says of one customer on a day, and the rows of the warehouse behind it."""

from features.explanation import Explanation, Question, explain
from pipelines.jobs import Job


def run(job: Job, question: Question) -> Explanation:
    """Value, atoms and rows, from the warehouse as it is.

    Raises
    ------
    WarehouseUnavailable
        When nothing has been built.
    ColumnUnknown, CustomerUnknown
        When the question names one that is not there.
    OutsideHistory
        When the as_of has nothing before it.
    """
    business = job.business
    with job.opened() as con:
        return explain(con, business.sources, business.behaviour, question, engine=business.engine)
