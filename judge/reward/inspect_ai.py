"""A scorer for Inspect (``inspect_ai``), which is imported on use: ``pip install 'jax-judge[rl]'``."""

from __future__ import annotations

from typing import Any

from judge.grader_pool import GraderPool
from judge.reward import code_in, rewards


def judge_scorer(pool: GraderPool) -> Any:
    """Return a scorer that grades the last ``python`` block of an answer; its value is the reward, from 0 to 1.

    Enter the pool around ``eval_async``. The other rewards are in the score's metadata. An answer without a block
    scores 0; one on which the judge failed is unscored, so that no metric counts it.
    """
    from inspect_ai.scorer import Score, mean, scorer, stderr

    async def score(state: Any, target: Any) -> Any:
        code = code_in(state.output.completion)
        if code is None:
            return Score(
                value=0.0, reason="invalid_response_format", explanation="no python block in the answer"
            )
        report = await pool.grade(code)
        found = rewards(report)
        said = "; ".join([report.verdict.value, *(finding.code for finding in report.findings)])
        answer = code.decode("utf-8", "replace")
        if found is None:
            failure = report.findings[0].message
            return Score.unscored(reason="scoring_failed", answer=answer, explanation=failure)
        return Score(value=found.reward, answer=answer, explanation=said, metadata=found.named())

    exercise = pool.loaded.exercise
    register = scorer(
        metrics=[mean(), stderr()], name="judge", exercise=exercise.name, exercise_digest=exercise.digest
    )
    return register(lambda: score)()
