"""Every pitfall in many dresses, and right solutions that look like it: ways to write a line, times carriers of it.

A *way* is how the decisive line is spelt; a *carrier* is what the training step around it is put into.  A submission is
one way in one carrier; each way comes in one or two of them,
and all carriers come up in turn.  The decisive line carries the comment ``# <- here``.
"""

from __future__ import annotations

from collections.abc import Iterator

from dress_parts import CARRIERS, GRADIENTS, STEP, Dress, some_carriers, submission
from dresses_begun import begun
from dresses_losses import LOSS_WITH_MORE, PARAMS_STEP, TAKEN_RIGHT, applied, returned
from dresses_not_stepped import NOT_STEPPED, OF_PARAMS
from dresses_stepped import STEPPED


def optimized() -> Iterator[Dress]:
    """batch-stats-optimized: every way in two carriers and with two kinds of gradient."""
    kinds = ("of-all", "of-two", "by-vjp")
    for wrong, table in ((True, STEPPED), (False, NOT_STEPPED)):
        for number, (way, text) in enumerate(table.items()):
            for turn, carrier in enumerate(some_carriers(number, 2)):
                kind = "of-params" if way in OF_PARAMS else kinds[(number + turn) % 3]
                source = submission(GRADIENTS[kind], STEP + text, carrier)
                yield Dress(f"{way}/{carrier}/{kind}", "batch-stats-optimized", wrong, source)


def conduct() -> Iterator[Dress]:
    """The two warnings: a step by hand or by optax, a gradient by one function or another, in every carrier."""
    by_hand, by_optax = STEP + NOT_STEPPED["params-only"], PARAMS_STEP
    for carrier in CARRIERS:
        for kind in ("of-all", "of-two", "of-params"):
            yield Dress(
                f"by-hand/{carrier}/{kind}",
                "optax-not-used",
                True,
                submission(GRADIENTS[kind], by_hand, carrier),
            )
            yield Dress(
                f"by-optax/{carrier}/{kind}",
                "optax-not-used",
                False,
                submission(GRADIENTS[kind], by_optax, carrier),
            )
            yield Dress(
                f"by-it/{carrier}/{kind}",
                "value-and-grad-not-used",
                False,
                submission(GRADIENTS[kind], by_optax, carrier),
            )
        for how in ("grad", "vjp"):
            for what in ("return mse(out, y), new", "return mse(out * 1.0, y), new"):
                loss = LOSS_WITH_MORE.replace("RETURNED", what).replace("TAKEN", TAKEN_RIGHT[how])
                yield Dress(
                    f"by-{how}/{carrier}/{len(what)}",
                    "value-and-grad-not-used",
                    True,
                    submission(loss, by_optax, carrier),
                )


def dresses() -> list[Dress]:
    """All tables."""
    return [*optimized(), *begun(), *applied(), *returned(), *conduct()]
