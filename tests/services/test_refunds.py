"""退费 and 退保 rest on two officers: one enters what came back, another confirms it or says no."""

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.limits import LIMIT_TITLES
from backend.domain.refund import RefundKind, RefundOutcome
from backend.services.case import steps as case_steps
from backend.services.reads.todos import my_todos
from backend.store.audit import AuditEntry
from backend.store.proposals import Refund
from backend.store.purchases import Purchase
from tests.build.looking import (
    also,
    assert_sound,
    at,
    case,
    codes,
    covers,
    letters,
    limits,
    pool,
    steps,
)
from tests.build.refunds import cancelled, entered, given_back
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

DUE_FEN = 2 * PREMIUM_FEN
KINDS = [RefundKind.GIVE_BACK, RefundKind.CANCEL]


def told(village: Village, purchase: Purchase) -> list[tuple[str, str, str]]:
    """Who was told how a refund stands: name, state, what comes next."""
    return [
        (name, data["state"], data["next"])
        for name, _, data in letters(village, purchase)
        if data.get("state", "").startswith(("退费", "退保"))
    ]


def outcomes(village: Village) -> list[str | None]:
    with village.ctx.sessions() as tx:
        return list(tx.scalars(select(Refund.outcome).order_by(Refund.id)))


def chain(village: Village) -> list[str]:
    with village.ctx.sessions() as tx:
        actions = select(AuditEntry.action).where(AuditEntry.action.like("purchase.%_refund"))
        return list(tx.scalars(actions.order_by(AuditEntry.seq)))


@pytest.mark.parametrize("kind", KINDS)
def test_what_one_officer_enters_moves_nothing(village: Village, kind: RefundKind) -> None:
    purchase = village.insured()
    before = covers(village, purchase)
    entered(village, purchase.id, kind, 10_000, "费率下调")
    assert case(village, purchase).state == "policy_issued"
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert covers(village, purchase) == before
    assert limits(village, purchase).keys() == {"refund_review"}
    assert_sound(village)


def test_the_reviewer_is_told_and_has_it_on_the_list(village: Village) -> None:
    purchase = village.insured()
    entered(village, purchase.id, RefundKind.CANCEL, 10_000, "电梯报废")
    assert told(village, purchase) == [("reviewer", "退保100元待确认", "请核对银行回单后确认")]
    todos = my_todos(village.ctx, village.actor("reviewer")).items
    assert [(todo.task, todo.mine) for todo in todos] == [(LIMIT_TITLES["refund_review"], True)]
    assert not [todo for todo in my_todos(village.ctx, village.actor("cashier")).items if todo.mine]


def test_confirmed_the_money_is_booked_and_both_words_are_kept(village: Village) -> None:
    purchase = village.insured()
    cancelled(village, purchase.id, 10_000, "电梯报废")
    assert case(village, purchase).state == "cancelled"
    assert pool(village) == (POOL_FEN - DUE_FEN + 10_000, 0)
    last = steps(village, purchase)[-1]
    assert (last.action, last.role, last.reason, last.amount_fen) == (
        *("cancel", "reviewer", "电梯报废", 10_000),
    )
    assert last.actor_id == village.actor("reviewer").person_id
    assert [paper["kind"] for paper in last.evidence] == ["bank_receipt"]
    with village.ctx.sessions() as tx:
        kept = tx.scalars(select(Refund)).one()
    assert kept.proposed_by == village.actor("cashier").person_id
    assert kept.settled_by == village.actor("reviewer").person_id
    assert limits(village, purchase) == {}
    assert {"cashier", "insurer", "manager"} <= {
        name for name, _, data in letters(village, purchase) if data.get("state") == "已退保"
    }
    assert_sound(village)


def test_nobody_confirms_what_they_entered_themselves(village: Village) -> None:
    """Also where one person holds both offices and the city lets one person do so."""
    purchase = village.insured()
    also(village, "cashier", "reviewer")
    refund = entered(village, purchase.id, RefundKind.GIVE_BACK, 100, "退差额")
    with pytest.raises(Refused) as refused:
        village.cashier.confirms_refund(refund.id)
    assert codes(refused) == ["own_refund"]
    assert outcomes(village) == [None]


@pytest.mark.parametrize("name", ["manager", "clerk", "insurer", "supervisor"])
def test_only_cashier_and_reviewer_have_a_word_in_it(village: Village, name: str) -> None:
    purchase = village.insured()
    receipt = village.upload(name)
    with pytest.raises(Refused, match="role_required"):
        village.person(name).proposes_refund(purchase.id, RefundKind.CANCEL, 1, receipt, "退保")
    refund = entered(village, purchase.id, RefundKind.CANCEL, 1, "退保")
    with pytest.raises(Refused, match="role_required"):
        village.person(name).confirms_refund(refund.id)
    with pytest.raises(Refused, match="role_required"):
        village.person(name).refuses_refund(refund.id, "不符")
    assert outcomes(village) == [None]


@pytest.mark.parametrize("name", ["reviewer", "cashier"])
def test_either_officer_says_no_with_a_reason_and_it_may_be_entered_anew(
    village: Village, name: str
) -> None:
    purchase = village.insured()
    refund = entered(village, purchase.id, RefundKind.CANCEL, 10_000, "退保")
    with pytest.raises(Refused, match="text_required"):
        village.person(name).refuses_refund(refund.id, " ")
    village.person(name).refuses_refund(refund.id, "金额与回单不符")
    other = {"reviewer": "cashier", "cashier": "reviewer"}[name]
    heard = told(village, purchase)
    assert (other, "退保100元未予确认", "未入账，请看退回理由") in heard
    assert name not in {who for who, state, _ in heard if "未予" in state}
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert limits(village, purchase) == {}
    with pytest.raises(Refused, match="refund_settled"):
        village.reviewer.confirms_refund(refund.id)
    given_back(village, purchase.id, 10_000)
    assert outcomes(village) == [RefundOutcome.REFUSED, RefundOutcome.CONFIRMED]
    assert chain(village) == [
        *("purchase.propose_refund", "purchase.refuse_refund", "purchase.propose_refund"),
    ]
    assert_sound(village)


def test_one_refund_of_a_case_waits_at_a_time(village: Village) -> None:
    purchase = village.insured()
    entered(village, purchase.id, RefundKind.GIVE_BACK, 100, "退差额")
    with pytest.raises(Refused) as refused:
        entered(village, purchase.id, RefundKind.CANCEL, 200, "退保")
    assert codes(refused) == ["refund_waiting"]


def test_what_was_right_when_it_was_entered_is_judged_anew_when_it_is_confirmed(
    village: Village,
) -> None:
    purchase = village.insured()
    refund = entered(village, purchase.id, RefundKind.CANCEL, DUE_FEN, "退保")
    with village.ctx.sessions() as tx:
        tx.get_one(Refund, refund.id).amount_fen = DUE_FEN + 1
        tx.commit()
    with pytest.raises(Refused, match="refund_out_of_range"):
        village.reviewer.confirms_refund(refund.id)
    assert outcomes(village) == [None]


def over(village: Village) -> Purchase:
    """Insured for a year, which is over."""
    purchase = village.insured()
    cover_ends(village)
    return purchase


def cover_ends(village: Village) -> None:
    village.clock.set(at("2026-04-01 00:00"))
    case_steps.sweep(village.ctx)


@pytest.mark.parametrize("kind", KINDS)
def test_a_refund_that_waits_as_the_cover_ends_is_confirmed_after_it(
    village: Village, kind: RefundKind
) -> None:
    """A 退保 too: what came back is booked, and no cover ends twice."""
    purchase = village.insured()
    refund = entered(village, purchase.id, kind, 10_000, "提前终止")
    due = limits(village, purchase)["refund_review"].ends_before
    cover_ends(village)
    assert case(village, purchase).state == "expired"
    (running,) = limits(village, purchase).values()
    assert (running.kind, running.ends_before) == ("refund_review", due)
    before = covers(village, purchase)
    assert village.reviewer.confirms_refund(refund.id).state == "expired"
    assert pool(village) == (POOL_FEN - DUE_FEN + 10_000, 0)
    assert covers(village, purchase) == before
    assert steps(village, purchase)[-1].action == "give_back"
    assert limits(village, purchase) == {}
    assert_sound(village)


def test_what_comes_once_cover_is_over_goes_back_to_its_account_and_the_case_stays_over(
    village: Village,
) -> None:
    purchase = over(village)
    refund = entered(village, purchase.id, RefundKind.GIVE_BACK, 10_000, "审计发现多付")
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert limits(village, purchase).keys() == {"refund_review"}
    (todo,) = my_todos(village.ctx, village.actor("reviewer")).items
    assert (todo.task, todo.mine) == (LIMIT_TITLES["refund_review"], True)
    assert village.reviewer.confirms_refund(refund.id).state == "expired"
    assert pool(village) == (POOL_FEN - DUE_FEN + 10_000, 0)
    assert limits(village, purchase) == {}
    heard = {
        name
        for name, _, data in letters(village, purchase)
        if data.get("next") == "退回的保费已记回原账户"
    }
    assert {"cashier", "insurer", "manager", "member0", "member1"} <= heard
    assert_sound(village)


def test_after_the_cover_all_may_come_back_but_never_more_than_was_paid(village: Village) -> None:
    """What 退保 brought back counts too."""
    purchase = village.insured()
    cancelled(village, purchase.id, DUE_FEN - 30_000)
    with pytest.raises(Refused, match="refund_out_of_range"):
        given_back(village, purchase.id, 30_001)
    given_back(village, purchase.id, 29_999)
    given_back(village, purchase.id, 1)
    assert case(village, purchase).state == "cancelled"
    assert pool(village) == (POOL_FEN, 0)
    with pytest.raises(Refused, match="refund_out_of_range"):
        given_back(village, purchase.id, 1)
    assert_sound(village)


def test_once_cover_is_over_there_is_nothing_to_cancel(village: Village) -> None:
    purchase = over(village)
    with pytest.raises(Refused) as refused:
        entered(village, purchase.id, RefundKind.CANCEL, 100, "退保")
    assert codes(refused) == ["cover_ended"]
    assert outcomes(village) == []


def test_nothing_comes_back_to_a_case_that_was_never_paid(village: Village) -> None:
    purchase = village.payable()
    village.person("manager").withdraws(purchase.id, "不办了")
    with pytest.raises(Refused) as refused:
        entered(village, purchase.id, RefundKind.GIVE_BACK, 100, "多付")
    assert codes(refused) == ["case_closed"]


def test_a_premium_that_the_bank_sends_back_leaves_nothing_to_confirm(village: Village) -> None:
    purchase = village.paid()
    entered(village, purchase.id, RefundKind.CANCEL, DUE_FEN, "退保")
    village.cashier.returns_payment(purchase.id, village.upload("cashier"), "账户已销户")
    assert outcomes(village) == [RefundOutcome.ENDED]
    assert limits(village, purchase).keys() == {"payment"}
    assert_sound(village)


def test_the_policy_may_come_while_a_refund_waits(village: Village) -> None:
    purchase = village.paid()
    refund = entered(village, purchase.id, RefundKind.CANCEL, 10_000, "退保")
    village.person("insurer").issues_policy(purchase.id, village.policy())
    assert outcomes(village) == [None]
    assert village.reviewer.confirms_refund(refund.id).state == "cancelled"
    assert_sound(village)
