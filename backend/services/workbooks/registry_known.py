"""What must hold between a registry workbook and what the database has already."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from backend.domain.local_time import local_date
from backend.domain.normal import normal_name, normal_place
from backend.domain.personal import masked_name
from backend.services.base.context import Context
from backend.services.workbooks import registry_sheets as sheets
from backend.services.workbooks.merge import one_of
from backend.services.workbooks.registry_managers import check_manager
from backend.services.workbooks.workbook import Column, Row, Workbook
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    FormerLiftCode,
    Lift,
    PropertyCompany,
    Unit,
)

NOT_AS_FILED = "与业委会备案的不一致，请照备案的填写；备案已变更的，请核对新的备案表，按备案导入"


def check_against_database(tx: Session, ctx: Context, book: Workbook, filed: bool = False) -> None:
    """Add a problem to the book for every row that what other workbooks brought in contradicts.

    `filed`: its committee is as the committee itself filed it (备案表).
    """
    for row in book.rows[sheets.ESTATE.name][:1]:
        if row.has(sheets.ESTATE_CODE, sheets.COMPANY, sheets.CREDIT_CODE):
            _check_company(tx, book, row)
        if row.has(sheets.ESTATE_CODE, sheets.COMPANY):
            check_manager(tx, book, row)
        if row.has(sheets.ESTATE_CODE):
            _check_lift_codes(tx, book, row[sheets.ESTATE_CODE])
            _check_former_codes(tx, book)
            _check_former_names(tx, book, row[sheets.ESTATE_CODE])
            _check_earlier_terms(tx, book, row[sheets.ESTATE_CODE])
            _check_members(tx, ctx, book, row[sheets.ESTATE_CODE], filed)


def _check_company(tx: Session, book: Workbook, row: Row) -> None:
    if row[sheets.CREDIT_CODE] is None:
        return
    name = tx.scalar(
        select(PropertyCompany.name).where(PropertyCompany.credit_code == row[sheets.CREDIT_CODE])
    )
    company = row[sheets.COMPANY]
    if name is not None and (company is None or normal_name(name) != normal_name(company)):
        book.complain(row, sheets.CREDIT_CODE, f"该信用代码已登记为“{name}”，请核对公司名称")


def _check_lift_codes(tx: Session, book: Workbook, estate_code: str) -> None:
    rows = [row for row in book.rows[sheets.LIFTS.name] if row.has(sheets.REGISTRATION_CODE)]
    elsewhere = set(
        tx.scalars(
            select(Lift.registration_code)
            .join(Unit, Unit.id == Lift.unit_id)
            .join(Building, Building.id == Unit.building_id)
            .join(Estate, Estate.id == Building.estate_id)
            .where(
                Estate.code != estate_code,
                one_of(Lift.registration_code, {row[sheets.REGISTRATION_CODE] for row in rows}),
            )
        )
    )
    for row in rows:
        if (code := row[sheets.REGISTRATION_CODE]) in elsewhere:
            book.complain(
                row, sheets.REGISTRATION_CODE, f"注册代码“{code}”已登记在另一个小区，请核对"
            )


def _check_former_codes(tx: Session, book: Workbook) -> None:
    """A code that was put right is no new lift's."""
    rows = [row for row in book.rows[sheets.LIFTS.name] if row.has(sheets.REGISTRATION_CODE)]
    found = tx.execute(
        select(FormerLiftCode.registration_code, Lift.registration_code)
        .join(Lift, Lift.id == FormerLiftCode.lift_id)
        .where(
            one_of(
                FormerLiftCode.registration_code, {row[sheets.REGISTRATION_CODE] for row in rows}
            ),
            FormerLiftCode.registration_code != Lift.registration_code,
        )
    )
    now = {former: f"注册代码“{former}”已更正为“{code}”，请改用更正后的" for former, code in found}
    for row in rows:
        if message := now.get(row[sheets.REGISTRATION_CODE]):
            book.complain(row, sheets.REGISTRATION_CODE, message)


def _check_former_names(tx: Session, book: Workbook, estate_code: str) -> None:
    """A building or a unit that got another name is no second one under its former name."""
    units = tx.execute(
        select(Building.name, Building.former_names, Unit.name, Unit.former_names)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .where(Estate.code == estate_code)
    ).all()
    now: dict[tuple[str, ...], str] = {}
    for building, formerly, unit, unit_formerly in units:
        now |= {(former,): building for former in formerly}
        now |= {(normal_place(building), former): unit for former in unit_formerly}
    if not now:
        return
    for row in book.rows[sheets.UNITS.name]:
        if not row.has(sheets.BUILDING, sheets.UNIT):
            continue
        place = sheets.place(row, sheets.BUILDING, sheets.UNIT)
        for column, key in ((sheets.BUILDING, place[:1]), (sheets.UNIT, place)):
            if name := now.get(key):
                message = f"“{row[column]}”已改名为“{name}”，请改用现在的名称"
                book.complain(row, column, message)


def _check_earlier_terms(tx: Session, book: Workbook, estate_code: str) -> None:
    """A term of office may not overlap one that is already there under another first day."""
    terms = tx.execute(
        select(Committee.term_from, Committee.term_until)
        .join(Estate, Estate.id == Committee.estate_id)
        .where(Estate.code == estate_code)
    ).all()
    rows = [
        row
        for row in book.rows[sheets.COMMITTEE.name]
        if row.has(sheets.TERM_FROM, sheets.TERM_LAST)
    ]
    listed = {row[sheets.TERM_FROM] for row in rows}
    for row in rows:
        for start, until in terms:
            if (
                start not in listed
                and start <= row[sheets.TERM_LAST]
                and (row[sheets.TERM_FROM] < until)
            ):
                message = f"与系统中 {start} 起的一届任期重叠，请核对"
                book.complain(row, sheets.TERM_FROM, message)


def _check_members(
    tx: Session, ctx: Context, book: Workbook, estate_code: str, filed: bool
) -> None:
    """Nobody leaves a committee by being left out: the quorum would count them all the same.

    So a name that was corrected needs the old entry with the day on which it ended. And of two
    members with one name it must be clear who is who.
    """
    rows = book.rows[sheets.COMMITTEE.name]
    if not all(row.has(sheets.TERM_FROM, sheets.MEMBER_NAME) for row in rows):
        return
    today = local_date(ctx.clock())
    members = tx.execute(
        select(
            Committee.term_from,
            CommitteeMember.id,
            CommitteeMember.name_sealed,
            CommitteeMember.phone_hash,
            and_(~Committee.term_over(today), CommitteeMember.sits(today)).label("sitting"),
            CommitteeMember,
        )
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .join(Estate, Estate.id == Committee.estate_id)
        .where(Estate.code == estate_code)
        .order_by(CommitteeMember.id)
    ).all()
    listed: dict[tuple[date, str], list[Row]] = defaultdict(list)
    first: dict[date, Row] = {}
    for row in rows:
        listed[row[sheets.TERM_FROM], normal_name(row[sheets.MEMBER_NAME])].append(row)
        first.setdefault(row[sheets.TERM_FROM], row)
    known: dict[tuple[date, str], list[bytes | None]] = defaultdict(list)
    for term_from, member_id, sealed, phone_hash, sitting, member in members:
        name = ctx.cipher.open(CommitteeMember.name_sealed, member_id, sealed)
        namesakes = listed[term_from, normal_name(name)]
        known[term_from, normal_name(name)].append(phone_hash)
        if sitting and term_from in first and not namesakes:
            message = (
                f"系统中在任的委员“{masked_name(name)}”未列入本届，"
                "请补上该委员；已离任或姓名有误的，请保留原姓名一行并请填离任日期"
            )
            book.complain(first[term_from], sheets.LEFT_ON, message)
        if member.filed and not filed:
            _check_as_filed(ctx, book, namesakes, member)
    for key, phones in known.items():
        _check_namesakes(ctx, book, listed[key], phones)


def _check_as_filed(
    ctx: Context, book: Workbook, rows: Sequence[Row], member: CommitteeMember
) -> None:
    """What the committee filed of a member changes only by what it files next: no other list ends
    a seat, lets its member stand aside, or gives it to another phone."""
    for row in rows:
        if not row.has(sheets.MEMBER_PHONE, sheets.LEFT_ON, sheets.RECUSED):
            continue
        phone = row[sheets.MEMBER_PHONE]
        same_phone = phone is None or member.phone_hash in ctx.cipher.digests("phone", phone)
        if not same_phone and len(rows) > 1:
            continue  # another member of this name
        same: list[tuple[Column[Any], bool]] = [
            (sheets.MEMBER_PHONE, same_phone),
            (sheets.LEFT_ON, row[sheets.LEFT_ON] == member.left_on),
            (sheets.RECUSED, bool(row[sheets.RECUSED]) == member.recused),
        ]
        for column, is_same in same:
            if not is_same:
                book.complain(row, column, NOT_AS_FILED)


def _check_namesakes(
    ctx: Context, book: Workbook, rows: Sequence[Row], phones: Sequence[bytes | None]
) -> None:
    """Where a name is of two members, here or there, each row has the phone of one of them."""
    if not rows or max(len(rows), len(phones)) == 1:
        return
    if not all(row.has(sheets.MEMBER_PHONE) for row in rows):
        return
    listed = [row[sheets.MEMBER_PHONE] for row in rows]
    hashes = {one for phone in listed if phone for one in ctx.cipher.digests("phone", phone)}
    if None in listed or not hashes.issuperset(phones):
        message = (
            "有同名的委员：每位请各填一行和电话，电话须与系统中的一致；"
            "系统中没有电话或电话已换的，请先单独导入那一位并填写电话"
        )
        book.complain(rows[0], sheets.MEMBER_PHONE, message)
