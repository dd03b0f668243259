"""What will follow from a step, said before it is taken: there is no undo in an append-only file.

Pure: read from the row of the table, so that no page and no letter says it in words of its own.
"""

from collections.abc import Iterator, Mapping

from backend.domain import effects as do
from backend.domain.deadlines import deadline_for
from backend.domain.facts import Facts
from backend.domain.holidays import WorkCalendar
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.routes.catalogue import limit_title, state_name
from backend.domain.steps import EVERY_LIMIT, Effect, Step
from backend.domain.wording import until

EFFECT_WORDS: Mapping[Effect, str] = {
    do.invite_committee: "本市须业委会审议的，请在任委员对方案表决",
    do.void_plan: "原方案作废，须另拟方案；已张贴的公示随之失效",
    do.drop_lift: "这台电梯移出本案，可以另行申请",
    do.set_insurer: "改由另一家保险机构承办，原机构不再看到本案",
    do.open_vote: "表决名册冻结，有账号的业主会收到投票的消息",
    do.settle_vote: "表决结果记录在案",
    do.withdraw_vote: "这次表决不算，可以重新发起",
    do.void_vote: "这次表决作废，已投的票不再计数",
    do.book_deposit: "缴存的款项记入专户，仍归缴款人所有",
    do.unbook_deposit: "预留的保费和电梯退回，登记的缴存红字冲销，流水号可以再用",
    do.pay_back: "余款付还缴款人，专户销户",
    do.hold_premium: "从账户为本案预留保费",
    do.reserve_cover: "为本案保留这些电梯的保障期间，其他案件不能再占用",
    do.open_notice: "公示期开始计算",
    do.suspend_notice: "公示暂停，剩余天数保留",
    do.resume_notice: "公示按剩余天数继续",
    do.hang_again: "公示照原来的期限继续",
    do.end_notice: "公示结束，可以取下",
    do.release: "如有预留或应付的保费，回到账户；如有张贴的公示，随之作废",
    do.premium_due: "预留的保费转为应付",
    do.premium_held_again: "应付的保费转回预留",
    do.payment_ordered: "登记向银行发出拨付指令",
    do.payment_confirmed: "应付的保费记为已付",
    do.payment_rejected: "拨付指令记为银行退回，保费仍为应付",
    do.payment_returned: "已付的保费记为退回，重新应付",
    do.payment_unconfirmed: "保费不再记为已付，仍等银行付款；原来的流水号可以再用",
    do.cover_unpaid: "如已出具保险单，留在案卷，公开页面写明保费正在重新拨付",
    do.cover_paid: "保险单照旧生效",
    do.cover_as_policy_says: "保障期间以保险单为准",
    do.activate_cover: "电梯页面显示保障中",
    do.end_cover: "电梯页面显示保障已结束",
    do.give_back: "退回的金额回到原账户，保险单不变",
    do.end_refund: "还没有复核的退款登记随之结束",
    do.refund: "退款回到原账户，保障结束",
}


def follows(step: Step, facts: Facts, calendar: WorkCalendar) -> Iterator[str]:
    """One sentence for each thing that follows if the step is taken today."""
    yield f"案件转为“{state_name(step.target)}”"
    for effect in step.effects:
        yield EFFECT_WORDS[effect]
    if step.meets == EVERY_LIMIT:
        yield "正在计算的期限结束，还没有答复的异议除外"
    elif step.meets:
        yield f"“{limit_title(step.meets)}”的期限到此办结"
    if step.takes_up:
        yield f"“{limit_title(step.takes_up)}”的期限照原来的继续"
    if step.limit and step.limit in facts.city.limits:
        end = deadline_for(facts.city, calendar, step.limit, facts.today)
        yield f"“{limit_title(step.limit)}”开始计算，截至{until(end.ends_before)}"
    if hearers := [role for role in step.notify if role is not Role.SYSTEM]:
        yield f"通知{'、'.join(ROLE_NAMES[role] for role in hearers)}"
