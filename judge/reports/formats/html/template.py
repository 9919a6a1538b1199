"""Markup from data: the templates in ``assets/``, which escape all untrusted text; and JSON data blocks."""

from __future__ import annotations

import json
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from judge.model import Json
from judge.reports.escape import visible

_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def fill(template: str, **data: object) -> Markup:
    """Fill the template: text is escaped with every character visible, Markup stays as it is."""
    return Markup(_environment().get_template(template).render(**data))


def data_block(element_id: str, value: Json) -> Markup:
    """Return a script element that holds JSON and runs nothing; no text in the value can end it."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign, escaped in _IN_SCRIPT.items():
        written = written.replace(sign, escaped)
    return Markup(f'<script type="application/json" id="{element_id}">{written}</script>')


def _shown(value: object) -> object:
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("judge.reports.formats.html", "assets"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
