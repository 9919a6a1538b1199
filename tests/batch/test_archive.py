"""An archive is a batch like a folder: resumed, compared and summarised the same way, with hostile members named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest
from support.batch_fakes import EXERCISE, Notes, Tracks, conditions, settings

from judge.batch.batch import Batch
from judge.batch.results_folder import ResultsFolder
from judge.batch.summary import ClassNotes, left_out_lines, summary_json
from judge.commands.diff import difference, read_results
from judge.commands.grade import parser
from judge.submissions.collect import collect
from judge.submissions.listing import LeftOut

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests/exercises/optax_sgd_step"
SCHEMA = json.loads(next(ROOT.glob("*/schema/summary.schema.json")).read_text())


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_zip(files: dict[str, str], name: str = "class.zip") -> Path:
    with zipfile.ZipFile(name, "w") as archive:
        for member, text in files.items():
            archive.writestr(member, text)
    return Path(name)


def graded(out: str, roster: str = "") -> tuple[list[str], Batch, list[LeftOut]]:
    """Grade class.zip into a folder; which files were run, the batch, and what was left out."""
    tracks, left_out = Tracks(), list[LeftOut]()
    entries = collect([Path("class.zip")], roster=roster, leave_out=left_out.append)
    with ResultsFolder(Path(out)) as folder:
        batch = Batch(entries, settings(tracks), Notes(), folder, conditions())
        batch.run()
    return sorted(tracks.graded), batch, left_out


CLASS = {"ann_1_10_solve.py": "accepted", "bob_2_11_solve.py": "wrong-answer", "cleo_3_12_report.pdf": "%PDF"}


def test_the_same_archive_with_one_late_file_grades_one_file() -> None:
    write_zip(CLASS)
    assert graded("out")[0] == ["ann_1_10_solve.py", "bob_2_11_solve.py"]
    write_zip({**CLASS, "dan_LATE_4_13_solve.py": "pitfall"})
    again, batch, _ = graded("out")
    assert again == ["dan_LATE_4_13_solve.py"]
    assert [row.report.verdict for row in batch.rows] == ["accepted", "wrong-answer", "pitfall"]
    assert batch.rows[0].report.path == "class.zip/ann_1_10_solve.py"


def test_two_runs_over_an_archive_are_compared() -> None:
    write_zip(CLASS)
    graded("before")
    write_zip({**CLASS, "bob_2_11_solve.py": "accepted"})
    graded("after")
    found = difference(read_results(Path("before")), read_results(Path("after")))
    assert [change.name for change in found.changed] == ["class.zip/bob_2_11_solve.py.json"]


def test_the_summary_says_whose_each_file_is_and_what_was_left_out() -> None:
    write_zip({**CLASS, "stray.py": "accepted", "__MACOSX/._stray.py": "x"})
    _, batch, left_out = graded("out", roster="canvas")
    entries = [row.entry for row in batch.rows]
    text = summary_json(batch.rows, entries, EXERCISE, 1.0, ClassNotes("canvas", tuple(left_out)))
    document = json.loads(text)
    jsonschema.validate(document, SCHEMA)
    rows = {row["path"].removeprefix("class.zip/"): row for row in document["reports"]}
    assert rows["ann_1_10_solve.py"]["learners"] == [{"id": "1", "name": "ann"}]
    assert rows["cleo_3_12_report.pdf"]["verdict"] == "invalid-submission"
    assert "learners" not in rows["stray.py"]
    assert document["roster"] == "canvas"
    reasons = {one["path"].removeprefix("class.zip/"): one["reason"] for one in document["left_out"]}
    assert reasons == {
        "__MACOSX/": "is a folder of the operating system",
        "cleo_3_12_report.pdf": "is no Python file or notebook",
    }


def test_what_was_left_out_is_told_by_reason() -> None:
    left_out = [LeftOut(f"a/{n}.pdf", "is no Python file or notebook") for n in range(5)] + [LeftOut("b", "is a cache")]
    assert list(left_out_lines(left_out)) == [
        "left out: 5 files, each is no Python file or notebook: a/0.pdf, a/1.pdf, a/2.pdf, ...",
        "left out: b is a cache",
    ]


def test_hostile_members_are_named_and_the_others_are_graded() -> None:
    files = {
        "ok.py": "accepted",
        "../up.py": "accepted",
        "C:/x.py": "accepted",
        "in.zip": "PK",
        "bomb.py": "0" * 9_000_000,
    }
    with zipfile.ZipFile("class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    run, batch, left_out = graded("out")
    assert run == ["bomb.py", "ok.py"]
    assert {row.report.path: row.report.verdict for row in batch.rows} == {
        "class.zip/ok.py": "accepted",
        "class.zip/bomb.py": "invalid-submission",
    }
    assert {one.path: one.reason for one in left_out} == {
        "class.zip/../up.py": "has '..' in its name",
        "class.zip/C:/x.py": "has an absolute name",
        "class.zip/in.zip": "is an archive inside of the archive",
    }
    assert not Path("up.py").exists()
    assert sorted(path.name for path in Path().iterdir()) == ["class.zip", "out"]


NOSY = """
import os, sys, glob
seen = [sys.argv, dict(os.environ), __name__, globals().get("__file__"), os.getcwd(), sys.path, sys.orig_argv]
for place in ("/proc/self/cmdline", "/proc/self/environ", "/proc/self/maps", "/proc/self/mountinfo"):
    try:
        seen.append(open(place, "rb").read())
    except OSError:
        pass
for folder in (".", "/", "/tmp", os.getcwd()):
    try:
        seen.append(os.listdir(folder))
    except OSError:
        pass
print(repr([module for module in sys.modules]), repr(seen))
try:
    raise ValueError
except ValueError:
    import traceback
    print(traceback.format_exc(), sys._getframe().f_code)
"""


def test_no_submission_can_see_who_handed_it_in(here: Path) -> None:
    right = (SMALL / "reference/solution.py").read_text()
    name, user = "zyxwvutqqname", "8675309424242"
    write_zip({f"{name}_LATE_{user}_99_solve.py": f"{right}\n{NOSY}", "bob_2_11_solve.py": right})
    done = subprocess.run(
        [
            *(sys.executable, "-m", "judge", "class.zip", "--roster", "auto", "--exercise", str(SMALL)),
            *(
                "-o",
                "out",
                "-o",
                "grades.canvas.csv",
                "-o",
                "feedback.zip",
                "-o",
                "class.html",
                "--scale",
                "10",
            ),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode in (0, 1), done.stderr
    report = json.loads((here / f"out/class.zip/{name}_LATE_{user}_99_solve.py.json").read_text())
    printed = report["stdout"] + "".join(check["stdout"] for check in report["checks"])
    assert "ValueError" in printed
    assert name not in printed
    assert user not in printed
    summary = json.loads((here / "out/summary.json").read_text())
    assert summary["reports"][1]["learners"] == [{"id": user, "name": name}]
    assert summary["reports"][1]["late"] is True
    grades = (here / "grades.canvas.csv").read_text().splitlines()
    assert grades[1] == "    Points Possible,,,,,10"
    assert f"{name},{user},,,,10" in grades
    with zipfile.ZipFile("feedback.zip") as archive:
        assert f"{name}_LATE_{user}_99_solve.py.html" in archive.namelist()
    assert name in (here / "class.html").read_text()


LARGE_CLASS = """
import sys
from pathlib import Path
from support.batch_fakes import EXERCISE, Tracks, settings
from judge.commands.grade_batch import run_batch
from judge.exports import export_for
from judge.submissions.collect import collect
entries = collect([Path("class.zip")], roster="canvas")
exports = [export_for(Path(name)) for name in ("grades.canvas.csv", "feedback.zip")]
files = [Path("class.html"), Path("class.json")]
run_batch(entries, settings(Tracks()), exercise=EXERCISE, files=files, exports=exports, plain=True)
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(len(entries), int(peak.split()[1]) / 1024, file=sys.stderr)
"""


@pytest.mark.long
def test_five_hundred_hand_ins_in_one_archive_fit_into_300_mib() -> None:
    padding = "\n".join(f"# {n:08} {'x' * 80}" for n in range(300))
    write_zip({f"a{n}_{n}_{n}_solve.py": f"# wrong-answer {n}\n{padding}" for n in range(500)})
    done = subprocess.run(
        [sys.executable, "-c", LARGE_CLASS],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )
    count, peak_mib = done.stderr.splitlines()[-1].split()
    assert int(count) == 500
    assert 20 < float(peak_mib) < 300


@pytest.mark.parametrize("name", ["class.zip", "class.tar.gz", "CLASS.TGZ"])
def test_an_archive_that_is_none_is_one_line_and_a_usage_error(name: str) -> None:
    Path(name).write_bytes(b"hello")
    done = subprocess.run(
        [sys.executable, "-m", "judge", name, "--exercise", str(SMALL)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 2
    assert done.stderr == f"judge: {name}: is no zip, tar or tar.gz archive\n"


def test_help_names_archives_and_rosters() -> None:
    text = " ".join(parser().format_help().split())
    assert "archive (zip, tar, tar.gz)" in text
    assert "--roster NAME" in text
