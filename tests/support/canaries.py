"""A program full of things that must not be found later, and needles that are nowhere in one piece."""

from __future__ import annotations

import json
import marshal
import secrets
from dataclasses import dataclass

WORD = "canary" + secrets.token_hex(12)

SOURCE = f'''
"""{WORD}_docstring of the file, long enough to be no small object: {"x" * 600}"""
# {WORD}_comment
import flax.linen as nn
import jax
import jax.numpy as jnp


class {WORD}_Model(nn.Module):
    """{WORD}_docstring"""
    {WORD}_field: int = 4

    @nn.compact
    def __call__(self, x):
        {WORD}_hidden = nn.Dense(self.{WORD}_field, name="{WORD}_layer")(x)
        return nn.Dense(1)(nn.relu({WORD}_hidden))


{WORD}_table = [{", ".join(f"0.{n}1234567" for n in range(10, 99))}]


def {WORD}_helper(a, b):
    {WORD}_text = "{WORD}_message {"y" * 300}"
    return jnp.mean((a - b) ** 2) * 1.2345678901234567, {WORD}_text


def {WORD}_never_called(a):
    total = 0
    for index, {WORD}_value in enumerate({WORD}_table):
        total = total * 3 + {WORD}_value * index if a > index else total - {WORD}_value
    return {{"{WORD}_answer": total, "second": [a, total, a * total], "third": (a, a, a)}}


def solve(seed, x_batch, y_batch, lr):
    """{WORD}_docstring"""
    {WORD}_model = {WORD}_Model()
    variables = {WORD}_model.init(jax.random.PRNGKey(int(seed)), x_batch)

    def {WORD}_loss(v):
        return {WORD}_helper({WORD}_model.apply(v, x_batch)[:, 0], y_batch)

    (loss, _), grads = jax.value_and_grad({WORD}_loss, has_aux=True)(variables)
    new = jax.tree.map(lambda p, g: p - lr * g, variables, grads)
    return {WORD}_loss(new)[0].reshape(1)
'''

REGISTERED = (
    SOURCE + f"\njax.tree_util.register_pytree_node({WORD}_Model, lambda m: ((), None), lambda _, c: None)\n"
)
"""The same, but jax keeps the class for ever."""


@dataclass(frozen=True)
class Needle:
    """Bytes to look for, as two halves, so that whoever looks holds them nowhere together."""

    name: str
    first: bytes
    second: bytes

    @classmethod
    def of(cls, name: str, data: bytes) -> Needle:
        half = len(data) // 2
        return cls(name, data[:half], data[half:])


def needles(program: bytes) -> list[Needle]:
    """Words, numbers and stretches of marshalled code and bytecode of a program."""
    found = [
        Needle.of(f"word {part}", f"{WORD}_{part}".encode()) for part in ("docstring", "comment", "message")
    ]
    found += [
        Needle.of(f"name {part}", f"{WORD}_{part}".encode()) for part in ("helper", "never_called", "hidden")
    ]
    found += [
        Needle.of(f"marshalled {place}", program[place : place + 64])
        for place in range(200, len(program) - 64, 400)
    ]
    found += [
        Needle.of(f"bytecode of {name}", code[8:72])
        for name, code in _bytecode(marshal.loads(program)).items()
    ]
    return found


def _bytecode(code: object) -> dict[str, bytes]:
    found = {}
    for constant in code.co_consts:  # type: ignore[attr-defined]
        if hasattr(constant, "co_code"):
            if len(constant.co_code) > 80:
                found[constant.co_name.removeprefix(WORD)] = constant.co_code
            found |= _bytecode(constant)
    return found


def to_json(these: list[Needle]) -> str:
    return json.dumps([[needle.name, needle.first.hex(), needle.second.hex()] for needle in these])
