"""The one root of every error that a user's input can cause."""


class RegularsError(Exception):
    """A condition that the user can mend; its text says what was required, found, and what to do.

    Subclasses are named for the condition and live beside the code that raises them. The command
    line prints the text alone, without a traceback, and exits with code 1.
    """
