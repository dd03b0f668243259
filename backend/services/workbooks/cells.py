"""From a cell to a typed value: one parser per kind of column, with a Chinese reason when it fails.

Numbers count in the 15 significant digits that Excel shows: 89.35 may be stored as
89.349999999999994, and is 89.35 here. Text numbers, full-width digits and blanks are read as meant.
"""

import re
import unicodedata
from datetime import date
from decimal import Context, Decimal, InvalidOperation

from backend.domain.personal import normal_phone
from backend.services.workbooks.xlsx import Cell, date_of_number

_FIFTEEN_DIGITS = Context(prec=15)
_NUMBER = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_WRITTEN_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?")
_DATE = re.compile(r"(\d{4})(?:年(\d{1,2})月(\d{1,2})日?|([-/.])(\d{1,2})\4(\d{1,2}))")
_PUBLIC_PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|[48]00\d{7}|[19]\d{4,5}")
# What Unicode calls characters that break a line, and those that only steer what is around them.
_BREAKS, _UNSEEN = {"Cc", "Zl", "Zp"}, "Cf"
EARLIEST, LATEST = date(1980, 1, 1), date(2100, 1, 1)
MAX_TEXT = 200


class BadCell(Exception):
    """The cell does not hold what its column asks for; the message says why in Chinese."""


def text(cell: Cell) -> str:
    """A text with single blanks, at most 200 characters; whole numbers are read as text."""
    if cell.kind == "date":
        raise BadCell("内容被表格软件转成了日期，请把单元格设为“文本”格式后重新填写")
    if cell.kind == "bool":
        raise BadCell("内容应为文字，现为逻辑值")
    value = _whole_number(cell.text) if cell.kind == "number" else cell.text
    kinds = [(c, unicodedata.category(c)) for c in value]
    value = "".join(" " if kind in _BREAKS else c for c, kind in kinds if kind != _UNSEEN)
    value = " ".join(value.split())
    if not value:
        raise BadCell("只有看不见的字符，请清空该单元格后重新填写")
    if len(value) > MAX_TEXT:
        raise BadCell(f"文字超过 {MAX_TEXT} 个字，请缩短")
    return value


def name(cell: Cell) -> str:
    """A building, unit, room or account: no blanks, full-width letters and digits narrowed."""
    return "".join(unicodedata.normalize("NFKC", text(cell)).split())


def code(cell: Cell) -> str:
    """An upper-case code of 4 to 32 letters, digits and hyphens."""
    value = name(cell).upper()
    if not re.fullmatch(r"[0-9A-Z-]{4,32}", value):
        raise BadCell(f"“{value}”不是有效编号，应为 4 至 32 位字母、数字或“-”")
    return value


def credit_code(cell: Cell) -> str:
    """统一社会信用代码: 18 letters and digits."""
    value = name(cell).upper()
    if not re.fullmatch(r"[0-9A-Z]{18}", value):
        raise BadCell(f"“{value}”不是有效的统一社会信用代码，应为 18 位字母或数字")
    return value


def public_phone(cell: Cell) -> str:
    """An office's phone, as written: mobile, landline with area code, 400 number, hotline."""
    value = name(cell)
    if not _PUBLIC_PHONE.fullmatch(value.replace("-", "")):
        raise BadCell(f"“{value}”不是有效电话，固定电话请带区号，如 0743-1234567")
    return value


def person_phone(cell: Cell) -> str:
    """One person's phone in its normal spelling."""
    phone, *others = person_phones(cell)
    if phone is None or others:
        raise BadCell("请只填一个电话号码，没有的留空")
    return phone


def person_phones(cell: Cell) -> tuple[str | None, ...]:
    """Several people's phones, separated by 、; “无” stands for someone who left none."""
    phones: list[str | None] = []
    for part in _split(text(cell)):
        phone = None if part == "无" else normal_phone(part)
        if phone is None and part != "无":
            raise BadCell("电话号码不正确，应为 11 位手机号，或带区号的固定电话")
        phones.append(phone)
    return tuple(phones)


def names(cell: Cell) -> tuple[str, ...]:
    """Several names, separated by 、."""
    return tuple(_split(text(cell)))


def place_names(cell: Cell) -> tuple[str, ...]:
    """Several buildings or units, separated by 、, each as `name` reads one; none twice."""
    places = tuple("".join(unicodedata.normalize("NFKC", part).split()) for part in names(cell))
    if len(set(places)) != len(places):
        raise BadCell("同一单元写了两次，请只写一次")
    return places


def yes(cell: Cell) -> bool:
    """是 or 否."""
    value = name(cell) if cell.kind != "bool" else cell.text
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


def day(cell: Cell) -> date:
    """A date: a date cell, or text like 2024-01-05, 2024/1/5 or 2024年1月5日."""
    try:
        value = _day(cell)
    except ValueError:
        raise BadCell(f"“{cell.text.strip()}”不是有效日期，请写成 2024-01-05") from None
    if not EARLIEST <= value < LATEST:
        raise BadCell(f"日期 {value} 不在 1980 年至 2099 年之间，请写成 2024-01-05")
    return value


def _day(cell: Cell) -> date:
    if cell.kind == "date":
        return date.fromisoformat(cell.text)
    if cell.kind == "number":
        return date_of_number(cell.text)
    written = "".join(unicodedata.normalize("NFKC", cell.text).split())
    match = _DATE.fullmatch(written.removesuffix("T00:00:00").removesuffix("00:00:00"))
    if not match:
        raise ValueError(written)
    year, month, day_of_month = match[1], match[2] or match[5], match[3] or match[6]
    return date(int(year), int(month), int(day_of_month))


def _hundredths(cell: Cell) -> int:
    """The number times 100, exactly; at most two decimals."""
    if cell.kind == "number":
        number = _as_excel_shows(cell.text)
    else:
        written = "".join(unicodedata.normalize("NFKC", cell.text).split())
        if cell.kind != "text" or not _NUMBER.fullmatch(written) or len(written) > 20:
            raise BadCell(f"“{cell.text.strip()[:30]}”不是数字，请只填数字，不带单位")
        number = Decimal(written.replace(",", ""))
    scaled = number.scaleb(2)
    if scaled != scaled.to_integral_value():
        raise BadCell(f"{number.normalize():f} 超过两位小数，请核对后填两位小数")
    if scaled.adjusted() > 15:
        raise BadCell("数字过大，请核对")
    return int(scaled)


def _as_excel_shows(digits: str) -> Decimal:
    if not _WRITTEN_NUMBER.fullmatch(digits):
        raise BadCell(f"“{digits[:30]}”不是数字")
    try:
        return _FIFTEEN_DIGITS.create_decimal(digits)
    except InvalidOperation:
        raise BadCell(f"“{digits[:30]}”不是数字") from None


def _whole_number(digits: str) -> str:
    """A number in a text column, where Excel has not lost any digit."""
    number = _as_excel_shows(digits)
    if number != number.to_integral_value() or number.adjusted() > 14:
        raise BadCell("数字可能已被表格软件改动，请把单元格设为“文本”格式后重新填写")
    return str(int(number))


def _split(value: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"[、,，;；/]", value) if part.strip()]
    if not parts:
        raise BadCell("只有分隔符，请填写内容或清空该单元格")
    return parts
