"""What two people at once are told when a constraint of the database let only one of them pass.

Services look first and refuse in these same words; a constraint speaks only in the moment between
the look and the write.
"""

from backend.domain.errors import Refusal

COLLISIONS = {
    "ex_coverage_period_overlap": Refusal(
        "lift_already_covered", "有电梯刚被另一案件占用同一保障期间，请刷新后调整期间。", "lifts"
    ),
    "ex_contract_number": Refusal(
        "contract_number_used", "该合同编号刚被另一案件使用，请核对。", "number"
    ),
    "ex_policy_number": Refusal(
        "policy_number_used", "该保单号刚被另一案件使用，请核对。", "number"
    ),
    "ex_invoice_number": Refusal(
        "invoice_reused", "该发票号码刚被使用，请核对或更换发票。", "number"
    ),
    "uq_payment_bank_reference": Refusal(
        "bank_reference_used", "该银行流水号刚被用于其他拨付，请核对。", "bank_reference"
    ),
    "uq_payment_live": Refusal("payment_in_progress", "本案已有拨付在办理，请刷新后查看。"),
    "uq_objection_owner": Refusal(
        "objection_already_filed", "该业主刚就本次公示提出过异议，无需重复提交。"
    ),
    "uq_public_notice_live": Refusal("notice_already_drafted", "本案刚生成了公示，请刷新后查看。"),
    "uq_transition_subject_kind_subject_id_seq": Refusal(
        "version_conflict", "案件刚有了新进展，请刷新后再办理。"
    ),
    "uq_lift_registration_code": Refusal(
        "lift_code_taken", "该注册代码刚被登记给另一台电梯，请核对使用登记证。", "registration_code"
    ),
    "ck_account_available": Refusal(
        "balance_insufficient", "账户可用金额刚被占用，已不足以支付，请刷新后核对。"
    ),
}
OTHERWISE = Refusal("conflicts_with_records", "与已有记录冲突，请刷新后再试。")
