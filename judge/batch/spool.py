"""Finished reports kept on disk until a document is made of them, so that memory does not grow with their number."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import overload

from judge.closing import Closing
from judge.files import not_written
from judge.model import Report
from judge.reports.formats import jsonl
from judge.reports.saved import report_from_json


class ReportSpool(Closing):
    """Reports by number, in a file without a name: nothing is left behind, however the process ends."""

    def __init__(self) -> None:
        # Without a buffer, so that a full disk shows at once and for the report concerned.
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  (closed by close)
        self._end = 0
        self._places: dict[int, tuple[int, int]] = {}

    def put(self, number: int, report: Report) -> None:
        """Keep the report. Raises NotSavedError when there is no room for it in the temporary folder."""
        data = jsonl.render(report).encode()
        try:
            self._file.seek(self._end)
            view = memoryview(data)
            while view:  # a nearly full disk takes only a part at first
                view = view[self._file.write(view) :]
        except OSError as error:
            raise not_written(Path(tempfile.gettempdir()), error) from None
        self._places[number] = self._end, len(data)
        self._end += len(data)

    def __contains__(self, number: int) -> bool:
        return number in self._places

    def get(self, number: int) -> Report:
        start, length = self._places[number]
        self._file.seek(start)
        return report_from_json(self._file.read(length))

    def all(self) -> Sequence[Report]:
        """Return all reports in the order of their numbers, each read when it is accessed."""
        return _Shelved(self, sorted(self._places))

    def close(self) -> None:
        self._file.close()


class _Shelved(Sequence[Report]):
    def __init__(self, shelf: ReportSpool, numbers: Sequence[int]) -> None:
        self._shelf, self._numbers = shelf, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Report: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Report]: ...
    def __getitem__(self, index: int | slice) -> Report | Sequence[Report]:
        if isinstance(index, slice):
            return _Shelved(self._shelf, self._numbers[index])
        return self._shelf.get(self._numbers[index])
