"""The bot's words. Short and friendly; every figure comes from the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.domain.approval import ANSWER_NAMES, Answer, Tally
from backend.domain.money import yuan
from backend.domain.public_notice import NoticeState
from backend.domain.wording import cover_period, plain_day, until
from backend.services.reads.chat import CaseProgress, LiftStatus, RunningLimit
from backend.services.reads.plan_cards import PlanCard
from backend.store.queries.lifts import NoticeRow
from backend.wechat.choices import Choice

HASH_SHOWN = 12

HELP = """您可以发送：
【待办】需要您办理的事项
【进度】案件办到哪一步，也可发“进度 编号”
【电梯】如“电梯 31104331002024050001”，查保障和公示
【截止】正在计算的期限
【方案】业委会委员查看待审议方案
【帮助】再看一遍本说明"""
WELCOME = "您好，欢迎关注电梯维修保险服务。\n" + HELP
UNKNOWN = "抱歉，没有看懂您的意思。\n" + HELP
NOT_TEXT = "目前只能看懂文字，请用文字告诉我。\n" + HELP
NOTHING_TO_DO = "您目前没有待办事项。"
NO_CASES = "没有找到您可以查看的案件。如已在小程序认证身份，请核对编号后再发。"
NO_DEADLINES = "目前没有正在计算的期限。"
WHICH_LIFT = (
    "请发送“电梯”加注册代码，例如“电梯 31104331002024050001”。注册代码印在轿厢的使用标志上。"
)
NO_LIFT = "没有找到这台电梯，请核对轿厢使用标志上的注册代码后再发。"
NO_PLAN = (
    "您目前没有待审议的方案。只有本小区在任的业委会委员可以在这里审议；"
    "如您是委员，请先在小程序完成身份认证。"
)
NO_PLAN_NOW = "您目前没有待审议的方案。有新方案时会通知您。"
RECUSED = "您已申报利害关系，本次应当回避，不参加审议。如情况有变，请联系中心。"
SEE_FIRST = "请先看方案，再告诉我您的意见。"
UNCLEAR = "这句话没有作为答复记录。请点选，或只回复“同意”，或回复“不同意 理由”。"
WHY = "请直接回复您不同意的理由，例如“保费偏高”。如不想提交，请回复“取消”。"
WHY_IN_WORDS = "请用文字回复您不同意的理由，或回复“取消”。"
CANCELLED = "好的，没有提交意见。回复“方案”可再次查看。"
CHANGED = "方案已修改，原方案的意见作废。下面是新方案。"


@dataclass(frozen=True)
class Text:
    """A plain chat message."""

    text: str


@dataclass(frozen=True)
class Menu:
    """A chat message with choices and their labels to tap."""

    head: str
    choices: Sequence[tuple[Choice, str]]
    tail: str


Reply = Text | Menu


def todo(limits: Sequence[RunningLimit]) -> str:
    """What the person must see to."""
    return "\n\n".join(["您的待办：", *map(_limit, limits)]) if limits else NOTHING_TO_DO


def deadlines(limits: Sequence[RunningLimit]) -> str:
    """The running limits."""
    return "\n\n".join(["正在计算的期限：", *map(_limit, limits)]) if limits else NO_DEADLINES


def _limit(limit: RunningLimit) -> str:
    note = "（节假日安排未公布，可能顺延）" if limit.provisional else ""
    return f"{limit.task}\n{limit.estate} {limit.number}\n截止：{until(limit.ends_before)}{note}"


def progress(cases: Sequence[CaseProgress]) -> str:
    """Where cases stand."""
    lines = [f"{c.number} {c.estate}\n当前：{c.state}\n下一步：{c.next_step}" for c in cases]
    return "\n\n".join(lines) if lines else NO_CASES


def lift(status: LiftStatus | None) -> str:
    """Covered or not, by whom, until when; and the notices that hang."""
    if status is None:
        return NO_LIFT
    lines = [f"{status.place} {status.name}", f"注册代码：{status.registration_code}"]
    cover = status.cover
    if cover is None:
        lines.append("目前没有电梯维修保险保障。")
    else:
        phone = f"，电话{cover.insurer_phone}" if cover.insurer_phone else ""
        lines.append(f"保障中：{cover.insurer}{phone}，至{plain_day(cover.last_day)}止。")
    return "\n".join([*lines, *(_notice(notice, status.at) for notice in status.notices)])


def _notice(notice: NoticeRow, at: datetime) -> str:
    if notice.state == NoticeState.SUSPENDED:
        return f"公示{notice.number}：收到书面异议，已暂缓实施。"
    if at < notice.ends_before:
        return f"公示{notice.number}：书面异议可提至{until(notice.ends_before)}。"
    return f"公示{notice.number}：公示期已满，等待中心确认。"


def plan_summary(card: PlanCard) -> str:
    """A plan in short, enough to know what is asked."""
    lines = [
        "请您审议电梯维修保险方案",
        f"{card.estate} {card.number} 第{card.revision}版",
        f"保险机构：{card.insurer}",
        f"电梯{len(card.lifts)}台，保费合计{yuan(card.premium_fen)}",
        f"保障期间：{cover_period(card.terms.cover_from, card.terms.cover_last_day)}",
        f"每台限额{yuan(card.terms.sum_insured_fen)}，免赔额{yuan(card.terms.deductible_fen)}",
    ]
    if card.due is not None:
        lines.append(f"请于{until(card.due)}前答复")
    return "\n".join([*lines, _fingerprint(card)])


def plan_details(card: PlanCard, link: str) -> str:
    """The whole plan, as far as a chat message holds it; the link has the rest."""
    shown = [f"{code}：{yuan(fen)}" for code, fen in card.lifts[:SHOWN_LIFTS]]
    if len(card.lifts) > SHOWN_LIFTS:
        shown.append(f"……共{len(card.lifts)}台")
    return "\n".join(
        [
            f"{card.estate} {card.number} 第{card.revision}版",
            f"保障范围：{_short(card.terms.scope_of_cover)}",
            f"除外责任：{_short(card.terms.exclusions)}",
            f"服务承诺：{_short(card.terms.service_commitments)}",
            "各台保费：",
            *shown,
            f"全文：{link}",
            _fingerprint(card),
        ]
    )


SHOWN_LIFTS = 8
SHOWN_CHARACTERS = 100


def plan_line(plan: PlanCard) -> str:
    """One plan among several."""
    answered = f"（已{ANSWER_NAMES[plan.answered]}）" if plan.answered else ""
    return f"{plan.estate} {plan.number} {yuan(plan.premium_fen)}{answered}"


def recorded(surname: str, answer: Answer, card: PlanCard, tally: Tally) -> str:
    """What was recorded, in whose name, and how the answers stand."""
    lines = [
        f"{surname}委员，您的意见已记录：{ANSWER_NAMES[answer]}。",
        f"{card.estate} {card.number} 第{card.revision}版",
        f"目前同意{tally.approvals}人、不同意{tally.refusals}人，在任委员{tally.in_office}人。",
    ]
    if tally.decided == Answer.APPROVE:
        lines.append("同意已过半数，方案审议通过，将进入公示。")
    elif tally.decided == Answer.REFUSE:
        lines.append("不同意已过半数，方案未通过，将请保险机构修改。")
    else:
        lines.append("结果产生前可以更改，回复“同意”或“不同意 理由”即可。")
    return "\n".join(lines)


def waiting_hint(count: int) -> str:
    """A line under another answer."""
    return f"\n\n您有{count}个方案待审议，回复“方案”查看。"


def _fingerprint(card: PlanCard) -> str:
    return f"方案指纹：{card.content_hash[:HASH_SHOWN]}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"
