"""Work done in threads, some of it ahead of what is asked for, and handed out in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


def ahead(
    pool: ThreadPoolExecutor, count: int, calls: Iterable[Callable[[], Made]]
) -> Iterator[Made]:
    """What each call gives, in their order.

    Parameters
    ----------
    pool
        Its threads do the work.
    count
        How many more are begun before the result of the first is waited for; calls are asked for
        one by one, so no more than these are in memory.
    calls
        Functions without arguments.
    """
    waiting: deque[Future[Made]] = deque()
    for call in calls:
        waiting.append(pool.submit(call))
        if len(waiting) > count:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
