"""Packs: an exercise as one file, for learners without solutions and hidden cases (public), or whole for staff.

A pack is a zip of stored members, or the folder that it unpacks to.  Its ``pack.json`` lists every other member with
its sha256, so an edited member is refused.  The same exercise gives the same bytes.

    pack.json                what the pack is, and the digests
    exercise.yaml            a public pack from here on: the definition without its comments
    statement.md, starter.py
    cases/*.yaml             the public cases, without what they are meant to see
    cases/goldens/*.json     their expected values, tolerances, and the values of known mistakes
    misconceptions.json      the page and the declarations of each known mistake, named by its finding's code

A whole pack has the exercise's own files in the exercise's own folders instead.
"""
