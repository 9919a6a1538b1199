"""Escaping for the two places where untrusted text stands in the page: HTML text, and JSON data blocks."""

from __future__ import annotations

import json
from html import escape

from judge.model import Json
from judge.reports.escape import visible

_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def text(untrusted: str) -> str:
    """The text as HTML, also between the double quotes of an attribute; every character visible."""
    return escape(visible(untrusted), quote=True)


def data_block(element_id: str, value: Json) -> str:
    """A script element that holds JSON and runs nothing; no text in the value can end it."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign, escaped in _IN_SCRIPT.items():
        written = written.replace(sign, escaped)
    return f'<script type="application/json" id="{element_id}">{written}</script>'
