"""Cancelling one grading from another thread, at once and not when a limit is reached."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from judge.model import GradingCancelledError
from judge.sandbox.session import Session


class Cancellation:
    """Cancels one grading; ``cancel`` may be called from any thread, also before the grading begins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """Have the submission's process killed, and no other started. Does not wait."""
        with self._lock:
            self._cancelled = True
            session = self._session
        if session is not None:
            session.kill()

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def check(self) -> None:
        """Raise GradingCancelledError once it is cancelled."""
        if self._cancelled:
            raise GradingCancelledError("the grading was cancelled")

    @contextlib.contextmanager
    def kills(self, session: Session) -> Iterator[Session]:
        """Close the session after the block, and kill it in the block when cancelled."""
        with session:
            try:
                with self._lock:
                    self._session = session
                    self.check()
                yield session
            finally:
                with self._lock:
                    self._session = None
