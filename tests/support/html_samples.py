"""What the HTML report is tried with: texts that look like markup, a report full of one, a kill matrix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from judge.model import Report
from support.factories import poisoned

MARKUP = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>--></style><svg onload=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "&lt;b&gt;&#60;i>",
    "$policy ${title} $$ $data",
    "javascript:alert(1)",
    "\u2028alert(1)\u2029",
)

MATRIX: dict[str, Any] = {
    "clear_from": 10.0,
    "cases": [
        {"id": "basic/plain", "visibility": "public", "origin": "written", "sees": 2},
        {"id": "scaled/by-100", "visibility": "hidden", "origin": "written", "sees": 2},
    ],
    "misconceptions": [
        {"name": "stale_stats", "code": "stale-batch-stats", "title": "Old statistics", "numeric": True},
        {"name": "no_mutable", "code": "missing-mutable", "title": "No mutable", "numeric": True},
        {"name": "momentum_099", "code": "momentum", "title": "Momentum 0.99", "numeric": True},
        {"name": "on_variables", "code": "optimizer-on-variables", "title": "On variables", "numeric": False},
    ],
    "cells": {
        "basic/plain": {
            "stale_stats": {"sight": "seen", "distance": 5220.0},
            "no_mutable": {"sight": "raises", "distance": None, "raises": "ModifyScopeVariableError"},
            "momentum_099": {"sight": "faint", "distance": 4.0},
            "on_variables": {"sight": "unseen", "distance": 0.0},
        },
        "scaled/by-100": {
            "stale_stats": {"sight": "seen", "distance": None},
            "no_mutable": {"sight": "raises", "distance": None, "raises": "ModifyScopeVariableError"},
            "momentum_099": {"sight": "unseen", "distance": 0.4},
            "on_variables": {"sight": "other-form", "distance": None},
        },
    },
}


def poisoned_all_over(text: str) -> Report:
    """With this text also where authors and the machine write."""
    one = poisoned(text)
    return replace(
        one,
        findings=tuple(replace(finding, code=text) for finding in one.findings),
        exercise=text,
        exercise_title=text,
        environment={text: text},
        isolation=replace(one.isolation, layers=(text,), missing=(text,)),
    )
