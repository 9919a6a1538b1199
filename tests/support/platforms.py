"""A class as each platform's download spells it: the same people, with the same troubles.

Zoë Müller-Löhr handed in twice, Seán O'Brien late, Åsa and Ben as a group, Nils del Río nothing that can be graded,
Ida a notebook beside her file, and Bo only once. The operating system left its own files.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENTRY = "def solve(seed, x_batch, y_batch, lr):\n    return 0.0\n"


def source(words: str) -> bytes:
    return f"# {words}\n{ENTRY}".encode()


HELPER = b"def helper(x):\n    return x\n"
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
JUNK = {
    "__MACOSX/._solve.py": b"\0\5\26\7",
    ".DS_Store": b"\0\0\0\1Bud1",
    "__pycache__/solve.cpython-311.pyc": b"\0",
}


@dataclass(frozen=True)
class Platform:
    """The files of a download (a name that ends in ``/`` is a folder), and what a roster is to make of them.

    ``rows``: the file that counts, or the place of a hand-in without one, with the ids of its learners.
    """

    name: str
    files: Mapping[str, bytes]
    rows: Mapping[str, tuple[str, ...]]
    late: frozenset[str]
    names: Mapping[str, str]
    without_file: str


CANVAS = Platform(
    "canvas",
    {
        "müllerlöhrzoë_101_9001_solve.py": source("wrong-answer first of zoe"),
        "müllerlöhrzoë_101_9040_solve-1.py": source("accepted second of zoe"),
        "obrienseán_LATE_102_9002_my solve's.py": source("accepted sean"),
        "groupone_103_9003_solve.py": source("pitfall group"),
        "delríonils_104_9004_report.pdf": b"%PDF",
        "berglundida_105_9005_solve.py": source("accepted ida"),
        "berglundida_105_9006_notes.ipynb": NOTEBOOK,
        "bo_106_9007_helper.py": HELPER,
        "bo_106_9008_homework_2.py": source("accepted bo"),
        **JUNK,
    },
    {
        "müllerlöhrzoë_101_9040_solve-1.py": ("101",),
        "obrienseán_LATE_102_9002_my solve's.py": ("102",),
        "groupone_103_9003_solve.py": ("103",),
        "delríonils_104_9004_report.pdf": ("104",),
        "berglundida_105_9005_solve.py": ("105",),
        "bo_106_9008_homework_2.py": ("106",),
    },
    frozenset({"102"}),
    {"101": "müllerlöhrzoë"},
    "104",
)

MOODLE = Platform(
    "moodle",
    {
        "Zoë Müller-Löhr_101_assignsubmission_file_/solve.py": source("accepted zoe"),
        "Zoë Müller-Löhr_101_assignsubmission_file_/old/helper.py": HELPER,
        "Seán O'Brien_102_assignsubmission_file_/solve.py": source("accepted sean"),
        "Åsa Ek_103_assignsubmission_file_/team.py": source("pitfall team"),
        "Ben Ek_107_assignsubmission_file_/team.py": source("pitfall team"),
        "Nils del Río_104_assignsubmission_file_/": b"",
        "Nils del Río_104_assignsubmission_onlinetext_/onlinetext.html": b"<p>sorry</p>",
        "Ida Berglund_105_assignsubmission_file_/solve.py": source("accepted ida"),
        "Ida Berglund_105_assignsubmission_file_/notes.ipynb": NOTEBOOK,
        "Bo_106_assignsubmission_file_solve.py": source("accepted bo"),
        **JUNK,
    },
    {
        "Zoë Müller-Löhr_101_assignsubmission_file_/solve.py": ("101",),
        "Seán O'Brien_102_assignsubmission_file_/solve.py": ("102",),
        "Åsa Ek_103_assignsubmission_file_/team.py": ("103",),
        "Ben Ek_107_assignsubmission_file_/team.py": ("107",),
        "Nils del Río_104_assignsubmission_file_": ("104",),
        "Ida Berglund_105_assignsubmission_file_/solve.py": ("105",),
        "Bo_106_assignsubmission_file_solve.py": ("106",),
    },
    frozenset(),
    {"101": "Zoë Müller-Löhr", "102": "Seán O'Brien"},
    "104",
)

BRIGHTSPACE = Platform(
    "brightspace",
    {
        "index.html": b"<html></html>",
        "77123-101 - Zoë Müller-Löhr - Sep 9, 2026 1017 AM/solve.py": source("wrong-answer first of zoe"),
        "77123-101 - Zoë Müller-Löhr - Sep 10, 2026 1217 AM/solve.py": source("accepted second of zoe"),
        "77123-102 - Seán O'Brien - Sep 12, 2026 333 PM/solve.py": source("accepted sean"),
        "77123-103 - Group One - Sep 12, 2026 333 PM/solve.py": source("pitfall group"),
        "77123-104 - Nils del Río - Sep 12, 2026 333 PM/report.pdf": b"%PDF",
        "77123-105 - Ida Berglund - Sep 12, 2026 333 PM/solve.py": source("accepted ida"),
        "77123-105 - Ida Berglund - Sep 12, 2026 333 PM/notes.ipynb": NOTEBOOK,
        "77123-106 - Bo - Sep 12, 2026 333 PM/solve.py": source("accepted bo"),
        **JUNK,
    },
    {
        "77123-101 - Zoë Müller-Löhr - Sep 10, 2026 1217 AM/solve.py": ("101",),
        "77123-102 - Seán O'Brien - Sep 12, 2026 333 PM/solve.py": ("102",),
        "77123-103 - Group One - Sep 12, 2026 333 PM/solve.py": ("103",),
        "77123-104 - Nils del Río - Sep 12, 2026 333 PM": ("104",),
        "77123-105 - Ida Berglund - Sep 12, 2026 333 PM/solve.py": ("105",),
        "77123-106 - Bo - Sep 12, 2026 333 PM/solve.py": ("106",),
    },
    frozenset(),
    {"101": "Zoë Müller-Löhr", "102": "Seán O'Brien"},
    "104",
)

_BB = "Homework_3_{}_attempt_2026-09-{}-10-17-33"


def _note(user: str, name: str) -> bytes:
    return f"Name: {name} ({user})\nAssignment: Homework_3\nDate Submitted: ...\n".encode()


BLACKBOARD = Platform(
    "blackboard",
    {
        f"{_BB.format('zmueller', '09')}_solve.py": source("wrong-answer first of zoe"),
        f"{_BB.format('zmueller', '09')}.txt": _note("zmueller", "Zoë Müller-Löhr"),
        f"{_BB.format('zmueller', '10')}_solve.py": source("accepted second of zoe"),
        f"{_BB.format('zmueller', '10')}.txt": _note("zmueller", "Zoë Müller-Löhr"),
        f"{_BB.format('sean_obrien', '12')}_my solve's.py": source("accepted sean"),
        f"{_BB.format('sean_obrien', '12')}.txt": _note("sean_obrien", "Seán O'Brien"),
        f"{_BB.format('groupone', '12')}_solve.py": source("pitfall group"),
        f"{_BB.format('ndelrio', '12')}.txt": _note("ndelrio", "Nils del Río"),
        f"{_BB.format('iberglund', '12')}_solve.py": source("accepted ida"),
        f"{_BB.format('iberglund', '12')}_notes.ipynb": NOTEBOOK,
        f"{_BB.format('bo', '12')}_solve.py": source("accepted bo"),
        **JUNK,
    },
    {
        f"{_BB.format('zmueller', '10')}_solve.py": ("zmueller",),
        f"{_BB.format('sean_obrien', '12')}_my solve's.py": ("sean_obrien",),
        f"{_BB.format('groupone', '12')}_solve.py": ("groupone",),
        f"{_BB.format('ndelrio', '12')}.txt": ("ndelrio",),
        f"{_BB.format('iberglund', '12')}_solve.py": ("iberglund",),
        f"{_BB.format('bo', '12')}_solve.py": ("bo",),
    },
    frozenset(),
    {"zmueller": "Zoë Müller-Löhr", "sean_obrien": "Seán O'Brien"},
    "ndelrio",
)

_GS = "assignment_55_export"


def _metadata() -> bytes:
    def one(number: int, when: str, *people: tuple[str, str]) -> str:
        lines = [f"submission_{number}:", "  :submitters:"]
        for name, sid in people:
            lines += [f'  - :name: "{name}"', f"    :sid: '{sid}'", f"    :email: {sid}@example.edu"]
        return "\n".join([*lines, f"  :created_at: 2026-09-{when} 10:17:33.000000000 Z", "  :score: 0.0", ""])

    return (
        "---\n"
        + one(1, "09", ("Zoë Müller-Löhr", "101"))
        + one(2, "10", ("Zoë Müller-Löhr", "101"))
        + one(3, "12", ("Seán O'Brien", "102"))
        + one(4, "12", ("Åsa Ek", "103"), ("Ben Ek", "107"))
        + one(5, "12", ("Nils del Río", "104"))
        + one(6, "12", ("Ida Berglund", "105"))
        + one(7, "12", ("Bo", "106"))
    ).encode()


GRADESCOPE = Platform(
    "gradescope",
    {
        f"{_GS}/submission_metadata.yml": _metadata(),
        f"{_GS}/submission_1/solve.py": source("wrong-answer first of zoe"),
        f"{_GS}/submission_2/solve.py": source("accepted second of zoe"),
        f"{_GS}/submission_3/my solve's.py": source("accepted sean"),
        f"{_GS}/submission_4/solve.py": source("pitfall group"),
        f"{_GS}/submission_5/report.pdf": b"%PDF",
        f"{_GS}/submission_6/solve.py": source("accepted ida"),
        f"{_GS}/submission_6/notes.ipynb": NOTEBOOK,
        f"{_GS}/submission_7/solve.py": source("accepted bo"),
        **JUNK,
    },
    {
        f"{_GS}/submission_2/solve.py": ("101",),
        f"{_GS}/submission_3/my solve's.py": ("102",),
        f"{_GS}/submission_4/solve.py": ("103", "107"),
        f"{_GS}/submission_5": ("104",),
        f"{_GS}/submission_6/solve.py": ("105",),
        f"{_GS}/submission_7/solve.py": ("106",),
    },
    frozenset(),
    {"101": "Zoë Müller-Löhr", "102": "Seán O'Brien", "107": "Ben Ek"},
    "104",
)

_C50 = "ml-hw3_submissions_2026_09_12_T_10_17_33"
_SCORES = (
    "username,first_name,last_name,email,section,score,max_score,datetime,submission_tag,submitted_by,"
    "review_url,late,override\n"
    "zoe-m,Zoë,Müller-Löhr,z@example.edu,,,,,,,https://github.com/org/ml-hw3-zoe-m/pull/1,false,\n"
    "m,Max,Other,x@example.edu,,,,,,,,,\n"
    "sean,Seán,O'Brien,s@example.edu,,,,,,,https://github.com/org/ml-hw3-sean/pull/1,true,\n"
    "asa,Åsa,Ek,a@example.edu,,,,,,,https://github.com/org/ml-hw3-asa/pull/1,,\n"
    "ben,Ben,Ek,b@example.edu,,,,,,,https://github.com/org/ml-hw3-asa/pull/1,,\n"
    "nils,Nils,del Río,n@example.edu,,,,,,,,,\n"
    "ida,Ida,Berglund,i@example.edu,,,,,,,,,\n"
    "Bo,Bo,,bo@example.edu,,,,,,,,,\n"
)

CLASSROOM50 = Platform(
    "classroom50",
    {
        f"{_C50}/scores.csv": _SCORES.encode(),
        f"{_C50}/ml-hw3-zoe-m/solve.py": source("accepted zoe"),
        f"{_C50}/ml-hw3-zoe-m/.git/HEAD": b"ref: refs/heads/main\n",
        f"{_C50}/ml-hw3-sean/src/my solve's.py": source("accepted sean"),
        f"{_C50}/ml-hw3-asa/solve.py": source("pitfall group"),
        f"{_C50}/ml-hw3-nils/README.md": b"# Homework\n",
        f"{_C50}/ml-hw3-ida/solve.py": source("accepted ida"),
        f"{_C50}/ml-hw3-ida/notes.ipynb": NOTEBOOK,
        f"{_C50}/ml-hw3-bo/solve.py": source("accepted bo"),
        **JUNK,
    },
    {
        f"{_C50}/ml-hw3-zoe-m/solve.py": ("zoe-m",),
        f"{_C50}/ml-hw3-sean/src/my solve's.py": ("sean",),
        f"{_C50}/ml-hw3-asa/solve.py": ("asa", "ben"),
        f"{_C50}/ml-hw3-nils": ("nils",),
        f"{_C50}/ml-hw3-ida/solve.py": ("ida",),
        f"{_C50}/ml-hw3-bo/solve.py": ("Bo",),
    },
    frozenset({"sean"}),
    {"zoe-m": "Zoë Müller-Löhr", "ben": "Ben Ek", "Bo": "Bo"},
    "nils",
)

PLATFORMS = (CANVAS, MOODLE, BRIGHTSPACE, BLACKBOARD, GRADESCOPE, CLASSROOM50)


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFDIR | 0o755 if name.endswith("/") else stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return path


def write_tar(path: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name.rstrip("/"))
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def write_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        place = path / name
        if name.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    return path
