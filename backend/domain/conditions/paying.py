"""Conditions of the contract, the payment and a refund (JS annex 二（一）6–7)."""

from backend.domain.conditions.common import missing_photos, unless
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.money import yuan
from backend.domain.rules import reads


@reads("terms", "lifts")
def contract_matches_plan(facts: Facts) -> list[Refusal]:
    """Same lifts, same insurer, premium at most the plan's (JS annex 二（一）4, 6)."""
    contract, plan = facts.terms.contract, facts.terms.plan
    assert contract is not None
    assert plan is not None
    return [
        *unless(
            contract.premium_fen > 0, "amount_not_positive", "合同保费应大于0。", "premium_fen"
        ),
        *unless(
            contract.premium_fen <= plan.premium_fen,
            "contract_above_plan",
            "合同保费高于公示方案，请按方案签订或重新公示。",
            "premium_fen",
        ),
        *unless(
            contract.lift_codes == {lift.registration_code for lift in facts.lifts},
            "contract_lifts_differ",
            "合同载明的电梯与公示方案不一致，请核对注册代码。",
            "lift_codes",
        ),
        *unless(
            contract.insurer_id == plan.insurer_id,
            "contract_insurer_differs",
            "合同的保险机构与公示方案不一致。",
            "insurer_id",
        ),
    ]


@reads("terms")
def contract_in_hand(facts: Facts) -> list[Refusal]:
    """What was signed for this very plan need not be signed again [D]."""
    return unless(
        facts.terms.contract is not None, "contract_missing", "缺少保险服务合同，请上传。"
    )


@reads("terms", "notice")
def payment_file_complete(facts: Facts) -> list[Refusal]:
    """Contract, premium invoice, images of the notice: one full list (JS annex 二（一）7)."""
    asked = facts.route.payment_papers.value
    has_contract = facts.terms.contract is not None or "contract" not in asked
    has_invoice = facts.terms.invoice is not None or "invoice" not in asked
    photos = (*facts.notice.missing_start, *facts.notice.missing_end)
    return [
        *unless(has_contract, "contract_missing", "缺少保险服务合同，请上传。", "contract"),
        *unless(has_invoice, "invoice_missing", "缺少保费发票，请上传。", "invoice"),
        *missing_photos(photos if "public_notice_images" in asked else (), "notice_photo_missing"),
    ]


@reads("terms")
def invoice_matches_contract(facts: Facts) -> list[Refusal]:
    """The centre pays what was contracted, to the insurer of the plan (JS annex 二（一）7)."""
    invoice, contract = facts.terms.invoice, facts.terms.contract
    if invoice is None or contract is None:
        return []
    return [
        *unless(
            invoice.amount_fen == contract.premium_fen,
            "invoice_amount_differs",
            "发票金额与合同保费不一致，请更换发票。",
            "invoice",
        ),
        *unless(
            invoice.insurer_id == contract.insurer_id,
            "invoice_insurer_differs",
            "发票开具方不是合同的保险机构，请更换发票。",
            "invoice",
        ),
    ]


@reads("terms")
def refund_within_premium(facts: Facts) -> list[Refusal]:
    """A refund is more than nothing and at most what the insurer still has of the premium [D]."""
    return unless(
        0 < facts.refund_fen <= facts.terms.paid_fen,
        "refund_out_of_range",
        f"退回金额应大于0且不超过保险机构还没有退回的保费{yuan(facts.terms.paid_fen)}。",
        "refund_fen",
    )


@reads("terms")
def nothing_given_back(facts: Facts) -> list[Refusal]:
    """What the insurer gave back had reached it: the bank cannot send the payment back after that,
    and no fen comes twice [D]."""
    return unless(
        facts.terms.given_back_fen == 0,
        "premium_part_returned",
        "本案已登记退费，说明保费已到账，不能再登记退票；保险机构退回其余保费的，请办理退保。",
    )


@reads("terms")
def part_of_premium(facts: Facts) -> list[Refusal]:
    """What is given back while the policy stays is a part of the premium; all of it would be a
    cancellation [D]."""
    return unless(
        0 < facts.refund_fen < facts.terms.paid_fen,
        "refund_out_of_range",
        f"退费金额应大于0且小于已付保费{yuan(facts.terms.paid_fen)}；全部退还请办理退保。",
        "refund_fen",
    )
