"""Sphinx makes a site of the pages: `sphinx-build -W -c docs . site`. On GitHub the same files are read as they are.

The whole repository is the source, so that links between docs/, examples/ and the front page work as they do there.
"""

from __future__ import annotations

from sphinx.application import Sphinx

from judge.version import __version__

project = "judge"
copyright = "The judge authors, Apache-2.0"
version = release = __version__

extensions = ["myst_parser"]
root_doc = "README"
include_patterns = [
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
    *("docs/*.md", "examples/*/README.md", "reference/statement.md"),
]
myst_heading_anchors = 4  # links like findings.md#stale-batch-stats, as GitHub has them
suppress_warnings = ["myst.header"]  # reports.md has one heading above what is made from the code

html_theme = "furo"  # light and dark, narrow screens, and a search that needs no server
html_title = f"judge {__version__}"
html_copy_source = False

CONTENTS = """
```{toctree}
:hidden:
:caption: Use

reference/statement
docs/learners
docs/findings
docs/examples
docs/staff
docs/reports
docs/deploy
docs/authoring
```

```{toctree}
:hidden:
:caption: Platforms

examples/classroom50/README
examples/github/README
examples/gradescope/README
examples/prairielearn/README
```

```{toctree}
:hidden:
:caption: Look up

docs/api
docs/schemas
docs/support
docs/security
docs/performance
docs/architecture
CHANGELOG
CONTRIBUTING
SECURITY
```
"""
"""The side bar: on the site only, below what README says."""


def add_contents(app: Sphinx, page: str, source: list[str]) -> None:
    """Append the table of contents to the front page."""
    if page == root_doc:
        source[0] += CONTENTS


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", add_contents)
