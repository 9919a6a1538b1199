"""The base of what begins and ends with a ``with`` block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """A context manager that begins and closes itself."""

    def _begin(self) -> None:  # noqa: B027 -- most of them began when they were made
        """Begin its work."""

    @abstractmethod
    def close(self) -> None:
        """Give back what it holds. Closing twice changes nothing."""

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
