"""更换收款账户: premiums go to another account of an insurer only when two officers say so.

One enters it with the insurer's letter; the other officers and the insurer's own people hear of it
at once, so that whoever knows nothing of it can say so. Nothing changes until another officer has
asked back and confirms it.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.facts import ActorFact
from backend.domain.normal import normal_code
from backend.domain.roles import PAYEE_OFFICERS, Role
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.proof import require_recent_proof
from backend.services.case.conflicts_of_interest import without_interest
from backend.services.case.news import News, write
from backend.services.case.recipients import holders
from backend.services.files.handed_in import check_upload
from backend.store.proposals import PayeeChange
from backend.store.queries.payees import PayeeChangeView, view_of
from backend.store.registry import Insurer


def enter(
    ctx: Context,
    actor: Actor,
    insurer_id: UUID,
    bank_name: str,
    bank_account: str,
    file_sha256: str,
    reason: str,
) -> PayeeChangeView:
    """The insurer wants to be paid elsewhere, says its letter.

    Raises Refused: not_found, role_required, officer_is_party, payee_unchanged,
    payee_change_waiting, file_unknown, text_required, text_too_long, and as
    `require_recent_proof`.
    """
    with ctx.sessions() as tx:
        role = require_officer(tx, ctx, actor, *PAYEE_OFFICERS)
        require_recent_proof(actor)
        insurer = tx.get(Insurer, insurer_id, with_for_update=True)
        if insurer is None:
            raise nothing_there("保险机构")
        fact = without_interest(tx, ctx, actor, insurer_id)
        bank = texts.required(bank_name, texts.PLACE_LIMIT, "bank_name", "开户银行")
        account = normal_code(bank_account)
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "更换的缘由")
        if (bank, account) == (insurer.bank_name, insurer.bank_account):
            message = "这就是现在登记的收款账户，请核对账号。"
            raise refuse("payee_unchanged", message, "bank_account")
        of_insurer = PayeeChange.insurer_id == insurer_id, PayeeChange.decided_at.is_(None)
        if tx.scalar(select(PayeeChange.id).where(*of_insurer)):
            message = "该保险机构已有一项账户变更等待确认，请先确认或退回。"
            raise refuse("payee_change_waiting", message, kind="conflict")
        check_upload(tx, actor, file_sha256, "file_sha256")
        change = PayeeChange(
            insurer_id=insurer_id,
            former_bank=insurer.bank_name,
            former_account=insurer.bank_account,
            bank_name=bank,
            bank_account=account,
            file_sha256=file_sha256,
            reason=why,
            entered_by=actor.person_id,
            in_stead_of=fact.stands_in_for.get(role),
            entered_at=ctx.clock(),
        )
        tx.add(change)
        tx.flush()
        _write_down(tx, ctx, actor, AuditAction.INSURER_ENTER_PAYEE, change)
        _tell(tx, ctx, actor, change, "收款账户变更待确认", "请核对函件并电话核实后办理")
        _tell_insurer(tx, ctx, change, "收款账户变更待确认", "不是贵公司申请的，请联系中心")
        tx.commit()
        return view_of(tx, change.id)


def confirm(ctx: Context, actor: Actor, change_id: UUID) -> PayeeChangeView:
    """Another officer confirms it: contracts from now on name the new account, and what was signed
    with the former one is not paid any more.

    Raises Refused: not_found, role_required, officer_is_party, own_payee_change,
    payee_change_decided, and as `require_recent_proof`.
    """
    with ctx.sessions() as tx:
        require_recent_proof(actor)
        insurer, change, fact = _waiting(tx, ctx, actor, change_id)
        if fact.is_own(change.entered_by, change.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人登记的，请由另一位工作人员确认。"
            raise refuse("own_payee_change", message, kind="forbidden")
        change.decided_by, change.decided_at = actor.person_id, ctx.clock()
        change.confirmed = True
        insurer.bank_name, insurer.bank_account = change.bank_name, change.bank_account
        _write_down(tx, ctx, actor, AuditAction.INSURER_CHANGE_PAYEE, change)
        _tell(tx, ctx, actor, change, "收款账户已变更", "按旧账户签的合同须先更正")
        _tell_insurer(tx, ctx, change, "收款账户已变更", "不是贵公司申请的，请联系中心")
        tx.commit()
        return view_of(tx, change.id)


def turn_down(ctx: Context, actor: Actor, change_id: UUID, reason: str) -> PayeeChangeView:
    """It is not so, or not proved: nothing changes. Whoever entered it may take it back.

    Raises Refused: not_found, role_required, officer_is_party, payee_change_decided, text_required,
    text_too_long.
    """
    with ctx.sessions() as tx:
        _, change, _ = _waiting(tx, ctx, actor, change_id)
        change.turned_down_because = texts.required(
            reason, texts.REASON_LIMIT, "reason", "退回的原因"
        )
        change.decided_by, change.decided_at = actor.person_id, ctx.clock()
        change.confirmed = False
        _write_down(tx, ctx, actor, AuditAction.INSURER_TURN_DOWN_PAYEE, change)
        _tell(tx, ctx, actor, change, "收款账户变更已退回", "账户照旧，无需办理")
        _tell_insurer(tx, ctx, change, "收款账户变更已退回", "账户照旧，有疑问请联系中心")
        tx.commit()
        return view_of(tx, change.id)


def _waiting(
    tx: Session, ctx: Context, actor: Actor, change_id: UUID
) -> tuple[Insurer, PayeeChange, ActorFact]:
    require_officer(tx, ctx, actor, *PAYEE_OFFICERS)
    change = tx.get(PayeeChange, change_id)
    if change is None:
        raise nothing_there("账户变更")
    insurer = tx.get_one(Insurer, change.insurer_id, with_for_update=True)
    tx.refresh(change)
    fact = without_interest(tx, ctx, actor, insurer.id)
    if change.decided_at is not None:
        done = "确认" if change.confirmed else "退回"
        message = f"这项账户变更已经{done}，无需再办。"
        raise refuse("payee_change_decided", message, kind="conflict")
    return insurer, change, fact


def _tell(
    tx: Session, ctx: Context, actor: Actor, change: PayeeChange, happened: str, then: str
) -> None:
    """Every officer who may decide hears of it, but who just acted."""
    done = {actor.person_id}
    for role in PAYEE_OFFICERS:
        people = set(holders(tx, ctx, role)) - done
        _write(tx, ctx, change, role, people, happened, then)
        done |= people


def _tell_insurer(tx: Session, ctx: Context, change: PayeeChange, happened: str, then: str) -> None:
    people = set(holders(tx, ctx, Role.INSURER, change.insurer_id))
    _write(tx, ctx, change, Role.INSURER, people, happened, then)


def _write(
    tx: Session,
    ctx: Context,
    change: PayeeChange,
    role: Role,
    people: set[UUID],
    happened: str,
    then: str,
) -> None:
    stands = "waiting" if change.decided_at is None else "decided"
    write(tx, ctx, News(f"payee/{change.id}/{stands}", happened, then), role, people)


def _write_down(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, change: PayeeChange
) -> None:
    """A link in the chain; keyed hashes tell the accounts."""
    accounts = (
        (change.former_bank, change.former_account),
        (change.bank_name, change.bank_account),
    )
    before, after = (ctx.cipher.digest("payee", f"{bank}\0{number}") for bank, number in accounts)
    facts = {
        "before": before.hex(),
        "after": after.hex(),
        "file_sha256": change.file_sha256,
        "reason": change.turned_down_because or change.reason,
    }
    subject = ("insurer", change.insurer_id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
