"""What posters say: from rows and the city's rules to the values that are drawn."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from backend.domain.city.schema import CityProfile, Route
from backend.domain.local_time import midnight_after
from backend.domain.money import yuan
from backend.domain.public_notice import PLACES, NoticeState, readable
from backend.domain.routes.catalogue import offered
from backend.domain.typed_table import Sourced
from backend.domain.wording import (
    COVER_PERIOD,
    DAY_ENDS,
    DEDUCTIBLE,
    SUM_INSURED,
    day_ends,
    deductible,
    plain_day,
    until,
    written,
)
from backend.pictures.about_sheet import AboutSheet
from backend.pictures.cab_card import CabCard
from backend.pictures.lobby_notice import LobbyNotice
from backend.services.public.words import (
    applicant_words,
    emergency,
    pooled_route,
    pools,
    screens,
)
from backend.store.notices import PublicNotice
from backend.store.queries.lifts import CoverRow, LiftRow

T = TypeVar("T")

SENTENCE = re.compile(r"[^。]+。?")
TELL_WHERE = "接通后说清小区、楼栋和单元，报出下面的注册代码。"
SCAN_INSTEAD = "扫码查看"
HOLDERS = {"building": "本栋", "unit": "本单元", "city": "全市"}
# The condition that the answer has named already, with the city's own number of owners.
WHO_APPLIES = "eligible_applicant"
TO_FILL_IN = "____年__月__日"
DEADLINE = "公示截止，在此之前可提异议"


def cab_card(city: CityProfile, lift: LiftRow, cover: CoverRow | None, address: str) -> CabCard:
    """The card of this lift."""
    help_ = emergency(city)
    return CabCard(
        place=f"{lift.building}{lift.unit}{lift.name}",
        estate=lift.estate,
        registration_code=lift.registration_code,
        address=address,
        emergency_phone=help_.phone,
        steps=(*_sentences(help_.text), TELL_WHERE),
        insurance=_insurance(cover),
        maintenance=_with_phone(lift.maintainer, lift.maintainer_phone),
        foot=_joined(
            _centre(city),
            "内容有变化时，以扫码所见为准。",
            help_.source and f"求救电话：{help_.source}。",
        ),
    )


def about_sheet(city: CityProfile, lift: LiftRow, address: str) -> AboutSheet:
    """What the plans ask to be posted about the insurance (SG 六（四）, JS 四)."""
    help_ = emergency(city)
    number = f"〔{city.plan.number}〕" if city.plan.number else ""
    return AboutSheet(
        title="电梯维修保险，您关心的事",
        subtitle=f"{city.name}{_by_the_pool(city)}电梯维修保险",
        answers=_answers(city),
        emergency_phone=help_.phone,
        emergency=f"被困电梯：{help_.text}",
        place=f"{lift.estate} {lift.building}{lift.unit}{lift.name}",
        address=address,
        foot=_joined(
            _centre(city),
            help_.source and f"求救电话：{help_.source}。",
            f"\n依据：《{city.plan.title}》{number}，{plain_day(city.plan.issued_on)}",
        ),
    )


def _by_the_pool(city: CityProfile) -> str:
    return "：用维修资金的增值收益购买" if pools(pooled_route(city)) else ""


def _answers(city: CityProfile) -> tuple[tuple[str, str], ...]:
    route = pooled_route(city)
    gates = [city.gates[gate].text for gate in route.gates.value if gate != WHO_APPLIES]
    conditions = f"条件：{'；'.join(gates)}。" if gates else ""
    vote = "要业主表决。" if route.vote.value else "不用业主表决。"
    in_notice = "公示的方案和" if route.public_notice.value else ""
    asked = (
        (
            "这是什么保险？",
            "电梯出了故障，由保险公司按合同赔偿维修费用；保险公司平时提供哪些服务，"
            f"也写在{in_notice}合同里。",
        ),
        _whose_money(city, route),
        ("要不要业主投票？", vote + _public_notice(city)),
        _who_takes_part(city, route, conditions),
        ("保险公司怎么选？", _selection(city)),
        ("怎么监督？", _oversight(city)),
        (
            "在哪里看本梯的保险和公示？",
            "扫下面的码：有没有投保、保到哪天、正在公示什么、怎么提意见，都能看到，不用登录。",
        ),
    )
    return tuple((question, answer) for question, answer in asked if answer)


def _who_takes_part(city: CityProfile, route: Route, conditions: str) -> tuple[str, str]:
    who = "、".join(applicant_words(kind, route, city) for kind in route.applicants.value)
    if screens(route):
        return "哪些小区可以参加？要符合什么条件？", f"{who}，业主不用申请。{conditions}"
    question = "谁可以申请？要符合什么条件？"
    return question, f"{who}，向{city.centre.name.value}提出。{conditions}"


def _whose_money(city: CityProfile, route: Route) -> tuple[str, str]:
    """That nobody pays, where the pool does; elsewhere whoever does is told by the centre."""
    question = "钱从哪里来？住户要另外交钱吗？"
    if not pools(route):
        return question, f"由“{route.name}”付，住户要不要交钱请问{city.centre.name.value}。"
    holders = "或".join(HOLDERS[holder] for holder in city.income.account_holders.value)
    account = f"记在{holders}的统筹账户里。"
    if route.account.value == "city_pool":
        account = f"按年度记账，{holders}统筹使用。"
    return question, (
        "用维修资金存在银行得到的增值收益，就是利息里高出基准利率的那一部分，"
        f"{account}不动业主交的本金和法定利息，住户不用另外交钱。"
    )


def _selection(city: CityProfile) -> str:
    """How insurers are chosen, as far as the city says; the question is left out otherwise."""
    rules = city.insurer
    procedure = f"由本市{_said(rules.procedure, '、'.join)}" if rules.procedure.value else ""
    criteria = f"比较{_said(rules.criteria, '、'.join)}" if rules.criteria.value else ""
    words = "，".join(filter(None, (procedure, criteria)))
    return f"{words}。" if words else ""


def _oversight(city: CityProfile) -> str:
    """Who looks on, and that each plan is posted, where that holds for all that the city offers."""
    named = f"{_said(city.oversight, '；'.join)}。" if city.oversight.value else ""
    offers = [city.routes[code] for code in offered(city)] or list(city.routes.values())
    every = all(route.public_notice.value for route in offers)
    return named + ("每份投保方案都公示。" if every else "")


def _public_notice(city: CityProfile) -> str:
    if not pooled_route(city).public_notice.value:
        return ""
    days = _said(city.limits["public_notice_period"].days, "{}天".format)
    places = _said(city.public_notice.places, lambda known: "、".join(PLACES[it] for it in known))
    return (
        f"投保方案先公示{days}，在{places}张贴，手机上也能看。"
        "受影响的业主提出书面反对意见，经核实就暂缓实施。"
    )


def lobby_notice(notice: PublicNotice, place: str, address: str, city: CityProfile) -> LobbyNotice:
    """The whole frozen text of a notice (domain §8), to hang at `place`, by the rules of its
    case."""
    content = readable(notice.content)
    account, insurer, cover = content["account"], content["insurer"], content["cover"]
    centre = content["centre"]
    on_phone = "mini_program" in city.objection.channels.value
    deadline, start, note = _period(notice, city.roll_weekends.value)
    phone = f"，电话{insurer['phone']}" if insurer["phone"] else ""
    criteria = f"；比选条件：{'、'.join(insurer['criteria'])}" if insurer["criteria"] else ""
    return LobbyNotice(
        title=content["title"],
        number=notice.number,
        place=f"{content['estate']['name']}{place}",
        deadline=deadline,
        start=f"公示开始 {start}",
        period_note=note,
        money=(
            ("账户可用余额", yuan(account["available_fen"])),
            ("本次使用", yuan(account["used_fen"])),
            ("使用后结余", yuan(account["left_fen"])),
        ),
        heading=("注册代码", "位置", "梯龄", "保费"),
        lifts=tuple(_row(lift) for lift in content["lifts"]),
        sections=(
            ("小区地址", f"{content['estate']['name']}，{content['estate']['address']}"),
            ("资金来源", f"{content['route']}：{account['name']}（{account['number']}）"),
            (
                "保险机构",
                f"{insurer['name']}{phone}。选定依据：{insurer['chosen']}{criteria}。",
            ),
            (COVER_PERIOD, cover["text"]),
            ("保障内容", cover["scope_of_cover"]),
            ("除外责任", cover["exclusions"]),
            (SUM_INSURED, f"{yuan(cover['sum_insured_fen'])}。"),
            (DEDUCTIBLE, f"{deductible(cover['deductible_fen'])}。"),
            ("服务承诺", cover["service_commitments"]),
            ("张贴范围", "、".join(content["places"])),
        ),
        rights=(
            ("提异议", content["how_to_object"]),
            ("隐私", content["privacy"]),
            ("咨询", f"{centre['name']} {centre['phone']}"),
        ),
        address=address,
        scan=f"扫码看进展{'、提出异议' if on_phone else ''}",
        fingerprint=f"案件编号 {content['purchase']}　公示文本校验码 {notice.content_hash}",
    )


def _row(lift: Mapping[str, Any]) -> tuple[str, str, str, str]:
    age, premium = f"{lift['age_years']}年", yuan(lift["premium_fen"])
    return lift["registration_code"], lift["address"], age, premium


def _period(notice: PublicNotice, roll_weekends: bool) -> tuple[tuple[str, str], str, str]:
    """The deadline with its label, the start, and what explains both; before the start both are
    left to be filled in. A suspended notice has no deadline until it goes on."""
    days = notice.content["days"]
    if notice.starts_on is None or notice.ends_on is None:
        rest = "法定休假日或周末" if roll_weekends else "法定休假日"
        note = (
            f"公示{days}天。最后一处张贴并拍照的当天为开始日，从第二天起算；"
            f"最后一天是{rest}的，顺延到其后第一个工作日。起止日期由张贴人填写，扫码可核对。"
        )
        return (DEADLINE, f"{TO_FILL_IN}{DAY_ENDS}"), TO_FILL_IN, note
    start = written(notice.starts_on)
    if notice.state == NoticeState.SUSPENDED:
        note = (
            "已收到书面异议，正在核实和答复，公示暂停计时，暂停期间仍可提异议。"
            "恢复后接着余下的天数继续，新的截止时间以扫码所见为准。"
        )
        return ("公示状态", "暂缓实施，截止时间待定"), start, note
    reasons = {reason["rule"]: reason["text"] for reason in notice.explanation}
    moved = reasons.get("moved_past_days_off", "")
    note = f"公示{days}天，开始当日不计入。{moved}截止后收到的异议也会记录和答复，但不影响实施。"
    return (DEADLINE, until(midnight_after(notice.ends_on))), start, note


def _insurance(cover: CoverRow | None) -> str:
    if cover is None:
        return SCAN_INSTEAD
    insurer = _with_phone(cover.insurer, cover.insurer_phone, " ")
    return f"{insurer}\n保到{day_ends(cover.last_day)}"


def _with_phone(name: str | None, phone: str | None, gap: str = "\n") -> str:
    return SCAN_INSTEAD if name is None else gap.join(filter(None, (name, phone)))


def _centre(city: CityProfile) -> str:
    return f"{city.centre.name.value} {_said(city.centre.phone, str)}"


def _said(known: Sourced[T], words: Callable[[T], str]) -> str:
    """A value, and in brackets where it comes from when the city's plan does not say it."""
    value = words(known.value)
    return f"{value}（{known.source_text}）" if known.is_default else value


def _sentences(text: str) -> tuple[str, ...]:
    return tuple(SENTENCE.findall(text))


def _joined(*parts: str | None) -> str:
    return "　".join(part for part in parts if part)
