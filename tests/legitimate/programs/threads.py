"""Runs compiled programs in a pool of threads."""

import concurrent.futures
import threading

import jax
import jax.numpy as jnp


def solve(seed, x_batch, y_batch, lr):
    program = jax.jit(lambda v: jnp.tanh(v).sum())
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        sums = list(pool.map(lambda n: program(x_batch[: n + 1]), range(len(x_batch))))
    found, lock = {}, threading.Lock()

    def work(number):
        value = float(jnp.sum(jnp.sqrt(jnp.abs(x_batch[number]))))
        with lock:
            found[number] = value

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return jnp.array([*sums, *(found[number] for number in range(4))])
