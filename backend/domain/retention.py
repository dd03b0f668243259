"""保存期限: when personal data ends, and how people are told (个人信息保护法 17, 19, 47).

The periods are the city's; where its plan is silent they are as long as a claim may be brought
(《民法典》188: three years). The ledger and the audit chain hold no names and stay.
"""

from datetime import date, datetime, timedelta

from backend.domain.city.schema import RetentionRules
from backend.domain.local_time import SHANGHAI

# What people write in chat is of use until it is worked on; no city sets it.
CHAT_KEPT = timedelta(days=30)
# 会计档案管理办法 附表一: statements of banks are kept for ten years, from the year after theirs.
BANK_STATEMENTS_KEPT_YEARS = 10
# What stands where words stood, so that whoever looks knows that they were not lost.
GONE = "（已过保存期限，原文已删除）"


def ended_before(now: datetime, years: int) -> datetime:
    """What was over before this moment has been kept for so many years; 29 February ends with the
    28th."""
    local = now.astimezone(SHANGHAI)
    day = 28 if (local.month, local.day) == (2, 29) else local.day
    return local.replace(year=local.year - years, day=day)


def bank_statements_over(today: date) -> date:
    """Statements whose last day lies before this day have been kept long enough."""
    return date(today.year - BANK_STATEMENTS_KEPT_YEARS, 1, 1)


def periods(rules: RetentionRules) -> str:
    """How long what is kept, as one paragraph."""
    known = (rules.objections, rules.former_people, rules.requests, rules.messages, rules.accounts)
    objections, former, requests, messages, accounts = (each.value for each in known)
    default = "以上年限方案没有规定，为系统默认。" if any(each.is_default for each in known) else ""
    return (
        f"保存多久：异议的原文和异议人姓名，案件办结后{objections}年；"
        f"不再是业主或委员的，姓名和电话{former}年；更正请求和停用记录，办结后{requests}年；"
        f"发给您的消息{messages}年，您在微信里发来的消息{CHAT_KEPT.days}天；"
        f"不再是业主、委员或经办人员的，{accounts}年没有来过就按注销办理；"
        f"银行流水里的户名、账号和用途{BANK_STATEMENTS_KEPT_YEARS}年。到期自动删除；"
        f"案件里的纸质件、签名和照片是办理依据，随案件存档，不在其中。{default}"
    )
