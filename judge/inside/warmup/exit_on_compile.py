"""Exits a child of the warm zygote before it compiles: compiler threads do not survive a fork, so it would hang.

Theory of operation. The threads that compile belong to the zygote; in a forked child the first compilation, or load
of a compiled program, waits for them for ever. Even lowering can. So the process exits before either. The judge then
starts the submission over in the cold lane and discards the child's earlier messages. The exit needs no trust: the
exit status is a claim that costs time and gains nothing, and a child that hangs anyway is ended by the judge's time
limit.
"""

from __future__ import annotations

import os
from typing import Any, NoReturn

from judge.inside.warmup import jax_internals

LEFT = 77
"""Exit status of a process that would have had to compile."""


def arm() -> None:
    """Make this process and its children exit from now on where they would have to compile."""
    jax_internals.before_lowering(_leave)
    jax_internals.before_compiling(_leave)


def _leave(_closed_jaxpr: Any = None) -> NoReturn:
    os._exit(LEFT)
