"""An exercise as a task of Harbor, for agents and reinforcement learning: https://www.harborframework.com/docs/tasks.

    instruction.md, task.toml               what is asked, and with which limits
    environment/Containerfile, Dockerfile   the image in which an agent works: judge, its libraries, the starter
    tests/test.sh, exercise.zip             the verifier; Harbor copies it in when the agent is done
    solution/solve.sh, solution.py          for Harbor's oracle agent alone, which has to get a reward of 1

Harbor takes a trial without a reward file for a failure, not for a reward of 0.  So the verifier writes one only when
the submission was graded.
"""

from __future__ import annotations

import json
from pathlib import Path

from judge.exercise.packs.build import build_pack
from judge.files import write_file
from judge.model import Exercise, UsageError
from judge.version import __version__

SUBMISSION = "/app/solution.py"

COMPILING_S = 900
"""Allowed for compiling, which every fresh container does once: the image has no solutions to compile."""

TASK = """\
schema_version = "1.1"

[task]
name = {name}
description = {title}
keywords = ["jax", "machine-learning"]

[metadata]
exercise = {exercise}
exercise_digest = "{digest}"
judge = "{version}"

[agent]
timeout_sec = 1800.0
user = "agent" # may not change what grades it

[verifier]
timeout_sec = {timeout_s:.1f}
user = "root"

[environment]
build_timeout_sec = 1800.0
cpus = 2
memory_mb = {memory_mib}
storage_mb = 10240
"""

CONTAINERFILE = """\
# The image in which an agent works; the exercise's solutions and cases are not in it.
FROM docker.io/library/python:3.13-slim
{wheel}RUN python3 -m venv /opt/judge \\
    && /opt/judge/bin/pip install --no-cache-dir {requirement} \\
    && useradd --create-home --uid 10001 agent
ENV PATH=/opt/judge/bin:$PATH
WORKDIR /app
COPY --chown=10001:10001 solution.py /app/solution.py
RUN chown 10001:10001 /app
"""

TEST = """\
#!/bin/sh
# Grades what the agent wrote. A reward is written only when it was graded: without one Harbor reports a failure.
set -u

root="${HARBOR_ROOT:-}" # empty but in trials outside of a container
submission="$root/app/solution.py"
reward="$root/logs/verifier/reward.json"

mkdir -p "$root/logs/verifier"
rm -f "$reward"
chmod -R go-rwx "$root/tests"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3 # nothing is imported from where the agent was

if [ ! -f "$submission" ] || [ -L "$submission" ]; then
    echo "There is no file $submission."
    printf '{"reward": 0.0, "accepted": 0, "points": 0.0}\\n' >"$work/reward.json"
    mv "$work/reward.json" "$reward"
    exit 0
fi

judge "$submission" --exercise "$root/tests/exercise.zip" --plain --no-shrink -o "$work/report.json"
status=$?
if [ "$status" -gt 1 ]; then # 0: accepted, 1: graded and not accepted
    echo "The judge could not grade this submission (exit status $status): no reward." >&2
    exit "$status"
fi
cat >"$work/share.py" <<'END'
import json, sys
report = json.load(open(sys.argv[1], encoding="utf-8"))
points, out_of = report["score"]["points"], report["score"]["out_of"]
share = min(1.0, max(0.0, points / out_of)) if out_of else 0.0
rewards = {"reward": share, "accepted": int(report["verdict"] == "accepted"), "points": points}
print(json.dumps(rewards, allow_nan=False))
END
python3 -I "$work/share.py" "$work/report.json" >"$work/reward.json" || exit 3
mv "$work/reward.json" "$reward"
"""

SOLVE = """\
#!/bin/sh
cp /solution/solution.py /app/solution.py
"""


def export_harbor(exercise: Exercise, folder: Path, wheel: Path | None = None) -> list[Path]:
    """Write the exercise as a task to a new or empty folder; return its files.

    The image installs judge from ``wheel``, else this version from the package index. Raises UsageError for a folder
    that is not empty, for a pack and for a wheel that is none; ExerciseError for stale goldens.
    """
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise UsageError(f"{folder} is there already and is not empty; choose another folder")
    if wheel is not None and (wheel.suffix != ".whl" or not wheel.is_file()):
        raise UsageError(f"{wheel}: not a wheel of judge")
    files = task_files(exercise, wheel)
    written = []
    for name, data in files.items():
        place = folder / name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{place.parent} cannot be made: {error.strerror}") from None
        write_file(place, data)
        if place.suffix == ".sh":
            place.chmod(0o755)
        written.append(place)
    return written


def task_files(exercise: Exercise, wheel: Path | None = None) -> dict[str, bytes]:
    """Return the task's files by name."""
    pack = build_pack(exercise, public=False)
    reference = exercise.reference_dir
    starter = _read(reference / "starter.py")
    files = {
        "instruction.md": _instruction(exercise, _read(reference / "statement.md").decode()).encode(),
        "task.toml": _task(exercise).encode(),
        "environment/solution.py": starter,
        "tests/test.sh": TEST.encode(),
        "tests/exercise.zip": pack,
        "solution/solve.sh": SOLVE.encode(),
        "solution/solution.py": _read(reference / "solution.py"),
    }
    if wheel is not None:
        files[f"environment/{wheel.name}"] = wheel.read_bytes()
    image = _image(wheel).encode()
    for name in (
        "Containerfile",
        "Dockerfile",
    ):  # Harbor looks for the second, podman and buildah for the first
        files[f"environment/{name}"] = image
    return files


def _instruction(exercise: Exercise, statement: str) -> str:
    return (
        f"{statement.rstrip()}\n\n## Where\n\n"
        f"Write your solution to `{SUBMISSION}`; the starter is there. It has to define `{exercise.entry_point}`. "
        "It is graded on inputs that you do not see, without network and without access to other files.\n"
    )


def _task(exercise: Exercise) -> str:
    return TASK.format(
        name=_quoted(f"judge/{exercise.name}"),
        title=_quoted(exercise.title),
        exercise=_quoted(exercise.name),
        digest=exercise.digest,
        version=__version__,
        timeout_s=COMPILING_S + 3 * exercise.limits.total_wall_s,
        memory_mib=exercise.limits.memory_mib + 6144,
    )


def _image(wheel: Path | None) -> str:
    if wheel is None:
        return CONTAINERFILE.format(wheel="", requirement=f"jax-judge=={__version__}")
    return CONTAINERFILE.format(wheel=f"COPY {wheel.name} /tmp/\n", requirement=f"/tmp/{wheel.name}")


def _quoted(text: str) -> str:
    """Return text as a basic string of TOML, which JSON's strings are."""
    return json.dumps(text, ensure_ascii=False)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: a task needs it ({error.strerror})") from None
