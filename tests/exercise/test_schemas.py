"""The published schemas accept what the judge accepts, and refuse the same misspellings."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from support.small_exercise import CASE, DEFINITION, case

from judge.cli import main
from judge.exercise import load_exercise, load_misconceptions
from judge.exercise.definition import DTYPES, KINDS
from judge.exercise.generators import GENERATORS
from judge.exercise.misconceptions import DECLARATION, FIELDS
from judge.model import Limits, Severity, ToleranceRule, Visibility
from judge.schema import schema_names, schema_text
from judge.vocabulary import DIFFERENCES, Blame, Evidence

ROOT = Path(__file__).resolve().parents[2]


def schema(name: str) -> Any:
    document = json.loads(schema_text(name))
    jsonschema.Draft202012Validator.check_schema(document)
    return document


def load(text: str) -> Any:
    """As an editor reads it: YAML 1.2 numbers, for which 1e-3 is one."""
    import re

    class Loader(yaml.SafeLoader):
        pass

    number = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", number, list("-+.0123456789"))
    return yaml.load(text, Loader)


def exercise_files() -> list[Path]:
    """Folders of exercises, but for the template: its copies have schemas, and tests of their own."""
    return sorted(
        path.parents[1]
        for path in ROOT.glob("**/reference/exercise.yaml")
        if not any(part.startswith(".venv") for part in path.parts) and ROOT / "judge" not in path.parents
    )


def test_every_file_of_every_exercise_fits_and_names_the_copy_of_its_schema_beside_it() -> None:
    checked = 0
    for root in exercise_files():
        files = [(root / "reference" / "exercise.yaml", "exercise")]
        files += [(path, "cases") for path in sorted((root / "cases").glob("*.yaml"))]
        for path, name in files:
            text = path.read_text(encoding="utf-8")
            jsonschema.validate(load(text), schema(name))
            reference = text.partition("\n")[0].removeprefix("# yaml-language-server: $schema=")
            assert reference == f"{name}.schema.json", path
            copy = (path.parent / reference).read_text(encoding="utf-8")
            assert copy == schema_text(name), f"{path}: judge schema {name} > {path.parent / reference}"
            checked += 1
    assert checked >= 4


def test_the_small_exercise_fits() -> None:
    jsonschema.validate(load(DEFINITION), schema("exercise"))
    jsonschema.validate(load(CASE), schema("cases"))


@pytest.mark.parametrize(
    "text",
    [
        case(why=None),
        case(visibility="publik"),
        case(points="-1"),
        case(rows="{normal: {shape: [3, 2]}}"),
        case(rows="{gauss: {shape: [3, 2], seed: 1}}"),
        case(rows="{normal: {shape: [3, 2], seed: 1, scale: 0}}"),
        case(weights="[]"),
        case(name="Big One"),
        "case: []",
    ],
)
def test_what_the_judge_refuses_the_schema_refuses(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(load(text), schema("cases"))


def test_the_schemas_know_every_field_and_no_other() -> None:
    exercise = schema("exercise")["properties"]
    assert set(exercise["limits"]["properties"]) == {field.name for field in fields(Limits)}
    assert set(exercise["tolerance"]["properties"]) == {field.name for field in fields(ToleranceRule)}
    pitfall = exercise["pitfalls"]["additionalProperties"]["properties"]
    assert pitfall["severity"]["enum"] == [severity.value for severity in Severity]
    scalar, array = schema("exercise")["$defs"]["parameter"]["oneOf"]
    assert (*scalar["properties"]["kind"]["enum"], array["properties"]["kind"]["const"]) == KINDS
    assert tuple(array["properties"]["dtype"]["enum"]) == DTYPES
    cases = schema("cases")["$defs"]
    assert cases["case"]["properties"]["visibility"]["enum"] == [v.value for v in Visibility]
    assert [one["required"][0] for one in cases["generator"]["oneOf"]] == list(GENERATORS)


def declarations() -> Iterator[Any]:
    """The literals of every misconception of every exercise."""
    for root in exercise_files():
        for misconception in load_misconceptions(load_exercise(root)):
            for node in ast.parse(misconception.source).body:
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == DECLARATION:
                    yield ast.literal_eval(node.value)


def test_every_declaration_of_a_misconception_fits_its_schema() -> None:
    declared = list(declarations())
    for declaration in declared:
        jsonschema.validate(declaration, schema("misconception"))
    assert sum("divergence" in declaration for declaration in declared) >= 40
    for wrong in ({"blame": "last-evalation"}, {"divergence": ["step: changed"]}, {"evidnce": None}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema("misconception"))


def test_the_schema_of_misconceptions_offers_the_engine_s_words() -> None:
    document = schema("misconception")
    assert set(document["properties"]) == FIELDS
    assert document["properties"]["evidence"]["enum"] == [*Evidence, None]
    assert document["properties"]["blame"]["enum"] == [*Blame, None]
    assert document["$defs"]["difference"]["enum"] == list(DIFFERENCES)


@pytest.mark.parametrize("name", schema_names())
def test_judge_prints_every_schema(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", name]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == schema(name)
    assert printed["$id"].startswith(f"urn:judge:{name}:")


def test_a_schema_that_is_not_there_is_refused_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "case"]) == 2
    assert "'case'" in (said := capsys.readouterr().err)
    assert all(name in said for name in schema_names())
    with pytest.raises(LookupError):
        schema_text("../report")
