"""Wrong submissions, each wrong in a way of its own: fuzzing finds a small input, and pinned it fails them for good."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from judge.cli import main
from judge.exercise import load_cases, load_exercise
from judge.grader import Grader
from judge.model import Origin, Outcome, Verdict

ROOT = Path(__file__).resolve().parents[2]

WRONG = (
    "stale_batch_stats",
    "loss_not_mean",  # needs two rows
    "prediction_broadcast_in_loss",  # needs two rows
    "model_unbiased_variance",  # needs two rows
    "lr_zero_replaced",  # needs lr = 0
    "seed_rounded",  # needs a fraction of a half or more
    "seed_through_float32",  # needs a seed beyond 2**24
    "optimizer_clipped",  # needs a large gradient
    "norm_not_updated",  # needs a large step
    "stats_recomputed_after_step",  # differs by little, and on few small inputs by enough
)
SMALL = 2
"""The largest N and D of a counterexample, since each of these can be seen on an input of that size."""

ONLY_LARGE = """\

right = solve


def solve(seed, x_batch, y_batch, lr):
    value = right(seed, x_batch, y_batch, lr)
    return value if len(x_batch) < 4 else 1.01 * value
"""
"""Right on small inputs: (4, 3) and (8, 1), of equally many numbers, are the smallest on the ladder that show it."""

CASES = """\
cases:
  - name: textbook-batch
    why: A plain batch.
    visibility: public
    inputs:
      seed: 0
      x_batch: {normal: {shape: [8, 5], seed: 1}}
      y_batch: {normal: {shape: [8], seed: 2}}
      lr: 0.1
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the exercise with one case, three accepted variants and no bank, so that recording is quick."""
    root = tmp_path_factory.mktemp("loaded")
    (root / "reference" / "accepted").mkdir(parents=True)
    (root / "cases").mkdir()
    for name in ("exercise.yaml", "solution.py", "oracle.py", "strategies.py", "statement.md", "starter.py"):
        shutil.copy(ROOT / "reference" / name, root / "reference" / name)
    for name in ("permuted_rows", "jitted_step", "numpy_by_hand"):
        shutil.copy(ROOT / "reference" / "accepted" / f"{name}.py", root / "reference" / "accepted")
    (root / "cases" / "steps.yaml").write_text(CASES, encoding="utf-8")
    assert main(["cases", "record", "--exercise", str(root)]) == 0
    return root


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("submissions")
    found = {}
    for name in WRONG:
        found[name] = Path(shutil.copy(ROOT / "reference" / "misconceptions" / f"{name}.py", folder))
    found["only_large"] = folder / "only_large.py"
    reference = (ROOT / "reference" / "solution.py").read_text(encoding="utf-8")
    found["only_large"].write_text(reference + ONLY_LARGE, encoding="utf-8")
    return found


@pytest.mark.long
def test_counterexamples_are_small_and_once_pinned_they_fail_without_fuzzing(
    loaded: Path, submissions: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    sizes: dict[str, tuple[int, ...]] = {}
    case_of: dict[str, str] = {}
    for name, path in submissions.items():
        pinned = name.replace("_", "-")
        arguments = [str(path), "--pin", pinned, "--format", "json", "--exercise", str(loaded)]
        capsys.readouterr()
        assert main(["fuzz", *arguments]) == 1, name
        out, err = capsys.readouterr()
        found = json.loads(out)["counterexample"]
        told = re.search(r"(?m)^(not pinned: |pinned as )(pinned/[a-z0-9-]+)", err)
        assert told is not None, err
        case_of[name] = told[2]
        # Two mistakes may shrink to the same inputs; the first has made them a case then.
        assert (told[1] == "pinned as ") == (told[2] == f"pinned/{pinned}")
        sizes[name] = np.shape(found["inputs"]["x_batch"])
        with capsys.disabled():
            print(
                f"\n{name}: {sizes[name]}, {found['inputs']}, {found['expected']}, got {found['got']}",
                flush=True,
            )

    assert main(["cases", "record", "--exercise", str(loaded)]) == 0
    exercise = load_exercise(loaded)
    by_id = {case.id: case for case in load_cases(exercise) if case.origin is Origin.PINNED}
    assert set(by_id) == set(case_of.values())
    assert len(by_id) > len(submissions) // 2
    with Grader(loaded) as grader:
        assert grader.grade(loaded / "reference" / "solution.py").verdict is Verdict.ACCEPTED
        for name, path in submissions.items():
            report = grader.grade(path)
            outcomes = {check.id: check.outcome for check in report.checks}
            assert report.verdict is not Verdict.ACCEPTED, name
            assert outcomes[f"case:{case_of[name]}"] is Outcome.FAILED, name
    assert sizes.pop("only_large") in {(4, 3), (8, 1)}
    assert {name: size for name, size in sizes.items() if max(size) > SMALL} == {}
