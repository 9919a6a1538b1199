"""The attack suite: hostile submissions, the targets that they could reach on the host, and checks of each target.

An attack is a file that states its group, the verdicts that it may get, and the trace on the host that would show its
success (`judge.selftest.attack`). It is data: read, filled in and run in the sandbox, never imported.
"""
