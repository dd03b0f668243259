"""What each value of a city is called, in words that its officers read, and where it is used; a
test finds every value named. What a value is comes from the city itself."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from backend.domain.city.parse import sourced_values
from backend.domain.city.schema import CityProfile
from backend.domain.money import yuan
from backend.domain.remedies import WORDS as REMEDY_WORDS
from backend.domain.roles import ROLE_NAMES
from backend.domain.typed_table import BORROWED, DEFAULT
from backend.domain.wording import plain_day

GROUPS: Mapping[str, tuple[str, str]] = {
    "centre": ("中心", "公开的页面、公示、海报、信函、发票抬头"),
    "emergency": ("困人求助", "电梯页面、轿厢卡"),
    "income": ("增值收益", "收益测算、统筹账户的设立"),
    "applicants": ("申请", "提交申请的条件、联名"),
    "routes": ("办理路线", "这条路线的步骤、条件和资料"),
    "limits": ("期限", "期限的起止、提醒、逾期"),
    "roll_weekends": ("周末顺延", "全部期限的最后一日"),
    "public_notice": ("公示", "张贴、照片、公示无异议"),
    "objection": ("异议", "提交、核实、答复异议"),
    "approval": ("业委会审议", "方案是否送业委会"),
    "different_officers": ("岗位分离", "每一步由谁办理"),
    "reminders": ("提醒", "到期前的提醒、逾期上报"),
    "retention": ("个人信息保存", "个人信息到期清除、隐私说明"),
    "insurer": ("保险机构遴选", "保险说明"),
    "market": ("参考保费", "电梯页面、保险说明的估算"),
    "pilot_targets": ("试点目标", "进度、通报"),
    "oversight": ("监督", "保险说明"),
    "local_holiday": ("地方假日", "工作日历、期限的最后一日"),
    "bank_file": ("银行批量文件", "拨付批次的文件、银行明细的核对"),
    "bank_statement": ("银行流水", "导入专户的流水"),
}
# By dotted name, `*` for a route's or a limit's code; a unit stands behind a number.
NAMES: Mapping[str, tuple[str, str]] = {
    "centre.name": ("名称", ""),
    "centre.phone": ("电话", ""),
    "emergency.phone": ("求助电话", ""),
    "emergency.text": ("等候时怎么做", ""),
    "income.mode": ("收益归谁", ""),
    "income.account_holders": ("账户设在", ""),
    "income.day_count_basis": ("计息一年按", "天"),
    "applicants.minimum_cosigners": ("联名业主至少", "人"),
    "routes.*.account": ("由哪个账户支付", ""),
    "routes.*.applicants": ("谁可以申请", ""),
    "routes.*.gates": ("申请的条件", ""),
    "routes.*.vote": ("须业主表决", ""),
    "routes.*.public_notice": ("须公示", ""),
    "routes.*.registration": ("须备案", ""),
    "routes.*.payment_papers": ("拨付要的资料", ""),
    "routes.*.deposit_years": ("先存入保费", "年"),
    "routes.*.invoice_years": ("一张发票", "年"),
    "limits.*.days": ("天数", "天"),
    "limits.*.counted_in": ("按什么计算", ""),
    "roll_weekends": ("最后一日逢普通周末顺延", ""),
    "public_notice.places": ("张贴在", ""),
    "public_notice.photos": ("每处要的照片", ""),
    "public_notice.end_photo_days": ("期满照片最迟在期满后", "天"),
    "objection.channels": ("提出的方式", ""),
    "objection.unverified_blocks_clearing": ("还没有核验身份的异议也暂缓", ""),
    "objection.max_characters": ("最多", "字"),
    "objection.remedies": ("不予采纳时告知的救济途径", ""),
    "approval.asked_for": ("哪些申请人的方案要审议", ""),
    "different_officers": ("须由不同的人担任", ""),
    "reminders.days_before": ("到期前提醒", "天"),
    "reminders.at": ("提醒的时刻", ""),
    "reminders.escalate_after_days": ("逾期后上报监督部门", "天"),
    "retention.objections": ("异议，办结后", "年"),
    "retention.former_people": ("卖房的业主、离任的委员", "年"),
    "retention.requests": ("更正请求、停用记录，办结后", "年"),
    "retention.messages": ("消息，发出后", "年"),
    "retention.accounts": ("不再使用的登录，最后一次使用后", "年"),
    "insurer.criteria": ("遴选的标准", ""),
    "insurer.procedure": ("遴选的办法", ""),
    "market.premium_low_fen": ("外地见过的最低保费（每台每年）", "fen"),
    "market.premium_high_fen": ("外地见过的最高保费（每台每年）", "fen"),
    "market.typical_premium_fen": ("没有方案时按（每台每年）", "fen"),
    "pilot_targets.*.lifts": ("投保电梯不少于", "台"),
    "pilot_targets.*.until": ("最后一日", ""),
    "oversight": ("监督的办法", ""),
    "local_holiday.first_day": ("第一天（月-日）", ""),
    "local_holiday.days": ("放假", "天"),
    "local_holiday.uncertain_days": ("没有通知的年份前后未定", "天"),
    "bank_file.columns": ("列的顺序", ""),
    "bank_file.head_position": ("序号一列的表头", ""),
    "bank_file.head_account": ("收款账号一列的表头", ""),
    "bank_file.head_payee": ("收款户名一列的表头", ""),
    "bank_file.head_bank": ("收款银行一列的表头", ""),
    "bank_file.head_amount": ("金额一列的表头", ""),
    "bank_file.head_purpose": ("用途一列的表头", ""),
    "bank_file.amount_as": ("金额写成", ""),
    "bank_file.answer_reference": ("明细里流水号的表头", ""),
    "bank_file.answer_amount": ("明细里金额的表头", ""),
    "bank_file.answer_payee": ("明细里户名的表头", ""),
    "bank_file.answer_purpose": ("明细里用途的表头", ""),
    "bank_file.answer_outcome": ("明细里结果的表头", ""),
    "bank_file.answer_reason": ("明细里原因的表头", ""),
    "bank_file.failed": ("没有付成的字样", ""),
    "bank_file.paid": ("已经付款的处理结果", ""),
    "bank_statement.day": ("流水里日期的表头", ""),
    "bank_statement.reference": ("流水里流水号的表头", ""),
    "bank_statement.paid": ("流水里支出一列的表头", ""),
    "bank_statement.received": ("流水里收入一列的表头", ""),
    "bank_statement.counterparty": ("流水里对方户名的表头", ""),
    "bank_statement.account": ("流水里对方账号的表头", ""),
    "bank_statement.purpose": ("流水里用途的表头", ""),
    "bank_statement.other": ("流水里不读的列", ""),
}
# Codes that stand in the file, as people say them.
CODES: Mapping[str, str] = {
    "pooled": "归统筹账户",
    "household": "归户",
    "building": "幢",
    "unit": "单元",
    "city": "全市",
    "pooled_income": "增值收益统筹账户",
    "city_pool": "全市统筹使用的增值收益",
    "maintenance_fund": "维修资金账户",
    "special_account": "专户",
    "owners": "联名业主",
    "committee": "业委会",
    "property_company": "物业服务企业",
    "independent_owner": "独立产权人",
    "contract": "保险服务合同",
    "invoice": "保费发票",
    "public_notice_images": "公示影像",
    "days": "自然日",
    "working_days": "工作日",
    "building_entrance": "楼栋出入口",
    "unit_lobby": "单元大堂",
    "lift_cab": "轿厢",
    "wide": "远景",
    "close": "近景",
    "mini_program": "小程序",
    "paper": "纸质",
    "position": "序号",
    "account": "收款账号",
    "payee": "收款户名",
    "bank": "收款银行",
    "amount": "金额",
    "purpose": "用途",
    "number": "两位小数的数值",
    "text": "文本",
    **{remedy: words.partition("：")[0] for remedy, words in REMEDY_WORDS.items()},
    **{str(role): name for role, name in ROLE_NAMES.items()},
}
CODED = ("routes.", "limits.", "pilot_targets.")  # what the city gives codes of its own
FREE = (
    *("centre.", "emergency.", "insurer.", "oversight"),
    *("bank_file.head", "bank_file.answer", "bank_statement."),
)


@dataclass(frozen=True)
class NamedValue:
    """A value of the city: its group, its name in words and in the file, what it is, its source,
    where it is used. `kind` is `plan` (the plan's or the law's word), `default` or `borrowed`."""

    group: str
    name: str
    key: str
    value: str
    source: str
    kind: str
    used: str


def named_values(profile: CityProfile) -> Iterator[NamedValue]:
    """Every value of a city, in the order of its file."""
    for key, known in sourced_values(profile):
        group, used = GROUPS[key.partition(".")[0]]
        code = key.split(".")[1] if key.startswith(CODED) else ""
        label, unit = NAMES[pattern_of(key)]
        yield NamedValue(
            group,
            f"{_called(profile, key, code)}：{label}" if code else label,
            key,
            _words(profile, key, known.value, unit),
            known.source_text,
            _kind(known.source),
            used,
        )


def pattern_of(key: str) -> str:
    """The name under which `NAMES` has a value."""
    return re.sub(r"^(routes|limits|pilot_targets)\.[^.]+", r"\1.*", key)


def _called(profile: CityProfile, key: str, code: str) -> str:
    if key.startswith("routes."):
        return f"{code} {profile.routes[code].name}"
    if key.startswith("pilot_targets."):
        return (profile.pilot_targets or {})[code].name
    return profile.limits[code].name


def _kind(source: str) -> str:
    if source == DEFAULT:
        return "default"
    return "borrowed" if source.startswith(BORROWED) else "plan"


def _words(profile: CityProfile, key: str, value: Any, unit: str) -> str:
    if isinstance(value, tuple):
        parts = [_words(profile, key, each, unit) for each in value]
        return "；".join(parts) if "gates" in key or key.startswith(FREE) else "、".join(parts)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return yuan(value) if unit == "fen" else f"{value}{unit}"
    if isinstance(value, date):
        return plain_day(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    text = str(value)
    if key.endswith(".gates"):
        return profile.gates[text].text
    return text if key.startswith(FREE) else CODES.get(text, text)
