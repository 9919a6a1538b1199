"""How a process forked from a warm zygote leaves: at once, before it would wait for threads that do not exist in it.

Theory of operation.  The threads that compile belong to the zygote; in a forked child the first compilation, or load of
a compiled program, waits for them for ever.  Even lowering can.  So the process exits before either.  The judge then
starts the submission over in the cold lane and forgets whatever it said before.  Leaving needs no trust: the exit
status is a claim that costs time and gives nothing, and a child that hangs all the same is ended by the judge's clock.
"""

from __future__ import annotations

import os
from typing import Any, NoReturn

from judge.inside.warmup import jax_internals

LEFT = 77
"""Exit status of a process that left."""


def arm() -> None:
    """From now on this process and its children exit where they would have to compile."""
    jax_internals.before_lowering(_leave)
    jax_internals.before_compiling(_leave)


def _leave(_closed_jaxpr: Any = None) -> NoReturn:
    os._exit(LEFT)
