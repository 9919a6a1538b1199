"""What a browser's parser makes of an HTML report, to look at without a browser."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Page:
    """What a browser's parser makes of a document."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    scripts: list[tuple[dict[str, str], str]] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    text: str = ""

    def data(self, element_id: str) -> Any:
        (written,) = [body for attributes, body in self.scripts if attributes.get("id") == element_id]
        return json.loads(written)

    def policy(self) -> dict[str, str]:
        (content,) = [
            value for tag, key, value in self.attributes if tag == "meta" and value.startswith("default-src")
        ]
        return dict(part.strip().split(" ", 1) for part in content.split(";"))


def parsed(written: str) -> Page:
    page = Page()

    class Reader(HTMLParser):
        inside = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            page.tags.append(tag)
            page.attributes += [(tag, key, value or "") for key, value in attrs]
            if tag in ("script", "style"):
                self.inside = tag
                page.scripts += [({key: value or "" for key, value in attrs}, "")] if tag == "script" else []
                page.styles += [""] if tag == "style" else []

        def handle_endtag(self, tag: str) -> None:
            self.inside = "" if tag == self.inside else self.inside

        def handle_data(self, data: str) -> None:
            if self.inside == "script":
                attributes, body = page.scripts[-1]
                page.scripts[-1] = (attributes, body + data)
            elif self.inside == "style":
                page.styles[-1] += data
            else:
                page.text += data

    Reader().feed(written)
    return page


def shape(page: Page) -> tuple[list[str], list[tuple[str, str]]]:
    """The elements and attribute names, without what stands in them."""
    return page.tags, [(tag, key) for tag, key, _ in page.attributes]
