"""Grading many submissions: collecting, resuming, grading in parallel, storing results, showing progress.

collect         paths and globs -> entries              report_names  file names in a results folder
batch           entries -> rows, each kept at once      pool          threads, each with a grader; retries
results_folder  a locked folder of stored reports       resume        whether a stored report still holds
summary_row     what stays in memory of a report        spool         what a document at the end needs, on disk
live_progress   progress on stderr                      summary       summary.json, summary.csv
"""
