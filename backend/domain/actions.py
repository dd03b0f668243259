"""What is done with a purchase, and how that is called. Steps move it, activities do not."""

from collections.abc import Mapping
from enum import StrEnum


class Action(StrEnum):
    """A step or an activity of the house's own routes; a route may bring more (see `routes`)."""

    # steps
    SCREEN = "screen"
    UNDO_SCREEN = "undo_screen"
    GUIDE = "guide"
    UNDO_GUIDE = "undo_guide"
    DRAFT = "draft"
    APPLY = "apply"
    RETURN_APPLICATION = "return_application"
    REJECT = "reject"
    UNDO_REJECT = "undo_reject"
    QUERY_FUNDS = "query_funds"
    MARK_SHORT = "mark_short"
    FAIL_SURVEY = "fail_survey"
    RECTIFY = "rectify"
    DROP_LIFT = "drop_lift"
    CHANGE_INSURER = "change_insurer"
    SUBMIT_PLAN = "submit_plan"
    REVISE_PLAN = "revise_plan"
    APPROVE = "approve"
    WAIVE_APPROVAL = "waive_approval"
    REFUSE = "refuse"
    REQUEST_PLAN = "request_plan"
    OPEN_VOTE = "open_vote"
    WITHDRAW_VOTE = "withdraw_vote"
    CLOSE_VOTE = "close_vote"
    PASS_VOTE = "pass_vote"
    LOSE_VOTE = "lose_vote"
    VOID_VOTE = "void_vote"
    OPEN_ACCOUNT = "open_account"
    FUND = "fund"
    KEEP_DEPOSIT = "keep_deposit"
    UNDO_FUND = "undo_fund"
    OPEN_HOUSE_ACCOUNT = "open_house_account"
    CLOSE_COLLECTION = "close_collection"
    UNDO_DRAFT_NOTICE = "undo_draft_notice"
    POST_NOTICE = "post_notice"
    SUSPEND = "suspend"
    RESUME = "resume"
    CLEAR = "clear"
    UNDO_CLEAR = "undo_clear"
    REOPEN = "reopen"
    REGISTER = "register"
    UNDO_REGISTER = "undo_register"
    SIGN_CONTRACT = "sign_contract"
    KEEP_CONTRACT = "keep_contract"
    AMEND_CONTRACT = "amend_contract"
    REQUEST_PAYMENT = "request_payment"
    RETURN_PAPERS = "return_papers"
    REVIEW_PAYMENT = "review_payment"
    ORDER_PAYMENT = "order_payment"
    REJECT_PAYMENT = "reject_payment"
    CONFIRM_PAYMENT = "confirm_payment"
    UNDO_CONFIRM_PAYMENT = "undo_confirm_payment"
    RETURN_PAYMENT = "return_payment"
    ISSUE_POLICY = "issue_policy"
    KEEP_POLICY = "keep_policy"
    SET_POLICY = "set_policy"
    GIVE_BACK = "give_back"
    CLOSE_ACCOUNT = "close_account"
    BEGIN_COVER = "begin_cover"
    RENEW = "renew"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    TERMINATE = "terminate"
    LAPSE = "lapse"
    CANCEL = "cancel"
    # activities
    COSIGN = "cosign"
    ENTER_COSIGNATURES = "enter_cosignatures"
    WITHDRAW_COSIGNATURE = "withdraw_cosignature"
    ENTER_WORD = "enter_word"
    SURVEY = "survey"
    ANSWER_PLAN = "answer_plan"
    ENTER_MINUTES = "enter_minutes"
    CAST_BALLOT = "cast_ballot"
    ENTER_BALLOTS = "enter_ballots"
    CONFIRM_COUNT = "confirm_count"
    DRAFT_NOTICE = "draft_notice"
    PHOTOGRAPH = "photograph"
    ANSWER_OBJECTION = "answer_objection"
    DELIVER_ANSWER = "deliver_answer"
    DISMISS_OBJECTION = "dismiss_objection"
    UNDO_DISMISSAL = "undo_dismissal"
    COLLECT_SHARE = "collect_share"
    UNDO_SHARE = "undo_share"
    ADD_INVOICE = "add_invoice"
    PROPOSE_REFUND = "propose_refund"
    REFUSE_REFUND = "refuse_refund"
    WAIVE_REFUND = "waive_refund"


ACTION_NAMES: Mapping[str, str] = {
    Action.SCREEN: "摸底筛选入选",
    Action.UNDO_SCREEN: "撤销入选",
    Action.GUIDE: "指导办理，确定电梯",
    Action.UNDO_GUIDE: "撤销指导",
    Action.DRAFT: "开始申请",
    Action.APPLY: "提交申请",
    Action.RETURN_APPLICATION: "退回补正",
    Action.REJECT: "不予受理",
    Action.UNDO_REJECT: "撤销不予受理",
    Action.QUERY_FUNDS: "受理并查询资金",
    Action.MARK_SHORT: "登记资金不足",
    Action.FAIL_SURVEY: "登记查勘未通过",
    Action.RECTIFY: "提交整改材料",
    Action.DROP_LIFT: "移出电梯",
    Action.CHANGE_INSURER: "更换保险机构",
    Action.SUBMIT_PLAN: "提交保险方案",
    Action.REVISE_PLAN: "修改保险方案",
    Action.APPROVE: "审议通过",
    Action.WAIVE_APPROVAL: "免于审议",
    Action.REFUSE: "审议未通过",
    Action.REQUEST_PLAN: "请另拟方案",
    Action.OPEN_VOTE: "发起业主表决",
    Action.WITHDRAW_VOTE: "撤回业主表决",
    Action.CLOSE_VOTE: "表决截止",
    Action.PASS_VOTE: "表决通过",
    Action.LOSE_VOTE: "表决未通过",
    Action.VOID_VOTE: "表决作废",
    Action.OPEN_ACCOUNT: "核对产权，开立专户",
    Action.FUND: "登记专户缴存",
    Action.KEEP_DEPOSIT: "用专户余款办理",
    Action.UNDO_FUND: "撤销专户缴存",
    Action.OPEN_HOUSE_ACCOUNT: "受理并开立专户",
    Action.CLOSE_COLLECTION: "分摊保费收齐",
    Action.UNDO_DRAFT_NOTICE: "撤回待张贴的公示",
    Action.POST_NOTICE: "开始公示",
    Action.SUSPEND: "暂缓实施",
    Action.RESUME: "恢复公示",
    Action.CLEAR: "确认公示无异议",
    Action.UNDO_CLEAR: "撤销公示无异议",
    Action.REOPEN: "异议迟到，重新暂缓",
    Action.REGISTER: "登记备案",
    Action.UNDO_REGISTER: "撤销登记备案",
    Action.SIGN_CONTRACT: "签订合同",
    Action.KEEP_CONTRACT: "沿用已签合同",
    Action.AMEND_CONTRACT: "更正合同",
    Action.REQUEST_PAYMENT: "申请拨付",
    Action.RETURN_PAPERS: "退回补齐资料",
    Action.REVIEW_PAYMENT: "复核拨付资料",
    Action.ORDER_PAYMENT: "通知银行拨付",
    Action.REJECT_PAYMENT: "登记银行退回",
    Action.CONFIRM_PAYMENT: "确认已拨付",
    Action.UNDO_CONFIRM_PAYMENT: "撤销确认已拨付",
    Action.RETURN_PAYMENT: "登记银行退票",
    Action.ISSUE_POLICY: "出具保险单",
    Action.KEEP_POLICY: "沿用已出具的保险单",
    Action.SET_POLICY: "更正保险单",
    Action.GIVE_BACK: "确认退费",
    Action.CLOSE_ACCOUNT: "退还余款，专户销户",
    Action.BEGIN_COVER: "保障开始",
    Action.RENEW: "续保接续",
    Action.EXPIRE: "保障到期",
    Action.WITHDRAW: "撤回申请",
    Action.TERMINATE: "终止办理",
    Action.LAPSE: "逾期终止",
    Action.CANCEL: "退保",
    Action.COSIGN: "联名",
    Action.ENTER_COSIGNATURES: "录入纸质联名",
    Action.WITHDRAW_COSIGNATURE: "撤回联名",
    Action.ENTER_WORD: "录入申请人书面要求",
    Action.SURVEY: "查勘电梯",
    Action.ANSWER_PLAN: "答复保险方案",
    Action.ENTER_MINUTES: "录入会议纪要",
    Action.CAST_BALLOT: "业主投票",
    Action.ENTER_BALLOTS: "录入纸质表决票",
    Action.CONFIRM_COUNT: "确认票已收齐，计票",
    Action.DRAFT_NOTICE: "生成公示",
    Action.PHOTOGRAPH: "上传公示照片",
    Action.ANSWER_OBJECTION: "核实并答复异议",
    Action.DELIVER_ANSWER: "送达书面答复",
    Action.DISMISS_OBJECTION: "复核未撤回的异议",
    Action.UNDO_DISMISSAL: "撤销不予采纳",
    Action.COLLECT_SHARE: "登记各户缴款",
    Action.UNDO_SHARE: "撤销一户缴款",
    Action.ADD_INVOICE: "上传发票",
    Action.PROPOSE_REFUND: "登记退费或退保，待复核",
    Action.REFUSE_REFUND: "不予确认退费或退保",
    Action.WAIVE_REFUND: "登记拆除电梯无需退费",
}
