"""``judge new exercise``: a small exercise that works, with comments on what to replace."""

from __future__ import annotations

import shutil
from pathlib import Path

from judge.model import UsageError
from judge.schema import schema_file_name, schema_text

FILES = Path(__file__).resolve().parent / "files"
SCHEMAS = {"exercise": "reference", "cases": "cases"}
"""The schemas that an exercise keeps a copy of, each beside the files that it describes."""


def new_exercise(folder: Path) -> Path:
    """Write the template to a new or empty folder and return it. Raises UsageError when that cannot be done."""
    try:
        if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
            raise UsageError(f"{folder} is there already and is not empty; choose another folder")
        shutil.copytree(
            FILES,
            folder,
            ignore=shutil.ignore_patterns("__pycache__"),
            copy_function=_copy,
            dirs_exist_ok=True,
        )
        for name, part in SCHEMAS.items():
            (folder / part / schema_file_name(name)).write_text(schema_text(name), encoding="utf-8")
    except (OSError, shutil.Error) as error:
        raise UsageError(f"{folder} cannot be written: {getattr(error, 'strerror', None) or error}") from None
    return folder


def _copy(source: str, target: str) -> None:
    """Copy a file's bytes alone: an installed package may be read-only, a new exercise must not be."""
    Path(target).write_bytes(Path(source).read_bytes())
