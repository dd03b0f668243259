"""What must hold between the rows of a registry workbook, before the database is asked."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from itertools import pairwise

from backend.domain.normal import normal_code, normal_name, normal_phone, normal_place
from backend.services.workbooks import registry_sheets as sheets
from backend.services.workbooks.workbook import Column, Row, Workbook, WorkbookSheet

Term = tuple[date, date]
Place = tuple[str, ...]


def check_registry(book: Workbook) -> None:
    """Add a problem to the book for every row that does not fit the others."""
    _check_estate(book)
    units = {
        sheets.place(row, sheets.BUILDING, sheets.UNIT)
        for row in book.rows[sheets.UNITS.name]
        if row.has(sheets.BUILDING, sheets.UNIT)
    }
    building, unit = sheets.BUILDING, sheets.UNIT
    no_repeats(book, sheets.UNITS, "单元", normal_place, unit, building, unit)
    households, lifts = book.rows[sheets.HOUSEHOLDS.name], book.rows[sheets.LIFTS.name]
    _known_units(book, households, units)
    no_repeats(
        book, sheets.HOUSEHOLDS, "房号", normal_place, sheets.ROOM, building, unit, sheets.ROOM
    )
    for row in households:
        _check_owners(book, row)
    code = sheets.REGISTRATION_CODE
    no_repeats(book, sheets.LIFTS, "注册代码", normal_code, code, code)
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
    book: Workbook,
    sheet: WorkbookSheet,
    what: str,
    form: Callable[[str], str],
    blame: Column[str],
    *key: Column[str],
) -> None:
    """A problem at `blame` for every row whose `key`, in its normal form, an earlier row has."""
    first: dict[tuple[str, ...], Row] = {}
    for row in book.rows[sheet.name]:
        if row.has(*key):
            written = tuple(row[column] for column in key)
            earlier = first.setdefault(tuple(map(form, written)), row)
            if earlier is not row:
                spelling = "" if all(earlier[c] == row[c] for c in key) else "，只是写法不同"
                message = f"{what}“{' '.join(written)}”与第 {earlier.number} 行重复{spelling}"
                book.complain(row, blame, message)


def _known_units(book: Workbook, rows: Iterable[Row], units: set[Place]) -> None:
    for row in rows:
        place = (sheets.BUILDING, sheets.UNIT)
        if row.has(*place) and sheets.place(row, *place) not in units:
            book.complain(row, sheets.UNIT, _unknown(row[sheets.BUILDING], row[sheets.UNIT]))


def _check_lift_units(book: Workbook, lifts: Iterable[Row], units: set[Place]) -> None:
    """Each unit that a lift serves is listed, and no two lifts of one unit have the same name."""
    first: dict[Place, int] = {}
    for row in lifts:
        if not row.has(sheets.BUILDING, sheets.LIFT_UNITS):
            continue
        for unit in row[sheets.LIFT_UNITS]:
            place = (*sheets.place(row, sheets.BUILDING), normal_place(unit))
            if place not in units:
                book.complain(row, sheets.LIFT_UNITS, _unknown(row[sheets.BUILDING], unit))
            elif row.has(sheets.LIFT_NAME):
                name = row[sheets.LIFT_NAME]
                earlier = first.setdefault((*place, normal_code(name)), row.number)
                if earlier != row.number:
                    named = f"{row[sheets.BUILDING]} {unit} {name}"
                    message = f"电梯名称“{named}”与第 {earlier} 行重复"
                    book.complain(row, sheets.LIFT_NAME, message)


def _unknown(building: str, unit: str) -> str:
    return f"“楼栋单元”表中没有{building} {unit}，请核对写法或补登"


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
            elif maintainer and phone and not _same_phone(phones, maintainer, phone):
                book.complain(row, sheets.MAINTAINER_PHONE, f"与前面“{maintainer}”的电话不一致")


def _same_phone(phones: dict[str, str], maintainer: str, phone: str) -> bool:
    dialled = normal_phone(phone) or normal_code(phone)
    return phones.setdefault(normal_name(maintainer), dialled) == dialled


def _check_terms(book: Workbook) -> list[Term]:
    """The terms of office, each with its last day."""
    lasts: dict[date, date] = {}
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
    _check_namesakes(book)
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


def _check_namesakes(book: Workbook) -> None:
    """Two members of one name are two when their phones say so, and one otherwise."""
    people: dict[tuple[date, str], list[Row]] = defaultdict(list)
    for row in book.rows[sheets.COMMITTEE.name]:
        if row.has(sheets.TERM_FROM, sheets.MEMBER_NAME, sheets.MEMBER_PHONE):
            people[row[sheets.TERM_FROM], normal_name(row[sheets.MEMBER_NAME])].append(row)
    for first, *others in people.values():
        phones = {first[sheets.MEMBER_PHONE]}
        for row in others:
            if None in {*phones, row[sheets.MEMBER_PHONE]} or row[sheets.MEMBER_PHONE] in phones:
                message = (
                    f"与第 {first.number} 行是同一位委员；"
                    "确是同名的两位委员，请在“委员电话”各填各的电话"
                )
                book.complain(row, sheets.MEMBER_NAME, message)
            phones.add(row[sheets.MEMBER_PHONE])


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
