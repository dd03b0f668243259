"""不予采纳: what its author does not withdraw is settled by the reviewer, and undone by another."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.remedies import remedy_words
from backend.services.base.context import Actor
from backend.services.people import delegations
from backend.services.public.lifts import read_public_notice
from backend.services.public_notice import answers, dismissals
from backend.services.public_notice.objections import PaperObjection
from backend.services.public_notice.own_objections import my_objections
from backend.services.reads.cases import read_case
from backend.store.notices import PublicNotice
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase
from backend.store.rulings import Dismissal
from tests.build.looking import (
    add_person,
    also,
    approve,
    assert_sound,
    at,
    case,
    codes,
    limits,
    notice_of,
    post,
    suspended,
)
from tests.build.objecting import dismissed
from tests.build.residents import agree, messages_to
from tests.build.village import Village


def notice_by_case(village: Village, purchase: Purchase) -> PublicNotice:
    with village.ctx.sessions() as tx:
        return tx.scalars(select(PublicNotice).where(PublicNotice.purchase_id == purchase.id)).one()


def test_an_answered_objection_that_nobody_withdraws_is_dismissed_and_the_notice_runs_on(
    village: Village,
) -> None:
    purchase, notice, objection = suspended(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    assert case(village, purchase).state == "suspended"
    village.reviewer.dismisses(objection.id, "比选过程合规，报价属实。")
    assert case(village, purchase).state == "posted"
    assert notice_of(village, notice).state == "open"
    assert limits(village, purchase).keys() == {"public_notice_period"}
    assert_sound(village)


def test_the_author_is_told_the_reasons_and_where_to_turn(village: Village) -> None:
    _, _, objection = suspended(village)
    agree(village, "owner0", "objection_answered", "objection_answered")
    dismissed(village, objection.id, "三家报价已公布", "比选过程合规。")
    [own] = my_objections(village.ctx, village.actor("owner0"))
    assert own.answer == "三家报价已公布\n复核决定：不予采纳。比选过程合规。"
    assert own.next.endswith(remedy_words(village.ctx.city.objection))
    assert not own.can_withdraw
    last = messages_to(village, "owner0", "objection_answered")[-1]
    assert (last.data["state"], last.data["next"]) == (
        "经复核，异议不予采纳",
        "点此查看理由和救济途径",
    )


def test_everybody_reads_that_it_was_dismissed_and_why_but_not_whose_it_was(
    village: Village,
) -> None:
    _, notice, objection = suspended(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    village.reviewer.dismisses(objection.id, "1单元301室来电13812345678所述不实。", checked=True)
    page = read_public_notice(village.ctx, notice_of(village, notice).number)
    assert page
    [shown] = page.notice.objections
    assert shown.answer is not None
    assert "复核决定：不予采纳。" in shown.answer
    assert "301" not in shown.answer
    assert "13812345678" not in shown.answer


def test_who_answered_does_not_dismiss(village: Village) -> None:
    _, _, objection = suspended(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    also(village, "clerk", "reviewer")
    with pytest.raises(Refused) as refused:
        village.clerk.dismisses(objection.id, "理由不成立")
    assert codes(refused) == ["same_officer"]


def test_what_was_not_answered_or_is_nobodys_yet_is_not_dismissed(village: Village) -> None:
    _, notice, objection = suspended(village)
    with pytest.raises(Refused, match="objection_not_answered"):
        village.reviewer.dismisses(objection.id, "理由不成立")
    paper = PaperObjection("need", "不同意", "业主二", village.clock(), None)
    received = village.clerk.enters_paper(notice, paper)
    village.clerk.answers(received.id, "已收到")
    with pytest.raises(Refused, match="objection_not_verified"):
        village.reviewer.dismisses(received.id, "理由不成立")


def test_the_reviewer_reads_what_is_to_be_reviewed_and_nothing_else(village: Village) -> None:
    purchase, _, objection = suspended(village)

    def read() -> UUID | None:
        [seen] = read_case(village.ctx, village.actor("reviewer"), purchase.id).objections
        assert (seen.text is None) == (seen.id is None)
        return seen.id

    assert read() is None
    village.clerk.answers(objection.id, "三家报价已公布")
    assert read() == objection.id
    assert "objection_review" in limits(village, purchase)


def test_a_dismissal_by_mistake_is_undone_by_another_officer_and_the_case_stands_still(
    village: Village,
) -> None:
    purchase, _, objection = suspended(village)
    agree(village, "owner0", *["objection_answered"] * 4)
    dismissed(village, objection.id, "三家报价已公布")
    with pytest.raises(Refused, match="own_dismissal"):
        village.reviewer.undoes_dismissal(objection.id, "看错了")
    village.clerk.undoes_dismissal(objection.id, "漏看一份报价")
    assert case(village, purchase).state == "suspended"
    assert limits(village, purchase).keys() == {"objection_review", "settlement"}
    [own] = my_objections(village.ctx, village.actor("owner0"))
    assert own.answer == "三家报价已公布"
    assert own.can_withdraw
    village.reviewer.dismisses(objection.id, "补看后仍不成立")
    assert case(village, purchase).state == "posted"
    heard = [row.data["state"] for row in messages_to(village, "owner0", "objection_answered")]
    assert heard == [
        "已答复",
        "经复核，异议不予采纳",
        "复核决定已撤销，异议继续有效",
        "经复核，异议不予采纳",
    ]
    with village.ctx.sessions() as tx:
        kept = [
            each.undone_because for each in tx.scalars(select(Dismissal).order_by(Dismissal.id))
        ]
    assert kept == ["漏看一份报价", None]
    assert_sound(village)


def test_undone_after_the_clearing_it_suspends_what_waits_for_the_payment(
    village: Village,
) -> None:
    purchase, notice, objection = suspended(village)
    dismissed(village, objection.id, "三家报价已公布")
    ends_before = notice_of(village, notice).ends_before
    assert ends_before
    village.clock.set(ends_before)
    village.photograph(notice, "end")
    village.clerk.clears(purchase.id, "未收到纸质异议")
    village.clerk.undoes_dismissal(objection.id, "漏看一份报价")
    assert case(village, purchase).state == "suspended"
    assert "objection_review" in limits(village, purchase)


def test_after_a_new_plan_there_is_nothing_left_to_undo(village: Village) -> None:
    purchase, _, objection = suspended(village)
    dismissed(village, objection.id, "三家报价已公布")
    village.person("insurer").revises_plan(purchase.id, village.terms(120_000), "降价")
    with pytest.raises(Refused, match="dismissal_final"):
        village.clerk.undoes_dismissal(objection.id, "漏看一份报价")


def test_a_revised_plan_answers_an_objection_that_turned_up_after_the_contract(
    village: Village,
) -> None:
    purchase = village.contracted()
    notice = notice_by_case(village, purchase)
    paper = PaperObjection("price", "保费偏高", "业主二", at("2025-03-09 10:00"), village.owners[1])
    village.clerk.enters_paper(notice.id, paper)
    assert case(village, purchase).state == "suspended"
    village.person("insurer").revises_plan(purchase.id, village.terms(120_000), "按异议降价")
    assert case(village, purchase).state == "planned"
    assert_sound(village)


def test_nor_while_the_notice_of_the_new_plan_hangs(village: Village) -> None:
    purchase, _, objection = suspended(village)
    dismissed(village, objection.id, "三家报价已公布")
    village.person("insurer").revises_plan(purchase.id, village.terms(120_000), "降价")
    approve(village, case(village, purchase))
    post(village, case(village, purchase))
    with pytest.raises(Refused, match="dismissal_final"):
        village.clerk.undoes_dismissal(objection.id, "漏看一份报价")
    [own] = my_objections(village.ctx, village.actor("owner0"))
    assert own.status == "inadmissible"


def test_who_stands_in_for_the_reviewer_does_not_undo_what_that_one_dismissed(
    village: Village,
) -> None:
    """代办 counts as the work of the one for whom it is done."""
    _, _, objection = suspended(village)
    dismissed(village, objection.id, "三家报价已公布")
    colleague = also_delegate(village, "reviewer")
    with pytest.raises(Refused, match="own_dismissal"):
        dismissals.undo(village.ctx, colleague, objection.id, "看错了")
    assert village.clerk.undoes_dismissal(objection.id, "漏看一份报价").status == "verified"


def test_who_had_somebody_stand_in_does_not_undo_what_was_dismissed_in_their_stead(
    village: Village,
) -> None:
    _, _, objection = suspended(village)
    village.clerk.answers(objection.id, "三家报价已公布", False)
    colleague = also_delegate(village, "reviewer")
    dismissals.dismiss(village.ctx, colleague, objection.id, "三家报价已公布")
    for days in (0, 8):  # also when the delegation has ended
        village.clock.advance(days=days)
        with pytest.raises(Refused, match="own_dismissal"):
            village.reviewer.undoes_dismissal(objection.id, "看错了")
    assert village.clerk.undoes_dismissal(objection.id, "漏看一份报价").status == "verified"


def also_delegate(village: Village, name: str) -> Actor:
    """Somebody of the centre who does the work of this officer for a week."""
    colleague = add_person(village, "colleague", "cashier")
    with village.ctx.sessions() as tx:
        own = tx.scalars(
            select(AccessGrant.id).where(AccessGrant.person_id == village.actor(name).person_id)
        ).one()
    until = village.clock() + timedelta(days=7)
    delegations.delegate(village.ctx, village.actor(name), own, colleague.person_id, until)
    return colleague


def test_who_has_an_interest_in_the_case_previews_no_answer(village: Village) -> None:
    """The mask knows who wrote: what it hides would tell."""
    _, _, objection = suspended(village)
    also(village, "manager", "clerk")
    with pytest.raises(Refused, match="officer_is_party"):
        answers.preview(village.ctx, village.actor("manager"), objection.id, "冯样零、张三都提过")
    shown = answers.preview(village.ctx, village.actor("clerk"), objection.id, "三家报价已公布")
    assert (shown.text, shown.changed) == ("三家报价已公布", False)
