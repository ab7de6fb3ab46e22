"""Which columns hold instants, and how they are written."""

from dataclasses import dataclass

from features.casts import Reading, cast_sql
from features.guessing.sample import Sample
from features.sql import identifier, listing, literal

SURE = 0.95
"""Share of the filled values that must be instants."""

_DAYS_FIRST = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y")
_MONTHS_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y")
_WORDED = ("%Y年%m月%d日", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%Y.%m.%d")
_COMPACT = ("%Y%m%d", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%d%H%M")
_TIMES = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S")
_EPOCHS = ("epoch_s", "epoch_ms", "epoch_us", "epoch_ns")
_BETWEEN = ("1990-01-01", "2100-01-01")
_EPOCHS_BETWEEN = ("2000-01-01", "2040-01-01")
"""Narrower, since any number of the right length is an instant by chance."""

_MINGUO = r"\d{2,3}([/.-])\d{1,2}([/.-])\d{1,2}( .*)?"
_VALUES = 4_000
"""Distinct values on which formats are tried."""
_FEW_VALUES, _MOST_FORMATS = 500, 4
"""Of those, so many rank the formats; and so many formats may be needed together."""

_LOOKS_LIKE_ONE = r".*\d{1,4}.*([/.:年-]|[A-Za-z]{3}).*\d.*|\d{8}|\d{10,19}"


@dataclass(frozen=True)
class Instants:
    """How a column writes instants.

    Attributes
    ----------
    formats
        For ``instant_format``; empty: ISO 8601, or the engine's own type.
    share
        Of the filled values that are instants when read so, 0..1.
    words
        The format in words.
    is_ambiguous
        Whether the day and the month could also stand the other way round.
    is_minguo
        Whether years count from 1912, as in Taiwan.
    has_time
        Whether any instant is not midnight.
    has_offset
        Whether the values say their offset from UTC.
    """

    formats: tuple[str, ...]
    share: float
    words: str
    is_ambiguous: bool = False
    is_minguo: bool = False
    has_time: bool = False
    has_offset: bool = False

    def written(self, sql: str) -> str:
        """SQL of the values as ``formats`` reads them."""
        if self.is_minguo:
            year = f"try_cast(regexp_extract({sql}, '^[0-9]+') AS INTEGER) + 1911"
            return f"concat({year}, regexp_replace({sql}, '^[0-9]+', ''))"
        return sql


def instants_of(sample: Sample, index: int) -> Instants | None:
    """How the column writes instants, or None when it holds something else."""
    found = sample.types[index]
    look = _look(sample, index)
    if found == "DATE" or found.startswith("TIMESTAMP"):
        has_offset = found == "TIMESTAMP WITH TIME ZONE"
        time = look.has_time(())
        return Instants((), 1.0, f"type {found}", has_time=time, has_offset=has_offset)
    if found not in ("VARCHAR", "BIGINT", "INTEGER", "UBIGINT"):
        return None
    if not sample.rows or not look.is_mostly(_LOOKS_LIKE_ONE):
        return None
    tries = (_iso, _minguo, _worded, _numeric) if found == "VARCHAR" else ()
    read = (attempt(look) for attempt in (*tries, _compact, _epoch))
    return next((one for one in read if one is not None), None)


def read_sql(value: str, formats: tuple[str, ...]) -> str:
    """SQL of the microseconds (UTC) of a text, read as staging would; NULL where implausible."""
    read = cast_sql(f"({value})", "VARCHAR", "instant", Reading("UTC", formats, ".", 2))
    early, late = _EPOCHS_BETWEEN if formats and formats[0] in _EPOCHS else _BETWEEN
    between = f"epoch_us(TIMESTAMP '{early}') AND epoch_us(TIMESTAMP '{late}')"
    return f"CASE WHEN ({read}) BETWEEN {between} THEN ({read}) END"


def is_time_of_day(sample: Sample, index: int) -> bool:
    """Whether a column holds times such as ``14:05``."""
    return _look(sample, index).is_mostly(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")


@dataclass(frozen=True)
class _Look:
    """One column of the sample; some of its distinct values are in a table of their own."""

    sample: Sample
    index: int
    key: str

    def share(self, condition: str) -> float:
        """Share of the distinct values (called ``v``) for which the condition holds."""
        row = self.sample.con.execute(f"""
            SELECT avg(CAST(coalesce({condition}, false) AS INT)) FROM tried_{self.key}
            """).fetchall()[0]
        return float(row[0] or 0.0)

    def is_mostly(self, pattern: str) -> bool:
        """Whether nearly all values match the pattern in full."""
        return self.share(f"regexp_full_match(v, {literal(pattern)})") >= SURE

    def reads(self, formats: tuple[str, ...], value: str = "v") -> float:
        """Share of the distinct values that the formats read."""
        return self.share(f"({read_sql(value, formats)}) IS NOT NULL")

    def ranked(self, formats: tuple[str, ...]) -> list[str]:
        """The formats that read any of a few values, those that read most first."""
        counts = listing(f"count({read_sql('v', (one,))}) / count(*)" for one in formats)
        row = self.sample.con.execute(f"""
            SELECT {counts} FROM (SELECT v FROM tried_{self.key} LIMIT {_FEW_VALUES})""")
        shares = dict(zip(formats, row.fetchall()[0], strict=True))
        ranked = sorted(formats, key=lambda one: -shares[one])
        return [one for one in ranked if shares[one]]

    def has_time(self, formats: tuple[str, ...], value: str = "v") -> bool:
        """Whether any value is not midnight."""
        return self.share(f"({read_sql(value, formats)}) % 86400000000 <> 0") > 0

    def falls(self, formats: tuple[str, ...]) -> int:
        """How many rows of the head are earlier than the row before."""
        row = self.sample.con.execute(f"""
            SELECT count(*) FILTER (instant < earlier) FROM (
                SELECT instant, lag(instant) OVER (ORDER BY n) AS earlier
                FROM (SELECT {read_sql(self.key, formats)} AS instant, n FROM head))""").fetchall()[
            0
        ]
        return int(row[0])

    def reads_everywhere(self, formats: tuple[str, ...]) -> int:
        """How many rows of the whole file the formats read."""
        name = identifier(self.sample.names[self.index])
        row = self.sample.con.execute(f"""
            SELECT count({read_sql(f"trim(CAST({name} AS VARCHAR))", formats)})
            FROM {self.sample.relation}""").fetchall()[0]
        return int(row[0])


def _look(sample: Sample, index: int) -> _Look:
    key = f"c{index}"
    sample.con.execute(f"""
        CREATE OR REPLACE TEMP TABLE tried_{key} AS SELECT DISTINCT {key} AS v FROM head
        WHERE {key} IS NOT NULL ORDER BY hash(v), v LIMIT {_VALUES}""")
    return _Look(sample, index, key)


def _iso(look: _Look) -> Instants | None:
    if (share := look.reads(())) < SURE:
        return None
    has_offset = look.is_mostly(r".*\d:\d\d.*([Zz]|[+-]\d{2}(:?\d{2})?)")
    words = "year, month, day (ISO 8601)" + (" with their offset from UTC" if has_offset else "")
    return Instants((), share, words, has_time=look.has_time(()), has_offset=has_offset)


def _minguo(look: _Look) -> Instants | None:
    years = "try_cast(regexp_extract(v, '^[0-9]+') AS INTEGER) BETWEEN 80 AND 130"
    if not look.is_mostly(_MINGUO) or look.share(years) < SURE:
        return None
    written = Instants((), 0.0, "", is_minguo=True).written("v")
    if (share := look.reads((), written)) < SURE:
        return None
    time = look.has_time((), written)
    return Instants((), share, "years of the Republic, from 1912", is_minguo=True, has_time=time)


def _compact(look: _Look) -> Instants | None:
    if not look.is_mostly(r"(19|20)\d{6}([ \d].*)?"):
        return None
    return _best(look, (_COMPACT,))


def _worded(look: _Look) -> Instants | None:
    is_candidate = look.is_mostly(r".*(年|[A-Za-z]{3}|\.\d{1,2}\.\d).*")
    return _best(look, (_with_times(_WORDED),)) if is_candidate else None


def _numeric(look: _Look) -> Instants | None:
    if not look.is_mostly(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*"):
        return None
    return _best(look, (_with_times(_DAYS_FIRST), _with_times(_MONTHS_FIRST)))


def _epoch(look: _Look) -> Instants | None:
    for unit in _EPOCHS:
        if (share := look.reads((unit,))) >= SURE:
            words = f"numbers that count {unit.removeprefix('epoch_')} since 1970"
            return Instants((unit,), share, words, has_time=True)
    return None


def _with_times(days: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(day + time for day in days for time in _TIMES)


def _best(look: _Look, orders: tuple[tuple[str, ...], ...]) -> Instants | None:
    """The order of day and month whose formats read most; on a tie the one that runs forward."""
    readings = [_fewest(look, formats) for formats in orders]
    shares = [look.reads(formats) if formats else 0.0 for formats in readings]
    tied = [index for index, share in enumerate(shares) if share >= max(SURE, max(shares) - 0.0001)]
    if not tied:
        return None
    if len(tied) > 1:
        everywhere = [look.reads_everywhere(readings[index]) for index in tied]
        tied = [i for i, rows in zip(tied, everywhere, strict=True) if rows == max(everywhere)]
    chosen = min(tied, key=lambda index: look.falls(readings[index])) if tied[1:] else tied[0]
    return Instants(
        readings[chosen],
        shares[chosen],
        " or ".join(readings[chosen]),
        is_ambiguous=len(tied) > 1,
        has_time=look.has_time(readings[chosen]),
    )


def _fewest(look: _Look, formats: tuple[str, ...]) -> tuple[str, ...]:
    """The formats that together read what any of them reads, each adding something."""
    kept: tuple[str, ...] = ()
    reached = 0.0
    for one in look.ranked(formats)[:_MOST_FORMATS]:
        share = look.reads((*kept, one))
        if share > reached:
            kept, reached = (*kept, one), share
    return kept
