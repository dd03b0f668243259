"""The committee decides by name, by more than half of those in office, and never by silence."""

from datetime import date, datetime

import pytest
from sqlalchemy import func, select, update

from backend.domain.errors import Refused
from backend.domain.local_time import SHANGHAI
from backend.services.case import reminders
from backend.services.purchase import applications, approvals
from backend.services.purchase.approvals import MemberAnswer
from backend.store.audit import AuditEntry
from backend.store.registry import CommitteeMember
from backend.store.signatures import Approval
from tests.build.looking import approve, case, codes, letters, limits, steps, vote
from tests.build.village import Village


def change_member(village: Village, name: str, **values: object) -> None:
    with village.ctx.sessions() as tx:
        person = village.actor(name).person_id
        tx.execute(
            update(CommitteeMember).where(CommitteeMember.person_id == person).values(**values)
        )
        tx.commit()


def test_two_of_three_decide_and_the_first_does_not(village: Village) -> None:
    purchase = village.planned()
    first = vote(village, purchase, "member0", "approve")
    assert (first.approvals, first.in_office, first.decided) == (1, 3, None)
    assert case(village, purchase).state == "planned"
    assert vote(village, purchase, "member1", "approve").decided == "approve"
    assert case(village, purchase).state == "approved"
    assert steps(village, purchase)[-1].role == "system"
    assert set(limits(village, purchase)) == {"posting"}


def test_a_member_may_change_the_own_answer_until_the_quorum(village: Village) -> None:
    purchase = village.planned()
    vote(village, purchase, "member0", "refuse", "保费偏高")
    changed = vote(village, purchase, "member0", "approve")
    assert (changed.approvals, changed.refusals) == (1, 0)
    assert vote(village, purchase, "member1", "approve").decided == "approve"
    with pytest.raises(Refused) as refused:
        vote(village, purchase, "member0", "refuse")
    assert codes(refused) == ["already_decided"]


def test_nobody_is_told_that_the_plan_of_a_withdrawn_case_was_decided(village: Village) -> None:
    purchase = village.planned()
    applications.withdraw(village.ctx, village.actor("manager"), purchase.id, "另行申请")
    with pytest.raises(Refused) as refused:
        vote(village, purchase, "member0", "approve")
    (refusal,) = refused.value.refusals
    assert refusal.code == "case_closed"
    assert "审议" not in refusal.message


def test_the_same_answer_again_changes_nothing(village: Village) -> None:
    purchase = village.planned()
    for _ in range(2):
        tally = vote(village, purchase, "member0", "approve", "同意")
    assert tally.approvals == 1
    with village.ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(Approval)) == 1


def test_a_refusal_by_the_majority_goes_back_to_the_insurer(village: Village) -> None:
    purchase = village.planned()
    vote(village, purchase, "member0", "refuse", "保费偏高")
    vote(village, purchase, "member1", "approve")
    assert vote(village, purchase, "member2", "refuse", "限额偏低").decided == "refuse"
    assert case(village, purchase).state == "refused"
    assert "insurer" in {name for name, _, _ in letters(village, purchase)}


def test_a_refusal_says_why(village: Village) -> None:
    purchase = village.planned()
    with pytest.raises(Refused) as refused:
        vote(village, purchase, "member0", "refuse", " ")
    assert codes(refused) == ["text_required"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("owner0", "not_a_member"), ("manager", "not_a_member"), ("stranger", "not_found")],
)
def test_only_members_answer(village: Village, name: str, code: str) -> None:
    purchase = village.planned()
    with pytest.raises(Refused) as refused:
        vote(village, purchase, name, "approve")
    assert codes(refused) == [code]


def test_who_left_the_committee_neither_answers_nor_counts(village: Village) -> None:
    purchase = village.planned()
    vote(village, purchase, "member2", "approve")
    change_member(village, "member2", left_on=date(2025, 3, 3))
    with pytest.raises(Refused, match="not_found"):
        vote(village, purchase, "member2", "approve", "又一次")
    tally = vote(village, purchase, "member0", "approve")
    assert (tally.approvals, tally.in_office, tally.decided) == (1, 2, None)
    assert vote(village, purchase, "member1", "approve").decided == "approve"


def test_who_has_an_interest_is_recused_and_still_counts_as_in_office(village: Village) -> None:
    change_member(village, "member2", recused=True)
    purchase = village.planned()
    with pytest.raises(Refused, match="recused"):
        vote(village, purchase, "member2", "approve")
    assert vote(village, purchase, "member0", "approve").in_office == 3
    invited = {name for name, template, _ in letters(village, purchase) if "invitation" in template}
    assert invited == {"member0", "member1"}


def test_an_answer_given_before_the_interest_was_declared_does_not_count(village: Village) -> None:
    purchase = village.planned()
    vote(village, purchase, "member2", "approve")
    change_member(village, "member2", recused=True)
    tally = vote(village, purchase, "member0", "approve")
    assert (tally.approvals, tally.decided) == (1, None)


def test_silence_escalates_and_never_approves(village: Village) -> None:
    purchase = village.planned()
    vote(village, purchase, "member0", "approve")
    for day in range(4, 25):
        village.clock.set(datetime(2025, 3, day, 9, 30, tzinfo=SHANGHAI))
        reminders.sweep(village.ctx)
    assert case(village, purchase).state == "planned"
    escalated = [
        name for name, template, _ in letters(village, purchase) if template == "escalation"
    ]
    assert set(escalated) == {"supervisor"}
    approve(village, purchase)
    assert case(village, purchase).state == "approved"


def test_an_answer_is_on_record_with_the_plan_it_was_about(village: Village) -> None:
    purchase = village.planned()
    assert purchase.plan_id
    person = village.actor("member0").person_id
    approvals.answer(
        village.ctx, person, purchase.plan_id, MemberAnswer("approve", None, "chat", "msg-1")
    )
    with village.ctx.sessions() as tx:
        given = tx.scalars(select(Approval)).one()
        linked = tx.scalars(
            select(AuditEntry.actor_id).where(AuditEntry.action == "plan.approve")
        ).all()
    assert (given.message_id, given.medium, len(given.plan_hash)) == ("msg-1", "chat", 64)
    assert linked == [person]
