"""Entry point of the console script: how the command ends, whatever stops it and whenever."""

import sys

from pipelines.processes import Terminated, interruptions_kept


def main() -> None:
    """Run the command line; the libraries behind it are imported once signals are kept.

    Exit codes: 0 done, 1 a mistake that the message names, 2 unknown words, 130 after Ctrl-C, 143
    after SIGTERM.
    """
    try:
        with interruptions_kept():
            from pipelines.cli import app

            app()
    except Terminated:
        sys.stderr.write("regulars: stopped; what was finished before is whole\n")
        raise
