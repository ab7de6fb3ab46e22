"""What a config writes in the engine's own language, refused before any file is read."""

import duckdb


def require_expression(text: str) -> str:
    """The text, when it is one SQL expression.

    Raises
    ------
    ValueError
        Saying where it goes wrong.
    """
    with duckdb.connect() as con:
        try:
            statements = con.extract_statements(f"SELECT ({text}\n)")
        except duckdb.Error as error:
            message = f"needs one SQL expression ({_complaint(error)})"
            raise ValueError(message) from error
    if len(statements) != 1 or not text.strip():
        message = "needs one SQL expression"
        raise ValueError(message)
    return text


def require_pattern(text: str) -> str:
    """The text, when it is a regular expression that the engine knows (RE2, no look-around).

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    return _tried("SELECT regexp_full_match('', ?)", text, "a regular expression")


def require_format(text: str) -> str:
    """The text, when it is a format of dates and times, such as ``%d/%m/%Y %H:%M``.

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    return _tried("SELECT try_strptime('', ?)", text, "a format such as %d/%m/%Y %H:%M")


def _tried(query: str, text: str, wanted: str) -> str:
    with duckdb.connect() as con:
        try:
            con.execute(query, [text])
        except duckdb.Error as error:
            message = f"needs {wanted} ({_complaint(error)})"
            raise ValueError(message) from error
    return text


def _complaint(error: duckdb.Error) -> str:
    """The engine's first line without the name of its class; it speaks of the config's text."""
    return str(error).strip().splitlines()[0].partition(": ")[2]
