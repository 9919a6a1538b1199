"""The site of the docs: all pages are in its contents, and it is built without a warning, with a search."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.documents import PAGES, ROOT

CONF = ROOT / "docs" / "conf.py"


def test_every_page_is_in_the_contents() -> None:
    listed = set(re.findall(r"^[\w/]+$", CONF.read_text(encoding="utf-8"), flags=re.MULTILINE))
    pages = {str(page.relative_to(ROOT).with_suffix("")) for page in PAGES}
    assert pages - listed == {"README"}


@pytest.mark.long
def test_it_is_built_without_a_warning_and_with_a_search(tmp_path: Path) -> None:
    site = tmp_path / "site"
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", "-c", "docs", ".", str(site)]
    done = subprocess.run(
        [*command, "-d", str(tmp_path / "trees")], cwd=ROOT, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    front = (site / "README.html").read_text(encoding="utf-8")
    for page in ("docs/staff.html", "docs/deploy.html", "examples/classroom50/README.html", "CHANGELOG.html"):
        assert f'href="{page}"' in front
        assert (site / page).is_file()
    findings = (site / "docs" / "findings.html").read_text(encoding="utf-8")
    assert 'id="stale-batch-stats"' in findings
    assert "batch" in (site / "searchindex.js").read_text(encoding="utf-8")
    assert (site / "search.html").is_file()


@pytest.mark.long
def test_a_broken_link_is_a_warning(tmp_path: Path) -> None:
    """Positive control: the same settings, on a small copy."""
    (tmp_path / "conf.py").write_text(CONF.read_text(encoding="utf-8").split("CONTENTS =")[0])
    (tmp_path / "README.md").write_text("# A page\n\n[nowhere](docs/nowhere.md)\n", encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", str(tmp_path), str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert done.returncode != 0
    assert "docs/nowhere.md" in done.stderr
