"""The zygote of `other_platform`."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    from other_platform import leave_linux

    sys.path.remove(str(HERE))
    leave_linux()
    runpy.run_path(str(HERE.parents[1] / "judge" / "inside" / "zygote.py"), run_name="__main__")
