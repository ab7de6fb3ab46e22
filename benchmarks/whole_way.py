"""Seconds, CPU seconds and peak memory of ``regulars run`` on the default config, in a new home.

Run as ``python -m benchmarks.whole_way``. The last line is JSON: the goal of the whole way, and
what a second run costs beside the first, both measured in this call.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.goals import at_most, line

MOST_SECONDS = 240.0
"""The whole way on two cores, once the environment stands."""

AGAIN_MOST = 0.5
"""A second run, which has nothing to train, as share of the first."""


def seconds_of_a_run(home: Path) -> float:
    """Wall seconds of one run.

    Raises
    ------
    subprocess.CalledProcessError
        When the run fails.
    """
    command = [str(Path(sys.executable).with_name("regulars")), "run", "--home", str(home)]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Write the measurement to standard output, the last line as JSON."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        first = seconds_of_a_run(Path(folder) / "home")
        again = seconds_of_a_run(Path(folder) / "home")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stdout.write(
        f"first {first:.1f} s, again {again:.1f} s, CPU {used.ru_utime + used.ru_stime:.1f} s, "
        f"peak {used.ru_maxrss / 1024:.0f} MiB\n"
    )
    goals = {
        "whole_way_seconds": at_most(first, MOST_SECONDS),
        "second_run_over_first": at_most(again / first, AGAIN_MOST),
    }
    sys.stdout.write(line("whole_way", goals))


if __name__ == "__main__":
    main()
