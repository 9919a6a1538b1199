"""The JSON schemas of what the judge reads and writes: one file each, beside this module.

docs/schemas.md says how a schema may change.
"""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).resolve().parent
_ENDING = ".schema.json"


def schema_names() -> tuple[str, ...]:
    """Return the names of all schemas, sorted."""
    return tuple(sorted(path.name.removesuffix(_ENDING) for path in _FOLDER.glob(f"*{_ENDING}")))


def schema_file_name(name: str) -> str:
    """Return the file name that a copy of this schema has in an exercise."""
    return f"{name}{_ENDING}"


def schema_text(name: str) -> str:
    """Return the schema of this name as JSON text. Raises LookupError when there is none."""
    if name not in schema_names():
        raise LookupError(name)
    return (_FOLDER / schema_file_name(name)).read_text(encoding="utf-8")
