"""What must hold between the rows of a registry workbook, before the database is asked."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from backend.domain.personal import normal_name
from backend.services.workbooks import registry_sheets as sheets
from backend.services.workbooks.workbook import Column, Row, Workbook, WorkbookSheet

Term = tuple[date, date]


def check_registry(book: Workbook) -> None:
    """Add a problem to the book for every row that does not fit the others."""
    _check_estate(book)
    units = {
        (row[sheets.BUILDING], row[sheets.UNIT])
        for row in book.rows[sheets.UNITS.name]
        if row.has(sheets.BUILDING, sheets.UNIT)
    }
    building, unit = sheets.BUILDING, sheets.UNIT
    no_repeats(book, sheets.UNITS, "单元", unit, building, unit)
    households, lifts = book.rows[sheets.HOUSEHOLDS.name], book.rows[sheets.LIFTS.name]
    _known_units(book, households, units)
    no_repeats(book, sheets.HOUSEHOLDS, "房号", sheets.ROOM, building, unit, sheets.ROOM)
    for row in households:
        _check_owners(book, row)
    code = sheets.REGISTRATION_CODE
    no_repeats(book, sheets.LIFTS, "注册代码", code, code)
    _check_lift_units(book, lifts, units)
    _check_lifts(book, lifts)
    terms = _check_terms(book)
    _check_mandates(book, terms)


def _check_estate(book: Workbook) -> None:
    rows = book.rows[sheets.ESTATE.name]
    for extra in rows[1:]:
        book.complain(extra, None, "一份工作簿只登记一个小区，请把其他小区另存为一份")
    for row in rows[:1]:
        if row.has(sheets.COMPANY) and row[sheets.COMPANY] is None:
            for column in (sheets.CREDIT_CODE, sheets.COMPANY_PHONE):
                if row.has(column) and row[column] is not None:
                    book.complain(row, sheets.COMPANY, "填了信用代码或电话，请补填物业公司名称")


def no_repeats(
    book: Workbook, sheet: WorkbookSheet, what: str, blame: Column[str], *key: Column[str]
) -> None:
    """A problem at `blame` for every row whose `key` an earlier row has."""
    first: dict[tuple[str, ...], int] = {}
    for row in book.rows[sheet.name]:
        if row.has(*key):
            value = tuple(row[column] for column in key)
            earlier = first.setdefault(value, row.number)
            if earlier != row.number:
                book.complain(row, blame, f"{what}“{' '.join(value)}”与第 {earlier} 行重复")


def _known_units(book: Workbook, rows: Iterable[Row], units: set[tuple[str, str]]) -> None:
    for row in rows:
        if row.has(sheets.BUILDING, sheets.UNIT):
            place = (row[sheets.BUILDING], row[sheets.UNIT])
            if place not in units:
                book.complain(row, sheets.UNIT, _unknown(place))


def _check_lift_units(book: Workbook, lifts: Iterable[Row], units: set[tuple[str, str]]) -> None:
    """Each unit that a lift serves is listed, and no two lifts of one unit have the same name."""
    first: dict[tuple[str, str, str], int] = {}
    for row in lifts:
        if not row.has(sheets.BUILDING, sheets.LIFT_UNITS):
            continue
        for unit in row[sheets.LIFT_UNITS]:
            place = (row[sheets.BUILDING], unit)
            if place not in units:
                book.complain(row, sheets.LIFT_UNITS, _unknown(place))
            elif row.has(sheets.LIFT_NAME):
                named = (*place, row[sheets.LIFT_NAME])
                earlier = first.setdefault(named, row.number)
                if earlier != row.number:
                    message = f"电梯名称“{' '.join(named)}”与第 {earlier} 行重复"
                    book.complain(row, sheets.LIFT_NAME, message)


def _unknown(place: tuple[str, str]) -> str:
    return f"“楼栋单元”表中没有{' '.join(place)}，请核对写法或补登"


def _check_owners(book: Workbook, row: Row) -> None:
    if not row.has(sheets.OWNER_NAMES):
        return
    names = row[sheets.OWNER_NAMES] or ()
    if len({normal_name(name) for name in names}) != len(names):
        book.complain(row, sheets.OWNER_NAMES, "同一户的业主姓名重复")
    if row.has(sheets.OWNER_PHONES):
        phones = row[sheets.OWNER_PHONES]
        if phones is not None and len(phones) != len(names):
            book.complain(
                row,
                sheets.OWNER_PHONES,
                f"有 {len(names)} 位业主、{len(phones)} 个电话，请一一对应，没有电话的写“无”",
            )


def _check_lifts(book: Workbook, lifts: Iterable[Row]) -> None:
    phones: dict[str, str] = {}
    for row in lifts:
        if row.has(sheets.INSTALLED_ON, sheets.INSPECTION_ON):
            inspection = row[sheets.INSPECTION_ON]
            if inspection is not None and inspection <= row[sheets.INSTALLED_ON]:
                book.complain(row, sheets.INSPECTION_ON, "下次检验日期应晚于安装日期")
        if row.has(sheets.MAINTAINER, sheets.MAINTAINER_PHONE):
            maintainer, phone = row[sheets.MAINTAINER], row[sheets.MAINTAINER_PHONE]
            if maintainer is None and phone is not None:
                book.complain(row, sheets.MAINTAINER, "填了维保电话，请补填维保单位")
            elif maintainer and phone and phones.setdefault(maintainer, phone) != phone:
                book.complain(row, sheets.MAINTAINER_PHONE, f"与前面“{maintainer}”的电话不一致")


def _check_terms(book: Workbook) -> list[Term]:
    """The terms of office, each with its last day."""
    lasts: dict[date, date] = {}
    members: dict[tuple[date, str], int] = {}
    for row in book.rows[sheets.COMMITTEE.name]:
        if not row.has(sheets.TERM_FROM, sheets.TERM_LAST):
            continue
        start, last = row[sheets.TERM_FROM], row[sheets.TERM_LAST]
        if last < start:
            book.complain(row, sheets.TERM_LAST, "任期截止早于任期开始")
        elif lasts.setdefault(start, last) != last:
            book.complain(
                row, sheets.TERM_LAST, f"同一届的任期截止不一致，前面写的是 {lasts[start]}"
            )
        if row.has(sheets.MEMBER_NAME):
            member = (start, normal_name(row[sheets.MEMBER_NAME]))
            earlier = members.setdefault(member, row.number)
            if earlier != row.number:
                book.complain(row, sheets.MEMBER_NAME, f"与第 {earlier} 行是同一位委员")
    terms = sorted(lasts.items())
    for (_, last), (start, _) in pairwise(terms):
        if start <= last:
            row = next(
                row
                for row in book.rows[sheets.COMMITTEE.name]
                if row.has(sheets.TERM_FROM) and row[sheets.TERM_FROM] == start
            )
            book.complain(row, sheets.TERM_FROM, f"与上一届任期重叠，上一届到 {last} 为止")
    return terms


def _check_mandates(book: Workbook, terms: Iterable[Term]) -> None:
    companies = {
        normal_name(company)
        for row in book.rows[sheets.ESTATE.name]
        if row.has(sheets.COMPANY) and (company := row[sheets.COMPANY])
    }
    first: dict[date, int] = {}
    for row in book.rows[sheets.MANDATES.name]:
        if row.has(sheets.MANDATED) and normal_name(row[sheets.MANDATED]) not in companies:
            book.complain(row, sheets.MANDATED, "与“小区”表中的物业公司不一致")
        if not row.has(sheets.MANDATE_FROM, sheets.MANDATE_LAST):
            continue
        start, last = row[sheets.MANDATE_FROM], row[sheets.MANDATE_LAST]
        earlier = first.setdefault(start, row.number)
        if earlier != row.number:
            book.complain(row, sheets.MANDATE_FROM, f"与第 {earlier} 行的委托重复")
        if last < start:
            book.complain(row, sheets.MANDATE_LAST, "委托截止早于委托开始")
        elif not any(term_from <= start and last <= until for term_from, until in terms):
            book.complain(row, sheets.MANDATE_FROM, "委托期间不在“业委会”表的同一届任期内")
