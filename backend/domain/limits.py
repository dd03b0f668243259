"""Who must act within each time limit, named first, and who is warned with them [D].

How long a limit is, and how it is counted, stands in the city profile (`CityProfile.limits`).
"""

from collections.abc import Iterable

from backend.domain.city.schema import LimitKind
from backend.domain.roles import Role
from backend.domain.steps import Step

RESPONSIBLE: dict[LimitKind, tuple[Role, ...]] = {
    "acceptance": (Role.CLERK,),
    "planning": (Role.INSURER, Role.PROPERTY_MANAGER),
    "approval": (Role.COMMITTEE_MEMBER, Role.PROPERTY_MANAGER),
    "posting": (Role.PROPERTY_MANAGER,),
    "public_notice_period": (Role.PROPERTY_MANAGER, Role.CLERK),
    "objection_answer": (Role.CLERK,),
    "registration": (Role.REVIEWER,),
    "contract": (Role.PROPERTY_MANAGER,),
    "payment_request": (Role.PROPERTY_MANAGER,),
    "payment": (Role.CASHIER, Role.PROPERTY_MANAGER),
    "policy": (Role.INSURER, Role.PROPERTY_MANAGER),
}


def limits_of(table: Iterable[Step]) -> frozenset[LimitKind]:
    """The limits that a route starts, and the answer to objections where its notice runs."""
    started = frozenset(step.limit for step in table if step.limit)
    return started | {"objection_answer"} if "public_notice_period" in started else started


# What people read in a reminder.
LIMIT_TITLES: dict[LimitKind, str] = {
    "acceptance": "受理申请并查询资金",
    "planning": "查勘并提交保险方案",
    "approval": "审议保险方案",
    "posting": "张贴公示并上传照片",
    "public_notice_period": "公示期满拍照并核对结果",
    "objection_answer": "核实并答复异议",
    "registration": "办理使用登记备案",
    "contract": "签订保险服务合同",
    "payment_request": "备齐资料申请拨付",
    "payment": "拨付保费至保险机构",
    "policy": "出具保险单",
}
