"""Reminders of an approval go to those whose answer is missing."""

from sqlalchemy import select, update

from backend.services.case import reminders
from backend.services.purchase import approvals
from backend.services.purchase.approvals import MemberAnswer
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.registry import CommitteeMember
from tests.build.village import Village


def reminded(village: Village) -> set[str]:
    """Whom the next sweep that is due reminds."""
    with village.ctx.sessions() as tx:
        due = tx.scalars(
            select(DeadlineRecord.next_reminder_at).where(DeadlineRecord.kind == "approval")
        ).one()
    assert due is not None
    village.clock.set(due)
    reminders.sweep(village.ctx)
    names = {actor.person_id: name for name, actor in village.people.items()}
    with village.ctx.sessions() as tx:
        told = select(Outbox.person_id).where(Outbox.template == "deadline_reminder")
        return {names[person_id] for person_id in tx.scalars(told)}


def test_everybody_is_reminded_while_nobody_has_answered(village: Village) -> None:
    village.planned()
    assert reminded(village) == {"member0", "member1", "member2", "manager"}


def test_whoever_answered_or_is_recused_is_not_reminded(village: Village) -> None:
    plan_id = village.planned().plan_id
    assert plan_id is not None
    person = village.actor("member0").person_id
    approvals.answer(village.ctx, person, plan_id, MemberAnswer("refuse", "贵", "chat", None))
    aside = village.actor("member2").person_id
    with village.ctx.sessions() as tx:
        member = update(CommitteeMember).where(CommitteeMember.person_id == aside)
        tx.execute(member.values(recused=True))
        tx.commit()
    assert reminded(village) == {"member1", "manager"}
