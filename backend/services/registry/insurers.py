"""保险机构: entered, selected for a term, and which clauses it filed.

One that is entered here has no account yet: two officers give it one (`purchase.payees`), and only
then may it be entered as selected, so that no contract names an account of nobody.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select as select_rows
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.normal import normal_code, normal_name
from backend.domain.roles import INSURER_KEEPERS, Role
from backend.domain.selection import check_end, renewed_from
from backend.domain.texts import PLACE_LIMIT, REASON_LIMIT, optional, required
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.proof import require_recent_proof
from backend.services.case.conflicts_of_interest import without_interest
from backend.services.case.news import News, write
from backend.services.case.recipients import holders
from backend.services.files.handed_in import check_upload
from backend.store.clauses import FiledClause
from backend.store.registry import Insurer

NAME_LIMIT = 60


def add(ctx: Context, actor: Actor, name: str, phone: str | None) -> UUID:
    """An insurer that nobody entered before; it has no account and is not selected.

    Raises Refused: not_found, role_required, text_required, text_too_long, insurer_known.
    """
    name = required(name, NAME_LIMIT, "name", "保险机构的全称")
    phone = optional(phone, PLACE_LIMIT, "phone", "电话")
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *INSURER_KEEPERS)
        # There are some dozen of them in a city.
        known = tx.scalars(select_rows(Insurer.name)).all()
        if normal_name(name) in map(normal_name, known):
            message = f"“{name}”已经登记，请在列表里打开它。"
            raise refuse("insurer_known", message, "name", "conflict")
        insurer = Insurer(name=name, phone=phone, bank_name="", bank_account="")
        tx.add(insurer)
        tx.flush()
        _write_down(tx, ctx, actor, AuditAction.INSURER_ADD, insurer.id, name=name)
        tx.commit()
        return insurer.id


def select(
    ctx: Context, actor: Actor, insurer_id: UUID, first: date, last: date | None, basis: str
) -> None:
    """The city selected it from `first` to `last` (None: without end), both included; a term that
    runs goes on into one that follows it.

    Raises Refused: not_found, role_required, officer_is_party, text_required, text_too_long,
    payee_account_missing, selection_days_invalid, selection_gap, and as `require_recent_proof`:
    who is selected signs contracts, and is paid for them.
    """
    why = required(basis, REASON_LIMIT, "basis", "入选的依据")
    with ctx.sessions() as tx:
        insurer = _open(tx, ctx, actor, insurer_id)
        require_recent_proof(actor)
        if not insurer.bank_account:
            message = "还没有收款账户。请先登记收款账户，由另一位工作人员确认，再登记入选。"
            raise refuse("payee_account_missing", message, kind="conflict")
        former, today = _term(insurer), local_date(ctx.clock())
        insurer.selected_from = renewed_from(former, first, last, today)
        insurer.selected_until, insurer.selection_basis = last, why
        insurer.selection_ended_because = None
        _write_term(tx, ctx, actor, AuditAction.INSURER_SELECT, insurer, why)
        _tell(tx, ctx, insurer, "入选期限已登记", "请核对，有疑问请联系中心")
        tx.commit()


def end_selection(ctx: Context, actor: Actor, insurer_id: UUID, last: date, basis: str) -> None:
    """The selection ends with this day, earlier than it would have.

    What is signed stays; a case that is not goes on with another insurer (`change_insurer`). Raises
    Refused: not_found, role_required, officer_is_party, text_required, text_too_long,
    selection_not_running.
    """
    why = required(basis, REASON_LIMIT, "basis", "提前结束的依据")
    with ctx.sessions() as tx:
        insurer = _open(tx, ctx, actor, insurer_id)
        check_end(_term(insurer), last)
        insurer.selected_until, insurer.selection_ended_because = last, why
        _write_term(tx, ctx, actor, AuditAction.INSURER_END_SELECTION, insurer, why)
        _tell(tx, ctx, insurer, "入选提前结束", "有疑问请联系中心")
        tx.commit()


def add_clause(
    ctx: Context,
    actor: Actor,
    insurer_id: UUID,
    *,
    name: str,
    number: str,
    filed_on: date,
    file_sha256: str,
) -> None:
    """Clauses that the insurer filed, by the number of the filing, with their text as a file.

    Raises Refused: not_found, role_required, officer_is_party, text_required, text_too_long,
    day_in_future, clause_known, file_unknown.
    """
    name = required(name, NAME_LIMIT, "name", "条款的名称")
    number = normal_code(required(number, NAME_LIMIT, "number", "备案编号"))
    with ctx.sessions() as tx:
        insurer = _open(tx, ctx, actor, insurer_id)
        if filed_on > local_date(ctx.clock()):
            raise refuse("day_in_future", "备案日期还没有到，请核对。", "filed_on")
        of_insurer = FiledClause.insurer_id == insurer_id, FiledClause.number == number
        if tx.scalar(select_rows(FiledClause.id).where(*of_insurer)):
            message = f"备案编号“{number}”已经登记。"
            raise refuse("clause_known", message, "number", "conflict")
        check_upload(tx, actor, file_sha256, "file_sha256")
        clause = FiledClause(
            insurer_id=insurer_id,
            name=name,
            number=number,
            filed_on=filed_on,
            file_sha256=file_sha256,
            entered_by=actor.person_id,
            entered_at=ctx.clock(),
        )
        tx.add(clause)
        facts = {"name": name, "number": number, "file_sha256": file_sha256}
        _write_down(tx, ctx, actor, AuditAction.INSURER_ADD_CLAUSE, insurer.id, **facts)
        tx.commit()


def end_clause(ctx: Context, actor: Actor, clause_id: UUID, reason: str) -> None:
    """These clauses are not in use from today on; plans that rest on them stay as they are.

    Raises Refused: not_found, role_required, officer_is_party, text_required, text_too_long,
    clause_ended.
    """
    why = required(reason, REASON_LIMIT, "reason", "停用的理由")
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *INSURER_KEEPERS)
        clause = tx.get(FiledClause, clause_id)
        if clause is None:
            raise nothing_there("条款")
        insurer = _open(tx, ctx, actor, clause.insurer_id)
        tx.refresh(clause)
        if clause.ended_on is not None:
            raise refuse("clause_ended", "这份条款已经停用，无需再办。", kind="conflict")
        clause.ended_on, clause.ended_because = local_date(ctx.clock()), why
        facts = {"number": clause.number, "reason": why}
        _write_down(tx, ctx, actor, AuditAction.INSURER_END_CLAUSE, insurer.id, **facts)
        tx.commit()


def _open(tx: Session, ctx: Context, actor: Actor, insurer_id: UUID) -> Insurer:
    """The insurer, locked, for an officer who has nothing to do with it."""
    require_officer(tx, ctx, actor, *INSURER_KEEPERS)
    insurer = tx.get(Insurer, insurer_id, with_for_update=True)
    if insurer is None:
        raise nothing_there("保险机构")
    without_interest(tx, ctx, actor, insurer_id)
    return insurer


def _term(insurer: Insurer) -> tuple[date | None, date | None]:
    return insurer.selected_from, insurer.selected_until


def _tell(tx: Session, ctx: Context, insurer: Insurer, happened: str, then: str) -> None:
    """The insurer's own people hear of each word about its term once."""
    last = insurer.selected_until or "open"
    cause = f"selection/{insurer.id}/{insurer.selected_from}/{last}"
    people = holders(tx, ctx, Role.INSURER, insurer.id)
    write(tx, ctx, News(cause, happened, then), Role.INSURER, people)


def _write_term(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, insurer: Insurer, why: str
) -> None:
    first, last = (day and day.isoformat() for day in _term(insurer))
    _write_down(tx, ctx, actor, action, insurer.id, first=first, last=last, reason=why)


def _write_down(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, insurer_id: UUID, **facts: Any
) -> None:
    tx.flush()
    subject = ("insurer", insurer_id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
