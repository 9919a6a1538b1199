"""Grading many submissions: which ones, in what order, what is known already, where results go, how it shows.

command  the flow of ``judge PATH...`` on one screen
collect  paths and globs -> entries             names    file names in a results folder
run      entries -> rows, each kept at once     pool     threads, each with a grader; interruption
folder   a locked folder of stored reports      resume   whether a stored report still holds
light    what stays in memory of a report       shelf    what a document at the end needs, on disk until then
live     progress on stderr                     summary  summary.json, summary.csv
"""

from judge.batch.command import grade_batch

__all__ = ["grade_batch"]
