"""pack.json: what a pack is, and the sha256 of every other member."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

from judge.model import Json, PackError, PackInfo

FILE = "pack.json"
SCHEMA = 1
MAX_MEMBER_BYTES = 16 * 1024 * 1024
_Plain = TypeVar("_Plain", bool, int, str)


@dataclass(frozen=True)
class Manifest:
    """The content of pack.json. ``digests`` is sha256 by member, without pack.json itself."""

    exercise: str
    info: PackInfo
    digests: Mapping[str, str]

    def render(self) -> str:
        """Return the text of the file, the same for the same pack."""
        document = {
            "pack_schema": SCHEMA,
            "exercise": self.exercise,
            "public": self.info.public,
            "exercise_digest": self.info.exercise_digest,
            "hidden": {"cases": self.info.hidden_cases, "points": self.info.hidden_points},
            "files": dict(sorted(self.digests.items())),
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def parse_manifest(data: bytes, shown: str) -> Manifest:
    """Read the bytes of a pack.json; ``shown`` names the pack in errors. Raises PackError."""
    try:
        document = json.loads(data)
        if document["pack_schema"] != SCHEMA:
            raise PackError(
                f"{shown}: the pack has schema {document['pack_schema']!r:.40}, and this judge reads {SCHEMA}; "
                "get the pack and the judge from the same course"
            )
        hidden = document["hidden"]
        return Manifest(
            exercise=str(document["exercise"]),
            info=PackInfo(
                public=_is(bool, document["public"]),
                exercise_digest=_is(str, document["exercise_digest"]),
                hidden_cases=_is(int, hidden["cases"]),
                hidden_points=float(hidden["points"]),
            ),
            digests={_member(name): _is(str, digest) for name, digest in document["files"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        reason = f"the field {error} is missing" if isinstance(error, KeyError) else str(error)
        raise PackError(f"{shown}: its {FILE} is not that of a pack: {reason:.200}") from None


def read_manifest(root: Path) -> Manifest:
    """Return the manifest of a pack's folder, after comparing every member with it. Raises PackError."""
    manifest = parse_manifest(_content(root, FILE), str(root))
    for name, digest in manifest.digests.items():
        if digest_of(_content(root, name)) != digest:
            raise PackError(f"{root}: {name} is not as it was packed; get the pack from your course again")
    for path in sorted((*root.glob("cases/**/*"), *root.glob("reference/**/*"))):
        name = path.relative_to(root).as_posix()
        if not path.is_dir() and "__pycache__" not in path.parts and name not in manifest.digests:
            raise PackError(f"{root}: {name} is no part of the pack; put it elsewhere")
    return manifest


def is_pack(root: Path) -> bool:
    """Return whether a folder holds an unpacked pack: others may have a pack.json for purposes of their own."""
    definitions = (root / "exercise.yaml", root / "reference" / "exercise.yaml")
    return (root / FILE).is_file() and any(path.is_file() for path in definitions)


def _content(root: Path, name: str) -> bytes:
    """Return a member's bytes. Raises PackError unless it is an ordinary file that no link leads to."""
    path = root
    for part in PurePosixPath(name).parts:
        path /= part
        if path.is_symlink():
            raise PackError(f"{root}: {path.relative_to(root)} is a symbolic link")
    try:
        with open(path, "rb", opener=lambda file, flags: os.open(file, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise PackError(f"{root}: {name} is not a regular file")
            data = file.read(MAX_MEMBER_BYTES + 1)
    except OSError as error:
        raise PackError(f"{root}: {name} cannot be read: {error.strerror}") from None
    if len(data) > MAX_MEMBER_BYTES:
        raise PackError(f"{root}: {name} has more than {MAX_MEMBER_BYTES >> 20} MiB")
    return data


def _member(name: str) -> str:
    path = PurePosixPath(name)
    if (
        not name
        or path.is_absolute()
        or ".." in path.parts
        or str(path) != name
        or "\\" in name
        or "\0" in name
    ):
        raise ValueError(f"{name!r:.80} is no name of a member")
    return name


def _is(kind: type[_Plain], value: Json) -> _Plain:
    if type(value) is not kind:
        raise TypeError(f"{value!r:.60} should be {kind.__name__}")
    return value
