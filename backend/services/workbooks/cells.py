"""From a cell to a typed value: one parser per kind of column, with a Chinese reason when it fails.

What the person saw counts. Numbers count in the 15 significant digits that Excel shows: 89.35 may
be stored as 89.349999999999994, and is 89.35 here. Text numbers, full-width digits, blanks and
letters that nobody sees are read as meant; what may mean two things is a reason to ask.
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Context, Decimal, InvalidOperation

from backend.domain.local_time import local_date
from backend.domain.names import (
    NOTHING,
    UNSETTLED,
    NameFault,
    company_fault,
    name_fault,
    one_turned_round,
)
from backend.domain.normal import normal_code, normal_phone, normal_place, plain, seen
from backend.services.workbooks.formats import shows_day, shows_whole, whole_as_shown
from backend.services.workbooks.xlsx import Cell

_FIFTEEN_DIGITS = Context(prec=15)
_NUMBER = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_WRITTEN_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?")
_DATE = re.compile(r"(\d{4})(?:年(\d{1,2})月(\d{1,2})[日号號]?|([-/.])(\d{1,2})\4(\d{1,2}))")
# What may follow a day: a program writes the time beside it, whether there is one or not.
_TIME = re.compile(
    r"[T ](?:[上下]午|[AP]M)? ?(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?"
    r" ?(Z|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r" ?\(?(?:周|星期|礼拜)([一二三四五六日天])\)?")
_HOTLINE = re.compile(r"[48]00\d{7}|[19]\d{4,5}")
# What Unicode calls characters that break a line.
_BREAKS = {"Cc", "Zl", "Zp"}
_SEPARATORS = re.compile(r"[、﹑､,，﹐;；﹔/／|｜\\＼]")
EARLIEST, LATEST = date(1980, 1, 1), date(2100, 1, 1)
MAX_TEXT = 200

_COMMAS = re.compile(r"[,，﹐]")
_SEVERAL = (
    "是一位还是几位？多位请用“、”分隔；一位请去掉空格和符号，名中本有“和”“与”的在姓与名之间加“·”"
)
_NO_NAME = {
    NameFault.NOBODY: "不是姓名，请填写产权人姓名，没有的留空",
    NameFault.REMARK: "含有备注或份额，请只写姓名，不带称呼和符号，备注请另设一列",
    NameFault.SEVERAL: _SEVERAL,
    NameFault.PARTIAL: "不是完整姓名，请照证件填写全名，备注请另设一列",
}


class BadCell(Exception):
    """The cell does not hold what its column asks for; the message says why in Chinese."""


def is_nothing(cell: Cell) -> bool:
    """Whether somebody wrote that there is nothing to write: 无, a dash, N/A."""
    return cell.kind == "text" and normal_code(cell.text) in NOTHING


def text(cell: Cell) -> str:
    """A text with single blanks, at most 200 characters; whole numbers are read as shown."""
    return _tidy(_written(cell))


def name(cell: Cell) -> str:
    """A building, unit, room or account: no blanks, full-width letters and digits narrowed."""
    return "".join(plain(text(cell)).split())


def code(cell: Cell) -> str:
    """An upper-case code of 4 to 32 letters, digits and hyphens."""
    value = normal_code(text(cell))
    if not re.fullmatch(r"[0-9A-Z-]{4,32}", value):
        raise BadCell(f"“{value}”不是有效编号，应为 4 至 32 位字母、数字或“-”")
    return value


def credit_code(cell: Cell) -> str:
    """统一社会信用代码: 18 letters and digits."""
    value = normal_code(text(cell))
    if not re.fullmatch(r"[0-9A-Z]{18}", value):
        raise BadCell(f"“{value}”不是有效的统一社会信用代码，应为 18 位字母或数字")
    return value


def public_phone(cell: Cell) -> str:
    """An office's phone, as written: whatever can be dialled, 400 numbers and hotlines too."""
    value = name(cell)
    if normal_phone(value) is None and not _HOTLINE.fullmatch(value.replace("-", "")):
        raise BadCell(f"“{value}”不是有效电话，固定电话请带区号，如 0743-1234567")
    return value


def person_phone(cell: Cell) -> str:
    """One person's phone in its normal spelling."""
    phone, *others = person_phones(cell)
    if phone is None or others:
        raise BadCell("请只填一个电话号码，没有的留空")
    return phone


def person_phones(cell: Cell) -> tuple[str | None, ...]:
    """Several people's phones in their normal spelling; “无” stands for someone who left none."""
    phones: list[str | None] = []
    for part in _parts(cell):
        phone = None if normal_code(part) in NOTHING else normal_phone(part)
        if phone is None and normal_code(part) not in NOTHING:
            raise BadCell(
                f"“{part[:30]}”不是有效电话，应为 11 位手机号，或带区号的固定电话；"
                "香港、澳门、台湾的请写 +852、+853、+886"
            )
        phones.append(phone)
    return tuple(phones)


def names(cell: Cell) -> tuple[str, ...]:
    """The names of several people, as written."""
    parts = _parts(cell)
    if _COMMAS.search(cell.text) and one_turned_round(parts):
        raise BadCell(f"“{'，'.join(parts)[:30]}”{_SEVERAL}")
    return tuple(map(_name, parts))


def person(cell: Cell) -> str:
    """One person's name, as written."""
    one, *others = names(cell)
    if others:
        raise BadCell("每行只填一位，多位请分行填写")
    return one


def company(cell: Cell) -> str:
    """A company's or an office's name; a remark is none."""
    value = text(cell)
    if company_fault(value):
        raise BadCell(f"“{value[:30]}”不是单位名称，请照登记证件填写一家的全称，没有的留空")
    return value


def place_names(cell: Cell) -> tuple[str, ...]:
    """Several buildings or units, each as `name` reads one; none twice."""
    places = tuple("".join(plain(part).split()) for part in _parts(cell))
    if len(set(map(normal_place, places))) != len(places):
        raise BadCell("同一单元写了两次，请只写一次")
    return places


def yes(cell: Cell) -> bool:
    """是 or 否."""
    value = normal_code(text(cell)) if cell.kind != "bool" else cell.text
    if value not in ("是", "否", "1", "0"):
        raise BadCell(f"“{value}”应填“是”或“否”")
    return value in ("是", "1")


def area_dm2(cell: Cell) -> int:
    """An area in m² with at most two decimals, as integer 0.01 m²."""
    area = _hundredths(cell)
    if not 0 < area <= 10_000_000:
        raise BadCell("面积应大于 0 且不超过 100000 平方米")
    return area


def fen(cell: Cell) -> int:
    """An amount in yuan with at most two decimals, not negative, as integer fen."""
    amount = _hundredths(cell)
    if amount < 0:
        raise BadCell("金额不能为负数")
    return amount


def figures(cell: Cell) -> str:
    """A number's digits without exponent; a text as it was written, to be read strictly."""
    if cell.kind == "number":
        return f"{_number_shown(cell):f}"
    if cell.kind != "text":
        raise BadCell(f"“{plain(cell.text)[:30]}”不是数字，请只填数字，不带单位")
    return cell.text


def day(cell: Cell) -> date:
    """A date: a date cell, or text like 2024-01-05, 2024/1/5 or 2024年1月5日; a time is dropped."""
    try:
        value = _day(cell)
    except ValueError:
        written = plain(cell.text)[:30]
        raise BadCell(f"“{written}”不是有效日期，请写成 2024-01-05") from None
    if not EARLIEST <= value < LATEST:
        raise BadCell(f"日期 {value} 不在 1980 年至 2099 年之间，请写成 2024-01-05")
    return value


def _day(cell: Cell) -> date:
    if cell.kind == "date":
        if not shows_day(cell.shown_by):
            raise BadCell(
                f"单元格没有显示完整的年月日，实际存的是 {cell.text}，请核对后写成完整日期"
            )
        return date.fromisoformat(cell.text)
    if cell.kind == "number":
        raise BadCell(
            f"“{cell.text[:30]}”是数字，不是日期，请把单元格设为日期格式核对，或写成 2024-01-05"
        )
    written = plain(_on_one_line(cell.text))
    weekday = _WEEKDAY.search(written)
    written = _WEEKDAY.sub("", written, count=1)
    time = _TIME.search(written)
    match = _DATE.fullmatch("".join(_TIME.sub("", written).split()))
    if not match:
        raise ValueError(written)
    year, month, day_of_month = match[1], match[2] or match[5], match[3] or match[6]
    value = date(int(year), int(month), int(day_of_month))
    if weekday and value.weekday() != "一二三四五六日".index(weekday[1].replace("天", "日")):
        raise BadCell(f"{value} 不是{weekday[0].strip(' ()')}，请核对日期，写成 2024-01-05")
    if time and time[3]:
        offset = time[3].upper().replace("Z", "+00:00")
        moment = datetime.fromisoformat(f"{value}T{int(time[1]):02}:{time[2]}{offset}")
        return local_date(moment)
    return value


def _hundredths(cell: Cell) -> int:
    """The number times 100, exactly; at most two decimals."""
    if cell.kind == "number":
        number = _number_shown(cell)
    else:
        written = "".join(plain(_on_one_line(cell.text)).split())
        if cell.kind != "text" or not _NUMBER.fullmatch(written) or len(written) > 20:
            raise BadCell(f"“{plain(cell.text)[:30]}”不是数字，请只填数字，不带单位")
        number = Decimal(written.replace(",", ""))
    scaled = number.scaleb(2)
    if scaled != scaled.to_integral_value():
        raise BadCell(f"{number.normalize():f} 超过两位小数，请核对后填两位小数")
    if scaled.adjusted() > 14:  # as `money.AMOUNT`
        raise BadCell("数字过大，请核对")
    return int(scaled)


def _number_shown(cell: Cell) -> Decimal:
    number = _as_excel_shows(cell.text)
    if not shows_whole(number, cell.shown_by):
        raise BadCell(
            f"单元格的数字格式没有如实显示，实际存的是 {number.normalize():f}，"
            "请设为“常规”或两位小数的“数值”格式，核对后重新导入"
        )
    return number


def _as_excel_shows(digits: str) -> Decimal:
    if not _WRITTEN_NUMBER.fullmatch(digits):
        raise BadCell(f"“{digits[:30]}”不是数字")
    try:
        return _FIFTEEN_DIGITS.create_decimal(digits)
    except InvalidOperation:
        raise BadCell(f"“{digits[:30]}”不是数字") from None


def _written(cell: Cell) -> str:
    """What stands in the cell as people saw it, its line breaks among it."""
    if cell.kind in ("date", "time"):
        raise BadCell("内容被表格软件转成了日期，请把单元格设为“文本”格式后重新填写")
    if cell.kind == "bool":
        raise BadCell("内容应为文字，现为逻辑值")
    return _whole_number(cell) if cell.kind == "number" else cell.text


def _whole_number(cell: Cell) -> str:
    """A number in a text column, where Excel has not lost any digit, with the zeros it shows."""
    number = _as_excel_shows(cell.text)
    if number != number.to_integral_value() or number.adjusted() > 14:
        raise BadCell("数字可能已被表格软件改动，请把单元格设为“文本”格式后重新填写")
    shown = whole_as_shown(int(number), cell.shown_by)
    if shown is None:
        raise BadCell(
            f"单元格的数字格式没有如实显示，实际存的是 {int(number)}，"
            "请设为“文本”格式，照原来看到的重新填写"
        )
    return shown


def _on_one_line(value: str) -> str:
    return "".join(" " if unicodedata.category(c) in _BREAKS else c for c in value)


def _tidy(value: str) -> str:
    value = " ".join(seen(_on_one_line(value)).split())
    if not value:
        raise BadCell("只有看不见的字符，请清空该单元格后重新填写")
    if len(value) > MAX_TEXT:
        raise BadCell(f"文字超过 {MAX_TEXT} 个字，请缩短")
    letters = "".join(c for c in value if unicodedata.category(c)[0] not in "PS")
    if normal_code(letters) in {*UNSETTLED, ""} and normal_code(value) not in NOTHING:
        raise BadCell(f"“{value}”不是实际内容，请填写实际内容，没有的留空")
    return value


def _parts(cell: Cell) -> list[str]:
    """What stands in one cell for several: on lines of their own, or between separators."""
    broken = "".join("、" if unicodedata.category(c) in _BREAKS else c for c in _written(cell))
    written = _SEPARATORS.split(broken) if normal_code(broken) not in NOTHING else [broken]
    parts = [_tidy(part) for part in written if seen(part).strip()]
    if not parts:
        raise BadCell("只有分隔符，请填写内容或清空该单元格")
    return parts


def _name(written: str) -> str:
    """One person's or company's name; a remark, a share, or what may be two people is none."""
    if normal_code(written) in NOTHING:
        raise BadCell("“无”不能与姓名同列，没有的不写")
    if fault := name_fault(written):
        raise BadCell(f"“{written[:30]}”{_NO_NAME[fault]}")
    return written
