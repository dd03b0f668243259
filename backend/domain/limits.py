"""What is to be done within each time limit, as people read it in a reminder.

How long a limit is, and how it is counted, stands in the city profile (`CityProfile.limits`); who
answers for it follows from the rows that meet it (`Table.answering`).
"""

from backend.domain.city.schema import LimitKind

LIMIT_TITLES: dict[LimitKind, str] = {
    "completion": "备好申请表或联名，提交申请",
    "acceptance": "受理申请并查询资金",
    "planning": "查勘并提交保险方案",
    "approval": "审议保险方案",
    "vote_opening": "发起业主表决",
    "vote": "组织业主在表决期内投票",
    "vote_count": "录入纸质票并确认计票",
    "posting": "张贴公示并上传照片",
    "public_notice_period": "公示期满拍照并核对结果",
    "objection_answer": "核实、答复异议并送达",
    "objection_review": "复核未撤回的异议",
    "registration": "办理使用登记备案",
    "contract": "签订保险服务合同",
    "payment_request": "备齐资料申请拨付",
    "payment": "拨付保费至保险机构",
    "policy": "出具保险单",
    "lift_return": "向保险机构办理拆除电梯的退费",
    "refund_review": "核对回单，确认退费或退保",
    "income": "收益入账后重新查询资金",
    "rectification": "整改并提交整改材料",
    "reconsideration": "修改方案或另拟方案",
    "settlement": "了结异议或修改方案",
}
