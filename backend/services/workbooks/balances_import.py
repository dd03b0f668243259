"""Imports the centre's opening balances and its insurers: all of it, or nothing.

The parts (households' principal, statutory interest, pooled accounts) must be the bank's figure to
the fen. What was posted is never changed: the same workbook twice changes nothing, another figure
for a posted account is refused with the difference. Estates that come later have a workbook and an
opening of their own, for their part of what lies in the bank.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.domain import ledger as rules
from backend.domain.audit_actions import AuditAction
from backend.domain.ledger import ACCOUNT_NAMES, AccountKind
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.normal import normal_name, normal_place
from backend.domain.period_locks import is_locked, lock_words
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.books import banks, households, ledger
from backend.services.books.ledger import NewEntry
from backend.services.books.locks import locked_until
from backend.services.workbooks import balances_sheets as sheets
from backend.services.workbooks.balances_checks import (
    check_balances,
    check_known_insurer,
    principal_fen,
)
from backend.services.workbooks.balances_work import HOUSEHOLD, POOL, Pool, Work, place_of
from backend.services.workbooks.merge import Record, called, existing, merge, one_of
from backend.services.workbooks.registry_import import lock_imports
from backend.services.workbooks.workbook import (
    Column,
    Counts,
    ImportReport,
    Row,
    in_reading_order,
    read_workbook,
)
from backend.store.ledger import Account, Entry, HouseholdBalance, Posting
from backend.store.queries.fund_books import flats_with_account
from backend.store.queries.openings import current
from backend.store.registry import Building, Estate, Household, Insurer, Unit

OPENING = "opening"

PRINCIPAL_NUMBER = ledger.HOUSE_NUMBERS[AccountKind.OWNERS_PRINCIPAL]
POOLED_NAME = ACCOUNT_NAMES[AccountKind.POOLED_INCOME]


def import_balances(ctx: Context, content: bytes, dry_run: bool) -> ImportReport:
    """Import the centre's .xlsx file, or with `dry_run` only say what would happen.

    Whatever is wrong with the file is in the report, with its place; then nothing was written.
    """
    with ctx.sessions() as tx:
        report = bring_balances(tx, ctx, content, dry_run=dry_run)
        if report.applied and report.changes:
            tx.commit()
        return report


def bring_balances(
    tx: Session, ctx: Context, content: bytes, *, dry_run: bool, by: UUID | None = None
) -> ImportReport:
    """The same within a transaction, which the caller commits, or lets go of after a dry run; `by`
    is who brings it, None on the server's command line."""
    book = read_workbook(content, sheets.sheets_for(ctx.city))
    if book.readable:
        check_balances(book, local_date(ctx.clock()))
    work = Work(tx, ctx, book)
    if book.readable:
        lock_imports(tx)
        _find_places(work)
    if not book.problems:
        _check_against_ledger(work)
        _check_insurers(work)
    if not book.problems:
        bank_id = _write(work)
        if not dry_run and any(c.added or c.changed for c in work.counts.values()):
            facts = {name: [c.added, c.changed] for name, c in work.counts.items()}
            facts["bank_fen"] = [work.bank[sheets.BANK_FEN]]
            account = ("account", bank_id)
            audit.append(tx, ctx.clock(), by, AuditAction.BALANCES_IMPORT, account, facts)
    problems = in_reading_order(book.problems, sheets.BALANCES_SHEETS)
    return ImportReport("balances", dry_run, problems, work.counts, book.raw)


def _find_places(work: Work) -> None:
    """Look up every household, building and unit that the workbook names."""
    book = work.book
    codes = {
        row[sheets.ESTATE_CODE]
        for sheet in (sheets.SUBLEDGER, sheets.POOLS)
        for row in book.rows[sheet.name]
        if row.has(sheets.ESTATE_CODE)
    }
    rows = work.tx.execute(
        select(Estate.code, Estate.name, Building.name, Unit.name, Building.id, Unit.id)
        .join(Building, Building.estate_id == Estate.id)
        .join(Unit, Unit.building_id == Building.id)
        .where(one_of(Estate.code, codes))
    )
    for code, estate, building, unit, building_id, unit_id in rows:
        whole = (normal_place(code), normal_place(building), None)
        part = (*whole[:2], normal_place(unit))
        work.pools[whole] = Pool(building_id, None, f"{estate}{building}")
        work.pools[part] = Pool(building_id, unit_id, f"{estate}{building}{unit}")
    flats = work.tx.execute(
        select(Estate.code, Building.name, Unit.name, Household.room, Household.id)
        .join(Building, Building.estate_id == Estate.id)
        .join(Unit, Unit.building_id == Building.id)
        .join(Household, Household.unit_id == Unit.id)
        .where(one_of(Estate.code, codes))
    )
    for *place, household_id in flats:
        work.households[tuple(map(normal_place, place))] = household_id
    known = {code for code, _, _ in work.pools}
    for row in book.rows[sheets.SUBLEDGER.name]:
        _check_place(work, row, known, work.households, *HOUSEHOLD)
    for row in book.rows[sheets.POOLS.name]:
        _check_place(work, row, known, work.pools, *POOL)
        if sheets.whole_citys(work.ctx.city):
            message = (
                "本市的增值收益全市统筹使用、按年度记账，不设楼栋、单元的统筹账户，请删除这一行"
            )
            book.complain(row, sheets.ACCOUNT_NUMBER, message)


def _check_place(
    work: Work, row: Row, known: set[str | None], places: dict[Any, Any], *columns: Any
) -> None:
    if not row.has(*columns):
        return
    place = place_of(row, *columns)
    if place[0] not in known:
        code = row[sheets.ESTATE_CODE]
        work.book.complain(row, sheets.ESTATE_CODE, f"系统中没有小区“{code}”，请先导入小区登记表")
    elif place not in places:
        where = " ".join(row[column] for column in columns[1:] if row[column])
        work.book.complain(row, columns[-1], f"该小区登记中没有{where}，请核对写法")


def _check_against_ledger(work: Work) -> None:
    """Problems with what earlier imports posted."""
    recorded = existing(
        work.tx,
        HouseholdBalance,
        (HouseholdBalance.household_id,),
        one_of(HouseholdBalance.household_id, work.listed_households()),
    )
    work.natural_key = _opening_of(work, recorded.keys())
    posted = _posted(work, work.natural_key)
    if posted:
        _check_posted(work, posted)
    elif is_locked(work.bank[sheets.BANK_ON], until := locked_until(work.tx)):
        message = f"账{lock_words(until)}，请改用那以后的银行余额和分户余额"
        work.book.complain(work.bank, sheets.BANK_ON, message)
    _check_accounts(work, set(posted))
    moved = flats_with_account(work.tx, work.listed_households())
    for row in work.book.rows[sheets.SUBLEDGER.name]:
        before = recorded.get((work.household(row),))
        if before is None and work.household(row) in moved:
            message = "该户已有资金系统转来的交存、支取，不能再导入期初，请从本表删去这一户"
            work.book.complain(row, sheets.PRINCIPAL_FEN, message)
        elif before is None and posted:
            message = "该专户期初已入账，不能再增加房屋；后来的小区请单独填一份工作簿"
            work.book.complain(row, sheets.ROOM, message)
        elif before and not posted:
            message = f"该户 {before['as_of']} 的余额已随另一专户或资金系统的文件导入，请勿重复"
            work.book.complain(row, sheets.PRINCIPAL_FEN, message)
        elif before and (difference := row[sheets.PRINCIPAL_FEN] - before["principal_fen"]):
            message = _differs(before["principal_fen"], difference)
            work.book.complain(row, sheets.PRINCIPAL_FEN, message)


def _check_insurers(work: Work) -> None:
    """What officers decided of an insurer is not changed by a file."""
    rows = work.book.rows[sheets.INSURERS.name]
    known = called(work.tx, Insurer, [row[sheets.INSURER] for row in rows])
    for row in rows:
        before = known.get((normal_name(row[sheets.INSURER]),))
        if before:
            check_known_insurer(work.book, row, before)


def _opening_of(work: Work, recorded: Collection[tuple[UUID]]) -> str:
    """The natural key of the opening that brings in these estates, posted before or not.

    The first of a bank account is called after the account; one that follows, after its estates as
    well.
    """
    first = f"{OPENING}:{work.bank[sheets.BANK_NUMBER]}"
    keys = select(Entry.natural_key).where(Entry.natural_key.startswith(first, autoescape=True))
    known = {key: set(key.removeprefix(f"{first}:").split("+")) for key in work.tx.scalars(keys)}
    estates = work.estates()
    later = [key for key, of in known.items() if key.startswith(f"{first}:") and of & estates]
    if later:
        return later[0]
    if first not in known or recorded:
        return first
    pools = {row[sheets.ACCOUNT_NUMBER] for row in work.book.rows[sheets.POOLS.name]}
    if not work.listed_households() and pools & _posted(work, first).keys():
        return first
    return f"{first}:{'+'.join(sorted(estates))}"


def _posted(work: Work, natural_key: str) -> dict[str, int]:
    """What that opening says today, if it is there: fen by account number."""
    first = work.tx.scalar(select(Entry.id).where(Entry.natural_key == natural_key))
    if first is None:
        return {}
    rows = work.tx.execute(
        select(Account.number, func.abs(Posting.amount_fen))
        .join(Posting, Posting.account_id == Account.id)
        .where(Posting.entry_id == current(work.tx, first))
    )
    return dict(rows.all())


def _check_posted(work: Work, posted: dict[str, int]) -> None:
    """The workbook must say what was booked."""
    bank = work.bank
    booked_on = work.tx.scalar(select(Entry.booked_on).where(Entry.natural_key == work.natural_key))
    if booked_on != bank[sheets.BANK_ON]:
        work.book.complain(bank, sheets.BANK_ON, f"该专户的期初已于 {booked_on} 入账，不能再次入账")
    figures: dict[str, tuple[Row, Column[int]]] = {
        bank[sheets.BANK_NUMBER]: (bank, sheets.BANK_FEN),
        ledger.HOUSE_NUMBERS[AccountKind.STATUTORY_INTEREST_PAYABLE]: (bank, sheets.STATUTORY_FEN),
    }
    for row in work.book.rows[sheets.POOLS.name]:
        figures[row[sheets.ACCOUNT_NUMBER]] = (row, sheets.OPENING_FEN)
    for number, (row, column) in figures.items():
        before = posted.get(number, 0)
        if difference := row[column] - before:
            work.book.complain(row, column, _differs(before, difference))
    for number in posted.keys() - figures.keys() - {PRINCIPAL_NUMBER}:
        work.book.complain(bank, sheets.BANK_NUMBER, f"统筹账户“{number}”的期初已入账，本表未列出")


def _differs(before_fen: int, difference_fen: int) -> str:
    return (
        f"期初已按 {yuan(before_fen)} 入账，与本次相差 {yuan(abs(difference_fen))}；"
        "已入账的不能用表格修改，有误的由一位工作人员登记更正、另一位确认"
    )


def _check_accounts(work: Work, posted: set[str]) -> None:
    """A number is one account's, and a building or unit has one pooled account."""
    bank, rows = work.bank, work.book.rows[sheets.POOLS.name]
    numbers = {bank[sheets.BANK_NUMBER], *(row[sheets.ACCOUNT_NUMBER] for row in rows)}
    buildings = {work.pool(row).building_id for row in rows}
    accounts = work.tx.execute(
        select(Account.number, Account.kind, Account.building_id, Account.unit_id).where(
            one_of(Account.number, numbers)
            | (
                one_of(Account.building_id, buildings)
                & (Account.kind == AccountKind.POOLED_INCOME)
                & Account.closed_on.is_(None)
            )
        )
    ).all()
    holders = {number: (kind, *holder) for number, kind, *holder in accounts}
    siblings: dict[UUID | None, list[tuple[str, UUID | None]]] = defaultdict(list)
    for number, _, building_id, unit_id in accounts:
        siblings[building_id].append((number, unit_id))
    taken = "账户编号已用于另一个账户，请换一个编号"
    reserved = set(ledger.HOUSE_NUMBERS.values())
    here = banks.numbers_at(work.tx, bank[sheets.BANK_NUMBER])
    number = bank[sheets.BANK_NUMBER]
    if number in reserved or holders.get(number, (AccountKind.BANK,))[0] != AccountKind.BANK:
        work.book.complain(bank, sheets.BANK_NUMBER, taken)
    for row in rows:
        number, pool = row[sheets.ACCOUNT_NUMBER], work.pool(row)
        holder = (AccountKind.POOLED_INCOME, pool.building_id, pool.unit_id)
        if number in {bank[sheets.BANK_NUMBER], *reserved} or (
            holders.get(number, holder) != holder
        ):
            work.book.complain(row, sheets.ACCOUNT_NUMBER, taken)
        elif number in here and number not in posted and row[sheets.OPENING_FEN]:
            message = "该账户存在这个专户的期初已随另一份工作簿入账，请核对"
            work.book.complain(row, sheets.ACCOUNT_NUMBER, message)
        for other, unit_id in siblings[pool.building_id]:
            if other != number and (unit_id is None or pool.unit_id in (None, unit_id)):
                message = f"该栋或单元已设统筹账户“{other}”"
                work.book.complain(row, sheets.ACCOUNT_NUMBER, message)


def _write(work: Work) -> UUID:
    """Merge insurers and accounts, post the opening; returns the bank account's id."""
    _write_insurers(work)
    households.lock_flats(work.tx)
    bank, owed = _open_accounts(work)
    pools = [row[sheets.ACCOUNT_NUMBER] for row in work.book.rows[sheets.POOLS.name]]
    listed = work.tx.scalars(select(Account.id).where(one_of(Account.number, pools))).all()
    banks.lie_at(work.tx, listed, [bank])
    booked = work.tx.scalar(select(Entry.id).where(Entry.natural_key == work.natural_key))
    work.counts["期初分录"] = Counts(same=1) if booked else Counts(added=1)
    subledger = work.book.rows[sheets.SUBLEDGER.name]
    work.counts["分户余额"] = Counts(
        added=0 if booked else len(subledger), same=len(subledger) if booked else 0
    )
    if not booked:
        _post(work, bank, owed)
    return bank


def _post(work: Work, bank: UUID, owed: dict[UUID, int]) -> None:
    row = work.bank
    lines = rules.opening(bank, row[sheets.BANK_FEN], owed)
    entry = NewEntry(work.natural_key, OPENING, row[sheets.BANK_ON], lines, memo="期初余额")
    ledger.post(work.tx, entry, work.ctx.clock())
    principals = [
        {
            "household_id": work.household(each),
            "as_of": each[sheets.AS_OF],
            "principal_fen": each[sheets.PRINCIPAL_FEN],
        }
        for each in work.book.rows[sheets.SUBLEDGER.name]
    ]
    if principals:
        work.tx.execute(insert(HouseholdBalance), principals)
        flats = one_of(Household.id, work.listed_households())
        buildings = select(Unit.building_id).join(Household, Household.unit_id == Unit.id)
        households.take_over(work.tx, buildings.where(flats), work.ctx.clock())


def _open_accounts(work: Work) -> tuple[UUID, dict[UUID, int]]:
    """The bank account's id, and what is owed out of it: fen by account id."""
    tx, bank_row = work.tx, work.bank
    rows = work.book.rows[sheets.POOLS.name]
    numbers = {bank_row[sheets.BANK_NUMBER], *(row[sheets.ACCOUNT_NUMBER] for row in rows)}
    open_before = set(tx.scalars(select(Account.number).where(one_of(Account.number, numbers))))
    work.counts["账户"] = Counts(added=len(numbers - open_before), same=len(open_before))
    bank = ledger.open_account(
        tx, AccountKind.BANK, bank_row[sheets.BANK_NUMBER], bank_row[sheets.BANK_NAME]
    )
    owed = {
        ledger.house_account(tx, AccountKind.OWNERS_PRINCIPAL): principal_fen(work.book),
        ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE): bank_row[
            sheets.STATUTORY_FEN
        ],
    }
    for row in rows:
        pool = work.pool(row)
        account_id = ledger.open_account(
            tx,
            AccountKind.POOLED_INCOME,
            row[sheets.ACCOUNT_NUMBER],
            f"{pool.name}{POOLED_NAME}",
            building_id=pool.building_id,
            unit_id=pool.unit_id,
        )
        owed[account_id] = row[sheets.OPENING_FEN]
    return bank, owed


def _write_insurers(work: Work) -> None:
    wanted: dict[tuple[Any, ...], Record] = {}
    for row in work.book.rows[sheets.INSURERS.name]:
        name = row[sheets.INSURER]
        wanted[(normal_name(name),)] = {
            "name": name,
            "phone": row[sheets.INSURER_PHONE],
            "bank_name": row[sheets.PAYEE_BANK],
            "bank_account": row[sheets.PAYEE_ACCOUNT],
            "selected_from": row[sheets.SELECTED_FROM],
            "selected_until": row[sheets.SELECTED_LAST],
            "selection_basis": row[sheets.BASIS],
        }
    old = called(work.tx, Insurer, [record["name"] for record in wanted.values()])
    _, work.counts["保险机构"] = merge(work.tx, work.ctx.cipher, Insurer, old, wanted, ("name",))
