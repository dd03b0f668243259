"""Owners without any phone apply on paper: one clerk enters it, another hands it in, and from then
on the counter acts for them on what they sign."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.domain.errors import Refused
from backend.services.case import reminders
from backend.services.people import delegations
from backend.services.purchase import on_paper
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.reads.todos import my_todos
from backend.store.messages import Outbox
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase, Transition
from tests.build.looking import add_person, assert_sound, case, codes, limits
from tests.build.machine_truths import everything_holds
from tests.build.on_paper import entered, signed, without_phone
from tests.build.village import Village


@pytest.fixture
def village(village: Village) -> Village:
    """A village whose owners have no phone, and a centre with two clerks."""
    without_phone(village, 0, 1, 2, 3)
    add_person(village, "clerk2", "clerk")
    return village


def handed_in(village: Village) -> Purchase:
    purchase = entered(village)
    return village.person("clerk2").applies(purchase.id)


def planned(village: Village) -> Purchase:
    purchase = handed_in(village)
    village.clerk.queries_funds(purchase.id, "物业管理和维保正常")
    for lift in village.lifts:
        village.person("insurer").surveys(purchase.id, lift, "passed", "运行平稳")
    village.person("insurer").submits_plan(purchase.id, village.terms())
    return purchase


def wants(village: Village, purchase: Purchase, name: str = "clerk") -> None:
    """The owners ask for the next step in writing."""
    on_paper.enter_word(village.ctx, village.actor(name), purchase.id, village.upload(name))


def letter(village: Village, purchase: Purchase) -> str:
    _, content = on_paper.letter_of(village.ctx, village.actor("clerk"), purchase.id)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    return "".join("".join(pages).replace("\0", "").split())


def told(village: Village, name: str) -> list[str]:
    with village.ctx.sessions() as tx:
        rows = tx.scalars(
            select(Outbox)
            .where(Outbox.person_id == village.actor(name).person_id)
            .order_by(Outbox.id)
        )
        return [row.data.get("state", "") for row in rows]


def test_three_owners_without_a_phone_apply_by_two_clerks(village: Village) -> None:
    purchase = entered(village)
    assert case(village, purchase).state == "drafted"
    assert told(village, "clerk2") == ["纸质申请已录入"]
    with pytest.raises(Refused) as refused:
        village.clerk.applies(purchase.id)
    assert codes(refused) == ["own_entry"]
    assert village.person("clerk2").applies(purchase.id).state == "applied"
    with village.ctx.sessions() as tx:
        steps = tx.scalars(select(Transition).order_by(Transition.id)).all()
        assert [(step.action, step.role) for step in steps] == [
            ("draft", "clerk"),
            ("apply", "clerk"),
        ]
        everything_holds(tx)


def test_whoever_stands_in_for_the_clerk_who_entered_it_does_not_hand_it_in(
    village: Village,
) -> None:
    purchase = entered(village)
    with village.ctx.sessions() as tx:
        own = tx.scalars(
            select(AccessGrant.id).where(
                AccessGrant.person_id == village.actor("clerk").person_id,
                AccessGrant.role == "clerk",
            )
        ).one()
    stand_in = add_person(village, "standin", "reviewer")
    until = village.clock() + timedelta(days=30)
    delegations.delegate(village.ctx, village.actor("clerk"), own, stand_in.person_id, until)
    with pytest.raises(Refused, match="own_entry"):
        village.person("standin").applies(purchase.id)


def test_everything_wrong_with_the_form_is_told_at_once_and_no_case_begins(
    village: Village,
) -> None:
    wrong = [*signed(0), SignedOnPaper("1栋", "1单元", "101", "无此人")]
    with pytest.raises(Refused) as refused:
        entered(village, wrong)
    assert codes(refused) == ["name_not_on_roster"]
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(Purchase)).all() == []


def test_two_names_are_no_application_until_a_third_signs(village: Village) -> None:
    purchase = entered(village, signed(0, 1))
    with pytest.raises(Refused, match="too_few_cosigners"):
        village.person("clerk2").applies(purchase.id)
    village.clerk.enters_signatures(purchase.id, signed(2), village.upload("clerk"))
    assert village.person("clerk2").applies(purchase.id).state == "applied"


@pytest.mark.parametrize("name", ["reviewer", "cashier", "manager", "insurer", "owner0"])
def test_only_a_clerk_enters_it(village: Village, name: str) -> None:
    with pytest.raises(Refused, match=r"role_required|not_found"):
        entered(village, name=name)


def test_a_clerk_who_owns_a_flat_there_enters_nothing(village: Village) -> None:
    with village.ctx.sessions() as tx:
        clerk = village.actor("clerk").person_id
        tx.execute(
            text("UPDATE owner SET person_id = :who WHERE id = :owner"),
            {"who": clerk, "owner": village.owners[3]},
        )
        tx.commit()
    with pytest.raises(Refused, match="officer_is_party"):
        entered(village)


def test_the_clerks_hear_and_do_what_the_owners_would(village: Village) -> None:
    purchase = planned(village)
    assert case(village, purchase).state == "approved"
    todos = my_todos(village.ctx, village.actor("clerk")).items
    assert [todo.purchase_id for todo in todos if todo.mine] == [purchase.id]
    for _ in range(30):
        village.clock.advance(days=1)
        reminders.sweep(village.ctx)
    with village.ctx.sessions() as tx:
        rows = tx.scalars(select(Outbox).where(Outbox.template == "deadline_reminder")).all()
        heard = {(row.person_id, row.role) for row in rows}
    assert (village.actor("clerk").person_id, "clerk") in heard
    assert "owner" not in {role for _, role in heard}


def test_what_they_want_next_they_say_in_writing_each_time(village: Village) -> None:
    purchase = planned(village)
    with pytest.raises(Refused, match="applicants_word_missing"):
        village.clerk.withdraws(purchase.id, "业主不买了")
    village.clerk.drafts_notice(purchase.id)  # any clerk may, for whoever applied
    wants(village, purchase)
    assert village.clerk.withdraws(purchase.id, "业主不买了").state == "withdrawn"
    assert_sound(village)


def test_one_paper_is_one_word(village: Village) -> None:
    purchase = planned(village)
    clerk, paper = village.actor("clerk"), village.upload("clerk")
    on_paper.enter_word(village.ctx, clerk, purchase.id, paper)
    with pytest.raises(Refused, match="paper_reused"):
        on_paper.enter_word(village.ctx, clerk, purchase.id, paper)


def test_a_word_holds_for_one_step(village: Village) -> None:
    purchase = planned(village)
    wants(village, purchase)
    first, _ = village.lifts
    village.clerk.drops_lift(purchase.id, first, "业主只保一台")
    with pytest.raises(Refused, match="applicants_word_missing"):
        village.clerk.withdraws(purchase.id, "业主不买了")


def test_it_goes_to_its_end_like_any_other(village: Village) -> None:
    purchase = planned(village)
    notice = village.clerk.drafts_notice(purchase.id)
    village.photograph(notice.id, "start")
    village.clock.advance(days=8)
    village.photograph(notice.id, "end")
    village.clerk.clears(purchase.id, "未收到纸质异议")
    village.reviewer.registers(purchase.id)
    paper = village.contract(file_sha256=village.upload("clerk"))
    village.clerk.signs_contract(purchase.id, paper)
    village.clerk.adds_invoice(purchase.id, village.invoice(file_sha256=village.upload("clerk")))
    wants(village, purchase)
    village.clerk.requests_payment(purchase.id)
    village.reviewer.reviews_payment(purchase.id)
    village.cashier.orders_payment(purchase.id)
    village.cashier.confirms_payment(purchase.id, "BANK-1", village.upload("cashier"))
    assert case(village, purchase).state == "paid"
    with village.ctx.sessions() as tx:
        everything_holds(tx)


def test_a_return_for_correction_is_mended_by_whoever_did_not_enter_it(village: Village) -> None:
    purchase = handed_in(village)
    village.clerk.returns_application(purchase.id, "签名表缺一页")
    assert "completion" in limits(village, purchase)
    assert village.person("clerk2").applies(purchase.id).state == "applied"


def test_the_letter_says_how_the_case_stands_and_to_whom(village: Village) -> None:
    purchase = handed_in(village)
    words = letter(village, purchase)
    assert "1栋1单元101冯样零" in words
    assert "现在已申请" in words
    assert "送达回证" in words
    for name in ("manager", "insurer", "stranger"):
        with pytest.raises(Refused, match=r"role_required|not_found"):
            on_paper.letter_of(village.ctx, village.actor(name), purchase.id)


def test_whoever_applied_on_a_phone_needs_neither_letter_nor_word(village: Village) -> None:
    purchase = village.drafted()
    with pytest.raises(Refused, match="not_on_paper"):
        wants(village, purchase)
    with pytest.raises(Refused, match="not_on_paper"):
        on_paper.letter_of(village.ctx, village.actor("clerk"), purchase.id)


def test_nobody_makes_a_case_one_on_paper_afterwards(village: Village) -> None:
    purchase = village.drafted()
    with pytest.raises(DBAPIError), village.ctx.sessions() as tx:
        tx.execute(
            text("UPDATE purchase SET on_paper = true WHERE id = :case"), {"case": purchase.id}
        )
