"""A cell is read as the person saw it: rules for each kind of column, whatever was written."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from backend.domain.local_time import SHANGHAI
from backend.domain.names import name_fault
from backend.services.workbooks import cells
from backend.services.workbooks.cells import BadCell
from backend.services.workbooks.formats import shows_day, shows_text, shows_whole, whole_as_shown
from backend.services.workbooks.xlsx import Cell
from tests.build.names import people

UNSEEN = "\u200b\u200e\u202d\u202c\u2060\ufeff\u00ad"
NAMES = people()
SEPARATORS = [*"、，,；;/／|｜\\\n\r\u2028\t", "\r\n"]


def text(written: str) -> Cell:
    return Cell("text", written)


def refused(parse: Callable[[Cell], object], cell: Cell) -> str:
    """Why a cell is asked about."""
    with pytest.raises(BadCell) as refusal:
        parse(cell)
    return str(refusal.value)


@some.composite
def strewn(draw: some.DrawFn, written: str) -> str:
    """The text with unseen letters anywhere and blanks around it, in either width."""
    noise = some.text(some.sampled_from(UNSEEN), max_size=2)
    letters = "".join(draw(noise) + c for c in written)
    if draw(some.booleans()):
        letters = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in letters)
    return draw(some.sampled_from(["", " ", "\u3000"])) + letters + draw(noise)


# --- several in one cell ---


@given(some.lists(NAMES, min_size=1, max_size=4), some.data())
def test_several_people_are_several_whatever_stands_between_them(
    people: list[str], data: some.DataObject
) -> None:
    assume(not any(name_fault(name) for name in people))  # chance may call somebody 赵主任
    between = some.sampled_from(SEPARATORS)
    written = people[0] + "".join(data.draw(between) + name for name in people[1:])
    around = data.draw(some.sampled_from(["", " ", "\n", "、", "\u200b"]))
    assert cells.names(text(around + written + around)) == tuple(people)


@given(some.lists(some.integers(0, 10**8 - 1), min_size=1, max_size=4), some.data())
def test_phones_stand_in_the_order_of_the_people(endings: list[int], data: some.DataObject) -> None:
    numbers = [f"199{ending:08}" for ending in endings]
    between = data.draw(some.sampled_from(SEPARATORS))
    written = between.join(data.draw(strewn(number)) for number in numbers)
    assert cells.person_phones(text(written)) == tuple(numbers)


@pytest.mark.parametrize("nobody", ["无", "－", "NA", "没有"])
def test_who_left_no_phone_keeps_the_place(nobody: str) -> None:
    assert cells.person_phones(text(f"{nobody}、19900000002")) == (None, "19900000002")


def test_rare_characters_stay_and_unseen_ones_go() -> None:
    rare = "\U00031350\ue000"
    assert cells.names(text(f"\ufeff张\u200b{rare}\n、李示宁")) == (f"张{rare}", "李示宁")


# --- who is a person ---


@given(
    NAMES,
    some.sampled_from(
        ["（已故）", "(共有)", "【租户】", "50%", " 50％", "二分之一", " 19900000001"]
    ),
)
def test_a_remark_or_a_share_is_no_part_of_a_name(name: str, remark: str) -> None:
    assert "含有备注或份额" in refused(cells.names, text(name + remark))


@pytest.mark.parametrize(
    "word", ["空置", "待定", "未知", "不详", "同上", "未售", "？", "空 置", "待\u200b定"]
)
def test_what_is_not_known_yet_is_asked_about(word: str) -> None:
    assert "不是实际内容" in refused(cells.names, text(word))
    assert "不是实际内容" in refused(cells.names, text(f"冯样一、{word}"))
    assert "不是实际内容" in refused(cells.text, text(word))


@given(NAMES, NAMES)
def test_two_words_with_a_blank_between_are_asked_about(one: str, other: str) -> None:
    assert "是一位还是几位" in refused(cells.names, text(f"{one} {other}"))


@pytest.mark.parametrize(
    "written",
    [
        "冯样一1/2、陈样二1/2",
        "冯样一&陈样二",
        "冯样一＋陈样二",
        "无、冯样一",
        "（已故）",
        "《冯样一》",
    ],
)
def test_what_may_be_one_or_two_is_asked_about(written: str) -> None:
    assert refused(cells.names, text(written))


@pytest.mark.parametrize(
    "name",
    [
        "张 示",
        "张　三",
        "玛依拉·样力",
        "Ann Lee",
        "示例（湖南）置业有限公司",
        "欧阳样一",
        "龙\ue863",
    ],
)
def test_what_is_a_name_is_kept_as_written(name: str) -> None:
    assert cells.names(text(name)) == (" ".join(name.split()),)
    assert cells.person(text(name)) == " ".join(name.split())


@pytest.mark.parametrize(
    ("written", "says"),
    [
        *[(word, "不是实际内容") for word in ("暂缺", "待定。", "？？？", "●●", "未知！")],
        *[
            (word, "备注")
            for word in ("已故", "无产权人", "联系不上", "租客", "开发商", "业主：张三")
        ],
        *[(word, "备注") for word in ("张三等2人", "张三～", "张三#", "张三-李四", "张三等、李四")],
        *[
            (word, "一位还是几位")
            for word in ("张三和李四", "张三与李四", "Smith, John", "Lee，Ann")
        ],
        ("张", "全名"),
    ],
)
def test_a_problem_row_says_what_to_do_with_a_remark(written: str, says: str) -> None:
    for parse in (cells.names, cells.person):
        said = refused(parse, text(written))
        assert says in said
        assert "请" in said


def test_people_with_latin_names_are_several_between_commas() -> None:
    assert cells.names(text("Ann Lee, Bob Ray")) == ("Ann Lee", "Bob Ray")
    assert cells.names(text("冯样一,陈样二")) == ("冯样一", "陈样二")


@pytest.mark.parametrize(
    "written", ["待定", "业主自管", "无物业", "甲公司和乙公司", "示例公司：张三"]
)
def test_a_remark_is_no_company(written: str) -> None:
    assert "请" in refused(cells.company, text(written))
    assert cells.company(text("示例（湖南） 物业")) == "示例（湖南） 物业"


def test_a_row_of_a_committee_is_one_person() -> None:
    assert "每行只填一位" in refused(cells.person, text("冯样一、陈样二"))


# --- days ---

DAYS = some.dates(date(1980, 1, 1), date(2099, 12, 31))
TIMES = ["", " 0:00:00", " 00:00", "T00:00:00", " 13:09:55", " 上午 9:05:00", " 9:05 PM"]


@given(DAYS, some.sampled_from(TIMES), some.booleans(), some.data())
def test_a_day_is_the_day_whatever_time_stands_beside_it(
    day: date, time: str, padded: bool, data: some.DataObject
) -> None:
    ways = ["{0}-{1}-{2}", "{0}/{1}/{2}", "{0}.{1}.{2}", "{0}年{1}月{2}日", "{0}年{1}月{2}"]
    month, number = (f"{n:02}" if padded else str(n) for n in (day.month, day.day))
    written = data.draw(some.sampled_from(ways)).format(day.year, month, number)
    assert cells.day(text(data.draw(strewn(written)) + time)) == day


WEEKDAYS = ["周{}", "（周{}）", " 星期{}", "(星期{})", " 礼拜{}"]


@given(DAYS, some.sampled_from(WEEKDAYS), some.sampled_from(["日", "号", "號"]), some.data())
def test_a_weekday_beside_a_day_must_be_its_own(
    day: date, weekday: str, word: str, data: some.DataObject
) -> None:
    written = f"{day.year}年{day.month:02}月{day.day:02}{word}"
    named = "一二三四五六日"[day.weekday()]
    if named == "日":
        named = data.draw(some.sampled_from("日天"))
    assert cells.day(text(written + weekday.format(named))) == day
    other = data.draw(some.sampled_from("一二三四五六日").filter(lambda c: c != named))
    if {named, other} != {"日", "天"}:
        assert "请核对日期" in refused(cells.day, text(written + weekday.format(other)))


@given(
    some.datetimes(datetime(1980, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001
    some.sampled_from(["Z", "+08:00", "+0800", "-05:00", "+00:00", "+09:30"]),
)
def test_a_moment_of_another_zone_is_its_day_here(moment: datetime, zone: str) -> None:
    """A program writes midnight of 1 March here as 28 February 16:00 of Greenwich."""
    written = moment.isoformat(timespec="seconds") + zone
    assert cells.day(text(written)) == datetime.fromisoformat(written).astimezone(SHANGHAI).date()


@given(DAYS, some.sampled_from(["mm-dd-yy", "yyyy/m/d", 'yyyy"年"m"月"d"日"', "m/d/yy h:mm"]))
def test_a_date_cell_is_its_day(day: date, shown_by: str) -> None:
    assert cells.day(Cell("date", day.isoformat(), shown_by)) == day


@pytest.mark.parametrize("shown_by", ["mmm-yy", "d-mmm", 'm"月"d"日"', "yyyy", "h:mm"])
def test_a_date_that_shows_in_part_is_asked_about(shown_by: str) -> None:
    assert "2015-06-10" in refused(cells.day, Cell("date", "2015-06-10", shown_by))


@given(some.integers(0, 99999))
def test_a_number_is_no_day(serial: int) -> None:
    assert "是数字，不是日期" in refused(cells.day, Cell("number", str(serial)))


@pytest.mark.parametrize(
    "written",
    ["2015/6", "6/10/2015", "15/6/10", "2015-6/10", "2016-02-30", "2015/6/100:00:00", "20150610",
     "2015/6/10 25", "昨天"],
)  # fmt: skip
def test_what_is_no_whole_day_is_asked_about(written: str) -> None:
    assert "不是有效日期" in refused(cells.day, text(written))


# --- amounts ---

FEN = some.integers(0, 10**13)


@given(FEN, some.booleans(), some.data())
def test_an_amount_written_in_text_is_its_fen(
    fen: int, grouped: bool, data: some.DataObject
) -> None:
    yuan = f"{Decimal(fen).scaleb(-2):,.2f}" if grouped else f"{Decimal(fen).scaleb(-2):.2f}"
    written = data.draw(some.sampled_from([yuan, yuan.rstrip("0").rstrip(".")]))
    assert cells.fen(text(data.draw(strewn(written)))) == fen


MONEY_FORMATS = [
    *("General", "0.00", "#,##0.00", "#,##0.00_ ", "0.00_);[Red]\\(0.00\\)", "[$¥-804]#,##0.00"),
    *("¥#,##0.00;¥\\-#,##0.00", '#,##0.00"元"', '"¥"#,##0.00', "0.00_ ;[红色]\\-0.00\\ "),
    '_ ¥* #,##0.00_ ;_ ¥* \\-#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ',
]


@given(FEN, some.sampled_from(MONEY_FORMATS))
def test_an_amount_in_a_number_cell_is_its_fen(fen: int, shown_by: str) -> None:
    """With all the digits that a program stores for it."""
    for digits in (str(fen / 100), f"{fen / 100:.17g}"):
        assert cells.fen(Cell("number", digits, shown_by)) == fen


@given(
    some.integers(1, 10**9).filter(lambda fen: fen % 100),
    some.sampled_from(["0", "#,##0", "0%", "0.00%", '0!.0,"万"', "0.00E+00", "# ?/?", "#,##0.00,"]),
)
def test_an_amount_that_shows_otherwise_is_asked_about(fen: int, shown_by: str) -> None:
    assert "没有如实显示" in refused(cells.fen, Cell("number", str(fen / 100), shown_by))


@pytest.mark.parametrize("written", ["1118.4元", "1万", "(500)", "-1", "1,23", "1.005", "1 1.2.3"])
def test_an_amount_that_is_none_is_asked_about(written: str) -> None:
    assert refused(cells.fen, text(written))


@given(some.integers(1, 10_000_000))
def test_an_area_survives_the_seventeen_digits_of_a_spreadsheet(area_dm2: int) -> None:
    assert cells.area_dm2(Cell("number", f"{area_dm2 / 100:.17g}")) == area_dm2


# --- digits and codes ---


@given(some.integers(0, 10**6), some.integers(1, 8))
def test_a_number_in_a_text_column_has_the_zeros_that_it_shows(number: int, places: int) -> None:
    shown = cells.name(Cell("number", str(number), "0" * places))
    assert (shown, len(shown) >= places) == (str(number).zfill(places), True)
    assert cells.name(Cell("number", f"{number}.0")) == str(number)


@pytest.mark.parametrize("shown_by", ['0"室"', "0.00", "[DBNum1]0", "0%", "yyyy", "00-00"])
def test_a_number_that_shows_as_something_else_is_asked_about(shown_by: str) -> None:
    assert "没有如实显示" in refused(cells.name, Cell("number", "101", shown_by))


@given(some.from_regex(r"[0-9A-Z-]{4,32}", fullmatch=True), some.data())
def test_a_code_is_one_however_it_is_written(code: str, data: some.DataObject) -> None:
    assert cells.code(text(data.draw(strewn(code.lower())))) == code


@pytest.mark.parametrize(
    "phone",
    ["19900000001", "0743-8532500", "400-820-8820", "95518", "12345", "+852 5100 0001",
     "(0743)8532500转801"],
)  # fmt: skip
def test_an_offices_phone_is_whatever_can_be_dialled(phone: str) -> None:
    assert cells.public_phone(text(phone)) == phone.replace(" ", "")


# --- every parser ---

PARSERS: tuple[Callable[[Cell], object], ...] = (
    cells.area_dm2,
    cells.fen,
    cells.day,
    cells.text,
    cells.name,
    cells.code,
    cells.company,
    cells.credit_code,
    cells.yes,
    cells.names,
    cells.person,
    cells.place_names,
    cells.person_phone,
    cells.person_phones,
    cells.public_phone,
)
KINDS = some.sampled_from(["text", "number", "date", "time", "bool"])


@given(some.text(max_size=30), KINDS, some.text(max_size=10))
def test_no_cell_breaks_a_parser(written: str, kind: Any, shown_by: str) -> None:
    if kind == "date":
        written = (date(2000, 1, 1) + timedelta(days=len(written))).isoformat()
    for parse in PARSERS:
        with suppress(BadCell):
            assert parse(Cell(kind, written, shown_by)) is not None


@given(some.text(some.characters(exclude_categories=["Cs"]), max_size=30))
def test_what_is_read_as_text_can_be_seen(written: str) -> None:
    with suppress(BadCell):
        read = cells.text(text(written))
        assert re.fullmatch(r"\S+( \S+)*", read)
        assert not set(read) & set(UNSEEN)


@given(some.text(max_size=15), some.integers(0, 10**6))
def test_no_number_format_breaks_a_reader(shown_by: str, number: int) -> None:
    shown = whole_as_shown(number, shown_by)
    assert shown is None or int(shown) == number
    assert shows_whole(Decimal(number), shown_by) in (True, False)
    assert shows_day(shown_by) in (True, False)
    assert shows_text(shown_by) in (True, False)


def test_a_format_that_shows_nothing_shows_no_number() -> None:
    assert whole_as_shown(102, ";;;") is None
    assert not shows_whole(Decimal("98.5"), ";;;")


@pytest.mark.parametrize("shown_by", ["0;-0;;@", "0.00;-0.00;", '0;;"无"', ";;;"])
def test_a_nought_that_does_not_show_is_asked_about(shown_by: str) -> None:
    assert "没有如实显示" in refused(cells.fen, Cell("number", "0", shown_by))


@pytest.mark.parametrize("shown_by", ['0.00;-0.00;"-"', '0.00;-0.00;"-"??', "0;-0;0", "0.00"])
def test_a_nought_that_shows_as_a_dash_is_nought(shown_by: str) -> None:
    assert cells.fen(Cell("number", "0", shown_by)) == 0
