"""What a committee member reads in the mini-program: the plan, what changed in it, own answers."""

from collections.abc import Sequence
from datetime import date, datetime

import pytest
from sqlalchemy import update

from backend.domain.local_time import SHANGHAI
from backend.services.purchase import approvals, plans
from backend.services.purchase.approvals import MemberAnswer
from backend.services.reads.committee import PlanToAnswer, answers_given, plans_to_answer
from backend.store.registry import CommitteeMember
from tests.build.looking import also, approve, vote
from tests.build.village import Village


def waiting(village: Village, name: str) -> Sequence[PlanToAnswer]:
    return plans_to_answer(village.ctx, village.actor(name))


def test_a_member_reads_everything_the_decision_rests_on(village: Village) -> None:
    purchase = village.planned()
    (plan,) = waiting(village, "member0")
    assert (plan.plan_id, plan.number, plan.revision) == (purchase.plan_id, purchase.number, 1)
    assert (plan.estate, plan.insurer, plan.account) == ("示例小区", "示例保险", "1栋统筹账户")
    assert (plan.premium_fen, plan.available_fen) == (260_000, 1_000_000)
    assert [(lift.place, lift.premium_fen) for lift in plan.lifts] == [
        ("1栋1单元", 130_000),
        ("1栋2单元", 130_000),
    ]
    assert plan.terms.cover_last_day == date(2026, 3, 31)
    assert not plan.changes
    assert plan.my_answer is None


def test_the_answers_so_far_and_how_many_decide_are_shown(village: Village) -> None:
    purchase = village.planned()
    vote(village, purchase, "member0", "refuse", "保费偏高")
    (plan,) = waiting(village, "member0")
    assert plan.my_answer == "refuse"
    tally = plan.tally
    assert (tally.approve, tally.refuse, tally.members, tally.needed) == (0, 1, 3, 2)


def test_what_a_new_revision_changes_is_said_in_words_and_nothing_else(village: Village) -> None:
    purchase = village.planned()
    terms = village.terms(premium_fen=120_000, service_commitments="20分钟到场")
    plans.revise_plan(village.ctx, village.actor("insurer"), purchase.id, terms, "降低保费")
    (plan,) = waiting(village, "member0")
    assert plan.revision == 2
    changed = {change.field: (change.before, change.after) for change in plan.changes}
    assert set(changed) == {"premium_fen", "lifts", "service_commitments"}
    assert changed["premium_fen"] == ("2,600元", "2,400元")
    assert changed["service_commitments"] == ("30分钟到场", "20分钟到场")


def test_the_end_of_the_approval_is_told_and_a_late_answer_is_still_asked_for(
    village: Village,
) -> None:
    village.planned()
    (before,) = waiting(village, "member0")
    assert before.due
    assert before.due_words.startswith("请在")
    village.clock.set(before.due)
    (after,) = waiting(village, "member0")
    assert "届满" in after.due_words


@pytest.mark.parametrize("name", ["owner0", "manager", "clerk", "stranger"])
def test_nothing_waits_for_those_who_sit_on_no_committee(village: Village, name: str) -> None:
    village.planned()
    assert waiting(village, name) == []


def test_nothing_waits_for_a_member_who_is_recused(village: Village) -> None:
    village.planned()
    person = village.actor("member0").person_id
    with village.ctx.sessions() as tx:
        member = update(CommitteeMember).where(CommitteeMember.person_id == person)
        tx.execute(member.values(recused=True))
        tx.commit()
    assert waiting(village, "member0") == []


def test_a_decided_plan_waits_for_nobody_and_stays_among_the_own_answers(village: Village) -> None:
    purchase = village.planned()
    approve(village, purchase)
    assert waiting(village, "member2") == []
    (given,) = answers_given(village.ctx, village.actor("member0"))
    assert (given.answer, given.medium, given.state_name) == ("approve", "微信对话", "审议通过")
    assert given.counts
    assert answers_given(village.ctx, village.actor("member2")) == []


def test_of_an_answer_that_was_changed_only_the_last_is_listed(village: Village) -> None:
    purchase = village.planned()
    assert purchase.plan_id
    person = village.actor("member0").person_id
    vote(village, purchase, "member0", "refuse", "保费偏高")
    village.clock.set(datetime(2025, 3, 3, 10, tzinfo=SHANGHAI))
    approvals.answer(
        village.ctx, person, purchase.plan_id, MemberAnswer("approve", None, "mini_program")
    )
    (given,) = answers_given(village.ctx, village.actor("member0"))
    assert (given.answer, given.medium) == ("approve", "小程序")


def test_an_answer_to_a_replaced_plan_is_marked_as_no_longer_counting(village: Village) -> None:
    purchase = village.planned()
    vote(village, purchase, "member0", "approve")
    terms = village.terms(premium_fen=120_000)
    plans.revise_plan(village.ctx, village.actor("insurer"), purchase.id, terms, "降低保费")
    (given,) = answers_given(village.ctx, village.actor("member0"))
    assert not given.counts
    (plan,) = waiting(village, "member0")
    assert plan.my_answer is None


def test_a_member_with_an_office_besides_still_reads_the_plan(village: Village) -> None:
    village.planned()
    also(village, "member0", "supervisor")
    assert len(waiting(village, "member0")) == 1
