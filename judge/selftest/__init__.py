"""The attack suite: hostile submissions, what they could touch on the host, and whether any of them did.

An attack is a file that says of itself which group it belongs to, how it must end, and by which trace on the host its
success would show (`judge.selftest.attack`).  It is data: read, filled in and run in the sandbox, never imported.
"""
