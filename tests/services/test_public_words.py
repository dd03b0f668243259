"""The sentences that everybody reads: insured or not, what it means, and who pays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range

from backend.domain.city.parse import parse_city
from backend.domain.city.schema import EmergencyRules
from backend.domain.cover import CoverState, CoverTerms
from backend.domain.ledger import AccountKind
from backend.domain.local_time import SHANGHAI
from backend.domain.public_notice import NoticeState
from backend.domain.typed_table import Sourced
from backend.services.base.context import Context
from backend.services.books import ledger
from backend.services.public import words as public_words
from backend.services.public.lifts import PublicLift, read_public_lift, read_public_notice
from backend.services.public.words import Funding
from backend.store.city_files import load_city
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import CoveragePeriod
from backend.store.queries.lifts import CoverRow, PoolRow
from backend.store.registry import LiftToken
from tests.build.clock import ManualClock
from tests.build.household_city import household_city
from tests.build.sample_case import SampleCase, fill_pool, sample_case, sample_notice
from tests.build.village import Village

TOKEN = "0" * 26
See = Callable[[], PublicLift]


@pytest.fixture
def case(ctx: Context) -> SampleCase:
    with ctx.sessions() as tx:
        case = sample_case(tx)
        tx.add(LiftToken(token=TOKEN, lift_id=case.lift, issued_at=ctx.clock(), revoked_at=None))
        tx.commit()
        return case


@pytest.fixture
def see(ctx: Context, case: SampleCase) -> See:
    """The sample's lift as it stands."""

    def look() -> PublicLift:
        seen = read_public_lift(ctx, TOKEN)
        assert seen
        return seen

    return look


def covered(ctx: Context, case: SampleCase, first: date, before: date, **values: Any) -> None:
    with ctx.sessions() as tx:
        tx.add(
            CoveragePeriod(
                lift_id=case.lift,
                purchase_id=case.purchase,
                insurer_id=case.insurer,
                period=Range(first, before),
                **{"policy_number": "P-1", "state": "in_force", **values},
            )
        )
        tx.commit()


def money(ctx: Context, see: See) -> Funding:
    found = public_words.funding(see(), ctx.city)
    assert found
    return found


def test_a_policy_that_is_issued_says_when_cover_begins(
    ctx: Context, case: SampleCase, see: See
) -> None:
    covered(ctx, case, date(2025, 4, 1), date(2026, 4, 1), state="reserved")
    seen = see()
    assert seen.cover is None
    assert public_words.headline(seen) == "这台电梯的保险从2025年4月1日开始。"
    assert public_words.meaning(seen).startswith("保单已由示例保险")
    assert public_words.funding(seen, ctx.city) is None


def test_cover_that_is_only_reserved_promises_nothing(
    ctx: Context, case: SampleCase, see: See
) -> None:
    covered(ctx, case, date(2025, 4, 1), date(2026, 4, 1), state="reserved", policy_number=None)
    assert see().upcoming is None
    assert public_words.headline(see()) == "这台电梯目前没有维修保险。"


@pytest.mark.parametrize(("on", "told"), [(1, False), (2, True), (31, True)])
def test_the_last_thirty_days_are_counted(
    ctx: Context, case: SampleCase, see: See, clock: ManualClock, on: int, told: bool
) -> None:
    covered(ctx, case, date(2024, 4, 1), date(2025, 4, 1))
    clock.set(datetime(2025, 3, on, 9, tzinfo=SHANGHAI))
    meaning = public_words.meaning(see())
    assert ("到期" in meaning) is told
    if on == 31:
        assert meaning.endswith("今天起还有1天到期。")


def test_the_next_cover_is_the_one_that_begins_first(
    ctx: Context, case: SampleCase, see: See
) -> None:
    covered(ctx, case, date(2025, 1, 1), date(2025, 4, 1))
    covered(ctx, case, date(2026, 4, 1), date(2027, 4, 1), policy_number="P-3")
    covered(ctx, case, date(2025, 4, 1), date(2026, 4, 1), policy_number="P-2")
    seen = see()
    assert seen.cover
    assert seen.upcoming
    assert (seen.cover.policy_number, seen.upcoming.policy_number) == ("P-1", "P-2")


def test_what_was_comes_latest_first_and_ten_at_most(
    ctx: Context, case: SampleCase, see: See
) -> None:
    for year in range(2010, 2022):
        covered(ctx, case, date(year, 1, 1), date(year + 1, 1, 1), state="ended")
    with ctx.sessions() as tx:
        sample_notice(tx, case).state = NoticeState.ENDED
        tx.commit()
    past = public_words.past(see())
    assert len(past) == public_words.MOST_PAST
    assert (past[0].kind, past[0].last_day) == ("notice", date(2025, 3, 10))
    assert past[0].number
    assert past[1].last_day == date(2021, 12, 31)
    assert [p.last_day for p in past] == sorted((p.last_day for p in past), reverse=True)


TERMS = CoverTerms(
    sum_insured_fen=15_000_000,
    deductible_fen=0,
    cover_from=date(2025, 4, 1),
    cover_ends_before=date(2026, 4, 1),
    scope_of_cover="故障维修",
    exclusions="人为损坏。",
    service_commitments="30分钟到场",
)
NOBODY = UUID(int=0)
ROW = CoverRow(
    insurer="示例保险",
    insurer_phone=None,
    starts_on=date(2025, 1, 1),
    ends_before=date(2026, 1, 1),
    state=CoverState.IN_FORCE,
    policy_number="P-1",
    purchase_id=NOBODY,
    terms=TERMS,
)


def test_the_terms_are_said_in_sentences() -> None:
    assert public_words.cover_words(ROW) == [
        "保什么：故障维修。",
        "保多少：这台电梯最高赔付150,000元，没有免赔额。",
        "不保什么：人为损坏。",
        "服务承诺：30分钟到场。",
    ]


def test_a_deductible_is_what_people_pay_each_time() -> None:
    words = public_words.cover_words(replace(ROW, terms=replace(TERMS, deductible_fen=50_050)))
    assert "每次免赔额500.50元" in words[1]


def test_terms_that_nobody_knows_are_not_invented(ctx: Context, case: SampleCase, see: See) -> None:
    covered(ctx, case, date(2025, 1, 1), date(2026, 1, 1))
    cover = see().cover
    assert cover
    assert public_words.cover_words(cover) == []


@pytest.mark.parametrize(
    ("fen", "enough", "words"),
    [
        (200_000, True, "够付这台电梯一年的保费"),
        (199_999, False, "还差0.01元"),
        (0, False, "还差2,000元"),
    ],
)
def test_the_account_is_held_against_a_typical_premium(
    ctx: Context, case: SampleCase, see: See, fen: int, enough: bool, words: str
) -> None:
    if fen:
        with ctx.sessions() as tx:
            fill_pool(tx, case, fen)
            tx.commit()
    found = money(ctx, see)
    assert found.enough is enough
    assert words in found.text
    assert found.source
    assert "系统默认" in found.source


def test_the_account_of_the_unit_comes_before_that_of_the_building(
    ctx: Context, case: SampleCase, see: See
) -> None:
    with ctx.sessions() as tx:
        ledger.open_account(tx, AccountKind.POOLED_INCOME, "U1", "1单元统筹账户", unit_id=case.unit)
        tx.commit()
    assert "1单元统筹账户目前可用" in money(ctx, see).text


@pytest.mark.parametrize(
    ("fen", "enough", "words"),
    [
        (199_999, False, "还差0.01元，可以等"),
        (312_055, True, "够付这一台一年的保费；4台一起投保还差4,879.45元。"),
        (800_000, True, "4台一起投保也够付一年的保费。"),
    ],
)
def test_an_account_for_several_lifts_tells_what_it_pays_for_one_and_for_all(
    ctx: Context, see: See, fen: int, enough: bool, words: str
) -> None:
    found = public_words.funding(
        replace(see(), pool=PoolRow(NOBODY, "3栋统筹账户", fen, 4)), ctx.city
    )
    assert found
    assert found.enough is enough
    assert "由4台电梯共用" in found.text
    assert words in found.text


def test_the_lifts_that_share_an_account_are_counted(ctx: Context, village: Village) -> None:
    with ctx.sessions() as tx:
        tx.add(LiftToken(token=TOKEN, lift_id=village.lifts[0], issued_at=ctx.clock()))
        tx.commit()
    seen = read_public_lift(ctx, TOKEN)
    assert seen
    assert seen.pool
    assert (seen.pool.name, seen.pool.lifts) == ("1栋统筹账户", 2)


def test_without_an_account_nobody_can_say(ctx: Context, case: SampleCase, see: See) -> None:
    found = public_words.funding(replace(see(), pool=None), ctx.city)
    assert found
    assert found.enough is None
    assert "向吉首市住房保障服务中心咨询" in found.text
    theirs = public_words.funding(see(), household_city())
    assert theirs
    assert (theirs.enough, "归各户所有" in theirs.text) == (None, True), "whatever a pool has"


def test_who_may_apply_and_how_is_the_citys_own_rule(see: See) -> None:
    seen = see()
    jishou = public_words.funding(seen, load_city("jishou"))
    shaoguan = public_words.funding(seen, load_city("shaoguan"))
    assert jishou
    assert shaoguan
    assert jishou.who_may_apply == [
        "3名以上相关业主联名（含本数）",
        "业主委员会",
        "业主委员会委托的物业服务企业",
    ]
    assert shaoguan.who_may_apply == ["属地住建部门选定的小区，由小区的物业服务企业办理"]
    assert shaoguan.how.startswith("不用申请")
    assert "统筹账户" not in shaoguan.how
    assert "不用业主表决" in jishou.how
    assert "公示7天" in jishou.how
    assert "0743-8532500" in jishou.how


def test_while_a_notice_hangs_nobody_needs_to_apply(
    ctx: Context, case: SampleCase, see: See
) -> None:
    with ctx.sessions() as tx:
        sample_notice(tx, case)
        tx.commit()
    found = money(ctx, see)
    assert "不用另行申请" in found.how
    assert (found.enough, found.source) == (True, None)
    assert "正在公示" in public_words.meaning(see())
    with ctx.sessions() as tx:
        tx.execute(update(PublicNotice).values(state="suspended"))
        tx.commit()
    assert "书面异议，正在处理" in public_words.meaning(see())
    suspended = money(ctx, see)
    assert suspended.how.startswith("投保方案暂缓实施")
    assert "正在公示" not in f"{suspended}{public_words.meaning(see())}"


def test_words_of_an_objection_are_shown_only_as_published(
    ctx: Context, case: SampleCase, see: See
) -> None:
    with ctx.sessions() as tx:
        notice = sample_notice(tx, case)
        number = notice.number
        for place, published in enumerate((None, "保费偏高，请说明。")):
            tx.add(
                Objection(
                    number=f"YY-2025-{place:06d}",
                    notice_id=notice.id,
                    source="paper",
                    kind="price",
                    text_sealed=b"SECRET",
                    received_at=ctx.clock(),
                    entered_by=case.person,
                    entered_at=ctx.clock(),
                    status="inadmissible" if published else "received",
                    publication="published" if published else "private",
                    published_text=published,
                )
            )
        tx.commit()
    seen = read_public_notice(ctx, number)
    assert seen
    assert [o.text for o in seen.notice.objections] == [None, "保费偏高，请说明。"]
    assert seen.notice.waiting == 1


def test_a_number_that_the_city_decided_needs_no_small_print() -> None:
    city = load_city("jishou")
    assert public_words.emergency(city).source == public_words.NATIONAL_NUMBER
    own = replace(city, emergency=EmergencyRules(phone=Sourced("96333", "市应急处置办法")))
    assert public_words.emergency(own).phone == "96333"
    assert public_words.emergency(own).source is None


def test_rules_from_before_the_emergency_number_was_known_still_load() -> None:
    text = load_city("jishou").text
    old = text.replace('[emergency]\nphone = { value = "119", source = "default" }\n', "")
    assert old != text
    assert parse_city(old).emergency.phone.value == "119"
