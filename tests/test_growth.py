"""The measure of growth itself: it tells a quadratic algorithm from a linear one."""

from __future__ import annotations

from support.growth import grows_linearly


def test_a_quadratic_algorithm_is_told_from_a_linear_one() -> None:
    def linear(n: int):
        return lambda: sum(i for i in range(n * 400))

    def quadratic(n: int):
        return lambda: sum(1 for a in range(n) for b in range(n))

    assert grows_linearly(linear, 400)
    assert not grows_linearly(quadratic, 400)
