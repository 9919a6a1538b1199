"""What a schema promises: the type of each field, and which fields are always there.

``python tests/schema/promise.py`` writes promised.json anew: after a new version, or to promise new fields as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from judge.schema import schema_names, schema_text

PROMISED = Path(__file__).with_name("promised.json")
WRITTEN = ("batch", "diff", "failure", "report", "summary")
"""Schemas of what the judge writes, where a field that is always there has to stay so."""

CHOICES = ("anyOf", "oneOf", "allOf")


def promises(name: str, schema: Any) -> dict[str, str]:
    """Map each field's path to its type; an ``!`` behind the type of what the judge writes means always there."""
    return dict(sorted(_fields(schema, "", always=name in WRITTEN)))


def version_of(schema: Any) -> int:
    """Return the number at the end of the schema's id."""
    return int(schema["$id"].rpartition(":")[2])


def broken(name: str, promised: dict[str, str], schema: Any) -> list[str]:
    """Return what a schema of the same version no longer keeps of what was promised."""
    now = promises(name, schema)
    found = []
    for path, said in promised.items():
        if path not in now:
            found.append(f"{name}: {path} is gone")
        elif now[path].rstrip("!") != said.rstrip("!"):
            found.append(f"{name}: {path} was {said}, is {now[path]}")
        elif said.endswith("!") and not now[path].endswith("!"):
            found.append(f"{name}: {path} is no longer always there")
    if name not in WRITTEN:
        found += [
            f"{name}: {path} is needed, so that files without it are refused"
            for path in _needed(schema) - {path for path, said in promised.items() if said.endswith("?")}
        ]
    return found


def _fields(schema: Any, path: str, *, always: bool) -> Iterator[tuple[str, str]]:
    if not isinstance(schema, dict):
        return
    needed = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        mark = "" if name not in needed else "!" if always else "?"
        yield f"{path}/{name}", _type(part) + mark
        yield from _fields(part, f"{path}/{name}", always=always)
    for name, part in schema.get("$defs", {}).items():
        yield from _fields(part, f"{path}#{name}", always=always)
    for key in ("items", "additionalProperties"):
        yield from _fields(schema.get(key), f"{path}/*", always=always)
    for key in CHOICES:
        for part in schema.get(key, ()):
            yield from _fields(part, path, always=always)


def _type(schema: Any) -> str:
    """Return the type of a field in a word: a JSON type, a reference, a constant's or a choice's."""
    if "type" in schema:
        kind = schema["type"]
        return kind if isinstance(kind, str) else " or ".join(sorted(kind))
    if "$ref" in schema:
        return str(schema["$ref"])
    for key in CHOICES:
        if key in schema:
            return " or ".join(sorted({_type(part) for part in schema[key]}))
    return next((key for key in ("enum", "const") if key in schema), "any")


def _needed(schema: Any) -> set[str]:
    return {path for path, said in _fields(schema, "", always=False) if said.endswith("?")}


def main() -> None:
    """Write what today's schemas promise."""
    schemas = {name: json.loads(schema_text(name)) for name in schema_names()}
    document = {
        name: {"version": version_of(schema), "fields": promises(name, schema)}
        for name, schema in schemas.items()
    }
    PROMISED.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
