"""Makes packs: the members of one from an exercise, and the zip of its members."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from judge.exercise.cases import load_cases
from judge.exercise.definition import files_that_decide
from judge.exercise.fields import Value
from judge.exercise.golden_file import GoldenFile, RecordedCase, read_golden_file, render_golden_file
from judge.exercise.goldens import golden_path, load_recorded
from judge.exercise.misconception import Misconception
from judge.exercise.misconceptions import load_misconceptions
from judge.exercise.packs import manifest, misconceptions
from judge.exercise.packs.manifest import Manifest, digest_of
from judge.exercise.problems import Problems
from judge.exercise.yaml_tree import read_yaml
from judge.model import (
    Case,
    Exercise,
    ExerciseError,
    Golden,
    Json,
    PackInfo,
    UsageError,
    Visibility,
    WrongReturn,
)

_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that zip can represent: a pack has no time of its own."""
_SHOWN_FIELDS = ("name", "why", "visibility", "points", "inputs")
"""The fields of a case that learners get."""
_FLOW = 100


def build_pack(exercise: Exercise, *, public: bool) -> bytes:
    """Return the bytes of a pack. Raises ExerciseError for stale goldens, UsageError for a pack."""
    if exercise.pack is not None:
        raise UsageError(
            f"{exercise.root}: this is a pack already; packs are made from the exercise's folder"
        )
    cases = load_cases(exercise)
    recorded = load_recorded(exercise, cases)
    bank = load_misconceptions(exercise)
    files = _public_files(exercise, cases, recorded, bank) if public else _all_files(exercise)
    hidden = [case for case in cases if public and case.visibility is Visibility.HIDDEN]
    info = PackInfo(public, exercise.digest, len(hidden), float(sum(case.points for case in hidden)))
    written = Manifest(exercise.name, info, {name: digest_of(data) for name, data in files.items()})
    return _zipped({manifest.FILE: written.render().encode(), **files})


def archive_of(exercise: Exercise) -> bytes:
    """Return the bytes of a pack that another machine can grade with: of a pack, its own members. Raises as above."""
    if exercise.pack is None:
        return build_pack(exercise, public=False)
    names = (manifest.FILE, *manifest.read_manifest(exercise.root).digests)
    return _zipped({name: (exercise.root / name).read_bytes() for name in names})


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of stored members, pack.json first: compressed bytes would depend on the version of zlib."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(files, key=lambda name: (name != manifest.FILE, name)):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3  # so that the mode below counts, wherever the pack is made
            entry.external_attr = 0o100644 << 16
            target.writestr(entry, files[name])
    return archive.getvalue()


def _all_files(exercise: Exercise) -> dict[str, bytes]:
    paths = {*files_that_decide(exercise.root), *_texts(exercise).values()}
    return {path.relative_to(exercise.root).as_posix(): path.read_bytes() for path in paths}


def _texts(exercise: Exercise) -> dict[str, Path]:
    folder = exercise.reference_dir
    return {name: folder / name for name in ("statement.md", "starter.py") if (folder / name).is_file()}


def _public_files(
    exercise: Exercise,
    cases: Sequence[Case],
    recorded: Mapping[str, RecordedCase],
    bank: Sequence[Misconception],
) -> dict[str, bytes]:
    public = [case for case in cases if case.visibility is Visibility.PUBLIC]
    if not public:
        raise ExerciseError(
            f"{exercise.root}: no case of the exercise is public, so learners would get nothing"
        )
    names = misconceptions.public_names(bank)
    files = {name: (exercise.reference_dir / name).read_bytes() for name in _texts(exercise)}
    files["exercise.yaml"] = _dump(_plain(exercise, exercise.reference_dir / "exercise.yaml"))
    files[misconceptions.FILE] = misconceptions.render_packed(bank, names).encode()
    for stem in sorted({case.file for case in public}):
        mine = [case for case in public if case.file == stem]
        files[f"cases/{stem}.yaml"] = _dump({"cases": _shown_cases(exercise, stem, mine)})
        files[f"cases/goldens/{stem}.json"] = _goldens(exercise, stem, mine, recorded, names)
    return files


def _plain(exercise: Exercise, path: Path) -> Json:
    problems = Problems(exercise.root)
    node = read_yaml(path, problems)
    problems.raise_if_any("the exercise")
    assert node is not None
    return Value(node, "", path, problems).plain()


def _shown_cases(exercise: Exercise, stem: str, public: Sequence[Case]) -> list[Json]:
    wanted = {case.name for case in public}
    entries = _plain(exercise, exercise.cases_dir / f"{stem}.yaml")["cases"]
    return [
        {field: entry[field] for field in _SHOWN_FIELDS if field in entry}
        for entry in entries
        if entry["name"] in wanted
    ]


def _goldens(
    exercise: Exercise,
    stem: str,
    public: Sequence[Case],
    recorded: Mapping[str, RecordedCase],
    names: Mapping[str, str],
) -> bytes:
    """Return the goldens of the public cases of a file, without the names of the solutions that they come from."""
    whole = read_golden_file(golden_path(exercise, stem))
    cases = {case.id: _without_sources(recorded[case.id], names) for case in public}
    return render_golden_file(GoldenFile({}, whole.environment, whole.tolerance_rule, cases)).encode()


def _without_sources(record: RecordedCase, names: Mapping[str, str]) -> RecordedCase:
    golden: Golden = replace(
        record.golden,
        misconceptions=_renamed(record.golden.misconceptions, names),
        scaled=_renamed(record.golden.scaled, names),
    )
    return RecordedCase(golden, record.relative_tolerance, {})


def _renamed(returns: Mapping[str, WrongReturn], names: Mapping[str, str]) -> dict[str, WrongReturn]:
    return {names.get(name, name): value for name, value in returns.items()}


def _dump(document: Json) -> bytes:
    text: str = yaml.safe_dump(
        document, sort_keys=False, allow_unicode=True, width=_FLOW, default_flow_style=None
    )
    return text.encode()
