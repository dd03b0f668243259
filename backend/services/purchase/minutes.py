"""A committee without smartphones decides in a meeting; a clerk enters its minutes (会议纪要), and
another one compares them with the scan before they count.

The majority is the same as on phones, and every seat has one answer. What a member said here stands
before what minutes say; a member who is known here, and whom the minutes name, is told and may say
otherwise while answers are waited for: until then the minutes do not count for that seat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.approval import IN_THE_MINUTES, Answer, Tally, check_answer, counts_from
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.local_time import local_date, midnight_after
from backend.domain.normal import normal_name
from backend.domain.paper_entries import PaperKind
from backend.domain.roles import Role
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.case import Case, act_as_officer, open_case
from backend.services.case.committees import in_office, recusal, tally
from backend.services.case.notifications import tell_member
from backend.services.case.steps import settle
from backend.services.purchase.approvals import latest_of
from backend.services.purchase.paper_entries import (
    PaperEntryView,
    Scanned,
    check_scan,
    keep_scan,
    put_down,
)
from backend.store.proposals import PaperEntry
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
    """The minutes of a meeting about one plan, signed by those whom they name."""

    held_on: date
    answers: Sequence[SeatAnswer]
    paper: Scanned


def enter(ctx: Context, actor: Actor, plan_id: UUID, minutes: Minutes) -> PaperEntryView:
    """Enter what the minutes say, for another clerk to compare.

    Minutes that are entered again put right what was entered wrongly before. All that is wrong is
    told at once, and then nothing is entered. Raises Refused: not_found, role_required,
    same_officer, officer_is_party, plan_changed, already_decided, case_closed, file_unknown,
    paper_reused, minutes_date_invalid, member_unknown, member_repeated, member_stands_aside,
    member_answered, name_of_several, text_too_long, received_at_invalid, paper_entry_waiting.
    """
    with ctx.sessions() as tx:
        plan = tx.get(Plan, plan_id)
        if plan is None:
            raise nothing_there("方案")
        case = open_case(tx, ctx, actor, plan.purchase_id, "方案")
        case.require_role(Action.ENTER_MINUTES)
        _require_current(case, plan)
        act_as_officer(case, Role.CLERK)
        if not local_date(plan.made_at) <= minutes.held_on <= case.today:
            message = "会议日期应在方案提交之后、今天之前（含今天），请核对。"
            raise refuse("minutes_date_invalid", message, "held_on")
        check_scan(case, PaperKind.MINUTES, minutes.paper.file_sha256)
        _check_of_plan(tx, plan, minutes.paper.file_sha256)
        answers = [
            {
                "member_id": str(member.id),
                "answer": seat.choice,
                "reason": check_answer(seat.choice, seat.reason or _reason(seat.choice)),
            }
            for member, seat in _checked(case, plan, minutes)
        ]
        content = {"held_on": minutes.held_on.isoformat(), "answers": answers}
        met_from = midnight_after(minutes.held_on - timedelta(days=1))
        about = plan.id, max(plan.made_at, met_from)
        entry = put_down(case, PaperKind.MINUTES, about, minutes.paper, content)
        tx.commit()
        return entry


def count_entered(case: Case, entry: PaperEntry) -> Tally:
    """What was entered was compared: it counts for all who are in office still and said nothing
    here meanwhile; the case moves once more than half of those in office agree. Raises Refused:
    plan_changed, already_decided, case_closed, paper_reused."""
    plan = case.tx.get_one(Plan, entry.about_id)
    _require_current(case, plan)
    _check_of_plan(case.tx, plan, entry.file_sha256)
    keep_scan(case, entry)
    answers = {UUID(each["member_id"]): each for each in entry.content["answers"]}
    seats = in_office(case.purchase.estate_id, case.today).order_by(None)
    rows = case.tx.execute(
        seats.where(CommitteeMember.id.in_(answers)).add_columns(recusal(case.now))
    ).all()
    for member, recused in sorted(rows, key=lambda row: list(answers).index(row[0].id)):
        last = latest_of(case.tx, plan, member)
        if not recused and (last is None or last.minutes_sha256 is not None):
            _put(case, plan, member, answers[member.id], entry)
    result = tally(case.tx, case.purchase, case.now)
    settle(case, case.facts.having(votes=result))
    return result


def _require_current(case: Case, plan: Plan) -> None:
    """The plan is the one that is decided on, and it is not decided yet."""
    if case.purchase.plan_id != plan.id:
        message = "方案已修改，原方案的会议纪要作废，请业委会就新方案另行开会。"
        raise refuse("plan_changed", message, kind="conflict")
    case.require_place(Action.ENTER_MINUTES)


def _check_of_plan(tx: Session, plan: Plan, sha256: str) -> None:
    """The minutes are about this plan: no plan before it rests on the scan."""
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
    case: Case,
    plan: Plan,
    member: CommitteeMember,
    entered: Mapping[str, Any],
    entry: PaperEntry,
) -> None:
    choice = Answer(entered["answer"])
    last = latest_of(case.tx, plan, member)
    day = counts_from(_due(case), case.today) if member.person_id else None
    case.tx.add(
        Approval(
            plan_id=plan.id,
            member_id=member.id,
            seq=last.seq + 1 if last else 1,
            answer=choice,
            reason=entered["reason"],
            plan_hash=plan.content_hash,
            medium="minutes",
            message_id=None,
            answered_at=case.now,
            minutes_sha256=entry.file_sha256,
            counts_from=day,
        )
    )
    case.tx.flush()
    audit.append(
        case.tx,
        case.now,
        case.person_id,
        AuditAction.PLAN_APPROVE if choice == Answer.APPROVE else AuditAction.PLAN_REFUSE,
        ("plan", plan.id),
        {
            "member_id": str(member.id),
            "plan_hash": plan.content_hash,
            "medium": "minutes",
            "held_on": entry.content["held_on"],
            "file_sha256": entry.file_sha256,
        },
    )
    if day and member.person_id:
        tell_member(case, member.person_id, choice, day)


def _reason(choice: Answer) -> str | None:
    return IN_THE_MINUTES if choice == Answer.REFUSE else None


def _due(case: Case) -> datetime | None:
    """When the time for answers is over."""
    kind = case.table.limit_of(Action.ANSWER_PLAN)
    record = deadlines.running(case.tx, case.subject, kind) if kind else None
    return record.ends_before if record else None
