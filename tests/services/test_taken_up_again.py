"""What was closed or refused is taken up again: a rejection, a plan that the committee refused."""

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.states import State
from backend.services.public import words as public_words
from backend.services.public.lifts import read_public_lift
from backend.services.reads.todos import my_todos
from backend.store.notices import PublicNotice
from backend.store.purchases import Purchase
from backend.store.registry import LiftToken
from tests.build.looking import (
    application,
    applied,
    approve,
    assert_sound,
    case,
    codes,
    letters,
    limits,
    pool,
    refused_plan,
    steps,
)
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

MISTAKE = "材料其实齐全，误办不予受理"


def rejected(village: Village, purchase: Purchase | None = None) -> Purchase:
    purchase = purchase or applied(village)
    return village.clerk.rejects(purchase.id, "材料不齐")


def heard(village: Village, purchase: Purchase, name: str) -> str:
    """What came next, in the last letter to somebody."""
    return [data.get("next", "") for to, _, data in letters(village, purchase) if to == name][-1]


def test_a_rejection_by_mistake_is_undone_by_the_reviewer_and_looked_at_anew(
    village: Village,
) -> None:
    purchase = rejected(village)
    assert not limits(village, purchase)
    village.clock.advance(days=30)
    assert village.reviewer.undoes_rejection(purchase.id, MISTAKE).state == State.APPLIED
    assert limits(village, purchase)["acceptance"].started_on == village.clock().date()
    assert steps(village, purchase)[-1].reason == MISTAKE
    assert heard(village, purchase, "manager") == "不予受理已撤销，重新受理"
    (todo,) = my_todos(village.ctx, village.actor("clerk")).items
    assert (todo.mine, todo.why) == (True, f"撤销不予受理：{MISTAKE}")
    assert village.clerk.queries_funds(purchase.id, "维保正常")[0].state == State.FUNDS_QUERIED
    assert_sound(village)


def test_a_rejection_after_the_funds_were_queried_is_undone_too(village: Village) -> None:
    purchase = rejected(village, village.surveyed())
    assert village.reviewer.undoes_rejection(purchase.id, MISTAKE).state == State.APPLIED


def test_whoever_rejected_does_not_undo_it_nor_does_the_applicant(village: Village) -> None:
    purchase = rejected(village)
    for name in ("clerk", "manager", "cashier"):
        with pytest.raises(Refused) as refused:
            village.person(name).undoes_rejection(purchase.id, MISTAKE)
        assert codes(refused) == ["role_required"]
    with pytest.raises(Refused) as refused:
        village.reviewer.undoes_rejection(purchase.id, " ")
    assert codes(refused) == ["text_required"]


def test_a_rejection_stands_when_a_lift_of_it_was_applied_for_anew(village: Village) -> None:
    purchase = rejected(village)
    again = village.manager.drafts(application(village, lift_ids=village.lifts[:1]))
    village.manager.applies(again.id, village.upload("manager"))
    with pytest.raises(Refused) as refused:
        village.reviewer.undoes_rejection(purchase.id, MISTAKE)
    assert codes(refused) == ["lift_in_open_case"]
    village.manager.withdraws(again.id, "那一件可以继续")
    assert village.reviewer.undoes_rejection(purchase.id, MISTAKE).state == State.APPLIED


@pytest.mark.parametrize("ending", ["withdraws", "terminates"])
def test_what_was_withdrawn_or_terminated_is_applied_for_anew(
    village: Village, ending: str
) -> None:
    """Money and lifts were given back and may be another's; nothing of it is taken up."""
    purchase = applied(village)
    name = {"withdraws": "manager", "terminates": "reviewer"}[ending]
    getattr(village.person(name), ending)(purchase.id, "误办")
    with pytest.raises(Refused) as refused:
        village.reviewer.undoes_rejection(purchase.id, MISTAKE)
    assert codes(refused) == ["step_not_possible"]
    again = village.manager.drafts(application(village))
    assert village.manager.applies(again.id, village.upload("manager")).state == State.APPLIED


def test_after_a_refusal_the_applicant_asks_for_another_plan_and_the_committee_decides_again(
    village: Village,
) -> None:
    purchase = refused_plan(village)
    asked = village.manager.requests_plan(purchase.id, "委员们嫌保费高")
    assert (asked.state, asked.plan_id) == (State.FUNDS_QUERIED, None)
    assert limits(village, purchase).keys() == {"planning"}
    for name in ("insurer", "clerk", "member0"):
        assert heard(village, purchase, name) == "申请人请保险机构另拟方案"
    (todo,) = my_todos(village.ctx, village.actor("insurer")).items
    assert (todo.mine, todo.why) == (True, "请另拟方案：委员们嫌保费高")
    planned = village.person("insurer").submits_plan(purchase.id, village.terms())  # the same
    assert planned.state == State.PLANNED
    approve(village, planned)
    assert case(village, purchase).state == State.APPROVED
    assert_sound(village)


def test_only_the_applicant_asks_for_another_plan_and_only_after_a_refusal(
    village: Village,
) -> None:
    purchase = refused_plan(village)
    for name in ("insurer", "clerk"):
        with pytest.raises(Refused) as refused:
            village.person(name).requests_plan(purchase.id, "嫌贵")
        assert codes(refused) == ["role_required"]
    village.manager.requests_plan(purchase.id, "嫌贵")
    with pytest.raises(Refused) as refused:
        village.manager.requests_plan(purchase.id, "嫌贵")
    assert codes(refused) == ["step_not_possible"]


def words_of(village: Village) -> list[str]:
    """What everybody reads at the lift."""
    with village.ctx.sessions() as tx:
        found = select(LiftToken.token).where(LiftToken.lift_id == village.lifts[0])
        if (token := tx.scalar(found)) is None:
            token = "0" * 26
            issued = village.clock()
            tx.add(LiftToken(token=token, lift_id=village.lifts[0], issued_at=issued))
            tx.commit()
    lift = read_public_lift(village.ctx, token)
    assert lift
    funding = public_words.funding(lift, village.ctx.city)
    may_object = public_words.object_by(lift) or ""
    return [may_object, public_words.meaning(lift), funding.how if funding else ""]


def test_after_an_undone_clearing_nobody_reads_that_they_may_still_object(
    village: Village,
) -> None:
    posted, _ = village.posted()
    assert "可提异议" in words_of(village)[0]
    assert heard(village, posted, "manager") == "公示期内可提书面异议"
    notice_over(village, posted)
    village.reviewer.undoes_clearing(posted.id, "还有一封信没有拆")
    may_object, meaning, how = words_of(village)
    assert may_object == ""
    assert "公示期已满，中心正在核对结果" in meaning
    assert "可以提出书面异议" not in how
    assert heard(village, posted, "manager") == "由中心重新核对公示结果"
    (todo,) = my_todos(village.ctx, village.actor("manager")).items
    assert "可提" not in todo.task


def notice_over(village: Village, purchase: Purchase) -> None:
    """Its period ends without an objection, and the clerk clears it."""
    with village.ctx.sessions() as tx:
        notice = tx.scalars(select(PublicNotice)).one()
    assert notice.ends_before
    village.clock.set(notice.ends_before)
    village.photograph(notice.id, "end")
    village.clerk.clears(purchase.id, "未收到纸质异议")


@pytest.mark.parametrize("ending", ["withdraws", "terminates"])
def test_after_the_end_of_a_case_money_lifts_and_words_are_as_before_it(
    village: Village, ending: str
) -> None:
    """P8: nothing is held, nothing is owed, nothing speaks of a notice any more."""
    before = words_of(village)
    purchase, _ = village.posted()
    assert words_of(village) != before
    assert pool(village) == (POOL_FEN, 2 * PREMIUM_FEN)
    name = {"withdraws": "manager", "terminates": "reviewer"}[ending]
    getattr(village.person(name), ending)(purchase.id, "不再投保")
    assert words_of(village) == before
    assert pool(village) == (POOL_FEN, 0)
    assert not limits(village, purchase)
    closed = {"withdraws": "已撤回", "terminates": "已终止"}[ending]
    others = {"withdraws": ("clerk", "insurer"), "terminates": ("manager", "member0", "insurer")}
    for other in others[ending]:
        last = [data for to, _, data in letters(village, purchase) if to == other][-1]
        assert (last["state"], last["next"]) == (closed, "本次办理已结束")
    assert_sound(village)


def test_a_rejection_tells_the_applicant_that_the_case_is_over(village: Village) -> None:
    purchase = rejected(village)
    assert heard(village, purchase, "manager") == "本次办理已结束"
    assert pool(village) == (POOL_FEN, 0)
    assert not my_todos(village.ctx, village.actor("manager")).items
