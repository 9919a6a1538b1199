"""For people, in a terminal: the verdict, one cause first, the code it is in, and what to think about."""

from judge.reports.formats.text.report import render, render_batch

__all__ = ["BATCH", "SUFFIXES", "render", "render_batch"]

SUFFIXES = (".txt",)
BATCH = True
