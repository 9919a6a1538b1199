"""Reads answers of a model, one JSON object a line with its ``answer``, and writes each with its rewards.

    python rewards.py EXERCISE < answers.jsonl > rewards.jsonl

An answer on which the judge failed is left out, and counted: a reward of 0 would say that the answer was wrong.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator

from judge import GraderPool
from judge.reward import code_in, rewards

NOTHING = {"reward": 0.0}
"""For an answer without code: that is the model's own mistake."""


async def main(exercise: str) -> int:
    graded = []  # the answers that have code, in the order in which the pool takes them
    failed = 0

    def sources() -> Iterator[bytes]:
        for line in sys.stdin:
            row = json.loads(line)
            code = code_in(row["answer"])
            if code is None:
                print(json.dumps(row | NOTHING))
                continue
            graded.append(row)
            yield code

    async with GraderPool(exercise) as pool:
        async for number, report in pool.grade_many(sources()):
            found = rewards(report)
            if found is None:
                failed += 1
                continue
            print(json.dumps(graded[number] | found.named()), flush=True)
    if failed:
        print(f"{failed} left out: the judge failed on them", file=sys.stderr)
    return 3 if failed else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1])))
