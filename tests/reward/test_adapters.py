"""The adapters with the real packages, where these are installed: ``pip install -e '.[rl]' pytest``."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

import pytest

from judge.grader import Grader
from judge.grader_pool import GraderPool
from judge.model import JudgeError, Report, SandboxError, Submission
from judge.reward.inspect_ai import judge_scorer
from judge.reward.verifiers import judge_reward

EXERCISE = Path(__file__).resolve().parents[1] / "exercises" / "optax_sgd_step"
RIGHT = f"Like so:\n```python\n{(EXERCISE / 'reference' / 'solution.py').read_text()}```\n"
BROKEN = "```python\ndef solve(:\n```"
NO_CODE = "I cannot do that."
FAILS = "```python\nthe judge fails\n```"


@pytest.fixture(autouse=True)
def _judge_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge fails on one of the answers."""
    grade = Grader.grade

    def failing(self: Grader, read: Submission, **options: Any) -> Report:
        if read.source == b"the judge fails\n":
            raise SandboxError("the zygote is gone")
        return grade(self, read, **options)

    monkeypatch.setattr(Grader, "grade", failing)


def test_inspect_scores_rewards_and_leaves_failures_of_the_judge_unscored(tmp_path: Path) -> None:
    pytest.importorskip("inspect_ai")
    from inspect_ai import Task, eval_async
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    answers = {"right": RIGHT, "broken": BROKEN, "no code": NO_CODE, "fails": FAILS}

    async def test() -> None:
        outputs = [ModelOutput.from_content("mockllm/model", answer) for answer in answers.values()]
        for output in outputs:
            output.usage = ModelUsage()  # else it is counted, with a table from the network
        async with GraderPool(EXERCISE, jobs=2) as pool:
            task = Task(
                dataset=[Sample(id=name, input="Write solve.") for name in answers],
                scorer=judge_scorer(pool),
            )
            model = get_model("mockllm/model", custom_outputs=outputs)
            (log,) = await eval_async(task, model=model, log_dir=str(tmp_path), max_samples=1)
        assert log.status == "success", log.error
        scores = {sample.id: sample.scores["judge"] for sample in log.samples}
        assert {name: score.value for name, score in scores.items() if name != "fails"} == {
            "right": 1.0,
            "broken": 0.0,
            "no code": 0.0,
        }
        assert math.isnan(scores["fails"].value)
        assert "the zygote is gone" in scores["fails"].explanation
        assert scores["right"].metadata["public"] == 1.0
        assert scores["broken"].explanation == "invalid-submission; syntax-error"
        (results,) = log.results.scores
        assert (results.scored_samples, results.unscored_samples) == (3, 1)
        assert results.metrics["mean"].value == pytest.approx(1 / 3), "of those that the judge has graded"

    asyncio.run(test())


def test_verifiers_gets_a_reward_or_an_error() -> None:
    vf = pytest.importorskip("verifiers.v1")

    async def test() -> None:
        async with GraderPool(EXERCISE, jobs=2) as pool:

            class Exercise(vf.Task):  # type: ignore[misc, name-defined]
                judged = judge_reward(pool, weight=2.0)

            traces = []

            async def scored(answer: str) -> Any:
                task = Exercise(vf.TaskData(prompt="Write solve."))
                trace = vf.Trace(
                    task=vf.TraceTask(type="Exercise", data=task.data, key=task.key, hash=task.hash),
                    agent=vf.AgentInfo(config=vf.AgentConfig()),
                    root_reply=answer,
                )
                traces.append(trace)
                await task.score(trace)
                return trace

            right, broken, no_code = [await scored(answer) for answer in (RIGHT, BROKEN, NO_CODE)]
            assert right.reward == 2.0
            assert right.rewards["judged"].score == 1.0
            assert right.metrics["public"] == 1.0
            assert broken.reward == no_code.reward == 0.0
            with pytest.raises(vf.TaskError, match="the zygote is gone") as raised:
                await scored(FAILS)
            assert traces[-1].rewards == {"judged": None}
            assert isinstance(raised.value.__cause__, JudgeError)

    asyncio.run(test())
