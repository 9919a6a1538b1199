"""The zygote of `other_platform`."""

from __future__ import annotations

import runpy
from pathlib import Path

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    # Started like the real zygote, with -P and a clean environment, this folder is not on the path: nothing imports it.
    runpy.run_path(str(HERE / "other_platform.py"))["leave_linux"]()
    runpy.run_path(str(HERE.parents[1] / "judge" / "inside" / "zygote.py"), run_name="__main__")
