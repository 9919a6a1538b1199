"""Packs: what learners get in a public one, what they must not, and what becomes of a broken one."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.exercise_secrets import leaks, secret_lines

from judge.cli import main
from judge.commands.options import accept_from, audience_from, open_exercise
from judge.exercise import find_exercise, load_cases, load_exercise, load_misconceptions
from judge.exercise.packs.build import build_pack
from judge.exercise.packs.manifest import digest_of
from judge.grader import load_exercise_with_goldens
from judge.model import PackError, UsageError, Visibility
from judge.pages import all_pages
from judge.solutions.reproduce import require_reproduced

ROOT = Path(__file__).resolve().parents[2]
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def public() -> bytes:
    return build_pack(load_exercise(ROOT), public=True)


@pytest.fixture
def pack(public: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "bn-step.zip"
    path.write_bytes(public)
    return path


def members(pack: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Files) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def relisted(files: Files) -> Files:
    """The files with a pack.json that lists them as they are."""
    manifest = json.loads(files["pack.json"])
    manifest["files"] = {name: digest_of(data) for name, data in files.items() if name != "pack.json"}
    return {**files, "pack.json": json.dumps(manifest).encode()}


# ------------------------------------------------------------------------------------------------ what is in it


def test_the_same_exercise_gives_the_same_bytes(public: bytes, tmp_path: Path) -> None:
    copied = tmp_path / "elsewhere"
    for part in ("reference", "cases"):
        shutil.copytree(ROOT / part, copied / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path in copied.rglob("*"):
        os.utime(path, (0, 0))
        path.chmod(0o700)
    assert build_pack(load_exercise(copied), public=True) == public
    whole = build_pack(load_exercise(ROOT), public=False)
    assert build_pack(load_exercise(copied), public=False) == whole


def test_a_public_pack_has_no_python_but_the_starter(public: bytes) -> None:
    files = members(public)
    assert [name for name in files if name.endswith(".py")] == ["starter.py"]
    assert files["starter.py"] == (ROOT / "reference" / "starter.py").read_bytes()
    assert files["statement.md"] == (ROOT / "reference" / "statement.md").read_bytes()
    assert {"pack.json", "exercise.yaml", "misconceptions.json"} < files.keys()


def test_a_public_pack_holds_nothing_hidden_and_no_line_of_a_solution(public: bytes) -> None:
    assert leaks(public) == []


@pytest.mark.parametrize("secret", ["case", "value", "line"])
def test_a_leak_would_be_found(public: bytes, secret: str) -> None:
    hidden = [case for case in load_cases(load_exercise(ROOT)) if case.visibility is Visibility.HIDDEN]
    golden = load_exercise_with_goldens(ROOT).goldens[hidden[0].id]
    planted = {
        "case": hidden[0].name,
        "value": repr(float(golden.expected[0])),
        "line": next(secret_lines()),
    }[secret]
    assert leaks(public + planted.encode()) == [planted]


def test_a_whole_pack_has_what_a_public_one_lacks() -> None:
    files = members(build_pack(load_exercise(ROOT), public=False))
    assert files["reference/solution.py"] == (ROOT / "reference" / "solution.py").read_bytes()
    assert files["cases/generated.yaml"] == (ROOT / "cases" / "generated.yaml").read_bytes()


# --------------------------------------------------------------------------------------------- what it is good for


def test_the_cases_and_answers_are_those_of_the_exercise(pack: Path) -> None:
    whole, packed = load_exercise_with_goldens(ROOT), load_exercise_with_goldens(pack)
    public = [case for case in whole.cases if case.visibility is Visibility.PUBLIC]
    assert [(case.id, case.digest, case.why, case.points) for case in packed.cases] == [
        (case.id, case.digest, case.why, case.points) for case in public
    ]
    for case in public:
        mine, theirs = packed.goldens[case.id], whole.goldens[case.id]
        assert (mine.expected == theirs.expected).all()
        assert (mine.tolerance, mine.noise, mine.events) == (theirs.tolerance, theirs.noise, theirs.events)
        assert len(mine.misconceptions) == len(theirs.misconceptions)
    assert packed.exercise.pack is not None
    assert packed.exercise.pack.hidden_cases == len(whole.cases) - len(public)
    assert packed.exercise.pack.hidden_points == sum(
        case.points for case in whole.cases if case.visibility is Visibility.HIDDEN
    )


def test_known_mistakes_are_named_by_their_codes(pack: Path) -> None:
    whole, packed = load_misconceptions(load_exercise(ROOT)), load_misconceptions(open_pack(pack))
    assert [one.code for one in packed] == [one.code for one in whole]
    assert len({one.name for one in packed}) == len(packed)
    assert all(re.fullmatch(re.escape(one.code) + r"(-\d+)?", one.name) for one in packed)
    for mine, theirs in zip(packed, whole, strict=True):
        assert (mine.evidence, mine.blame, mine.differences) == (
            theirs.evidence,
            theirs.blame,
            theirs.differences,
        )
        assert (mine.title, mine.page, mine.source) == (theirs.title, theirs.page, b"")


def open_pack(path: Path) -> object:
    return open_exercise(argparse.Namespace(exercise=path))


def test_every_page_of_the_exercise_is_in_it(pack: Path) -> None:
    mine = {page.code: page.title for page in all_pages(open_pack(pack))}
    assert mine == {page.code: page.title for page in all_pages(load_exercise(ROOT))}


def test_a_whole_pack_is_the_exercise(tmp_path: Path) -> None:
    path = tmp_path / "whole.zip"
    path.write_bytes(build_pack(load_exercise(ROOT), public=False))
    whole, packed = load_exercise_with_goldens(ROOT), load_exercise_with_goldens(path)
    assert [case.id for case in packed.cases] == [case.id for case in whole.cases]
    assert packed.exercise.pack is not None
    assert packed.exercise.pack.exercise_digest == whole.exercise.digest
    assert not packed.exercise.public
    assert stat.S_IMODE(packed.exercise.root.stat().st_mode) == 0o700


def test_the_unpacked_folder_goes_with_the_process(pack: Path) -> None:
    code = "import sys, pathlib; from judge.exercise import find_exercise as f; print(f(pathlib.Path(sys.argv[1])))"
    told = subprocess.run([sys.executable, "-c", code, pack], capture_output=True, text=True, check=True)
    place = Path(told.stdout.strip())
    assert place.name.startswith("judge-pack-")
    assert not place.exists()


def test_a_folder_that_was_unpacked_by_hand_is_found_from_below(pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    zipfile.ZipFile(pack).extractall(folder)
    (folder / "mine.py").write_text("x = 1\n")
    (folder / "tries").mkdir()
    assert find_exercise(folder / "tries") == folder.resolve()
    unpacked, zipped = load_exercise_with_goldens(folder), load_exercise_with_goldens(pack)
    assert [case.id for case in unpacked.cases] == [case.id for case in zipped.cases]


def test_another_pack_json_is_not_taken_for_a_pack(tmp_path: Path) -> None:
    (tmp_path / "pack.json").write_text("{}")
    with pytest.raises(UsageError, match="no exercise at or above"):
        find_exercise(tmp_path)


def test_start_and_explain_work_with_a_pack(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["start", "mine.py", "--exercise", "bn-step.zip"]) == 0
    told = capsys.readouterr().out
    assert "judge mine.py --exercise bn-step.zip" in told
    assert (tmp_path / "mine.py").read_bytes() == (ROOT / "reference" / "starter.py").read_bytes()
    statement = tmp_path / "mine.statement.md"
    assert str(statement.name) in told
    assert statement.read_bytes() == (ROOT / "reference" / "statement.md").read_bytes()
    assert main(["explain", "stale-batch-stats", "--exercise", "bn-step.zip"]) == 0
    assert "## What happens" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command", [["cases", "record"], ["cases", "check"], ["cases", "mutate"], ["fuzz", "x.py"]]
)
def test_work_that_needs_solutions_says_so(
    pack: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--exercise", str(pack)]) == 2
    assert capsys.readouterr().err == f"judge: {pack}: a public pack has no solutions, and this needs them\n"


def test_a_pack_is_made_of_an_exercise_and_not_of_a_pack(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pack", "--public", "-o", str(tmp_path / "again.zip"), "--exercise", str(pack)]) == 2
    assert "is a pack already" in capsys.readouterr().err
    assert main(["pack", "-o", str(tmp_path / "whole.tar")]) == 2
    assert main(["pack", "--public", "-o", str(tmp_path / "again.zip"), "--exercise", str(ROOT)]) == 0
    assert (tmp_path / "again.zip").read_bytes() == pack.read_bytes()


def test_readers_of_a_pack_are_learners(pack: Path) -> None:
    exercise = load_exercise_with_goldens(pack).exercise
    asked = argparse.Namespace(audience=None, unsafe_no_sandbox=False, accept_weak=False)
    assert audience_from(asked, exercise) == "learner"
    assert audience_from(asked, load_exercise(ROOT)) == "staff"


@pytest.mark.parametrize(("platform", "own_practice", "accepted"), [
    ("linux", True, "good"), ("darwin", True, "none"), ("win32", True, "none"), ("darwin", False, "good"),
])  # fmt: skip
def test_a_learner_may_practise_without_isolation_where_there_is_no_sandbox(
    monkeypatch: pytest.MonkeyPatch, platform: str, own_practice: bool, accepted: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    asked = argparse.Namespace(unsafe_no_sandbox=False, accept_weak=False)
    assert accept_from(asked, own_practice=own_practice) == accepted


# -------------------------------------------------------------------------------------------------- broken packs


def edited(files: Files, name: str, change: Callable[[bytes], bytes]) -> Files:
    return {**files, name: change(files[name])}


def golden_value(data: bytes) -> bytes:
    document = json.loads(data)
    next(iter(document["cases"].values()))["expected"] = [0.5]
    return json.dumps(document).encode()


def bomb(files: Files) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr("cases/large.yaml", bytes(15 << 20))
    return target.getvalue()


def with_link(files: Files) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16 if name == "starter.py" else 0o644 << 16
            archive.writestr(entry, data)
    return target.getvalue()


def duplicated(files: Files) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("exercise.yaml", b"name: other\n")
    return target.getvalue()


BROKEN: dict[str, tuple[Callable[[Files], bytes], str]] = {
    "bomb": (bomb, "larger than it is compressed"),
    "parent": (lambda files: zipped({**files, "../outside.yaml": b"x"}), "has '..' in its name"),
    "absolute": (lambda files: zipped({**files, "/etc/judge": b"x"}), "has an absolute name"),
    "link": (with_link, "is a symbolic link"),
    "duplicate": (duplicated, "occurs 2 times"),
    "nested": (lambda files: zipped({**files, "more.zip": zipped({})}), "an archive inside of the archive"),
    "truncated": (lambda files: zipped(files)[:-2000], "cannot be read"),
    "no-archive": (lambda files: b"name: batch-norm-step\n", "is no zip"),
    "empty": (lambda files: zipped({}), "not a pack"),
    "not-a-pack": (lambda files: zipped({"a.py": b"x = 1\n"}), "there is no pack.json"),
    "other-schema": (
        lambda files: zipped(
            edited(files, "pack.json", lambda d: d.replace(b'"pack_schema": 1', b'"pack_schema": 7'))
        ),
        "has schema 7, and this judge reads 1",
    ),
    "no-manifest": (
        lambda files: zipped({**files, "pack.json": b"[1, 2"}),
        "pack.json is not that of a pack",
    ),
    "deep-manifest": (lambda files: zipped({**files, "pack.json": b"[" * 200_000}), "not that of a pack"),
    "edited-golden": (
        lambda files: zipped(edited(files, "cases/goldens/steps.json", golden_value)),
        "cases/goldens/steps.json is not as it was packed",
    ),
    "missing-member": (
        lambda files: zipped({name: data for name, data in files.items() if name != "starter.py"}),
        "'starter.py' is missing",
    ),
    "added-member": (lambda files: zipped({**files, "cases/more.yaml": b"cases: []\n"}), "is not listed in"),
    "golden-without-value": (
        lambda files: zipped(relisted({**files, "cases/goldens/steps.json": b'{"format": 1}'})),
        "no file of goldens",
    ),
    "no-misconceptions": (
        lambda files: zipped(
            relisted({**files, "misconceptions.json": b'{"misconceptions": [{"name": 1}]}'})
        ),
        "no list of misconceptions",
    ),
    "definition": (
        lambda files: zipped(relisted({**files, "exercise.yaml": b"name: [1]\n"})),
        "exercise.yaml:1",
    ),
    "not-utf-8": (
        lambda files: zipped(relisted({**files, "exercise.yaml": b"name: \xff\n"})),
        "is not UTF-8",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_pack_gets_one_clear_line(
    kind: str, public: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, reason = BROKEN[kind]
    path = tmp_path / "broken.zip"
    path.write_bytes(make(members(public)))
    before = set(os.listdir(tmp_path))
    commands = [["explain"], ["start", str(tmp_path / "mine.py")]] if kind != "golden-without-value" else []
    for command in [*commands, [str(ROOT / "submissions" / "alice.py")]]:
        assert main([*command, "--exercise", str(path)]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith(f"judge: {path}: ")
        assert told.err.count("\n") == 1
        assert reason in told.err
        assert "judge cases record" not in told.err
    assert set(os.listdir(tmp_path)) == before


def link_member(folder: Path) -> None:
    (folder / "starter.py").rename(folder / "real.py")
    (folder / "starter.py").symlink_to("real.py")


def link_folder(folder: Path) -> None:
    (folder / "cases").rename(folder / "elsewhere")
    (folder / "cases").symlink_to("elsewhere")


def pipe_member(folder: Path) -> None:
    (folder / "starter.py").unlink()
    os.mkfifo(folder / "starter.py")


@pytest.mark.parametrize(("change", "reason"), [
    (lambda folder: (folder / "cases" / "more.yaml").write_text("cases: []"), "cases/more.yaml is no part of the pack"),
    (lambda folder: (folder / "starter.py").write_text("x = 1"), "starter.py is not as it was packed"),
    (lambda folder: (folder / "starter.py").unlink(), "starter.py cannot be read"),
    (link_member, "starter.py is a symbolic link"),
    (link_folder, "cases is a symbolic link"),
    (pipe_member, "starter.py is not a regular file"),
])  # fmt: skip
def test_an_edited_folder_of_a_pack_gets_one_clear_line(
    pack: Path, tmp_path: Path, change: Callable[[Path], object], reason: str
) -> None:
    folder = tmp_path / "unpacked"
    zipfile.ZipFile(pack).extractall(folder)
    change(folder)
    with pytest.raises(PackError, match=re.escape(reason)):
        load_exercise_with_goldens(folder)


def test_a_pack_from_other_versions_says_so_once_and_is_used(public: bytes, tmp_path: Path) -> None:
    files = members(public)
    for name in [name for name in files if name.startswith("cases/goldens/")]:
        document = json.loads(files[name])
        document["environment"]["jax"] = "0.9.1"
        files[name] = json.dumps(document).encode()
    path = tmp_path / "older.zip"
    path.write_bytes(zipped(relisted(files)))
    loaded = load_exercise_with_goldens(path)
    here = {**loaded.recorded_in[0], "jax": "0.10.2"}
    told = require_reproduced(loaded, SimpleNamespace(environment=here))
    assert told == (
        "the answers in this pack were recorded with jax 0.9.1, here is 0.10.2; "
        "they are used as they are, with the tolerance of each case"
    )
