"""送达: whoever objected on paper and has no account was answered once the letter was given."""

import io
from datetime import date, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.letters import Given, How
from backend.services.case import reminders, steps
from backend.services.files.uploads import read_file
from backend.services.public_notice import letters
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import plans
from backend.services.reads.cases import ObjectionView, read_case
from backend.services.reads.todos import my_todos
from backend.store.notices import Objection
from backend.store.purchases import Purchase
from backend.store.rulings import AnswerDelivery
from tests.build.looking import assert_sound, case, codes, limits, today
from tests.build.residents import without_account
from tests.build.village import Village, stage


@stage
def objected(village: Village) -> tuple[Purchase, Objection]:
    """An owner without an account objected on paper, and the notice is suspended."""
    without_account(village, 1)
    purchase, notice = village.posted()
    paper = PaperObjection("price", "保费偏高", "冯样一", village.clock(), village.owners[1])
    return purchase, village.clerk.enters_paper(notice, paper)


def given(village: Village, how: How = How.HANDED_OVER, on: date | None = None) -> Given:
    return Given(how, on or today(village), village.upload("clerk"))


def seen(village: Village, purchase: Purchase, name: str = "clerk") -> ObjectionView:
    [shown] = read_case(village.ctx, village.actor(name), purchase.id).objections
    return shown


def words_of(content: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    return "".join("".join(pages).replace("\0", "").split())


def printed(village: Village, objection: Objection) -> str:
    number, content = letters.letter_of(village.ctx, village.actor("clerk"), objection.id)
    assert number == objection.number
    return words_of(content)


def test_an_answer_to_somebody_without_an_account_is_given_when_the_letter_is(
    village: Village,
) -> None:
    purchase, objection = objected(village)
    village.clock.advance(days=3)
    village.clerk.answers(objection.id, "三家报价已公布")
    assert limits(village, purchase).keys() == {"objection_answer", "settlement"}
    assert limits(village, purchase)["objection_answer"].started_on == today(village)
    assert seen(village, purchase).letter_due
    with pytest.raises(Refused) as refused:
        village.reviewer.dismisses(objection.id, "理由不成立")
    assert codes(refused) == ["answer_not_delivered"]
    village.clerk.delivers(objection.id, given(village))
    assert limits(village, purchase).keys() == {"objection_review", "settlement"}
    assert (seen(village, purchase).letter_due, seen(village, purchase).delivered_on) == (
        False,
        today(village),
    )
    village.reviewer.dismisses(objection.id, "理由不成立")
    assert case(village, purchase).state == "posted"
    assert_sound(village)


def test_whoever_has_an_account_needs_no_letter(village: Village) -> None:
    purchase, notice = village.posted()
    paper = PaperObjection("price", "保费偏高", "冯样一", village.clock(), village.owners[1])
    objection = village.clerk.enters_paper(notice, paper)
    village.clerk.answers(objection.id, "三家报价已公布")
    assert "objection_review" in limits(village, purchase)
    assert not seen(village, purchase).letter_due
    for act in (
        lambda: village.clerk.delivers(objection.id, given(village)),
        lambda: letters.letter_of(village.ctx, village.actor("clerk"), objection.id),
    ):
        with pytest.raises(Refused, match="letter_not_due"):
            act()


def test_the_clerk_is_reminded_and_the_case_does_not_lapse_while_a_letter_is_due(
    village: Village,
) -> None:
    purchase, objection = objected(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    mine = {todo.task for todo in my_todos(village.ctx, village.actor("clerk")).items if todo.mine}
    assert f"核实、答复异议并送达（{objection.number}）" in mine, "which of several"
    for _ in range(80):
        village.clock.advance(days=1)
        reminders.sweep(village.ctx)
        steps.sweep(village.ctx)
    assert case(village, purchase).state == "suspended"
    village.clerk.delivers(objection.id, given(village))
    settlement = limits(village, purchase)["settlement"]
    assert settlement.started_on == today(village)


def test_the_dismissal_goes_the_same_way_and_its_terms_count_from_then(village: Village) -> None:
    purchase, objection = objected(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    village.clerk.delivers(objection.id, given(village))
    village.clock.advance(days=1)
    village.reviewer.dismisses(objection.id, "比选过程合规。")
    assert case(village, purchase).state == "posted"
    assert "objection_answer" in limits(village, purchase)
    assert "60日内" in printed(village, objection)
    village.clock.advance(days=2)
    village.clerk.delivers(objection.id, given(village, How.LEFT_BEHIND))
    assert limits(village, purchase).keys() == {"public_notice_period"}
    assert seen(village, purchase).delivered_on == today(village)
    with village.ctx.sessions() as tx:
        ways = tx.scalars(select(AnswerDelivery.how).order_by(AnswerDelivery.id)).all()
    assert ways == [How.HANDED_OVER, How.LEFT_BEHIND]


def test_an_undone_dismissal_that_nobody_was_told_of_needs_no_letter(village: Village) -> None:
    purchase, objection = objected(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    village.clerk.delivers(objection.id, given(village))
    village.reviewer.dismisses(objection.id, "比选过程合规。")
    village.clerk.undoes_dismissal(objection.id, "漏看一份报价")
    assert limits(village, purchase).keys() == {"objection_review", "settlement"}
    village.reviewer.dismisses(objection.id, "比选过程仍合规。")
    village.clerk.delivers(objection.id, given(village))
    village.clerk.undoes_dismissal(objection.id, "又漏看一份")
    assert limits(village, purchase).keys() == {"objection_answer", "settlement"}
    assert "已经撤销，异议继续有效" in printed(village, objection)
    village.clerk.delivers(objection.id, given(village))
    assert limits(village, purchase).keys() == {"objection_review", "settlement"}


def test_whoever_is_no_owner_gets_the_answer_on_paper_too(village: Village) -> None:
    purchase, notice = village.posted()
    paper = PaperObjection("need", "不同意", "吴样", village.clock(), None)
    objection = village.clerk.enters_paper(notice, paper)
    village.clerk.verifies(objection.id, None, "名册中没有此人")
    assert case(village, purchase).state == "posted"
    assert limits(village, purchase).keys() == {"objection_answer", "public_notice_period"}
    letter = printed(village, objection)
    assert "吴样" in letter
    assert "名册中没有此人" in letter
    village.clerk.delivers(objection.id, given(village, How.BY_POST))
    assert limits(village, purchase).keys() == {"public_notice_period"}


def test_an_unknown_author_is_still_looked_for_after_the_letter_was_given(
    village: Village,
) -> None:
    without_account(village, 1)
    purchase, notice = village.posted()
    paper = PaperObjection("need", "不同意", "冯样一", village.clock(), None)
    objection = village.clerk.enters_paper(notice, paper)
    village.clerk.answers(objection.id, "已收到，正在核实")
    village.clerk.delivers(objection.id, given(village))
    assert "objection_answer" in limits(village, purchase)
    village.clerk.verifies(objection.id, village.owners[1], None)
    assert limits(village, purchase).keys() == {"objection_review", "settlement"}


def test_a_withdrawn_objection_waits_for_no_letter(village: Village) -> None:
    purchase, objection = objected(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    village.clerk.enters_withdrawal(objection.id, village.upload("clerk"))
    assert limits(village, purchase).keys() == {"public_notice_period"}
    with pytest.raises(Refused, match="letter_not_due"):
        village.clerk.delivers(objection.id, given(village))


@pytest.mark.parametrize(
    ("how", "days", "accepted"),
    [
        (How.HANDED_OVER, 0, True),
        (How.BY_POST, 40, True),
        (How.BY_POST, 41, False),
        (How.HANDED_OVER, -1, False),
        (How.ANNOUNCED, 9, False),
        (How.ANNOUNCED, 10, True),
    ],
)
def test_the_day_lies_between_answer_and_entry_and_an_announcement_takes_thirty(
    village: Village, how: How, days: int, accepted: bool
) -> None:
    """Entered forty days after the answer; `days` before the entry, or after the answer."""
    _, objection = objected(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    answered = today(village)
    village.clock.advance(days=40)
    on = answered + timedelta(days=days) if how is not How.ANNOUNCED else None
    on = on or today(village) - timedelta(days=days + 20)
    if accepted:
        delivery = village.clerk.delivers(objection.id, given(village, how, on))
        later = timedelta(days=30 if how is How.ANNOUNCED else 0)
        assert delivery.delivered_on == on + later
        return
    with pytest.raises(Refused) as refused:
        village.clerk.delivers(objection.id, given(village, how, on))
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.field) == ("delivery_day_invalid", "given_on")


def test_a_delivery_entered_by_mistake_is_undone_until_something_rests_on_it(
    village: Village,
) -> None:
    purchase, objection = objected(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    with pytest.raises(Refused, match="not_delivered"):
        village.clerk.undoes_delivery(objection.id, "送错了人")
    village.clerk.delivers(objection.id, given(village))
    village.clerk.undoes_delivery(objection.id, "送错了人")
    assert limits(village, purchase).keys() == {"objection_answer", "settlement"}
    assert (seen(village, purchase).letter_due, seen(village, purchase).delivered_on) == (
        True,
        None,
    )
    village.clerk.delivers(objection.id, given(village))
    village.reviewer.dismisses(objection.id, "理由不成立")
    village.clerk.delivers(objection.id, given(village))
    village.clerk.undoes_dismissal(objection.id, "看错了")
    village.clerk.delivers(objection.id, given(village))
    village.reviewer.dismisses(objection.id, "理由仍不成立")
    with pytest.raises(Refused, match="not_delivered"):
        village.clerk.undoes_delivery(objection.id, "送错了人")
    assert_sound(village)


def test_one_slip_proves_one_letter_and_nothing_else(village: Village) -> None:
    _, objection = objected(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    slip = given(village)
    village.clerk.delivers(objection.id, slip)
    village.reviewer.dismisses(objection.id, "比选过程合规。")
    with pytest.raises(Refused, match="paper_reused"):
        village.clerk.delivers(objection.id, slip)
    village.clerk.delivers(objection.id, given(village))
    village.clerk.undoes_delivery(objection.id, "日期写错了")
    with pytest.raises(Refused, match="paper_reused"):
        village.clerk.delivers(objection.id, slip)


def test_only_the_clerk_delivers_and_the_letter_names_the_author_for_the_clerk_alone(
    village: Village,
) -> None:
    purchase, objection = objected(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    for name in ("reviewer", "manager", "insurer", "owner0"):
        with pytest.raises(Refused, match="not_found"):
            letters.letter_of(village.ctx, village.actor(name), objection.id)
        with pytest.raises(Refused, match="not_found"):
            letters.deliver(village.ctx, village.actor(name), objection.id, given(village))
    letter = printed(village, objection)
    assert "1栋2单元201" in letter
    assert "送达回证" in letter
    assert seen(village, purchase, "manager").letter_due is None


def test_the_slip_is_shown_to_officers_and_to_nobody_else(village: Village) -> None:
    _, objection = objected(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    slip = given(village)
    village.clerk.delivers(objection.id, slip)
    assert read_file(village.ctx, village.actor("clerk"), slip.file_sha256)
    for name in ("manager", "member0", "owner0"):
        with pytest.raises(Refused, match="not_found"):
            read_file(village.ctx, village.actor(name), slip.file_sha256)


def test_a_letter_stays_due_when_the_plan_is_revised_and_ends_nothing_when_the_case_ends(
    village: Village,
) -> None:
    purchase, objection = objected(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    plans.revise_plan(
        village.ctx, village.actor("insurer"), purchase.id, village.terms(120_000), "按意见修改"
    )
    assert "objection_answer" in limits(village, purchase)
    village.manager.withdraws(purchase.id, "另行申请")
    assert not limits(village, purchase)
    village.clerk.delivers(objection.id, given(village))
    assert not limits(village, purchase)
    assert seen(village, purchase).letter_due is False
