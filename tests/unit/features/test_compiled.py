"""Loops as machine code: the same results, one variant each, compiled once and kept."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import numba
import numpy as np
import pytest

from features.compiled import compiled, filling, interpreted, lean
from features.kernels import Whole


def weighed(values: Whole, factor: int) -> int:
    """Sum of the values times the factor."""
    total = 0
    for row in range(len(values)):
        total += values[row] * factor
    return total


def between(values: Whole, ends: tuple[Whole, Whole]) -> Whole:
    """Sum of the values from each first position to before the last."""
    first, last = ends
    found = np.zeros(len(first), np.int64)
    for i in range(len(first)):
        for row in range(first[i], last[i]):
            found[i] += values[row]
    return found


def longest(values: Whole, ends: tuple[Whole, Whole]) -> int:
    """Positions from the first to before the last, at most."""
    first, last = ends
    found = 0
    for i in range(len(first)):
        found = max(found, min(last[i], len(values)) - first[i])
    return int(found)


def spoilt(values: Whole) -> int:
    """A loop that writes to what it was given."""
    values[0] = 7
    return len(values)


def spoilt_ends(ends: tuple[Whole, Whole]) -> int:
    """The same, one level down."""
    ends[1][0] = 7
    return len(ends)


def churned(seed: int, steps: int) -> int:
    """What so many steps make of a number, each of which needs the one before."""
    for _ in range(steps):
        seed = (seed ^ (seed >> 13)) * 6364136223846793005
    return seed


def whole(*numbers: int) -> Whole:
    return np.array(numbers, dtype=np.int64)


def frozen(*numbers: int) -> Whole:
    """An array that cannot be written to."""
    made = whole(*numbers)
    made.flags.writeable = False
    return made


@pytest.fixture(autouse=True)
def _nothing_is_kept_from_another_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))


@pytest.fixture
def machine_codes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What numba has made of this file's loops, one after the other; making it takes a while."""
    made: list[Any] = []
    njit: Any = numba.njit

    def recorded(*loops: Any, **options: Any) -> Any:
        if loops:  # numba's own, which it compiles when it needs them
            return njit(*loops, **options)

        def make(loop: Callable[..., Any]) -> Any:
            time.sleep(0.02)
            machine_code = njit(**options)(loop)
            if loop.__module__ == __name__:
                made.append(machine_code)
            return machine_code

        return make

    monkeypatch.setattr(numba, "njit", recorded)
    return made


def test_a_compiled_loop_returns_what_the_loop_does() -> None:
    values, ends = whole(3, -5, 7, 11), (whole(0, 1, 4), whole(2, 4, 4))
    assert compiled(weighed)(values, 10) == weighed(values, 10) == 160
    assert compiled(between)(values, ends).tolist() == between(values, ends).tolist() == [-2, 13, 0]


def test_arguments_may_be_named() -> None:
    assert compiled(weighed)(whole(1, 2), factor=4) == 12


def test_it_keeps_name_and_meaning() -> None:
    assert (compiled(weighed).__name__, compiled(weighed).__doc__) == ("weighed", weighed.__doc__)


def test_arrays_that_may_be_written_and_those_that_may_not_share_one_variant(
    machine_codes: list[Any],
) -> None:
    loop = compiled(between)
    for make in (whole, frozen):
        for make_ends in (whole, frozen):
            found = loop(make(3, 5, 7), (make_ends(0), make_ends(2)))
            assert found.tolist() == [8]
    assert loop(whole(3, 5, 7), (whole(0), frozen(2))).tolist() == [8]
    (machine_code,) = machine_codes
    assert len(machine_code.signatures) == 1


def test_a_loop_that_writes_to_what_it_is_given_is_refused() -> None:
    values = whole(1, 2)
    with pytest.raises(numba.TypingError, match="Cannot modify readonly array"):
        compiled(spoilt)(values)
    with pytest.raises(numba.TypingError, match="Cannot modify readonly array"):
        compiled(spoilt_ends)((values, values))
    assert values.tolist() == [1, 2]


def test_a_filling_loop_writes_to_its_first_argument_alone() -> None:
    values, others = whole(1, 2), (whole(3), whole(4))
    assert filling(spoilt)(values) == len(values)
    assert values.tolist() == [7, 2]
    assert filling(spoilt_ends)(others) == len(others)
    assert others[1].tolist() == [7]

    def copied(into: Whole, values: Whole) -> int:
        """Write to the second."""
        values[0] = into[0]
        return 0

    with pytest.raises(numba.TypingError, match="Cannot modify readonly array"):
        filling(copied)(values, values)


def test_a_lean_loop_counts_no_holder_and_returns_what_the_loop_does(
    machine_codes: list[Any],
) -> None:
    values, ends = whole(3, -5, 7, 11), (whole(0, 1, 4), whole(2, 4, 4))
    assert lean(longest)(values, ends) == longest(values, ends) == 3
    (machine_code,) = machine_codes
    (written,) = machine_code.inspect_llvm().values()
    assert "NRT_incref" not in written
    with pytest.raises(numba.TypingError, match="No implementation of function"):
        lean(between)(values, ends)


def test_the_arrays_of_the_caller_may_be_written_afterwards() -> None:
    values = whole(1, 2)
    loop = compiled(weighed)
    assert loop(values, 1) == 3
    values[0] = 5
    assert loop(values, 1) == 7


def test_what_was_compiled_is_kept_for_the_next_process(
    machine_codes: list[Any],
) -> None:
    for _ in range(2):
        assert compiled(weighed)(whole(1, 2), 4) == 12
    first, second = (machine_code.stats for machine_code in machine_codes)
    assert (sum(first.cache_hits.values()), sum(first.cache_misses.values())) == (0, 1)
    assert (sum(second.cache_hits.values()), sum(second.cache_misses.values())) == (1, 0)


def test_a_loop_that_cannot_be_kept_is_compiled_all_the_same() -> None:
    """Where its file is not known, nothing tells whether what was kept is still right."""
    code = weighed.__code__.replace(co_filename="nowhere.py")
    loop: Callable[[Whole, int], int] = FunctionType(code, weighed.__globals__, "weighed")
    with pytest.raises(RuntimeError, match="cannot cache function"):
        numba.njit(cache=True)(loop)
    assert compiled(loop)(whole(1, 2), 4) == 12


@pytest.mark.parametrize(
    ("before", "after"), [("values[0] * 2", "values[0] * 3"), ("FACTOR = 2", "FACTOR = 3")]
)
def test_what_was_kept_is_made_anew_when_a_loop_of_another_file_changes(
    before: str, after: str, tmp_path: Path
) -> None:
    inner, outer = tmp_path / "inner.py", tmp_path / "outer.py"
    head = "from features.compiled import compiled\n"
    times = "values[0] * 2" if "values" in before else "values[0] * FACTOR"
    inner.write_text(f"{head}FACTOR = 2\n@compiled\ndef scaled(values):\n    return {times}\n")
    outer.write_text(
        f"{head}from inner import scaled\n@compiled\ndef told(values):\n    return scaled(values)\n"
    )
    program = "import numpy, outer; print(outer.told(numpy.array([5])))"
    environment = os.environ | {"PYTHONPATH": f"{Path.cwd()}{os.pathsep}{tmp_path}"}

    def run() -> str:
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
        )
        return done.stdout.strip()

    assert run() == "10"
    inner.write_text(inner.read_text().replace(before, after))
    assert run() == "15"


def test_of_several_threads_that_call_first_at_once_one_compiles(machine_codes: list[Any]) -> None:
    loop, found = compiled(weighed), []
    barrier = threading.Barrier(4)

    def work(factor: int) -> None:
        barrier.wait()
        found.append(loop(whole(1, 2), factor))

    threads = [threading.Thread(target=work, args=(factor,)) for factor in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 3, 6, 9]
    assert len(machine_codes) == 1


def test_other_threads_run_beside_it() -> None:
    """The loop takes some tenths of a second, in which a sleeper wakes up more than once."""
    loop, done = compiled(churned), threading.Event()
    loop(1, 1)
    turns = 0

    def work() -> None:
        loop(1, 100_000_000)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.wait(0.001):
        turns += 1
    thread.join()
    assert turns > 3


def test_only_a_call_imports_the_compiler() -> None:
    """What needs no table starts half a second earlier."""
    program = """if True:
        import sys
        import features.behaviour, features.kernels
        print("numba" in sys.modules)
        import numpy
        features.kernels.is_in_order(numpy.zeros(1, "i8"), numpy.zeros(1, "i4"))
        print("numba" in sys.modules)"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["False", "True"], "")


def doubled(values: Whole) -> None:
    """A loop that others call, and that writes to what it is given."""
    for row in range(len(values)):
        values[row] *= 2


quick_doubled = compiled(doubled)


def twice_doubled(values: Whole) -> Whole:
    """A loop that calls another by its compiled name."""
    found = values.copy()
    for _ in range(2):
        quick_doubled(found)
    return found


def test_a_compiled_loop_may_call_another() -> None:
    values = whole(1, 2, 3)
    assert compiled(twice_doubled)(values).tolist() == [4, 8, 12]
    assert values.tolist() == [1, 2, 3]


def test_a_loop_can_be_run_as_it_was_written(machine_codes: list[Any]) -> None:
    values = whole(1, 2, 3)
    assert interpreted(compiled(twice_doubled))(values).tolist() == [4, 8, 12]
    assert machine_codes == []
