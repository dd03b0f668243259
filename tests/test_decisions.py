"""The decision records can be found, read in a minute, and speak of a house that is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
PARTS = ("Context", "Decision", "Consequence")
MOST_LINES = 20


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_its_three_parts_and_fits_a_screen(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == list(PARTS)
    assert len(text.splitlines()) <= MOST_LINES
    assert text.startswith(f"# {path.stem[:4]} ")


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_what_a_record_points_at_is_there(path: Path) -> None:
    named = re.findall(r"`((?:backend|tests|docs)/[\w./]+)`", path.read_text("utf-8"))
    assert named, "a record says where its decision is kept"
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_what_the_field_notes_point_at_is_there() -> None:
    notes = (FOLDER.parent / "field-notes.md").read_text("utf-8")
    named = re.findall(r"`((?:backend|tests|docs)/[\w./-]+)`", notes)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_records_are_numbered_and_the_index_names_each_by_its_title() -> None:
    assert [int(path.stem[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))
    index = (FOLDER / "README.md").read_text("utf-8")
    titles = [path.read_text("utf-8").splitlines()[0] for path in RECORDS]
    assert re.findall(r"^- \[(\d{4})\]\((.+)\) (.+)$", index, re.MULTILINE) == [
        (path.stem[:4], path.name, title.removeprefix(f"# {path.stem[:4]} "))
        for path, title in zip(RECORDS, titles, strict=True)
    ]
