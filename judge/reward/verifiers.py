"""A reward for tasks of Verifiers (``verifiers.v1``), which is imported on use: ``pip install 'jax-judge[rl]'``."""

from __future__ import annotations

from typing import Any

from judge.grader_pool import GraderPool
from judge.model import JudgeError
from judge.reward import code_in, rewards


def judge_reward(pool: GraderPool, weight: float = 1.0) -> Any:
    """Return a method for a ``vf.Task``: the reward, from 0 to 1, of the last ``python`` block in the last reply.

    Write ``judged = judge_reward(pool)`` in the body of the class, and enter the pool around the run. The other rewards
    are recorded as metrics. A reply without a block gets 0. Where the judge failed JudgeError is raised: such a trace
    is not ``ok``, and has to be left out.
    """
    import verifiers.v1 as vf

    async def judged(self: Any, trace: Any) -> float:
        code = code_in(trace.last_reply)
        if code is None:
            return 0.0
        report = await pool.grade(code)
        found = rewards(report)
        if found is None:
            raise JudgeError(report.findings[0].message)
        trace.record_metrics({name: value for name, value in found.named().items() if name != "reward"})
        return found.reward

    return vf.reward(judged, weight=weight)
