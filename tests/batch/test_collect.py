"""Which files a batch takes, and the names that it gives to their reports."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.batch_fakes import distinct, write

from judge.batch.report_names import MAX_NAME_BYTES, RESERVED, report_name
from judge.model import UsageError
from judge.submissions.collect import collect
from judge.submissions.listing import LeftOut

TREE = distinct(
    [
        "b.py",
        "a.py",
        "notes.txt",
        "week1/a.py",
        "week1/z.py",
        "week2/tests/t.py",
        "__pycache__/a.py",
        ".git/h.py",
    ]
)


def keys(entries: list) -> list[str]:
    return [entry.key for entry in entries]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_folders_are_searched_in_sorted_order_and_only_for_python_files(here: Path) -> None:
    write(here / "class", TREE)
    found = collect([Path("class")])
    assert keys(found) == [
        "class/a.py", "class/b.py", "class/week1/a.py", "class/week1/z.py", "class/week2/tests/t.py",
    ]  # fmt: skip
    assert [entry.shown for entry in found] == keys(found)


def archived(here: Path, folder: str) -> Path:
    path = here / f"{folder}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for one in sorted((here / folder).rglob("*")):
            archive.write(one, one.relative_to(here / folder))
    return path


@pytest.mark.parametrize("as_archive", [False, True])
def test_what_is_no_submission_is_left_out_and_listed(here: Path, as_archive: bool) -> None:
    solve, other = "def solve(seed):\n    return seed\n", "x = 1\n"
    files = {
        "class/ann/ann.py": solve,
        "class/ann/test_ann.py": other,
        "class/ann/__init__.py": other,
        "class/bob/test_of_bob.py": solve,
        "class/cleo/misnamed.py": other,
        "class/dan/env/pyvenv.cfg": "home = /usr\n",
        "class/dan/env/lib/python3.11/os.py": other,
        "class/dan/web/node_modules/x/gyp.py": other,
    }
    write(here, files)
    (here / "class/eve").mkdir()
    left_out: list[LeftOut] = []
    place = archived(here, "class") if as_archive else here / "class"
    entries = collect([place], leave_out=left_out.append)
    assert [Path(entry.path).name for entry in entries] == ["ann.py", "test_of_bob.py", "misnamed.py"]
    assert {one.path.removeprefix(f"{place}/"): one.reason for one in left_out} == {
        "ann/test_ann.py": "defines no 'solve', and has the name of a test or package",
        "ann/__init__.py": "defines no 'solve', and has the name of a test or package",
        "dan/env/": "is a virtual environment",
        "dan/web/node_modules/": "holds installed packages",
        "eve/": "is an empty folder",
    }


def test_a_named_file_needs_no_suffix_and_no_glob(here: Path) -> None:
    write(here, TREE)
    found = collect([Path("notes.txt"), Path("week1")], include=["z*"], exclude=["notes*"])
    assert keys(found) == ["notes.txt", "week1/z.py"]


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (["a.py"], [], ["a.py", "week1/a.py"]),
        (["week1"], [], ["week1/a.py", "week1/z.py"]),
        (["week1/"], ["z.*"], ["week1/a.py"]),
        (["week?/*"], ["tests"], ["week1/a.py", "week1/z.py"]),
        ([], ["week*"], ["a.py", "b.py"]),
        ([], ["*/t.py", "b.py"], ["a.py", "week1/a.py", "week1/z.py"]),
    ],
)
def test_globs_speak_of_paths_names_and_folders(
    here: Path, include: list[str], exclude: list[str], expected: list[str]
) -> None:
    write(here / "class", TREE)
    assert keys(collect([Path("class")], include, exclude)) == [f"class/{name}" for name in expected]


def test_what_is_named_twice_counts_once_however_it_is_spelled(here: Path) -> None:
    write(here / "class", TREE)
    (here / "again").symlink_to("class")
    spellings = [
        Path("class/a.py"),
        Path("class"),
        Path("./class/../class/a.py"),
        here / "class",
        Path("again"),
    ]
    assert len(collect(spellings)) == 5
    assert keys(collect(spellings))[0] == "class/a.py"


def test_notebooks_are_collected_and_jupyters_copies_of_them_are_not(here: Path) -> None:
    write(here, {"a.ipynb": "", "b.py": "", ".ipynb_checkpoints/a-checkpoint.ipynb": "", "c.ipynb.txt": ""})
    assert keys(collect([Path(".")])) == ["a.ipynb", "b.py"]


def test_a_link_is_an_entry_of_its_own(here: Path) -> None:
    write(here, {"a.py": "accepted"})
    (here / "b.py").symlink_to("a.py")
    (here / "c.py").symlink_to("nowhere.py")
    assert keys(collect([Path(".")])) == ["a.py", "b.py", "c.py"]
    assert keys(collect([Path("c.py"), Path("b.py")])) == ["c.py", "b.py"]


def test_a_link_to_a_folder_inside_of_a_folder_is_not_followed(here: Path) -> None:
    write(here, {"class/a.py": "accepted", "elsewhere/secret.py": "accepted"})
    (here / "class" / "way-out").symlink_to("../elsewhere")
    assert keys(collect([Path("class")])) == ["class/a.py"]


def test_keys_do_not_change_with_how_the_files_are_named(here: Path) -> None:
    write(here / "class", TREE)
    by_folder = keys(collect([Path("class")]))
    assert keys(collect([Path("class/week1"), Path("class/a.py")])) == [
        "class/week1/a.py",
        "class/week1/z.py",
        "class/a.py",
    ]
    assert keys(collect([here / "class"])) == by_folder


def test_folders_from_elsewhere_keep_their_name_and_do_not_collide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, distinct(["one/hw/a.py", "two/hw/a.py", "two/hw/b.py", "two/hw/B.py", "here/x"]))
    monkeypatch.chdir(tmp_path / "here")
    found = keys(collect([Path("../one/hw"), tmp_path / "two" / "hw"]))
    assert len({key.casefold() for key in found}) == 4
    assert all(key.startswith("hw/") for key in found)
    assert keys(collect([tmp_path / "two" / "hw"]))[1] == "hw/a.py"


def test_what_is_not_there_is_named_all_at_once(here: Path) -> None:
    write(here, {"a.py": ""})
    with pytest.raises(UsageError) as raised:
        collect([Path("gone.py"), Path("a.py"), Path("lost")])
    assert str(raised.value) == "gone.py: no such file or folder\nlost: no such file or folder"


def test_nothing_to_grade_is_said_with_the_reason(here: Path) -> None:
    write(here, {"empty/notes.txt": "", "full/a.py": ""})
    with pytest.raises(UsageError, match=r"^no \.py or \.ipynb file in empty$"):
        collect([Path("empty")])
    with pytest.raises(UsageError, match="--include and --exclude let through in full"):
        collect([Path("full")], exclude=["a*"])


def test_a_folder_that_cannot_be_listed_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here, {"class/a.py": "", "class/closed/b.py": ""})
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    warnings: list[str] = []
    assert keys(collect([Path("class")], warn=warnings.append)) == ["class/a.py"]
    assert warnings == [
        "class/closed: this folder cannot be listed (Permission denied); nothing in it is graded"
    ]


# ------------------------------------------------------------------------------------------------------- names

PARTS = st.text(min_size=1, max_size=300).filter(lambda part: "/" not in part and part not in (".", ".."))
ODD = st.sampled_from(
    [
        "summary",
        "SUMMARY",
        "a.json",
        "a",
        "a.py",
        "a.py.json",
        ".judge",
        "-rf",
        "%2E",
        "a\n",
        "\udcff",
        "x" * 255,
    ]
)
KEYS = st.lists(PARTS | ODD, min_size=1, max_size=6).map("/".join)


def test_ordinary_names_stay_what_they_are() -> None:
    assert report_name("week1/alice.py") == "week1/alice.py.json"
    assert report_name("Zoë B/hw-1.py") == "Zoë B/hw-1.py.json"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("summary", "%73ummary.json"),
        ("week1/summary", "week1/summary.json"),
        (".hidden.py", "%2Ehidden.py.json"),
        ("-rf.py", "%2Drf.py.json"),
        ("a\nb\x1b[31m.py", "a%0Ab%1B[31m.py.json"),
        ("\udcff.py", "%FF.py.json"),
        ("100%.py", "100%25.py.json"),
        ("alice.py.json/x.py", "alice.py%2Ejson/x.py.json"),
        ("rtl\u202e.py", "rtl%E2%80%AE.py.json"),
    ],
)
def test_odd_names_are_written_out(key: str, name: str) -> None:
    assert report_name(key) == name


@given(KEYS)
def test_every_name_is_one_that_a_file_system_takes(key: str) -> None:
    name = report_name(key)
    parts = name.split("/")
    assert name.isprintable()
    assert len(name.encode()) < 2000
    assert name not in RESERVED
    assert name.endswith(".json")
    for part in parts:
        assert part not in ("", ".", "..")
        assert not part.startswith((".", "-"))
        assert len(part.encode()) <= MAX_NAME_BYTES + len(".json")
    assert not any(part.lower().endswith(".json") for part in parts[:-1])


@given(st.sets(KEYS, min_size=2, max_size=6))
def test_different_submissions_never_share_a_report(all_keys: set[str]) -> None:
    names = {report_name(key) for key in all_keys}
    assert len(names) == len(all_keys)


def test_a_learner_cannot_take_the_place_of_a_shortened_name() -> None:
    long = "x" * 250
    shortened = report_name(long)
    assert len(shortened) < 240
    assert report_name(shortened.removesuffix(".json")) != shortened


@pytest.mark.parametrize("key", ["d/" * 800 + "x.py", "x" * 255, "\udcff" * 255, "/".join(["ü" * 127] * 14)])
def test_long_names_can_really_be_written(tmp_path: Path, key: str) -> None:
    path = tmp_path / report_name(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    assert path.is_file()


def test_a_folder_too_deep_is_named_and_the_others_are_graded(here: Path) -> None:
    write(here / "class", TREE)
    os.chdir(here / "class")
    for _ in range(1_100):
        os.mkdir("d")
        os.chdir("d")
    Path("deep.py").write_text("x = 1\n")
    os.chdir(here)
    told: list[str] = []
    try:
        found = collect([Path("class")], warn=told.append)
    finally:
        subprocess.run(["rm", "-rf", "class/d"], check=True)  # pytest itself cannot: it recurses
    assert keys(found) == [
        "class/a.py", "class/b.py", "class/week1/a.py", "class/week1/z.py", "class/week2/tests/t.py",
    ]  # fmt: skip
    assert len(told) == 1
    assert "deeper than 64 folders" in told[0]
    assert told[0].startswith("class/d/d/")


def test_a_link_to_a_folder_is_no_submission(here: Path) -> None:
    write(here / "class", {"a.py": "x = 1\n", "other/b.txt": ""})
    (here / "class" / "link.py").symlink_to("other")
    assert keys(collect([Path("class")])) == ["class/a.py"]
