"""What goes back to be put right: an application, papers, a contract, a clearing, a payment."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from backend.domain.errors import Refused
from backend.domain.objection import ObjectionStatus
from backend.domain.refund import RefundKind
from backend.domain.states import State
from backend.services.public_notice.objections import PaperObjection
from backend.services.reads.todos import my_todos
from backend.store.audit import AuditEntry
from backend.store.mandates import Mandate
from backend.store.notices import Objection, PublicNotice, RegistrationRecord
from backend.store.purchases import Contract, Payment, Purchase
from tests.build.looking import (
    applied,
    approve,
    assert_sound,
    at,
    carry,
    case,
    codes,
    covers,
    holds,
    letters,
    limits,
    planned_for,
    pool,
    registered,
    steps,
    today,
)
from tests.build.objecting import dismissed
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

DUE_FEN = 2 * PREMIUM_FEN
REASON = "申请表第二页没有盖章"


def returned(village: Village) -> Purchase:
    purchase = applied(village)
    return village.clerk.returns_application(purchase.id, REASON)


def papers_returned(village: Village) -> Purchase:
    return village.cashier.returns_papers(village.payable().id, "发票抬头看不清")


# --- an application ---


def test_an_application_goes_back_with_a_reason_and_comes_again(village: Village) -> None:
    purchase = returned(village)
    assert purchase.state == State.DRAFTED
    assert steps(village, purchase)[-1].reason == REASON
    assert limits(village, purchase).keys() == {"completion"}
    again = village.manager.applies(purchase.id, village.upload("manager"))
    assert again.state == State.APPLIED
    assert limits(village, purchase).keys() == {"acceptance"}
    assert_sound(village)


def test_whoever_applied_hears_what_the_application_waits_for(village: Village) -> None:
    purchase = returned(village)
    told = [data for name, _, data in letters(village, purchase) if name == "manager"]
    assert told[-1]["state"] == "申请准备中"
    assert told[-1]["next"] == "备好申请表或联名，提交申请"


def test_the_reason_stands_on_the_list_of_whoever_must_act_and_on_no_other(
    village: Village,
) -> None:
    returned(village)
    (todo,) = my_todos(village.ctx, village.actor("manager")).items
    assert (todo.mine, todo.why) == (True, f"退回补正：{REASON}")
    (seen,) = my_todos(village.ctx, village.actor("member0")).items
    assert (seen.mine, seen.why) == (False, "")


def test_the_co_signatures_of_a_returned_application_stay(village: Village) -> None:
    purchase = village.drafted("owners", "owner0")
    for name in ("owner0", "owner1", "owner2"):
        village.person(name).cosigns(purchase.id)
    village.person("owner0").applies(purchase.id, village.upload("owner0"))
    village.clerk.returns_application(purchase.id, REASON)
    again = village.person("owner0").applies(purchase.id, village.upload("owner0"))
    assert again.state == State.APPLIED


def test_an_application_is_returned_by_the_clerk_with_a_reason_and_before_the_acceptance(
    village: Village,
) -> None:
    purchase = applied(village)
    for name in ("manager", "reviewer", "insurer"):
        with pytest.raises(Refused) as refused:
            village.person(name).returns_application(purchase.id, REASON)
        assert codes(refused) == ["role_required"]
    with pytest.raises(Refused) as refused:
        village.clerk.returns_application(purchase.id, " ")
    assert codes(refused) == ["text_required"]
    village.clerk.queries_funds(purchase.id, "维保正常")
    with pytest.raises(Refused) as refused:
        village.clerk.returns_application(purchase.id, REASON)
    assert codes(refused) == ["step_not_possible"]


# --- the papers of a payment ---


def test_returned_papers_stop_the_clock_and_keep_the_premium(village: Village) -> None:
    purchase = papers_returned(village)
    assert purchase.state == State.CONTRACTED
    assert limits(village, purchase).keys() == {"payment_request"}
    assert pool(village) == (POOL_FEN, DUE_FEN)  # nothing is owed, and no other case gets it
    assert holds(village, purchase) == [("posted", DUE_FEN), ("pending", DUE_FEN)]
    assert_sound(village)


def test_papers_put_right_are_paid_like_any_others(village: Village) -> None:
    purchase = papers_returned(village)
    better = village.invoice(number="FP-2", file_sha256=village.upload("manager"))
    village.manager.adds_invoice(purchase.id, better)
    village.clock.advance(days=3)
    village.manager.requests_payment(purchase.id)
    ends_on = limits(village, purchase)["payment"].ends_on
    assert ends_on > village.clock().date() + timedelta(days=6)  # seven working days anew
    village.reviewer.reviews_payment(purchase.id)
    village.cashier.orders_payment(purchase.id)
    village.cashier.confirms_payment(purchase.id, "BANK-1", village.upload("cashier"))
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert case(village, purchase).state == State.PAID
    assert_sound(village)


def test_a_better_picture_of_the_same_invoice_is_the_one_that_counts(village: Village) -> None:
    purchase = papers_returned(village)
    before = case(village, purchase).invoice_id
    better = village.invoice(file_sha256=village.upload("manager"))
    assert village.manager.adds_invoice(purchase.id, better).file_sha256 == better.file_sha256
    assert case(village, purchase).invoice_id != before
    assert (
        village.manager.adds_invoice(purchase.id, better).id == case(village, purchase).invoice_id
    )


def test_papers_may_go_back_more_than_once(village: Village) -> None:
    purchase = papers_returned(village)
    village.manager.requests_payment(purchase.id)
    village.cashier.returns_papers(purchase.id, "还是看不清")
    assert pool(village) == (POOL_FEN, DUE_FEN)
    village.manager.requests_payment(purchase.id)
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert_sound(village)


def test_whoever_withdraws_after_the_papers_came_back_leaves_the_account_as_it_was(
    village: Village,
) -> None:
    purchase = papers_returned(village)
    village.manager.withdraws(purchase.id, "不再投保")
    assert pool(village) == (POOL_FEN, 0)
    assert not limits(village, purchase)
    assert_sound(village)


@pytest.mark.parametrize("name", ["reviewer", "cashier"])
@pytest.mark.parametrize("reached", ["payable", "reviewed"])
def test_papers_go_back_by_the_reviewer_or_the_cashier(
    village: Village, name: str, reached: str
) -> None:
    purchase = {"payable": village.payable, "reviewed": village.reviewed}[reached]()
    assert village.person(name).returns_papers(purchase.id, "发票看不清").state == State.CONTRACTED
    assert pool(village) == (POOL_FEN, DUE_FEN)
    assert limits(village, purchase).keys() == {"payment_request"}
    assert_sound(village)


def test_no_payment_is_ordered_before_the_papers_were_reviewed(village: Village) -> None:
    purchase = village.payable()
    with pytest.raises(Refused) as refused:
        village.cashier.orders_payment(purchase.id)
    assert codes(refused) == ["step_not_possible"]
    for name in ("cashier", "clerk", "manager"):
        with pytest.raises(Refused) as refused:
            village.person(name).reviews_payment(purchase.id)
        assert codes(refused) == ["role_required"]
    ends_on = limits(village, purchase)["payment"].ends_on
    village.reviewer.reviews_payment(purchase.id)
    assert limits(village, purchase)["payment"].ends_on == ends_on  # one limit for both
    told = [data["state"] for who, _, data in letters(village, purchase) if who == "cashier"]
    assert told[-1] == "拨付已复核"


def test_papers_go_back_until_the_bank_is_told(village: Village) -> None:
    purchase = village.reviewed()
    village.cashier.orders_payment(purchase.id)
    with pytest.raises(Refused) as refused:
        village.cashier.returns_papers(purchase.id, "晚了")
    assert codes(refused) == ["step_not_possible"]


# --- a contract ---


def test_a_contract_with_a_slip_is_handed_in_once_more_under_its_number(village: Village) -> None:
    purchase = registered(village)
    village.manager.signs_contract(purchase.id, village.contract(premium_fen=DUE_FEN - 9))
    right = village.contract()
    assert village.manager.amends_contract(purchase.id, right, "保费写错").state == "contracted"
    village.manager.adds_invoice(purchase.id, village.invoice())
    village.manager.requests_payment(purchase.id)
    village.reviewer.reviews_payment(purchase.id)
    assert village.cashier.orders_payment(purchase.id).amount_fen == DUE_FEN
    with village.ctx.sessions() as tx:
        signed = select(Contract.premium_fen).order_by(Contract.id)
        assert list(tx.scalars(signed)) == [DUE_FEN - 9, DUE_FEN]  # what was signed stays on record
    assert_sound(village)


def test_an_amended_contract_is_measured_like_the_first(village: Village) -> None:
    purchase = village.contracted()
    too_dear = village.contract(premium_fen=DUE_FEN + 1)
    with pytest.raises(Refused) as refused:
        village.manager.amends_contract(purchase.id, too_dear, "涨价")
    assert codes(refused) == ["contract_above_plan"]
    with pytest.raises(Refused) as refused:
        village.manager.amends_contract(purchase.id, village.contract(), "")
    assert codes(refused) == ["text_required"]


def test_after_the_request_a_contract_is_amended_only_when_the_papers_came_back(
    village: Village,
) -> None:
    purchase = village.payable()
    with pytest.raises(Refused) as refused:
        village.manager.amends_contract(purchase.id, village.contract(), "保费写错")
    assert codes(refused) == ["step_not_possible"]
    village.cashier.returns_papers(purchase.id, "合同与发票不一致")
    lower = DUE_FEN - 40_000
    village.manager.amends_contract(purchase.id, village.contract(premium_fen=lower), "保费写错")
    village.manager.adds_invoice(purchase.id, village.invoice(number="FP-2", amount_fen=lower))
    village.manager.requests_payment(purchase.id)
    assert pool(village) == (POOL_FEN - lower, 0)
    assert_sound(village)


def test_a_contract_may_be_put_right_up_to_the_plan_after_the_papers_came_back(
    village: Village,
) -> None:
    purchase = registered(village)
    lower = DUE_FEN - 40_000
    village.manager.signs_contract(purchase.id, village.contract(premium_fen=lower))
    village.manager.adds_invoice(purchase.id, village.invoice(amount_fen=lower))
    village.manager.requests_payment(purchase.id)
    village.cashier.returns_papers(purchase.id, "合同保费写错")
    village.manager.amends_contract(purchase.id, village.contract(), "保费写错")
    village.manager.adds_invoice(purchase.id, village.invoice())
    village.manager.requests_payment(purchase.id)
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert_sound(village)


@pytest.mark.usefixtures("cases_from_before")
def test_the_number_of_another_cases_contract_is_refused_also_by_the_database(
    village: Village,
) -> None:
    first = village.contracted()
    begin, end = at("2026-04-01 00:00").date(), at("2027-04-01 00:00").date()
    second = planned_for(village, village.lifts, cover_from=begin, cover_ends_before=end)
    carry(village, second, "contracted")
    with pytest.raises(Refused) as refused:
        village.manager.amends_contract(second.id, village.contract(number="HT-1"), "编号写错")
    assert codes(refused) == ["contract_number_used"]
    with village.ctx.sessions() as tx:
        contract = tx.scalars(select(Contract).where(Contract.purchase_id == first.id)).one()
        values = {
            column.key: getattr(contract, column.key)
            for column in Contract.__table__.columns
            if column.key != "id"
        }
        tx.add(Contract(**(values | {"purchase_id": second.id})))
        with pytest.raises(IntegrityError, match="ex_contract_number"):
            tx.flush()


# --- a clearing ---


def late_paper(village: Village, purchase: Purchase) -> Objection:
    """An objection that reached the centre on paper in time, and is entered only now."""
    with village.ctx.sessions() as tx:
        mine = PublicNotice.purchase_id == purchase.id
        notice = tx.scalars(select(PublicNotice.id).where(mine)).one()
    came = at("2025-03-06 10:00")
    paper = PaperObjection("price", "保费偏高", "王芳", came, village.owners[0])
    return village.clerk.enters_paper(notice, paper)


def notice_of(village: Village, purchase: Purchase) -> PublicNotice:
    with village.ctx.sessions() as tx:
        of_plan = PublicNotice.plan_id == case(village, purchase).plan_id
        return tx.scalars(select(PublicNotice).where(of_plan)).one()


@pytest.mark.parametrize(
    "state", ["cleared", "registered", "contracted", "payment_requested", "payment_reviewed"]
)
def test_an_objection_that_came_in_time_suspends_until_the_bank_is_told(
    village: Village, state: str
) -> None:
    purchase = {
        "cleared": village.cleared,
        "registered": lambda: registered(village),
        "contracted": village.contracted,
        "payment_requested": village.payable,
        "payment_reviewed": village.reviewed,
    }[state]()
    assert purchase.state == state
    late_paper(village, purchase)
    assert case(village, purchase).state == State.SUSPENDED
    assert notice_of(village, purchase).state == "suspended"
    running = limits(village, purchase, "open", "paused")
    assert running.keys() == {"public_notice_period", "objection_answer", "settlement"}
    assert running["public_notice_period"].state == "paused"
    assert pool(village) == (POOL_FEN, DUE_FEN)
    assert {name for name, _, _ in covers(village, purchase)} == {"reserved"}
    told = [data["state"] for name, _, data in letters(village, purchase) if name == "reviewer"]
    assert told[-1] == "暂缓实施"
    assert_sound(village)


def test_settled_the_case_goes_its_way_again_with_its_number_and_its_contract(
    village: Village,
) -> None:
    purchase = village.payable()
    before = case(village, purchase)
    objection = late_paper(village, purchase)
    dismissed(village, objection.id, "价格经遴选确定")
    assert case(village, purchase).state == State.POSTED
    ends_before = notice_of(village, purchase).ends_before
    assert ends_before is not None
    village.clock.set(ends_before)
    village.photograph(notice_of(village, purchase).id, "end")
    village.clerk.clears(purchase.id, "未收到其他纸质异议")
    registration = village.reviewer.registers(purchase.id)
    with village.ctx.sessions() as tx:
        assert list(tx.scalars(select(RegistrationRecord.id))) == [registration.id]
    after = case(village, purchase)
    assert (after.state, after.contract_id) == (State.CONTRACTED, before.contract_id)
    village.manager.requests_payment(purchase.id)
    village.reviewer.reviews_payment(purchase.id)
    village.cashier.orders_payment(purchase.id)
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert_sound(village)


def test_what_was_late_is_in_time_when_the_notice_has_grown_longer(village: Village) -> None:
    purchase = village.payable()
    late = PaperObjection("need", "不同意投保", "林样", village.clock(), village.owners[1])
    notice = notice_of(village, purchase)
    assert village.clerk.enters_paper(notice.id, late).status == ObjectionStatus.LATE
    in_time = late_paper(village, purchase)
    dismissed(village, in_time.id, "价格经遴选确定")
    assert case(village, purchase).state == State.SUSPENDED
    with village.ctx.sessions() as tx:
        statuses = tx.scalars(select(Objection.status).order_by(Objection.id)).all()
    assert statuses == [ObjectionStatus.VERIFIED, ObjectionStatus.INADMISSIBLE]


def test_a_right_objection_leads_to_a_new_plan_that_is_signed_anew(village: Village) -> None:
    purchase = village.contracted()
    late_paper(village, purchase)
    village.person("insurer").revises_plan(purchase.id, village.terms(PREMIUM_FEN - 9), "降价")
    assert pool(village) == (POOL_FEN, 0)
    revised = case(village, purchase)
    assert (revised.state, revised.contract_id, revised.invoice_id) == ("planned", None, None)
    approve(village, revised)
    assert case(village, purchase).state == State.APPROVED
    assert_sound(village)


def test_a_clearing_by_mistake_is_undone_by_the_reviewer_and_looked_at_again(
    village: Village,
) -> None:
    purchase = village.cleared()
    for name in ("clerk", "manager"):
        with pytest.raises(Refused) as refused:
            village.person(name).undoes_clearing(purchase.id, "看错了")
        assert codes(refused) == ["role_required"]
    ends_on = notice_of(village, purchase).ends_on
    assert village.reviewer.undoes_clearing(purchase.id, "看错了").state == State.POSTED
    notice = notice_of(village, purchase)
    assert (notice.state, notice.ends_on) == ("open", ends_on)
    assert limits(village, purchase).keys() == {"public_notice_period"}
    village.clerk.clears(purchase.id, "再次核对，未收到纸质异议")
    assert limits(village, purchase).keys() == {"registration"}
    assert_sound(village)


@pytest.mark.parametrize("name", ["reviewer", "clerk"])
def test_a_registration_by_mistake_is_undone_and_its_limit_runs_on(
    village: Village, name: str
) -> None:
    purchase = village.cleared()
    before = limits(village, purchase)["registration"].ends_on
    number = village.reviewer.registers(purchase.id).number
    village.clock.advance(days=1)
    with pytest.raises(Refused, match="text_required"):
        village.person(name).undoes_registration(purchase.id, " ")
    undone = village.person(name).undoes_registration(purchase.id, "核对的不是本案")
    assert undone.state == State.CLEARED
    running = limits(village, purchase)
    assert running.keys() == {"registration"}
    assert running["registration"].ends_on == before
    assert steps(village, purchase)[-1].reason == "核对的不是本案"
    heard = {
        who
        for who, _, data in letters(village, purchase)
        if data.get("next") == "登记已撤销，待中心重新登记"
    }
    assert {"manager", "insurer"} <= heard
    (todo,) = [each for each in my_todos(village.ctx, village.reviewer.actor).items if each.mine]
    assert (todo.task, todo.why) == ("办理使用登记备案", "撤销登记备案：核对的不是本案")
    assert village.reviewer.registers(purchase.id).number == number
    assert limits(village, purchase).keys() == {"contract"}
    assert_sound(village)


def test_a_registration_is_undone_by_the_centre_until_the_contract_is_signed(
    village: Village,
) -> None:
    purchase = registered(village)
    for name in ("manager", "insurer", "cashier"):
        with pytest.raises(Refused, match="role_required"):
            village.person(name).undoes_registration(purchase.id, "登记错了")
    village.manager.signs_contract(purchase.id, village.contract())
    with pytest.raises(Refused, match="step_not_possible"):
        village.reviewer.undoes_registration(purchase.id, "登记错了")


def test_a_clearing_is_undone_after_its_registration_was(village: Village) -> None:
    purchase = village.cleared()
    village.reviewer.registers(purchase.id)
    village.clerk.undoes_registration(purchase.id, "公示还没有看清")
    assert village.reviewer.undoes_clearing(purchase.id, "看错了").state == State.POSTED
    assert limits(village, purchase).keys() == {"public_notice_period"}
    assert_sound(village)


def test_an_objection_finds_a_notice_whose_clearing_was_undone(village: Village) -> None:
    purchase = village.cleared()
    village.reviewer.undoes_clearing(purchase.id, "信箱里还有一封")
    assert late_paper(village, purchase).status == ObjectionStatus.VERIFIED
    assert case(village, purchase).state == State.SUSPENDED


# --- what the bank sends back ---


def test_money_that_the_bank_sends_back_is_due_again_and_paid_again(village: Village) -> None:
    purchase = village.paid()
    receipt = village.upload("cashier")
    village.cashier.returns_payment(purchase.id, receipt, "收款账户已注销")
    assert case(village, purchase).state == State.PAYMENT_REVIEWED
    assert limits(village, purchase).keys() == {"payment"}
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert_sound(village)
    village.cashier.orders_payment(purchase.id)
    again = village.upload("cashier")
    with pytest.raises(Refused) as refused:
        village.cashier.confirms_payment(purchase.id, "BANK-1", again)
    assert codes(refused) == ["bank_reference_used"]
    village.cashier.confirms_payment(purchase.id, "BANK-2", again)
    with village.ctx.sessions() as tx:
        assert list(tx.scalars(select(Payment.state).order_by(Payment.id))) == [
            "returned",
            "confirmed",
        ]
    assert limits(village, purchase).keys() == {"policy"}
    assert_sound(village)


@pytest.mark.parametrize("stage", ["paid", "insured"])
def test_a_payment_confirmed_by_anothers_receipt_is_open_again_and_so_is_the_reference(
    village: Village, stage: str
) -> None:
    """What the bank did with the premium is to be seen yet: nobody orders it a second time."""
    purchase = getattr(village, stage)()
    limit = limits(village, purchase, "met")["payment"]
    with pytest.raises(Refused) as refused:
        village.cashier.undoes_confirmation(purchase.id, "那是另一件的回单")
    assert codes(refused) == ["role_required"]
    village.reviewer.undoes_confirmation(purchase.id, "那是另一件的回单")
    assert case(village, purchase).state == State.PAYING
    running = limits(village, purchase)
    assert running.keys() == {"payment"}
    assert running["payment"].ends_before == limit.ends_before
    assert {state for state, *_ in covers(village, purchase)} == {
        {"paid": "reserved", "insured": "unpaid"}[stage]
    }
    assert_sound(village)
    with pytest.raises(Refused) as refused:
        village.cashier.orders_payment(purchase.id)
    assert codes(refused) == ["step_not_possible"]
    village.cashier.confirms_payment(purchase.id, "BANK-1", village.upload("cashier"))
    assert case(village, purchase).state == {"paid": "paid", "insured": "policy_issued"}[stage]
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(Payment.state)).all() == ["confirmed"]
        bodies = tx.scalars(select(AuditEntry.body).order_by(AuditEntry.seq))
        facts = [json.loads(body)["facts"] for body in bodies]
    # No row says any more by which reference it was confirmed first: the chain does.
    kept = [each["bank_reference"] for each in facts if "bank_reference" in each]
    assert kept == ["BANK-1"] * 3
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert_sound(village)


def test_what_the_insurer_gave_back_had_reached_it_and_is_no_mistake(village: Village) -> None:
    purchase = village.paid()
    receipt = village.upload("cashier")
    kind = RefundKind.GIVE_BACK
    refund = village.cashier.proposes_refund(purchase.id, kind, 1_000, receipt, "退差额")
    village.reviewer.confirms_refund(refund.id)
    with pytest.raises(Refused) as refused:
        village.reviewer.undoes_confirmation(purchase.id, "看错了")
    assert codes(refused) == ["premium_part_returned"]


def test_money_that_came_back_may_go_back_to_the_account_for_good(village: Village) -> None:
    purchase = village.paid()
    village.cashier.returns_payment(purchase.id, village.upload("cashier"), "保险机构停业")
    village.reviewer.terminates(purchase.id, "保险机构停业")
    assert pool(village) == (POOL_FEN, 0)
    assert_sound(village)


@pytest.mark.parametrize("stage", ["payable", "reviewed"])
def test_only_what_was_paid_comes_back(village: Village, stage: str) -> None:
    purchase = getattr(village, stage)()
    with pytest.raises(Refused) as refused:
        village.cashier.returns_payment(purchase.id, village.upload("cashier"), "退票")
    assert codes(refused) == ["step_not_possible"]


def test_money_that_comes_back_after_the_mandate_ended_is_paid_again(village: Village) -> None:
    purchase = village.paid()
    with village.ctx.sessions() as tx:
        tx.execute(update(Mandate).values(valid_until=today(village) - timedelta(days=1)))
        tx.commit()
    receipt = village.upload("cashier")
    village.cashier.returns_payment(purchase.id, receipt, "账户已销户", account_unusable=True)
    village.cashier.returns_papers(purchase.id, "请核实收款账户")
    letter = village.upload("clerk")
    account = ("示例银行", "6222000000000009")
    change = village.clerk.enters_payee(village.insurer, *account, letter, "原账户已销户")
    village.reviewer.confirms_payee(change.id)
    village.manager.amends_contract(purchase.id, village.contract(), "收款账户变更")
    village.manager.requests_payment(purchase.id)
    village.reviewer.reviews_payment(purchase.id)
    village.cashier.orders_payment(purchase.id)
    village.cashier.confirms_payment(purchase.id, "BANK-2", village.upload("cashier"))
    assert case(village, purchase).state == State.PAID
    assert_sound(village)


@pytest.mark.parametrize("how", ["rejected", "returned"])
def test_an_account_that_cannot_be_paid_is_not_paid_again_until_it_was_looked_into(
    village: Village, how: str
) -> None:
    if how == "returned":
        purchase = village.paid()
        receipt = village.upload("cashier")
        village.cashier.returns_payment(purchase.id, receipt, "账户已销户", account_unusable=True)
    else:
        purchase = village.reviewed()
        village.cashier.orders_payment(purchase.id)
        village.cashier.rejects_payment(purchase.id, "账户已销户", account_unusable=True)
    with pytest.raises(Refused) as refused:
        village.cashier.orders_payment(purchase.id)
    assert codes(refused) == ["payee_account_unusable"]
    village.cashier.returns_papers(purchase.id, "请核实收款账户")
    letter = village.upload("clerk")
    account = ("示例银行", "6222000000000009")
    change = village.clerk.enters_payee(village.insurer, *account, letter, "原账户已销户")
    village.reviewer.confirms_payee(change.id)
    village.manager.amends_contract(purchase.id, village.contract(), "收款账户变更")
    village.manager.requests_payment(purchase.id)
    village.reviewer.reviews_payment(purchase.id)
    assert village.cashier.orders_payment(purchase.id).payee_account == "6222000000000009"
    assert_sound(village)
