from pathlib import Path

import pytest

from features.locations import find_files, partition, resolved
from features.schemas import CustomersSource
from tests.loading import write


def source(path: object, **more: object) -> CustomersSource:
    columns = {"customer": "customer"}
    return CustomersSource.model_validate({"path": path, "columns": columns, **more})


def test_a_path_starts_at_the_folder_of_the_config(tmp_path: Path) -> None:
    assert resolved("data/a.csv", tmp_path, "x") == tmp_path / "data" / "a.csv"
    assert resolved("/data/a.csv", tmp_path, "x") == Path("/data/a.csv")


def test_a_path_may_start_in_an_installed_package() -> None:
    path = resolved("package://hypothesis/vendor/tlds-alpha-by-domain.txt", Path("/"), "x")
    assert path.parts[-3:] == ("hypothesis", "vendor", "tlds-alpha-by-domain.txt")
    assert path.is_file()


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/data/a.csv", {}),
        ("/data/year=2024/month=01/a.csv", {"year": "2024", "month": "01"}),
        ("/data/year=2024/year=2025/a.csv", {"year": "2025"}),
        ("/data/x=a%2Fb%20c/a.csv", {"x": "a/b c"}),
        ("/data/x=__HIVE_DEFAULT_PARTITION__/a.csv", {"x": None}),
        ("/data/x=/=y/a=b.csv", {"x": ""}),
        ("/data/x=a=b/a.csv", {"x": "a=b"}),
    ],
)
def test_folders_give_columns(path: str, columns: dict[str, str | None]) -> None:
    assert partition(Path(path)) == columns


def test_content_is_recognised_whatever_the_file_is_called(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "x=1/a.csv", "x=2/a.csv"):
        write(tmp_path / name, "ann")
    write(tmp_path / "c.csv", "bob")
    files = find_files("customers", source(["a.csv", "b.csv", "c.csv", "x=1", "x=2"]), tmp_path)
    hashes = [file.content_hash for file in files]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 4


def test_a_lookup_is_part_of_the_content(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "ann")
    lookup = {"path": "lookup.csv", "key": "customer"}
    hashes = set()
    for town in ("Rome", "Oslo"):
        write(tmp_path / "lookup.csv", f"ann,{town}", header="customer,town")
        (file,) = find_files("customers", source("a.csv", lookup=lookup), tmp_path)
        hashes.add(file.content_hash)
    assert len(hashes) == 2
