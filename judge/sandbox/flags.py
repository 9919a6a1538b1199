"""The flags with which the programs of submissions are compiled."""

from __future__ import annotations

from collections.abc import Mapping

DEFAULT_FLAGS: Mapping[str, str] = {
    "XLA_FLAGS": " ".join(
        (
            "--xla_cpu_multi_thread_eigen=false",
            "--xla_cpu_enable_concurrency_optimized_scheduler=false",
            "--xla_backend_optimization_level=0",
            "--xla_cpu_use_fusion_emitters=false",
            "--xla_cpu_parallel_codegen_split_count=1",
        )
    )
}
"""Environment of every process that runs submissions, reference included; part of each golden's provenance.

The programs of an exercise are small and run once or twice, so the time goes into compiling them. The last three
flags divide that by 2.2 (eager) to 3.8 (jitted) and move results by 2e-7 relative; docs/performance.md has the
figures. The first two are needed to fork from a process that has a backend: the features that they turn off give work
to threads, which a child does not have, and it would wait for them for ever. Small arrays are computed at once
whatever the flags; the scheduler has an effect from about a thousand bytes in a loop, as in the initial weights for
19 features.
"""

KNOWN_TO = ("0.10.2",)
"""Versions of jaxlib that know all of these flags; with others a child of the zygote tries them first."""


def are_known(flags: Mapping[str, str]) -> bool:
    """Return True if the installed jaxlib is known to know these flags; trying them takes some tenths of a second."""
    from judge.sandbox.versions import installed  # slow: it inspects the installed packages

    return flags == DEFAULT_FLAGS and installed().get("jaxlib") in KNOWN_TO
