"""Runs coroutines, with a pool of threads below."""

import asyncio


async def double(value):
    await asyncio.sleep(0.001)
    return value * 2


async def everything(values):
    loop = asyncio.get_running_loop()
    first = await asyncio.gather(*(double(value) for value in values))
    second = await loop.run_in_executor(None, lambda: [value + 1 for value in first])
    return await asyncio.wait_for(asyncio.to_thread(sum, second), 5)


def solve(seed, x_batch, y_batch, lr):
    return [asyncio.run(everything([float(v) for v in y_batch]))]
