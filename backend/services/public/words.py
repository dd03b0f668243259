"""The sentences of the public pages: what a lift's insurance means, in words for everybody.

Mini-program, API and light pages all show these, so they are made in one place.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend.domain.city.schema import ApplicantKind, CityProfile, Route
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.public_account import YEARS
from backend.domain.public_notice import FRAMINGS, MOMENTS, NoticeState
from backend.domain.routes.catalogue import offered, state_name
from backend.domain.source import OF_CITY
from backend.domain.wording import (
    DEDUCTIBLE,
    NOTICE_OPEN,
    NOTICE_OVER,
    NOTICE_SUSPENDED,
    SUM_INSURED,
    day_ends,
    plain_day,
    until,
)
from backend.services.public.account import PublicAccount
from backend.services.public.lifts import PostedNotice, PublicLift
from backend.store.queries.lifts import CoverRow, PhotoRow, PoolRow
from backend.store.queries.public_account import HungNotice

MOST_PAST = 10
NATIONAL_NUMBER = "本市没有另行公布，用全国消防救援电话"
POOLS = ("pooled_income", "city_pool")


@dataclass(frozen=True)
class EmergencyHelp:
    """Whom to call when people are trapped; `source` is small print when nobody decided it."""

    phone: str
    text: str
    source: str | None


@dataclass(frozen=True)
class Funding:
    """How a lift gets insured, and whether the money would suffice (None: not known)."""

    who_may_apply: Sequence[str]
    how: str
    enough: bool | None
    text: str
    source: str | None


@dataclass(frozen=True)
class Past:
    """A cover or a notice that is over."""

    kind: str
    title: str
    starts_on: date
    last_day: date
    text: str
    number: str | None


def emergency(city: CityProfile) -> EmergencyHelp:
    """What to do when people are trapped, the number first."""
    known = city.emergency
    source = NATIONAL_NUMBER if known.phone.is_default else None
    return EmergencyHelp(known.phone.value, known.text.value, source)


def advice(city: CityProfile) -> str:
    """The first thing to do when trapped, for where a line is all there is."""
    return first_of(city.emergency.text.value)


def first_of(text: str) -> str:
    """The first clause of a text."""
    return re.split("[，；。]", text, maxsplit=1)[0]


def headline(lift: PublicLift) -> str:
    """In one sentence: is this lift insured?"""
    if lift.cover:
        return f"这台电梯已投保，保到{day_ends(lift.cover.last_day)}。"
    if lift.unpaid:
        return "这台电梯的保单已出具，保费正在重新拨付。"
    if lift.upcoming:
        return f"这台电梯的保险从{plain_day(lift.upcoming.starts_on)}开始。"
    return "这台电梯目前没有维修保险。"


def payer(lift: PublicLift) -> str:
    """In one line: who pays when it breaks down today?"""
    if lift.cover:
        return f"保障范围内，修理费由{lift.cover.insurer}出。"
    if lift.unpaid:
        return f"保费还没有付到，修理费由谁出请先问{lift.unpaid.insurer}。"
    return "修理费由业主出，或用维修资金。"


def object_by(lift: PublicLift) -> str | None:
    """In one line: until when may affected owners object? None when nothing is open to that."""
    notices = [notice for notice, _ in lift.notices if notice.open_to_objections]
    if not notices:
        return None
    first = min(notices, key=lambda notice: notice.row.ends_before)
    if first.row.state == NoticeState.SUSPENDED:
        return "有书面异议，已暂停计时，仍可提异议。"
    return f"可提异议，截止{until(first.row.ends_before)}。"


def meaning(lift: PublicLift) -> str:
    """What that means for those who ride it."""
    if lift.cover:
        days = (lift.cover.ends_before - local_date(lift.read_at)).days
        soon = "" if days > 30 else f"今天起还有{days}天到期。"
        return f"保障范围内的故障，由{lift.cover.insurer}负责维修并承担费用。{soon}"
    before = "出了故障，维修费用仍按原来的办法由业主或维修资金承担。"
    if lift.unpaid:
        return (
            f"保单已由{lift.unpaid.insurer}出具，但保费被银行退回，中心正在重新拨付。"
            "付到之前出了故障，是否赔付以保险机构的答复为准。"
        )
    if lift.upcoming:
        return f"保单已由{lift.upcoming.insurer}出具。在生效之前，{before}"
    if any(notice.row.state == NoticeState.SUSPENDED for notice, _ in lift.notices):
        return f"{before}有一份投保方案收到了书面异议，正在处理，暂缓实施。"
    if lift.notices and not _still_open(lift):
        return f"{before}有一份投保方案公示期已满，中心正在核对结果。"
    if lift.notices:
        voted = "经业主表决通过的" if any(each.row.voted for each, _ in lift.notices) else ""
        return f"{before}有一份{voted}投保方案正在公示，期满没有有效的书面异议就可以投保。"
    return before


def _still_open(lift: PublicLift) -> bool:
    """Whether anybody may still object; a notice hangs on until it is cleared, and again when that
    was a mistake."""
    return any(notice.open_to_objections for notice, _ in lift.notices)


def of_account(account: PublicAccount, city: CityProfile) -> list[str]:
    """Whose money an estate's public account is about, and why it is published (民法典 281)."""
    citys = city.income.account_holders.value == ("city",)
    if account.pools and citys:
        money = (
            f"这些是{OF_CITY}，来自住宅专项维修资金，按年度记账，不分小区，每年分配一次。"
            f"下面是全市近{YEARS}年的收支，精确到分。"
        )
    elif account.pools:
        money = (
            "统筹账户里是住宅专项维修资金的增值收益，每年分配一次。"
            f"下面是近{YEARS}年的收支，精确到分。"
        )
    elif city.income.mode.value == "household":
        money = "本市的增值收益分给各户，小区没有统筹账户。"
    elif citys:
        money = f"还没有入账的{OF_CITY}。"
    else:
        money = "这个小区还没有统筹账户。"
    return [money, "依据《民法典》第281条，维修资金的筹集、使用情况定期公布。账目里没有个人信息。"]


def objected(total: int, open_: int) -> str:
    """How many objections a notice got, and whether any of them waits."""
    if not total:
        return "没有收到异议。"
    waiting = f"其中{open_}份正在处理" if open_ else "都已处理"
    return f"收到异议{total}份，{waiting}，答复见公示。"


def hung(notice: HungNotice) -> str:
    """The days of a notice: from its first to the end of its last."""
    if notice.starts_on is None or notice.ends_on is None:
        return ""
    return f"{plain_day(notice.starts_on)}至{day_ends(notice.ends_on)}"


def cover_words(cover: CoverRow) -> list[str]:
    """The cover in plain sentences; none when its terms are not known."""
    terms = cover.terms
    if terms is None:
        return []
    own = terms.deductible_fen
    share = f"每次{DEDUCTIBLE}{yuan(own)}，由业主一方自付" if own else f"没有{DEDUCTIBLE}"
    words = [
        ("保什么", terms.scope_of_cover),
        ("保多少", f"这台电梯{SUM_INSURED}{yuan(terms.sum_insured_fen)}，{share}"),
        ("不保什么", terms.exclusions),
        ("服务承诺", terms.service_commitments),
    ]
    return [f"{name}：{text.rstrip('。')}。" for name, text in words if text]


def how_long(notice: PostedNotice) -> str:
    """The last moment to object."""
    last = until(notice.row.ends_before)
    if notice.row.state == NoticeState.SUSPENDED:
        return "已有书面异议，暂缓实施；处理期间受影响的业主仍可提出书面异议。"
    if notice.open_to_objections:
        return f"受影响的业主可在{last}之前提出书面异议。"
    return f"公示已于{last}结束。"


def photo_words(place: str, photo: PhotoRow) -> str:
    """What a photo of the posted notice shows, for those who do not see it."""
    return f"{place}张贴的公示，{MOMENTS[photo.moment]}时的{FRAMINGS[photo.framing]}照片"


def photo_gone(place: str, photo: PhotoRow) -> str:
    """What stands in the place of a photo that was taken down."""
    what = f"{place}{MOMENTS[photo.moment]}时的{FRAMINGS[photo.framing]}照片"
    return f"{what}已撤下（{photo.taken_down}）"


def past(lift: PublicLift) -> list[Past]:
    """What was, the latest first."""
    covers = [
        Past("cover", "维修保险", c.starts_on, c.last_day, f"由{c.insurer}承保。", None)
        for c in lift.past_covers
    ]
    notices = [
        Past("notice", "投保方案公示", n.starts_on, n.ends_on, _came_to(n.purchase_state), n.number)
        for n in lift.past_notices
    ]
    return sorted([*covers, *notices], key=lambda p: p.last_day, reverse=True)[:MOST_PAST]


def _came_to(purchase_state: str) -> str:
    return f"公示已结束，目前进度：{state_name(purchase_state)}。"


def funding(lift: PublicLift, city: CityProfile) -> Funding | None:
    """Who may apply, how, and whether the account would suffice; None for an insured lift."""
    if lift.cover or lift.upcoming:
        return None
    route = pooled_route(city)
    enough, text = _money(lift, city)
    return Funding(
        who_may_apply=[applicant_words(kind, route, city) for kind in route.applicants.value],
        how=_how(lift, route, city),
        enough=enough,
        text=text,
        source=None if lift.notices else _estimate_source(city),
    )


def pooled_route(city: CityProfile) -> Route:
    """The route that draws on pooled income, else the first."""
    routes = list(city.routes.values())
    return next((route for route in routes if pools(route)), routes[0])


def pools(route: Route) -> bool:
    """Whether pooled income pays, so that owners need not."""
    return route.account.value in POOLS


def screens(route: Route) -> bool:
    """Whether estates are screened on it, and nobody applies (SG 四, 五（四）)."""
    return route.account.value == "city_pool"


def applicant_words(kind: ApplicantKind, route: Route, city: CityProfile) -> str:
    """Who may apply, or acts for an estate that was screened, as people say it."""
    if screens(route):
        return "属地住建部门选定的小区，由小区的物业服务企业办理"
    if kind == "owners":
        return f"{city.applicants.minimum_cosigners.value}名以上相关业主联名（含本数）"
    if kind == "committee":
        return "业主委员会"
    if kind == "independent_owner":
        return "独立产权人"
    mandated = "committee" in route.applicants.value
    return "业主委员会委托的物业服务企业" if mandated else "小区的物业服务企业"


def _how(lift: PublicLift, route: Route, city: CityProfile) -> str:
    states = [notice.row.state for notice, _ in lift.notices]
    if NoticeState.SUSPENDED in states:
        return f"{NOTICE_SUSPENDED}，不用另行申请。异议处理完，按处理的结果继续办理或修改方案。"
    if states and not _still_open(lift):
        return f"{NOTICE_OVER}，不用另行申请。中心正在核对公示期内有没有书面异议。"
    if states:
        return f"{NOTICE_OPEN}，不用另行申请。受影响的业主对方案有意见，可以提出书面异议。"
    days = city.limits["public_notice_period"].days.value
    vote = "要经业主表决" if route.vote.value else "不用业主表决"
    posted = (
        f"方案在小区公示{days}天，没有有效的书面异议就可以投保。"
        if route.public_notice.value
        else ""
    )
    if screens(route):
        return (
            "不用申请：小区有意愿的，可以向物业或属地住建部门提出；属地住建部门摸底筛选，选定的小区由"
            f"保险机构拟订方案，{vote}。{posted}咨询{city.centre.name.value}，"
            f"电话{city.centre.phone.value}。"
        )
    return (
        f"向{city.centre.name.value}提出申请，电话{city.centre.phone.value}。"
        f"查询账户后，由保险机构查勘电梯、拟订方案，{vote}。{posted}{_alone(lift, city)}"
    )


def _alone(lift: PublicLift, city: CityProfile) -> str:
    """The other way, for a lift that no pool pays for (JS annex 二（三）)."""
    alone = any(
        city.routes[code].applicants.value == ("independent_owner",) for code in offered(city)
    )
    if lift.pool or not alone:
        return ""
    return "电梯只服务一个产权人的房屋的，也可以由产权人申请，从本人缴存的专户付保费，不用公示。"


def _money(lift: PublicLift, city: CityProfile) -> tuple[bool | None, str]:
    pool, asked = lift.pool, city.centre.name.value
    if pool and lift.notices:
        return True, f"方案的保费已在{pool.name}里预留。"
    if city.income.mode.value == "household":
        return None, f"本市的增值收益归各户所有，没有统筹账户可用，怎样投保请向{asked}咨询。"
    if pool is None and screens(pooled_route(city)):
        return None, f"还没有入账的{OF_CITY}，什么时候能投保请向{asked}咨询。"
    if pool is None:
        return None, f"还没有查到这台电梯的增值收益统筹账户，能不能投保请向{asked}咨询。"
    need = city.market.typical_premium_fen.value
    shared = f"，由{pool.lifts}台电梯共用" if pool.lifts > 1 else ""
    return pool.available_fen >= need, (
        f"{pool.name}目前可用{yuan(pool.available_fen)}{shared}。"
        f"按一台电梯一年{yuan(need)}估算，{_what_it_pays(pool, need)}"
    )


def _what_it_pays(pool: PoolRow, need_fen: int) -> str:
    """For this lift alone, and for all that share the account."""
    missing = need_fen - pool.available_fen
    if missing > 0:
        return f"还差{yuan(missing)}，可以等增值收益继续入账。"
    if pool.lifts < 2:
        return "够付这台电梯一年的保费。"
    missing = pool.lifts * need_fen - pool.available_fen
    if missing > 0:
        return f"够付这一台一年的保费；{pool.lifts}台一起投保还差{yuan(missing)}。"
    return f"{pool.lifts}台一起投保也够付一年的保费。"


def _estimate_source(city: CityProfile) -> str:
    market = city.market
    return (
        f"外市保费每台每年约{yuan(market.premium_low_fen.value)}至"
        f"{yuan(market.premium_high_fen.value)}；估算数"
        f"{market.typical_premium_fen.source_text}，以保险机构的方案为准。"
    )
