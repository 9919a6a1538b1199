"""Shards of a class, graded apart and merged, are what one run gives; what does not belong together is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judge.batch.shards import Shard, parse_shard, part_of
from judge.cli import main
from judge.model import Limits, UsageError
from judge.submissions.collect import collect

EXERCISE = Path(__file__).resolve().parents[1] / "exercises" / "optax_sgd_step"
SHARDS = 3


@pytest.mark.parametrize(
    ("text", "environment", "shard"),
    [
        ("0/4", {}, (0, 4)),
        ("3/4", {"SLURM_ARRAY_TASK_ID": "1"}, (3, 4)),
        ("auto/4", {"JOB_COMPLETION_INDEX": "2"}, (2, 4)),
        ("auto/4", {"SLURM_ARRAY_TASK_ID": "0"}, (0, 4)),
        ("auto/9", {"AWS_BATCH_JOB_ARRAY_INDEX": "8"}, (8, 9)),
    ],
)
def test_a_shard_is_named_or_told_by_the_batch_system(
    text: str, environment: dict[str, str], shard: tuple[int, int]
) -> None:
    found = parse_shard(text, environment)
    assert (found.number, found.of) == shard


@pytest.mark.parametrize(
    ("text", "environment", "reason"),
    [
        ("4/4", {}, "numbered from 0 to 3, got 4"),
        ("1", {}, "expected I/N"),
        ("-1/4", {}, "expected I/N"),
        ("0/0", {}, "1 to 100,000 shards"),
        ("auto/4", {}, "none of JOB_COMPLETION_INDEX"),
        ("auto/4", {"SLURM_ARRAY_TASK_ID": "x"}, "SLURM_ARRAY_TASK_ID is 'x'"),
        ("auto/4", {"SLURM_ARRAY_TASK_ID": "7"}, "got 7"),
        ("auto/4", {"SLURM_ARRAY_TASK_ID": "1", "JOB_COMPLETION_INDEX": "2"}, "one variable has to say"),
    ],
)
def test_another_shard_is_refused(text: str, environment: dict[str, str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        parse_shard(text, environment)


@pytest.fixture(scope="module")
def klass(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight files: right and wrong ones, two that are equal, one that is empty and one that is no Python."""
    folder = tmp_path_factory.mktemp("shards") / "class"
    folder.mkdir()
    for kind in ("accepted", "misconceptions"):
        for path in sorted((EXERCISE / "reference" / kind).glob("*.py"))[:3]:
            shutil.copy(path, folder / f"{kind}_{path.name}")
    shutil.copy(next(folder.glob("accepted_*")), folder / "zoe.py")
    (folder / "empty.py").write_text("")
    (folder / "broken.py").write_text("def sgd_step(:\n")
    return folder


def test_every_submission_is_in_one_shard_and_equal_ones_in_the_same(klass: Path) -> None:
    entries = collect([klass])
    parts = [part_of(Shard(number, SHARDS), entries, Limits()) for number in range(SHARDS)]
    assert sorted(place for shard, _ in parts for place in shard.places) == list(range(len(entries)))
    twins = {entry.key for entry in entries if entry.path.read_bytes() == (klass / "zoe.py").read_bytes()}
    assert len(twins) == 2
    assert sum(twins <= {entry.key for entry in own} for _, own in parts) == 1


@pytest.fixture(scope="module")
def graded(klass: Path) -> Path:
    """The class as a whole in ``whole``, and its shards in ``0``, ``1``, ..."""
    base = klass.parent
    common = [str(klass), "--exercise", str(EXERCISE), "--no-shrink", "-j", "1"]
    assert main([*common, "-o", str(base / "whole")]) == 1
    for number in range(SHARDS):
        assert main([*common, "--shard", f"{number}/{SHARDS}", "-o", str(base / str(number))]) in (0, 1)
    return base


def parts_in(base: Path) -> list[str]:
    return [str(base / str(number)) for number in range(SHARDS)]


def without_timing(path: Path) -> Any:
    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(one) for key, one in value.items() if key not in ("timing", "wall_s")}
        return [strip(one) for one in value] if isinstance(value, list) else value

    return strip(json.loads(path.read_text()))


def test_merged_shards_are_what_one_run_gives(graded: Path, tmp_path: Path) -> None:
    merged, whole = tmp_path / "merged", graded / "whole"
    assert main(["merge", *reversed(parts_in(graded)), "-o", str(merged)]) == 0
    names = {path.relative_to(whole) for path in whole.rglob("*.*") if ".judge" not in path.parts}
    assert names == {path.relative_to(merged) for path in merged.rglob("*.*") if ".judge" not in path.parts}
    for name in names:
        if name.suffix == ".json":
            assert without_timing(merged / name) == without_timing(whole / name), name
    rows, wanted = ((folder / "summary.csv").read_text().splitlines() for folder in (merged, whole))
    assert [row.split(",")[:3] for row in rows] == [row.split(",")[:3] for row in wanted]
    assert main(["diff", str(whole), str(merged)]) == 0


def test_a_merged_folder_is_resumed_without_grading(
    graded: Path, klass: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    merged = tmp_path / "merged"
    assert main(["merge", *parts_in(graded), "-o", str(merged)]) == 0
    capsys.readouterr()
    assert main([str(klass), "--exercise", str(EXERCISE), "--no-shrink", "-o", str(merged)]) == 1
    assert "results unchanged and kept" in capsys.readouterr().err


def test_what_is_missing_of_the_class_is_said(
    graded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = json.loads((graded / "1" / "summary.json").read_text())["submissions"]
    assert main(["merge", str(graded / "0"), str(graded / "2"), "-o", str(tmp_path / "merged")]) == 1
    told = capsys.readouterr().err
    assert "1 shard of 3 missing: 1" in told
    assert f"{absent} submission" in told
    assert json.loads((tmp_path / "merged" / "summary.json").read_text())["complete"] is False


def changed(folder: Path, change: Callable[[Any], None]) -> None:
    path = folder / "summary.json"
    summary = json.loads(path.read_text())
    change(summary)
    path.write_text(json.dumps(summary))


def other_limits(folder: Path) -> None:
    path = next(path for path in folder.rglob("*.py.json"))
    report = json.loads(path.read_text())
    path.write_text(path.read_text().replace(f'"wall_s": {report["limits"]["wall_s"]}', '"wall_s": 99.0', 1))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: changed(folder, lambda s: s["exercise"].update(digest="0" * 64)), "the exercise is"),
        (lambda folder: changed(folder, lambda s: s.update(judge="9.9")), "the judge is 0"),
        (lambda folder: changed(folder, lambda s: s["shard"].update({"class": "x"})), "the class is"),
        (lambda folder: changed(folder, lambda s: s["shard"].update(number=0)), "are both shard 0"),
        (lambda folder: changed(folder, lambda s: s.update(shard=None)), "holds a whole class"),
        (lambda folder: changed(folder, lambda s: s.pop("verdicts")), "is no summary of a shard"),
        (lambda folder: changed(folder, lambda s: s["findings"].update(x="y")), "is no summary of a shard"),
        (
            lambda folder: changed(folder, lambda s: s["shard"]["places"].append(0)),
            "is no summary of a shard",
        ),
        (
            lambda folder: changed(folder, lambda s: s["reports"][0].update(report="../x.json")),
            "outside of its folder",
        ),
        (lambda folder: (folder / "summary.json").write_text("{"), "is no summary of a shard"),
        (lambda folder: (folder / "summary.json").unlink(), "is no results folder of a shard"),
        (lambda folder: next(folder.rglob("*.py.json")).write_text("{}"), "is no report as judge wrote it"),
        (other_limits, "they have another limits"),
    ],
)
def test_what_does_not_belong_together_is_refused_in_one_line(
    graded: Path,
    tmp_path: Path,
    change: Callable[[Path], object],
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = next(number for number in (1, 2) if list((graded / str(number)).rglob("*.py.json")))
    shutil.copytree(graded / "0", tmp_path / "a")
    shutil.copytree(graded / str(other), tmp_path / "b")
    change(tmp_path / "b")
    capsys.readouterr()
    assert main(["merge", str(tmp_path / "a"), str(tmp_path / "b"), "-o", str(tmp_path / "c")]) == 2
    told = capsys.readouterr().err
    assert reason in told
    assert told.count("\n") == 1
    assert not (tmp_path / "c").exists()


def test_a_shard_needs_a_results_folder_and_merge_a_new_one(
    klass: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(klass), "--exercise", str(EXERCISE), "--shard", "0/2"]) == 2
    assert "-o DIR" in capsys.readouterr().err
    assert main(["merge", "a", "-o", str(klass)]) == 2
    assert "new or empty folder" in capsys.readouterr().err
