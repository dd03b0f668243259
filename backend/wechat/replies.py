"""The bot's words. Short and friendly; every figure comes from the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.domain.approval import ANSWER_NAMES, Answer, Tally
from backend.domain.city.schema import Centre, CityProfile, EmergencyRules
from backend.domain.money import yuan
from backend.domain.public_notice import NoticeState
from backend.domain.wording import (
    COVER_PERIOD,
    DEDUCTIBLE,
    PLAN_CODE,
    SUM_INSURED,
    cover_period,
    day_ends,
    deductible,
    until,
)
from backend.services.reads.chat import CaseProgress, LiftStatus, RunningLimit
from backend.services.reads.plan_cards import PlanCard
from backend.services.reads.todos import Todo
from backend.store.queries.lifts import NoticeRow
from backend.wechat.choices import Choice

HASH_SHOWN = 12
SHOWN_TODOS = 6
SHOWN_LIFTS = 8
SHOWN_CHARACTERS = 100
# A chat message holds 2,048 bytes, some 680 characters.
SHOWN_CHANGES = 5
SHOWN_OF_A_CHANGE = 36

WELCOME = "您好，欢迎关注电梯维修保险服务。"
UNKNOWN = "抱歉，没有看懂您的意思。"
NOT_TEXT = "目前只能看懂文字，请用文字告诉我。"
THANKS = "不客气，应该的。需要时请随时发消息，回复“帮助”可看能做什么。"
FINE = "好的。需要时请随时发消息，回复“帮助”可看能做什么。"
NOTHING_TO_DO = "您目前没有待办事项。"
NO_CASES = "没有找到您可以查看的案件。如已在小程序认证身份，请核对编号或楼栋后再发。"
NO_DEADLINES = "目前没有正在计算的期限。"
WHICH_LIFT = "请发送“电梯”加20位注册代码，两者之间可以有空格。注册代码印在轿厢的使用标志上。"
NO_LIFT = "没有找到这台电梯，请核对轿厢使用标志上的注册代码后再发。"
NO_PLAN = (
    "您目前没有待审议的方案。只有本小区在任的业委会委员可以在这里审议。如您是委员：请在小程序“我的”里"
    "用微信手机号核验，与名册登记的号码一致，席位就会绑定；手机号换过的，请联系中心更正名册。"
)
NO_PLANS_HERE = "本市的投保方案不经业委会审议，您没有要答复的。"
NO_PLAN_NOW = "您目前没有待审议的方案。有新方案时会通知您。"
NOTHING_TO_CHANGE = "您目前没有可以更改的答复：方案有了结果以后，答复不能再改。"
RECUSED = "您与本次审议有利害关系，应当回避，不参加审议。如情况有变，请联系中心。"
SEE_FIRST = "请先看方案，再告诉我您的意见。"
UNCLEAR = "这句话没有作为答复记录。请点选，或只回复“同意”，或回复“不同意 理由”。"
NEARLY = "这句话没有作为答复记录：表决要记名存档，只有“同意”或“不同意”才算数，我不替您猜。请点选。"
CHANGE = "可以更改：请看方案，再点选新的答复，以后一次为准。"
WHY = "请直接回复您不同意的理由，例如“保费偏高”。如不想提交，请回复“取消”。"
WHY_IN_WORDS = "请用文字回复您不同意的理由，或回复“取消”。"
NO_REASON = (
    "这句话不像理由，没有记录。请写明您为什么不同意，例如“保费偏高”；还没想好，请回复“取消”。"
)
CONFIRM = "核对无误请点选。要换一个理由，直接重新写即可。"
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


def locked_out(rules: EmergencyRules) -> str:
    """For somebody who is kept out, whatever they say: the rescue's number, and whom to ask."""
    return (
        f"{if_trapped(rules)}\n您的账号已被停用，不能在这里办理。扫码看电梯和公示不受影响；"
        "有疑问请联系维修资金中心。"
    )


def emergency(rules: EmergencyRules) -> str:
    """Whom to call and what to do: the number before anything else."""
    lines = (
        f"请马上拨打 {rules.phone.value}！",
        rules.text.value,
        "请报出轿厢使用标志上的地址和注册代码。不是紧急情况，请回复“帮助”。",
    )
    return "\n".join(lines)


def if_trapped(rules: EmergencyRules) -> str:
    """The rescue's number in one line, for words that may or may not be about people in need."""
    return f"电梯困人：先按轿厢报警按钮，没有人应答请拨打 {rules.phone.value}。"


def _objecting(city: CityProfile) -> str:
    return "提异议、" if "mini_program" in city.objection.channels.value else ""


def people(city: CityProfile) -> str:
    """Who can be spoken with, and the rescue's number."""
    centre = city.centre
    return (
        f"请拨打{centre.name.value}电话 {centre.phone.value}，由工作人员为您办理。\n"
        f"也可以打开小程序“梯保”：看保障和公示、{_objecting(city)}核验身份。\n"
        f"{if_trapped(city.emergency)}"
    )


def help_with(city: CityProfile) -> str:
    """What can be asked here, and who else helps."""
    asked = bool(city.approval.asked_for.value)
    lines = (
        "您可以发送：",
        "【待办】需要您办理的事项",
        "【进度】办到哪一步，也可发“进度 编号”或“进度 6栋”",
        "【电梯】后面加20位注册代码，查保障和公示",
        "【截止】正在计算的期限",
        *(["【方案】业委会委员查看待审议方案，或更改答复"] if asked else []),
        "【帮助】再看一遍本说明",
        if_trapped(city.emergency),
        way_on(city.centre),
    )
    return "\n".join(lines)


def way_on(centre: Centre) -> str:
    """Where to go from here: never an answer without a number."""
    return f"需要人工帮助，请拨打{centre.name.value} {centre.phone.value}，或打开小程序“梯保”。"


def todo(todos: Sequence[Todo]) -> str | None:
    """What the person must see to, then what they wait for others to do; None for nothing."""
    mine = [each for each in todos if each.mine][:SHOWN_TODOS]
    others = [each for each in todos if not each.mine][: SHOWN_TODOS - len(mine)]
    parts = []
    if mine:
        parts += ["等您办的：", *map(_todo, mine)]
    elif others:
        parts.append("目前没有等您办的事项。")
    if others:
        parts += ["等别人办的（您不用办）：", *map(_todo, others)]
    return "\n\n".join(parts) or None


def _todo(item: Todo) -> str:
    lines = [item.task, f"{item.estate} {item.area} {item.number}"]
    if item.why:
        lines.append(item.why)
    if item.due_words:
        lines.append(f"{item.due_words}，{item.left_words}")
    if item.missing:
        lines.append(f"还缺{len(item.missing)}张照片")
    return "\n".join(lines)


def deadlines(limits: Sequence[RunningLimit]) -> str | None:
    """The running limits; None for none."""
    return "\n\n".join(["正在计算的期限：", *map(_limit, limits)]) if limits else None


def _limit(limit: RunningLimit) -> str:
    note = "（节假日安排未公布，可能顺延）" if limit.provisional else ""
    where = f"{limit.estate} {limit.area} {limit.number}"
    due = None if limit.stands_still else f"截止：{until(limit.ends_before)}{note}"
    return "\n".join(filter(None, (limit.task, where, due, limit.pause_words)))


def progress(cases: Sequence[CaseProgress]) -> str | None:
    """Where cases stand; None without any."""
    lines = [
        f"{c.number} {c.estate} {c.area}\n当前：{c.state}\n下一步：{c.next_step}" for c in cases
    ]
    return "\n\n".join(lines) or None


def lift(status: LiftStatus | None) -> str | None:
    """Covered or not, by whom, until when; and the notices that hang. None for no such lift."""
    if status is None:
        return None
    lines = [f"{status.place} {status.name}", f"注册代码：{status.registration_code}"]
    cover = status.cover
    if cover is None:
        lines.append("目前没有电梯维修保险保障。")
    else:
        phone = f"，电话{cover.insurer_phone}" if cover.insurer_phone else ""
        lines.append(f"保障中：{cover.insurer}{phone}，保到{day_ends(cover.last_day)}。")
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
        *_heading(card),
        f"保险机构：{card.insurer}",
        f"电梯{len(card.lifts)}台，保费合计{yuan(card.premium_fen)}",
        f"{COVER_PERIOD}：{cover_period(card.terms.cover_from, card.terms.cover_last_day)}",
        f"{SUM_INSURED}{yuan(card.terms.sum_insured_fen)}，{DEDUCTIBLE}{deductible(card.terms.deductible_fen)}",
    ]
    if card.due is not None:
        lines.append(f"请于{until(card.due)}前答复")
    return "\n".join([*lines, *_changed(card), _fingerprint(card)])


def _heading(card: PlanCard) -> Sequence[str]:
    return f"{card.estate} {card.area}", f"{card.number} 第{card.revision}版"


def _changed(card: PlanCard) -> Sequence[str]:
    """What this revision says otherwise than the one before."""
    if not card.changes:
        return ()
    lines = [
        f"· {c.label}：{_short(c.before, SHOWN_OF_A_CHANGE)} → {_short(c.after, SHOWN_OF_A_CHANGE)}"
        for c in card.changes[:SHOWN_CHANGES]
    ]
    if len(card.changes) > SHOWN_CHANGES:
        lines.append(f"……共{len(card.changes)}处，请点“查看方案”看全文")
    return "与前一版相比，改了：", *lines


def plan_details(card: PlanCard, link: str) -> str:
    """The whole plan, as far as a chat message holds it; the link has the rest."""
    shown = [f"{each.called}：{yuan(each.premium_fen)}" for each in card.lifts[:SHOWN_LIFTS]]
    if len(card.lifts) > SHOWN_LIFTS:
        shown.append(f"……共{len(card.lifts)}台")
    return "\n".join(
        [
            *_heading(card),
            f"保障范围：{_short(card.terms.scope_of_cover)}",
            f"除外责任：{_short(card.terms.exclusions)}",
            f"服务承诺：{_short(card.terms.service_commitments)}",
            f"全文：{link}",
            _fingerprint(card),
            "各台保费：",
            *shown,
        ]
    )


def plan_line(plan: PlanCard) -> str:
    """One plan among several."""
    answered = f"（已{ANSWER_NAMES[plan.answered]}）" if plan.answered else ""
    return f"{plan.estate} {plan.area} {plan.number} {yuan(plan.premium_fen)}{answered}"


def asking_why(rules: EmergencyRules, words: str) -> str:
    """What asks for a reason or quotes one. Somebody who is trapped may be the one who wrote, in
    words that nobody knows for a cry: the rescue's number first."""
    return f"{if_trapped(rules)}\n{words}"


def quoted(card: PlanCard, reason: str) -> str:
    """The refusal as it would be recorded, for the member to check."""
    where = f"{card.estate} {card.area} 第{card.revision}版"
    return f"请核对：您对{where}方案的意见是“不同意”，理由是：\n“{reason}”\n提交后记名存档。"


def answer_stands(card: PlanCard) -> str:
    """What the member said before, and that it may be said otherwise."""
    assert card.answered is not None
    return (
        f"您的答复已经记录：{ANSWER_NAMES[card.answered]}（{card.estate} {card.area}）。"
        "结果产生前可以更改，请回复“改主意”。"
    )


def recorded(surname: str, answer: Answer, reason: str | None, card: PlanCard, tally: Tally) -> str:
    """What was recorded, in whose name and why, and how the answers stand."""
    lines = [
        f"{surname}委员，您的意见已记录：{ANSWER_NAMES[answer]}。",
        *([f"理由：“{reason}”"] if reason else []),
        *_heading(card),
        f"目前同意{tally.approvals}人、不同意{tally.refusals}人，在任委员{tally.in_office}人。",
    ]
    if tally.decided == Answer.APPROVE:
        lines.append("同意已过半数，方案审议通过，将进入公示。")
    elif tally.decided == Answer.REFUSE:
        lines.append("不同意已过半数，方案未通过，将请保险机构修改。")
    else:
        lines.append("结果产生前可以更改，回复“改主意”，或“同意”“不同意 理由”即可。")
    return "\n".join(lines)


def waiting_hint(count: int) -> str:
    """A line under another answer."""
    return f"\n\n您有{count}个方案待审议，回复“方案”查看。"


def _fingerprint(card: PlanCard) -> str:
    return f"{PLAN_CODE}：{card.content_hash[:HASH_SHOWN]}"


def _short(text: str, characters: int = SHOWN_CHARACTERS) -> str:
    line = " ".join(text.split())
    return line if len(line) <= characters else line[: characters - 1] + "…"
