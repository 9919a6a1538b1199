"""How pytest-xdist shares the tests out: what uses the same expensive fixture runs in one worker, so it is made once.

Each file is one share. Some files are one together, because they use the same grader or the same observations; some
tests are one each, because they take long and share nothing. The largest shares are begun first, so that the workers
end at about the same time. Nothing of this changes a test's name, so ``--lf`` finds it again without xdist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "gradings": (
        "tests/grading/test_bank.py",
        "tests/grading/test_handed_in.py",
        "tests/grading/test_graded_notebooks.py",
        "tests/grading/test_public_pack.py",
        "tests/grading/test_warm_lane.py",
        "tests/grading/test_same_error.py",
        "tests/commands/test_spinner.py",
        "tests/pitfalls/test_hiding.py",
        "tests/docs/test_triggers.py",
        "tests/diagnosis/test_memorised.py",
    ),
    "observations": ("tests/diagnosis/",),
    "package": ("tests/package/",),
    "attacks": (
        "tests/attacks/test_attacks.py",
        "tests/attacks/test_neighbours.py",
        "tests/attacks/test_many_gradings.py",
    ),
}
"""Where the paths of files begin that use one fixture of the session: `grader`, `observed`, `dist` or `arena`."""

APART = (
    "tests/attacks/test_attacks.py::test_all_attacks_are_held",
    "tests/attacks/test_attacks.py::test_the_quickest_attack_of_each_kind_is_held",
    "tests/attacks/test_attacks.py::test_the_quickest_attacks_work_for_an_ordinary_user_where_nothing_holds_them",
    "tests/legitimate/test_legitimate.py::test_all_run_in_every_setting",
    "tests/docs/test_commands.py::test_the_commands_of_a_section_do_what_the_page_says",
    "tests/docs/test_github_example.py",
    "tests/grading/test_fresh_install.py",
)
"""Tests that take long and share nothing with each other: one share each."""

LARGEST = (
    "gradings",
    "tests/attacks/test_attacks.py::",
    "observations",
    "attacks",
    "package",
    "tests/inside/confinement/test_confine.py",
    "tests/pitfalls/test_dresses.py",
    "tests/reference/test_reference.py",
    "tests/reports/test_html_browser.py",
    "tests/test_retry.py",
    "tests/test_ipython.py",
    "tests/test_grader_pool.py",
    "tests/sandbox/test_innocent.py",
    "tests/authoring/test_fuzz.py",
    "tests/grading/test_command_line.py",
    "tests/attacks/test_selftest.py",
)
"""Where shares begin that take longest, those first."""


def share_of(nodeid: str) -> str:
    """The share to which a test belongs: one of `TOGETHER`, the test itself, or its file."""
    if nodeid.startswith(APART):
        return nodeid
    return next(
        (share for share, paths in TOGETHER.items() if nodeid.startswith(paths)), nodeid.partition("::")[0]
    )


def rank_of(share: str) -> int:
    return next((place for place, start in enumerate(LARGEST) if share.startswith(start)), len(LARGEST))


def place_of(nodeid: str) -> tuple[int, int]:
    """The rank of a test's share, and its file's place in it: what makes the fixture for all comes first."""
    share = share_of(nodeid)
    paths = TOGETHER.get(share, ())
    return rank_of(share), next((n for n, path in enumerate(paths) if nodeid.startswith(path)), 0)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: place_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    from xdist.scheduler import LoadScopeScheduling

    class Shares(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return share_of(nodeid)

    config.option.loadscopereorder = False  # the tests are in their order already
    return Shares(config, log)
