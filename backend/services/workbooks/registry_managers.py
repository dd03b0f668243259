"""Who manages an estate, and what its committee mandated them with: a workbook says it first, and
afterwards repeats it. What an officer entered since no list sets back (`people.companies`)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.normal import normal_name
from backend.services.workbooks import registry_sheets as sheets
from backend.services.workbooks.workbook import Row, Workbook
from backend.store.mandates import Mandate
from backend.store.registry import Committee, Estate, PropertyCompany

NO_PAPER = (
    "请由中心对照业委会的委托书或物业服务合同核对，导入时填写该文件的编号或日期"
    "（命令行：--mandate-paper），或删去本行"
)
CHANGES = "物业公司更换、承继、撤出的，请先由中心经办登记，再照登记的填写"


def check_manager(tx: Session, book: Workbook, row: Row) -> None:
    """Add a problem where the book names another company than the one on record, or a mandate that
    ended with a company."""
    known = tx.execute(
        select(Estate.id, PropertyCompany.id, PropertyCompany.name)
        .outerjoin(PropertyCompany, PropertyCompany.id == Estate.property_company_id)
        .where(Estate.code == row[sheets.ESTATE_CODE])
    ).one_or_none()
    if known is None:
        return
    estate_id, company_id, name = known
    written = row[sheets.COMPANY]
    if normal_name(written or "") != normal_name(name or ""):
        now = f"系统中登记的物业公司是“{name}”" if name else "系统中该小区没有登记物业公司"
        book.complain(row, sheets.COMPANY, f"{now}；{CHANGES}")
        return
    ended = dict(
        tx.execute(
            select(Mandate.valid_from, Mandate.ended_on)
            .join(Committee, Committee.id == Mandate.committee_id)
            .where(
                Committee.estate_id == estate_id,
                Mandate.property_company_id == company_id,
                Mandate.ended_on.is_not(None),
            )
        ).all()
    )
    for mandate in book.rows[sheets.MANDATES.name]:
        if mandate.has(sheets.MANDATE_FROM) and (day := ended.get(mandate[sheets.MANDATE_FROM])):
            message = f"这份委托已于 {day} 随物业变更终止；业委会重新委托的，请填新委托的起止日期"
            book.complain(mandate, sheets.MANDATE_FROM, message)


def check_mandates(tx: Session, book: Workbook) -> None:
    """Add a problem for each mandate that is new, or longer or shorter than on record: the company
    hands the book in, and no mandate rests on the word of who is mandated (JS annex 一.1)."""
    codes = [
        row[sheets.ESTATE_CODE]
        for row in book.rows[sheets.ESTATE.name]
        if row.has(sheets.ESTATE_CODE)
    ]
    known = {
        (normal_name(name), first): last
        for name, first, last in tx.execute(
            select(PropertyCompany.name, Mandate.valid_from, Mandate.valid_until)
            .join(Mandate, Mandate.property_company_id == PropertyCompany.id)
            .join(Committee, Committee.id == Mandate.committee_id)
            .join(Estate, Estate.id == Committee.estate_id)
            .where(Estate.code.in_(codes))
        )
    }
    for row in book.rows[sheets.MANDATES.name]:
        if not row.has(sheets.MANDATED, sheets.MANDATE_FROM, sheets.MANDATE_LAST):
            continue
        last = known.get((normal_name(row[sheets.MANDATED]), row[sheets.MANDATE_FROM]))
        if last is None:
            book.complain(row, sheets.MANDATE_FROM, f"系统中没有这份委托，{NO_PAPER}")
        elif last != row[sheets.MANDATE_LAST]:
            book.complain(row, sheets.MANDATE_LAST, f"系统中这份委托到 {last} 为止，{NO_PAPER}")
