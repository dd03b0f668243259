"""A file that means harm is refused early, in a sentence, and costs little."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.services.workbooks.package import BadWorkbook
from backend.services.workbooks.registry_sheets import REGISTRY_SHEETS
from backend.services.workbooks.workbook import MOST_PROBLEMS, read_workbook
from backend.services.workbooks.xlsx import read_xlsx
from tests.build.hostile_workbooks import BOMBS
from tests.build.workbooks import registry_file, registry_rows
from tests.build.xlsx_files import ROW, SHEET, noise, parts_of, with_rows, zipped

SOUND = registry_file(registry_rows())

# What is only known once a library has read it.
AFTER_A_LIBRARY = {"one long text in thousands of cells"}


@pytest.mark.parametrize("what", BOMBS)
def test_what_would_eat_memory_or_time_is_refused_before_it_is_read(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = BOMBS[what]()

    def read(*_: object, **__: object) -> None:
        raise AssertionError("a library was given the file")

    if what not in AFTER_A_LIBRARY:
        monkeypatch.setattr("openpyxl.load_workbook", read)
    with pytest.raises(BadWorkbook, match="请") as refused:
        read_xlsx(content, {SHEET})
    assert "AssertionError" not in repr(refused.value.__cause__)


@given(some.data())
def test_no_damage_to_a_file_is_more_than_a_refusal(data: some.DataObject) -> None:
    """Any byte changed, any piece cut out or doubled: it reads, or says so in a sentence."""
    content = bytearray(SOUND)
    for _ in range(data.draw(some.integers(1, 4))):
        place = data.draw(some.integers(0, len(content) - 1))
        match data.draw(some.sampled_from(["change", "cut", "double"])):
            case "change":
                content[place] = data.draw(some.integers(0, 255))
            case "cut":
                del content[place : place + data.draw(some.integers(1, 400))]
            case _:
                content[place:place] = content[place : place + data.draw(some.integers(1, 400))]
        if not content:
            break
    with suppress(BadWorkbook):
        read_xlsx(bytes(content), {SHEET})


def test_pictures_in_a_workbook_are_not_unpacked() -> None:
    """However large they would be: what is not read costs nothing."""
    parts = parts_of(with_rows(ROW % (1, 1))) | {"xl/media/image1.bmp": bytes(60 * 2**20)}
    assert list(read_xlsx(zipped(parts), {SHEET})[SHEET].rows) == [1]


def test_rules_with_many_words_are_no_long_text() -> None:
    rule = b"<conditionalFormatting><cfRule><formula>%x</formula></cfRule></conditionalFormatting>"
    content = with_rows(ROW % (1, 1), noise(rule, 5_000))
    assert list(read_xlsx(content, {SHEET})[SHEET].rows) == [1]


def test_a_cell_far_below_or_far_aside_costs_nothing() -> None:
    far = ROW % (1, 1) + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert list(read_xlsx(with_rows(far), {SHEET})[SHEET].rows) == [1]


def test_a_workbook_full_of_faults_is_told_of_a_thousand() -> None:
    rows = registry_rows()
    rows["房屋业主"] = [["1栋", "1单元", str(n), "-", "待定", "无号"] for n in range(2_000)]
    book = read_workbook(registry_file(rows), REGISTRY_SHEETS)
    assert not book.readable
    assert MOST_PROBLEMS < len(book.problems) < MOST_PROBLEMS + 20
    ends = [problem for problem in book.problems if "请先改正前面的" in problem.message]
    assert (ends[0].sheet, ends[0].row) == ("房屋业主", 336)
