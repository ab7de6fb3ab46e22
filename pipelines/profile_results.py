"""What the result of a comparison of groups looks like on the terminal, line by line."""

from pipelines.profile import Profiled
from pipelines.profile_words import label, methods, notes, plain_words, reading, tiles
from pipelines.results import table


def profiled(result: Profiled) -> list[str]:
    """The groups, what differs most, what methods on several columns say, and where it lies."""
    found = result.found
    lines = ["", *table([("group", "customers", "share"), *tiles(found)])]
    lines += ["", f"  {reading(found)}", "", label(found)]
    lines += [f"  {sentence}" for sentence in plain_words(found)]
    lines += ["", "All together", *(f"  {text}" for _, text in methods(found))]
    for method, reason in found.profile.refused.items():
        lines.append(f"  Refused: {method}: {reason}")
    lines += ["", *(f"  Note: {note}" for note in notes(found))]
    names = ("profile.parquet", "profile_groups.parquet", "profile_pairs.parquet")
    tables = f"{', '.join(names)} of run {result.run_id}"
    return [*lines, f"  page  {result.page}", f"  tables  {tables}"]
