"""Grading many submissions (`judge.submissions` collects them): resume, grade in parallel, store, show progress.

batch           entries -> rows, each kept at once      report_names  file names in a results folder
pool            threads, each with a grader; retries
results_folder  a locked folder of stored reports       resume        whether a stored report still holds
summary_row     what stays in memory of a report        spool         what a document at the end needs, on disk
live_progress   progress on stderr                      summary       summary.json, summary.csv
"""
