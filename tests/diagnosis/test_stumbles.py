"""Mistakes that people really make get their code and the learner's own line; what only looks alike gets neither."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from stumbles import STUMBLES, program
from support.diagnosis_bank import CASES, Wanted, goldens_from, observe

from judge.diagnosis import Diagnosis, diagnose
from judge.model import Exercise, Severity, Submission

ALL = {
    f"{code}/{name}": Wanted(f"{code}/{name}", program(body).encode(), (CASES[0].id,))
    for code, bodies in STUMBLES.items()
    for name, body in bodies.items()
}

TOLD = (
    "aux-swapped/subscript",
    "carry-changed/taken_apart",
    "donated-buffer-used/in_apply",
    "missing-batch-stats/bare_params",
    "missing-batch-stats/other_name",
    "nested-batch-stats/scan",
    "not-a-jax-type/model",
    "not-in-this-version/popped_pair",
    "not-in-this-version/tree_map",
    "train-state-without-field/create",
    "unrecognised-exception/in_function",
)
"""Those whose message is looked into."""
IN_MAIN = {*TOLD, *(f"{code}/{next(iter(bodies))}" for code, bodies in STUMBLES.items())}
"""The first of each code is in the main suite as well; the long one has all."""


@pytest.fixture(scope="module")
def judged(is_long: bool, exercise: Exercise) -> Mapping[str, Diagnosis]:
    """Of those that this run has tests of."""
    wanted = {name: it for name, it in ALL.items() if is_long or name in IN_MAIN}
    reference = Wanted("reference", (exercise.reference_dir / "solution.py").read_bytes(), (CASES[0].id,))
    seen = observe([reference, *wanted.values()])
    goldens = goldens_from(seen["reference"], {}, CASES[:1])
    return {
        name: diagnose(exercise, Submission(name, it.source, ""), seen[name], CASES[:1], goldens, ())
        for name, it in wanted.items()
    }


@pytest.mark.parametrize(
    "name", [name if name in IN_MAIN else pytest.param(name, marks=pytest.mark.long) for name in ALL]
)
def test_an_error_is_told_as_its_mistake(name: str, judged: Mapping[str, Diagnosis]) -> None:
    errors = [finding for finding in judged[name].findings if finding.severity is Severity.ERROR]
    assert [finding.code for finding in errors] == [name.partition("/")[0]], [f.message for f in errors]
    span = errors[0].span
    assert span is not None
    lines = ALL[name].marked_lines
    assert not lines or span.line in lines, (span, lines)
    assert errors[0].message.rstrip().endswith("?")


@pytest.mark.parametrize("name", ["donated-buffer-used/in_apply", "unrecognised-exception/in_function"])
def test_the_line_is_the_learner_s_own_and_not_the_given_model_s(
    name: str, judged: Mapping[str, Diagnosis]
) -> None:
    (finding,) = judged[name].findings
    text = ALL[name].source.decode().split("\n")
    assert finding.span is not None
    assert text[finding.span.line - 1].endswith("# <- evaluate")
    assert "The innermost line of your own on the way to it is line" in finding.message
    assert "in `evaluate`" in finding.message


def test_a_true_cause_is_said_where_it_is_known(judged: Mapping[str, Diagnosis]) -> None:
    def message(name: str) -> str:
        return judged[name].findings[0].message

    assert "older ones made them a `FrozenDict`" in message("not-in-this-version/popped_pair")
    assert "FrozenDict" not in message("not-in-this-version/tree_map")
    assert "are no collections: it is the parameters alone" in message("missing-batch-stats/bare_params")
    assert "are no collections" not in message("missing-batch-stats/other_name")
    assert "stand under a key `batch_stats` of their own" in message("nested-batch-stats/scan")
    assert "batch_stats` of their own" not in message("carry-changed/taken_apart")
    assert "The field that it lacks is `batch_stats`." in message("train-state-without-field/create")
    assert "What jax could not take is a `Net`." in message("not-a-jax-type/model")
    assert "calls what came first `state`, and the other `loss`" in message("aux-swapped/subscript")
