"""A committee without smartphones decides in a meeting; a clerk enters its minutes (会议纪要).

The majority is the same as on phones, and every seat has one answer. What a member said here stands
before what minutes say; a member who is known here, and whom the minutes name, is told and may say
otherwise while answers are waited for: until then the minutes do not count for that seat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.approval import IN_THE_MINUTES, Answer, Tally, check_answer, counts_from
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.local_time import local_date
from backend.domain.normal import normal_name
from backend.domain.roles import Role
from backend.domain.steps import EvidenceKind
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.case import Case, act_as_officer, open_case
from backend.services.case.committees import in_office, recusal, tally
from backend.services.case.notifications import tell_member
from backend.services.case.steps import give_evidence, settle
from backend.services.purchase.approvals import latest_of
from backend.services.purchase.duplicates import check_scan_fresh
from backend.store.purchases import Plan
from backend.store.registry import CommitteeMember
from backend.store.signatures import Approval


@dataclass(frozen=True)
class SeatAnswer:
    """What the minutes say that a member, by the whole name, answered."""

    name: str
    choice: Answer
    reason: str | None = None


@dataclass(frozen=True)
class Minutes:
    """The minutes of a meeting about one plan, signed by those whom they name, and their scan."""

    held_on: date
    answers: Sequence[SeatAnswer]
    file_sha256: str


def enter(ctx: Context, actor: Actor, plan_id: UUID, minutes: Minutes) -> Tally:
    """Enter what the minutes say; the case moves once more than half of those in office agree.

    Minutes that are entered again put right what was entered wrongly before. All that is wrong is
    told at once, and then nothing is entered. Raises Refused: not_found, role_required,
    same_officer, officer_is_party, plan_changed, already_decided, case_closed, file_unknown,
    paper_reused, minutes_date_invalid, member_unknown, member_repeated, member_stands_aside,
    member_answered, name_of_several, text_too_long.
    """
    with ctx.sessions() as tx:
        plan = tx.get(Plan, plan_id)
        if plan is None:
            raise nothing_there("方案")
        case = open_case(tx, ctx, actor, plan.purchase_id, "方案")
        case.require_role(Action.ENTER_MINUTES)
        if case.purchase.plan_id != plan.id:
            message = "方案已修改，原方案的会议纪要作废，请业委会就新方案另行开会。"
            raise refuse("plan_changed", message, kind="conflict")
        case.require_place(Action.ENTER_MINUTES)
        act_as_officer(case, Role.CLERK)
        if not local_date(plan.made_at) <= minutes.held_on <= case.today:
            message = "会议日期应在方案提交之后、今天之前（含今天），请核对。"
            raise refuse("minutes_date_invalid", message, "held_on")
        _check_scan(tx, plan, minutes.file_sha256)
        give_evidence(case, EvidenceKind.MINUTES, minutes.file_sha256)
        for member, seat in _checked(case, plan, minutes):
            _put(case, plan, member, seat, minutes)
        result = tally(tx, case.purchase, case.now)
        settle(case, case.facts.having(votes=result))
        tx.commit()
        return result


def _check_scan(tx: Session, plan: Plan, sha256: str) -> None:
    """The minutes are about this plan: no other case and no plan before it rests on the scan."""
    check_scan_fresh(tx, plan.purchase_id, EvidenceKind.MINUTES, sha256)
    before = exists().where(Approval.minutes_sha256 == sha256, Approval.plan_id != plan.id)
    if tx.scalar(select(before)):
        message = "这份会议纪要是就修改前的方案录入的，请上传就新方案开会的纪要。"
        raise refuse("paper_reused", message, "file_sha256", "conflict")


def _checked(
    case: Case, plan: Plan, minutes: Minutes
) -> Sequence[tuple[CommitteeMember, SeatAnswer]]:
    """The member of each answer; raises Refused with everything that is wrong with them."""
    found: list[tuple[CommitteeMember, SeatAnswer]] = []
    wrong: list[Refusal] = []
    for number, seat in enumerate(minutes.answers):
        member = _member(case, plan, seat, minutes.held_on)
        if isinstance(member, CommitteeMember) and member in [seat for seat, _ in found]:
            member = Refusal("member_repeated", "这位委员写了两次，请删去一行。")
        if isinstance(member, Refusal):
            field = f"answers.{number}.name"
            wrong.append(Refusal(member.code, member.message, field))
        else:
            found.append((member, seat))
    if wrong:
        raise Refused(*wrong, kind="conflict")
    return found


def _member(case: Case, plan: Plan, seat: SeatAnswer, held_on: date) -> CommitteeMember | Refusal:
    digests = case.ctx.cipher.digests("name", normal_name(seat.name))
    met = in_office(case.purchase.estate_id, held_on).order_by(None)
    who_met = met.with_only_columns(CommitteeMember.id)
    rows = case.tx.execute(
        in_office(case.purchase.estate_id, case.today)
        .where(CommitteeMember.name_hash.in_(digests), CommitteeMember.id.in_(who_met))
        .add_columns(recusal(case.now))
    ).all()
    if not rows:
        message = "开会那天和现在都在任的委员里没有这个姓名，请与备案名单核对。"
        return Refusal("member_unknown", message)
    if len(rows) > 1:
        message = "名册中有同名的两位委员，纸上分不出是谁，请这两位在小程序里答复。"
        return Refusal("name_of_several", message)
    member: CommitteeMember
    ((member, recused),) = rows
    if recused:
        message = "这位委员与本次审议有利害关系，应当回避，请删去这一行。"
        return Refusal("member_stands_aside", message)
    last = latest_of(case.tx, plan, member)
    if last and last.minutes_sha256 is None:
        message = "这位委员已经在手机上答复，以本人的答复为准，请删去这一行。"
        return Refusal("member_answered", message)
    return member


def _put(
    case: Case, plan: Plan, member: CommitteeMember, seat: SeatAnswer, minutes: Minutes
) -> None:
    last = latest_of(case.tx, plan, member)
    day = counts_from(_due(case), case.today) if member.person_id else None
    case.tx.add(
        Approval(
            plan_id=plan.id,
            member_id=member.id,
            seq=last.seq + 1 if last else 1,
            answer=seat.choice,
            reason=check_answer(seat.choice, seat.reason or _reason(seat.choice)),
            plan_hash=plan.content_hash,
            medium="minutes",
            message_id=None,
            answered_at=case.now,
            minutes_sha256=minutes.file_sha256,
            counts_from=day,
        )
    )
    case.tx.flush()
    audit.append(
        case.tx,
        case.now,
        case.person_id,
        AuditAction.PLAN_APPROVE if seat.choice == Answer.APPROVE else AuditAction.PLAN_REFUSE,
        ("plan", plan.id),
        {
            "member_id": str(member.id),
            "plan_hash": plan.content_hash,
            "medium": "minutes",
            "held_on": minutes.held_on.isoformat(),
            "file_sha256": minutes.file_sha256,
        },
    )
    if day and member.person_id:
        tell_member(case, member.person_id, seat.choice, day)


def _reason(choice: Answer) -> str | None:
    return IN_THE_MINUTES if choice == Answer.REFUSE else None


def _due(case: Case) -> datetime | None:
    """When the time for answers is over."""
    kind = case.table.limit_of(Action.ANSWER_PLAN)
    record = deadlines.running(case.tx, case.subject, kind) if kind else None
    return record.ends_before if record else None
