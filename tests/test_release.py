"""One version: the package's is the changelog's newest release."""

import re
import tomllib
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
RELEASE = re.compile(r"## (\d+)\.(\d+)\.(\d+) — (\d{4}-\d\d-\d\d)")

HEADINGS = re.findall(r"^## .+$", CHANGELOG, re.MULTILINE)
RELEASES = [found for heading in HEADINGS if (found := RELEASE.fullmatch(heading))]


def test_the_package_has_the_version_of_the_newest_release() -> None:
    packaged = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert packaged == ".".join(RELEASES[0].group(1, 2, 3))


def test_the_changelog_goes_from_new_to_old_and_only_its_top_may_be_unreleased() -> None:
    assert len(HEADINGS) - len(RELEASES) == (HEADINGS[0] == "## Unreleased")
    versions = [tuple(map(int, found.group(1, 2, 3))) for found in RELEASES]
    days = [date.fromisoformat(found[4]) for found in RELEASES]
    assert versions == sorted(set(versions), reverse=True)
    assert days == sorted(days, reverse=True)
