import re
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from pipelines.check import load_config
from pipelines.config import Business, Config, Gates, Instants, Scoring

SHIPPED = sorted(path.stem for path in Path(str(files("configs"))).glob("*.yaml"))


def sections(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every class of settings inside an annotation, those within it included."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from sections(field.annotation)
    for part in get_args(annotation):
        yield from sections(part)


def test_every_setting_says_what_it_means() -> None:
    every = dict.fromkeys(sections(Config))
    assert len(every) > 30
    silent = [
        f"{section.__name__}.{name}"
        for section in every
        for name, field in section.model_fields.items()
        if not (field.description or "").endswith(".")
    ]
    assert silent == []
    assert [section.__name__ for section in every if not section.__doc__] == []


def test_every_section_is_frozen_and_refuses_unknown_keys() -> None:
    for section in dict.fromkeys(sections(Business)):
        assert section.model_config.get("frozen") is True
        assert section.model_config.get("extra") == "forbid"


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_config_is_valid_and_named_like_its_file(name: str) -> None:
    config = load_config(name)
    assert config.business.name == name
    assert config.path.name == f"{name}.yaml"
    assert config.folder == config.path.parent


def test_three_configs_are_shipped_and_the_first_is_the_default() -> None:
    assert SHIPPED == ["complete_journey", "online_retail", "telco"]
    assert load_config(None).business == load_config("complete_journey").business
    assert [load_config(name).is_default for name in (None, "telco")] == [True, False]


@pytest.mark.parametrize("name", ["", "Shop", "my shop", "1shop", "a/b", "..", "x" * 64, "shop\n"])
def test_a_name_that_cannot_be_part_of_a_path_is_refused(name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Business.model_validate({"name": name, "sources": {}})
    assert [problem["loc"] for problem in caught.value.errors()] == [("name",)]


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1899, 12, 31), date(9999, 12, 31)])
def test_plausible_days_are_ones_that_every_engine_knows(day: date) -> None:
    for name in ("earliest", "latest"):
        with pytest.raises(ValidationError):
            Instants.model_validate({name: day})


def test_bounds_of_gates_are_checked() -> None:
    with pytest.raises(ValidationError):
        Gates(calibration_error_most=0)
    with pytest.raises(ValidationError):
        Gates.model_validate({"metric": "accuracy"})


@pytest.mark.parametrize("given", ["all", 0, 5, 100_000])
def test_everybody_or_so_many_are_explained(given: object) -> None:
    assert Scoring.model_validate({"reasons_for": given}).reasons_for == given
    assert Scoring().reasons_for == "all"


@pytest.mark.parametrize("given", ["most", -1, 100_001, True, 2.5, None, [1]])
def test_anything_else_is_refused_with_what_may_stand_there(given: object) -> None:
    text = "needs all or a whole number from 0 to 100,000"
    with pytest.raises(ValidationError, match=re.escape(text)):
        Scoring.model_validate({"reasons_for": given})
