"""The glossary knows every table, so that whoever adds one finds its word first."""

import re
from pathlib import Path

from backend.store.tables import Base

DOCS = Path(__file__).parents[1] / "docs"


def test_every_table_is_in_the_glossary() -> None:
    named = set(re.findall(r"`(\w+)`", (DOCS / "glossary.md").read_text("utf-8")))
    assert Base.metadata.tables.keys() - named == set()


def test_every_row_of_it_has_a_chinese_and_an_english_word() -> None:
    rows = re.findall(r"^\| (.*) \|$", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE)
    terms = [row.split(" | ") for row in rows if not row.startswith(("中文", "---"))]
    assert len(terms) > 80
    for chinese, english, *_ in terms:
        assert re.search(r"[\u4e00-\u9fff]", chinese), chinese
        assert re.search(r"[a-z]", english), english
