"""What one officer entered waits at the desk for another, who agrees or says why not."""

from collections.abc import Callable

from backend.domain.refund import RefundKind
from backend.services.base.context import Context
from backend.services.case import steps
from backend.services.purchase import payees, refunds
from backend.services.registry import openings
from backend.store.purchases import Purchase
from backend.store.registry import Insurer
from tests.build.looking import at as moment
from tests.build.office import Office
from tests.build.papers import pdf
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

At = Callable[[str], Office]


def proposed(village: Village, ctx: Context) -> Purchase:
    purchase = village.insured()
    receipt = village.upload("cashier")
    cashier = village.actor("cashier")
    refunds.propose(ctx, cashier, purchase.id, RefundKind.CANCEL, PREMIUM_FEN, receipt, "小区拆迁")
    return purchase


def test_the_reviewer_reads_a_refund_on_the_case_and_confirms_it_once(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase = proposed(village, ctx)
    reviewer = at_desk("reviewer")
    page = reviewer.open(reviewer.open(f"/desk/cases/{purchase.id}").links["查看并办理"])
    assert "1,300元" in page.text
    assert "小区拆迁" in page.text
    confirmation, _ = page.forms[-2:]
    for _ in range(2):
        answer = reviewer.fill(page, confirmation)
        assert answer.status_code == 200
        assert "已确认" in answer.text
    with ctx.sessions() as tx:
        assert tx.get_one(Purchase, purchase.id).state == "cancelled"


def test_who_entered_a_refund_cannot_confirm_it_and_may_take_it_back(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase = proposed(village, ctx)
    cashier = at_desk("cashier")
    page = cashier.open(f"/desk/proposals/refund/{purchase.id}")
    confirmation, refusal = page.forms[-2:]
    assert cashier.fill(page, confirmation).status_code in (403, 409)
    assert "没有办理" in cashier.fill(page, refusal, reason=" ").text
    later = at_desk("reviewer")
    waits = later.open(f"/desk/proposals/refund/{purchase.id}")
    assert "已退回" in cashier.fill(page, refusal, reason="金额录错了").text
    too_late = later.fill(waits, waits.forms[-1], reason="请先核对回单上的日期")
    assert (too_late.status_code, "请先核对回单上的日期" in too_late.text) == (404, True)
    assert cashier.open(f"/desk/proposals/refund/{purchase.id}").status == 404


def test_once_cover_is_over_the_form_offers_what_can_still_come_and_the_case_stays_over(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase = village.insured()
    village.clock.set(moment("2026-04-20 09:00"))
    steps.sweep(ctx)
    cashier, here = at_desk("cashier"), f"/desk/cases/{purchase.id}"
    page = cashier.open(cashier.open(here).links["登记退费或退保，待复核"])
    offered = cashier.browser.get(page.address).text
    assert ('value="give_back"' in offered, 'value="cancel"' in offered) == (True, False)
    typed = {"kind": "give_back", "refund_fen": "100", "reason": "审计发现多付"}
    assert "已办理" in cashier.submit(page, **typed, receipt_sha256=pdf()).text
    reviewer = at_desk("reviewer")
    page = reviewer.open(reviewer.open(here).links["查看并办理"])
    assert "案件和保障不变" in page.text
    reviewer.fill(page, page.forms[-2])
    with ctx.sessions() as tx:
        assert tx.get_one(Purchase, purchase.id).state == "expired"


def test_another_account_of_an_insurer_waits_on_todays_list(
    at_desk: At, village: Village, ctx: Context
) -> None:
    letter = village.upload("clerk")
    payees.enter(
        ctx,
        village.actor("clerk"),
        village.insurer,
        "新示例银行",
        "6222000000000002",
        letter,
        "迁址",
    )
    reviewer = at_desk("reviewer")
    page = reviewer.open(reviewer.open("/desk/").links["更换收款账户"])
    assert "6222000000000001" in page.text
    assert "6222000000000002" in page.text
    reviewer.fill(page, page.forms[-2])
    with ctx.sessions() as tx:
        assert tx.get_one(Insurer, village.insurer).bank_account == "6222000000000002"
    assert "更换收款账户" not in reviewer.open("/desk/").links


def test_a_corrected_opening_waits_on_todays_list(
    at_desk: At, village: Village, ctx: Context
) -> None:
    (opening,) = openings.list_openings(ctx, village.actor("clerk"), None, 20)
    right = openings.RightFigures(POOL_FEN + 7, None, [(village.pool, POOL_FEN + 7)])
    clerk, paper = village.actor("clerk"), village.upload("clerk")
    openings.enter(ctx, clerk, opening.id, right, paper, "漏记一笔")
    cashier = at_desk("cashier")
    page = cashier.open(cashier.open("/desk/").links["期初更正"])
    assert "10,000元 → 10,000.07元" in page.text
    cashier.fill(page, page.forms[-2])
    (after,) = openings.list_openings(ctx, village.actor("clerk"), None, 20)
    assert (after.id, after.pools_fen) == (opening.id, POOL_FEN + 7)
    assert "期初更正" not in cashier.open("/desk/").links


def test_what_waits_for_an_office_is_nothing_to_others(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase = proposed(village, ctx)
    for name in ("manager", "insurer"):
        assert at_desk(name).open(f"/desk/proposals/refund/{purchase.id}").status == 404
    assert at_desk("reviewer").open(f"/desk/proposals/nothing/{purchase.id}").status == 404
