"""Files that are replaced whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from judge.model import ExerciseError


def replace_file(path: Path, text: str) -> None:
    """Write the whole file beside its place and rename it there."""
    replace_files({path: text})


def replace_files(files: Mapping[Path, str | None]) -> None:
    """Replace several files (None: remove): each is complete on disk before any takes its place.

    Raises ExerciseError, naming the file, when one cannot be written.
    """
    try:
        _replace(files)
    except OSError as error:
        place = error.filename or next(iter(files))
        raise ExerciseError(f"{place}: cannot be written: {error.strerror or error}") from error


def _replace(files: Mapping[Path, str | None]) -> None:
    ready: list[tuple[Path, Path]] = []
    try:
        for path, text in files.items():
            if text is None:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            ready.append((temporary, path))
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        for temporary, path in ready:
            os.replace(temporary, path)
    finally:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)
    for path, text in files.items():
        if text is None:
            path.unlink(missing_ok=True)
