"""Results of threads in order, no more of them in the works than were allowed."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from features.ahead import ahead

Call = Callable[[], int]


def of(numbers: range, asked: list[int] | None = None) -> Iterator[Call]:
    """Calls that give these numbers; which of them were asked for is written down."""
    for number in numbers:
        if asked is not None:
            asked.append(number)
        yield partial(int, number)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as threads:
        yield threads


def require_called(event: threading.Event) -> None:
    assert event.wait(20), "nobody called in twenty seconds"


@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_results_come_in_the_order_of_the_calls(pool: ThreadPoolExecutor, count: int) -> None:
    assert list(ahead(pool, count, of(range(20)))) == list(range(20))


def test_a_call_that_ends_later_is_not_overtaken(pool: ThreadPoolExecutor) -> None:
    """The first waits until the second was called."""
    second = threading.Event()

    def slow() -> int:
        require_called(second)
        return 1

    def quick() -> int:
        second.set()
        return 2

    assert list(ahead(pool, 1, [slow, quick])) == [1, 2]


def test_without_calls_there_is_no_result(pool: ThreadPoolExecutor) -> None:
    assert list(ahead(pool, 2, [])) == []


def test_nothing_is_called_before_a_result_is_asked_for(pool: ThreadPoolExecutor) -> None:
    asked: list[int] = []
    found = ahead(pool, 2, of(range(9), asked))
    assert asked == []
    assert next(found) == 0


@pytest.mark.parametrize("count", [0, 1, 4])
def test_no_more_calls_are_asked_for_than_may_be_ahead(
    pool: ThreadPoolExecutor, count: int
) -> None:
    """The one that is waited for, and so many more."""
    asked: list[int] = []
    for number in ahead(pool, count, of(range(9), asked)):
        assert asked == list(range(min(number + count + 1, 9)))


def test_calls_that_are_ahead_are_done_while_a_result_is_in_use(pool: ThreadPoolExecutor) -> None:
    second = threading.Event()
    found = ahead(pool, 1, [lambda: None, second.set])
    next(found)
    require_called(second)


def test_what_a_call_raises_reaches_who_asks_for_its_result(pool: ThreadPoolExecutor) -> None:
    found = ahead(pool, 2, [lambda: 1, lambda: 1 // 0, lambda: 3])
    assert next(found) == 1
    with pytest.raises(ZeroDivisionError):
        next(found)


def test_what_goes_wrong_between_calls_reaches_who_asks(pool: ThreadPoolExecutor) -> None:
    def calls() -> Iterator[Call]:
        yield lambda: 1
        raise ZeroDivisionError

    found = ahead(pool, 0, calls())
    assert next(found) == 1
    with pytest.raises(ZeroDivisionError):
        next(found)
