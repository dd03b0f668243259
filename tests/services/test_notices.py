"""The notice: drafted with its money held, posted with photos, cleared if nobody objects."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.money import yuan
from backend.services.public_notice import notices, objections
from backend.services.public_notice.notices import SubmittedPhoto
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import applications, plans
from backend.store.notices import Evidence, PublicNotice
from backend.store.purchases import Purchase
from tests.build.comparing import entered_with_scan
from tests.build.looking import (
    approve,
    assert_sound,
    at,
    case,
    codes,
    covers,
    holds,
    limits,
    notice_of,
    planned_for,
    pool,
    post,
    steps,
)
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village
from tests.build.waiting import at_once

MOST = POOL_FEN * 2 // 3


def hand_in(village: Village, notice: UUID, moment: str, **changed: Any) -> Purchase:
    """One photo by the manager: the first unit's wide one, taken now, unless said otherwise."""
    values: dict[str, Any] = {
        "unit_id": village.units[0],
        "moment": moment,
        "framing": "wide",
        "file_sha256": village.upload("manager"),
        "captured_at": village.clock(),
    }
    photo = SubmittedPhoto(**{**values, **changed})
    return notices.add_photo(village.ctx, village.actor("manager"), notice, photo).purchase


def clear(village: Village, purchase: Purchase, statement: str = "未收到纸质异议") -> Purchase:
    return notices.clear(village.ctx, village.actor("clerk"), purchase.id, statement)


# --- posting ---


def test_a_notice_freezes_what_the_plan_says_and_what_the_account_has(village: Village) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id)
    content = notice.content
    assert notice.state == "posting"
    assert content["account"] == {
        "name": "1栋统筹账户",
        "number": "P1",
        "available_fen": POOL_FEN,
        "used_fen": 2 * PREMIUM_FEN,
        "left_fen": POOL_FEN - 2 * PREMIUM_FEN,
        "text": "可用10,000元，本次使用2,600元，使用后结余7,400元",
    }
    assert content["cover"]["text"] == "2025年4月1日0:00至2026年3月31日24:00"
    assert content["places"] == ["1栋1单元", "1栋2单元"]
    assert [lift["age_years"] for lift in content["lifts"]] == [9, 9]
    assert content["days"] == 7
    assert "0743-8532500" in str(content["centre"])


def test_drafting_again_gives_the_same_notice(village: Village) -> None:
    purchase = village.approved()
    first, second = (
        notices.draft_notice(village.ctx, village.actor(name), purchase.id)
        for name in ("manager", "clerk")
    )
    assert first.id == second.id


def test_drafting_again_gives_the_same_notice_also_when_it_hangs_and_when_it_is_over(
    village: Village,
) -> None:
    purchase, notice = village.posted()
    manager = village.actor("manager")
    assert notices.draft_notice(village.ctx, manager, purchase.id).id == notice
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice, "end")
    village.clerk.clears(purchase.id, "未收到纸质异议")
    assert notices.draft_notice(village.ctx, manager, purchase.id).id == notice


def test_whoever_drafts_too_early_hears_nothing_of_a_committee(village: Village) -> None:
    """No route need have one: the words say where the case is, not what was missing."""
    with pytest.raises(Refused) as refused:
        notices.draft_notice(village.ctx, village.actor("manager"), village.surveyed().id)
    (refusal,) = refused.value.refusals
    assert refusal.message == "案件目前资金已查询，不能办理这一步，请刷新后重试。"


def test_the_notice_of_a_closed_case_is_not_drafted_anew(village: Village) -> None:
    purchase, _ = village.posted()
    applications.withdraw(village.ctx, village.actor("manager"), purchase.id, "另行申请")
    with pytest.raises(Refused) as refused:
        notices.draft_notice(village.ctx, village.actor("manager"), purchase.id)
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.message) == (
        "step_not_possible",
        "案件目前已撤回，不能办理这一步，请刷新后重试。",
    )


def test_a_notice_needs_an_approved_plan(village: Village) -> None:
    with pytest.raises(Refused) as refused:
        notices.draft_notice(village.ctx, village.actor("manager"), village.planned().id)
    assert codes(refused) == ["step_not_possible"]


def test_a_notice_starts_the_day_the_last_place_has_its_last_start_photo(village: Village) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id).id
    places = [(unit, framing) for unit in village.units for framing in ("wide", "close")]
    for unit, framing in places[:-1]:
        hand_in(village, notice, "start", unit_id=unit, framing=framing)
        assert notice_of(village, notice).starts_on is None
        assert pool(village) == (POOL_FEN, 2 * PREMIUM_FEN)
    village.clock.set(at("2025-03-05 16:00"))
    unit, framing = places[-1]
    assert hand_in(village, notice, "start", unit_id=unit, framing=framing).state == "posted"
    posted = notice_of(village, notice)
    assert (posted.starts_on, posted.ends_on) == (date(2025, 3, 5), date(2025, 3, 12))
    assert posted.ends_before == at("2025-03-13 00:00")
    assert posted.explanation[0]["rule"] == "limit"
    assert pool(village) == (POOL_FEN, 2 * PREMIUM_FEN)
    assert covers(village, purchase) == [("reserved", date(2025, 4, 1), date(2026, 4, 1))] * 2
    assert set(limits(village, purchase)) == {"public_notice_period"}


def test_the_same_photo_again_changes_nothing(village: Village) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id).id
    file = village.upload("manager")
    for _ in range(2):
        assert hand_in(village, notice, "start", file_sha256=file).state == "approved"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"unit_id": uuid4()}, "place_not_in_notice"),
        ({"file_sha256": "0" * 64}, "file_unknown"),
        ({"captured_at": at("2025-03-03 08:59")}, "photo_time_invalid"),
        ({"captured_at": at("2025-03-03 09:01")}, "photo_time_invalid"),
        ({"moment": "end"}, "photo_not_possible"),
    ],
)
def test_a_photo_that_proves_nothing_is_refused(
    village: Village, changed: dict[str, Any], code: str
) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id).id
    with pytest.raises(Refused) as refused:
        hand_in(village, notice, **{"moment": "start", **changed})
    assert codes(refused) == [code]


def test_photos_are_for_those_who_post(village: Village) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id).id
    photo = SubmittedPhoto(
        village.units[0], "start", "wide", village.upload("insurer"), village.clock()
    )
    for name, code in (("insurer", "role_required"), ("stranger", "not_found")):
        with pytest.raises(Refused) as refused:
            notices.add_photo(village.ctx, village.actor(name), notice, photo)
        assert codes(refused) == [code]


# --- money and lifts ---


def all_but_the_last_photo(village: Village, purchase: Purchase) -> UUID:
    """The notice of an approved case that lacks one start photo."""
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id).id
    for unit in village.units:
        hand_in(village, notice, "start", unit_id=unit, framing="close")
    hand_in(village, notice, "start", unit_id=village.units[1])
    return notice


def outcomes(acts: Sequence[Callable[[], Purchase]]) -> list[str]:
    """The state each act led to, or the code it was refused with; all start at the same moment."""

    def outcome(act: Callable[[], Purchase]) -> str:
        try:
            return act().state
        except Refused as refused:
            return refused.refusals[0].code

    return sorted(at_once([partial(outcome, act) for act in acts]))


def last_photo(village: Village, name: str, notice: UUID) -> Callable[[], Purchase]:
    """Handing in the photo that `all_but_the_last_photo` left out."""
    photo = SubmittedPhoto(village.units[0], "start", "wide", village.upload(name), village.clock())
    return lambda: notices.add_photo(village.ctx, village.actor(name), notice, photo).purchase


def race(village: Village, purchases: Sequence[Purchase]) -> list[str]:
    """The notices of approved cases are drafted at the same moment."""

    def drafts(purchase: Purchase) -> Purchase:
        draft(village, purchase)
        return case(village, purchase)

    return outcomes([partial(drafts, purchase) for purchase in purchases])


def draft(village: Village, purchase: Purchase) -> PublicNotice:
    return notices.draft_notice(village.ctx, village.actor("manager"), purchase.id)


def two_for_one_balance(village: Village) -> tuple[Purchase, Purchase]:
    """Each approved plan fits the account alone."""
    first, second = (planned_for(village, [lift], MOST) for lift in village.lifts)
    for purchase in (first, second):
        approve(village, purchase)
    return first, second


def test_two_cases_race_for_one_balance_and_one_gets_it(village: Village) -> None:
    cases = two_for_one_balance(village)
    assert race(village, cases) == ["approved", "premium_above_available"]
    assert sorted(holds(village, one) for one in cases) == [[], [("pending", MOST)]]
    assert pool(village) == (POOL_FEN, MOST)
    assert_sound(village)


@pytest.mark.usefixtures("cases_from_before")
def test_two_cases_race_for_one_lift_and_one_gets_it(village: Village) -> None:
    cases = [planned_for(village, village.lifts[:1]) for _ in range(2)]
    for purchase in cases:
        approve(village, purchase)
    assert race(village, cases) == ["approved", "lift_already_covered"]
    assert sorted(len(covers(village, one)) for one in cases) == [0, 1]
    assert pool(village) == (POOL_FEN, PREMIUM_FEN)
    assert_sound(village)


def test_two_people_give_the_last_photo_at_once_and_the_notice_starts_once(
    village: Village,
) -> None:
    purchase = village.approved()
    notice = all_but_the_last_photo(village, purchase)
    acts = [last_photo(village, name, notice) for name in ("manager", "clerk")]
    assert outcomes(acts) == ["posted", "posted"]
    assert [step.action for step in steps(village, purchase)].count("post_notice") == 1
    assert holds(village, purchase) == [("pending", 2 * PREMIUM_FEN)]


def test_no_notice_says_that_an_account_will_be_overdrawn(village: Village) -> None:
    """The second case is told in words, and can go on once the first gives its money back."""
    first, second = two_for_one_balance(village)
    assert draft(village, first).content["account"]["left_fen"] == POOL_FEN - MOST
    with pytest.raises(Refused) as refused:
        draft(village, second)
    assert codes(refused) == ["premium_above_available"]
    assert refused.value.refusals[0].message == (
        f"保费{yuan(MOST)}超过可用资金{yuan(POOL_FEN - MOST)}，差{yuan(2 * MOST - POOL_FEN)}。"
        "请调整方案、减少电梯或等待收益入账。"
    )
    applications.withdraw(village.ctx, village.actor("manager"), first.id, "让出资金")
    assert holds(village, first) == [("voided", MOST)]
    assert draft(village, second).content["account"]["left_fen"] == POOL_FEN - MOST
    assert_sound(village)


def test_a_drafted_notice_holds_its_premium_once_until_it_hangs_and_after(
    village: Village,
) -> None:
    purchase = village.approved()
    held = [("pending", 2 * PREMIUM_FEN)]
    assert draft(village, purchase).id == draft(village, purchase).id
    assert holds(village, purchase) == held
    post(village, purchase)
    assert case(village, purchase).state == "posted"
    assert holds(village, purchase) == held
    assert [step.action for step in steps(village, purchase)].count("draft_notice") == 1


def test_a_plan_revised_after_its_notice_was_drafted_gives_the_money_back(
    village: Village,
) -> None:
    purchase = village.approved()
    draft(village, purchase)
    plans.revise_plan(
        village.ctx,
        village.actor("insurer"),
        purchase.id,
        village.terms(PREMIUM_FEN // 2),
        "降低保费",
    )
    assert holds(village, purchase) == [("voided", 2 * PREMIUM_FEN)]
    assert pool(village) == (POOL_FEN, 0)
    approve(village, case(village, purchase))
    assert draft(village, purchase).content["account"]["used_fen"] == PREMIUM_FEN
    assert pool(village) == (POOL_FEN, PREMIUM_FEN)


# --- clearing ---


def test_a_notice_is_cleared_after_its_last_day_with_end_photos_and_a_statement(
    village: Village,
) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-10 23:59"))
    village.photograph(notice, "end")
    with pytest.raises(Refused) as refused:
        clear(village, purchase)
    assert codes(refused) == ["notice_still_open"]
    village.clock.set(at("2025-03-11 00:00"))
    with pytest.raises(Refused, match="text_required"):
        clear(village, purchase, " ")
    assert clear(village, purchase).state == "cleared"
    assert notice_of(village, notice).state == "ended"
    assert set(limits(village, purchase)) == {"registration"}


def test_everything_that_is_missing_for_clearing_is_told_at_once(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-10 18:00"))
    hand_in(village, notice, "end")
    paper = PaperObjection("price", "保费偏高", "某业主", village.clock(), owner_id=None)
    entered_with_scan(village.ctx, village.actor("clerk"), notice, paper)
    with pytest.raises(Refused) as refused:
        clear(village, purchase)
    assert codes(refused) == [
        "notice_still_open",
        "objection_open",
        *["end_photo_missing"] * 3,
    ]


def test_end_photos_are_taken_on_the_last_day_or_later(village: Village) -> None:
    _, notice = village.posted()
    village.clock.set(at("2025-03-11 09:00"))
    with pytest.raises(Refused) as refused:
        hand_in(village, notice, "end", captured_at=at("2025-03-09 23:59"))
    assert codes(refused) == ["photo_too_early"]
    hand_in(village, notice, "end", captured_at=at("2025-03-10 00:00"))


def test_end_photos_two_weeks_late_are_told_and_must_be_explained(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-24 09:00"))
    file, (unit, other) = village.upload("manager"), village.units
    photo = SubmittedPhoto(unit, "end", "wide", file, village.clock())
    handed = notices.add_photo(village.ctx, village.actor("manager"), notice, photo)
    (hint,) = (hint for hint in handed.warnings if hint.code == "photo_late")
    assert "晚了14天" in hint.message
    for place, framing in ((unit, "close"), (other, "wide"), (other, "close")):
        in_time = at("2025-03-13 23:59") if framing == "close" else village.clock()
        hand_in(village, notice, "end", unit_id=place, framing=framing, captured_at=in_time)
    with pytest.raises(Refused) as refused:
        clear(village, purchase)
    assert codes(refused) == ["late_photos_unexplained"]
    (refusal,) = refused.value.refusals
    assert refusal.message.startswith(
        "结束照片拍晚了：1栋1单元公示结束远景（晚了14天）、1栋2单元公示结束远景（晚了14天）。"
    )
    clerk = village.actor("clerk")
    notices.clear(village.ctx, clerk, purchase.id, "未收到纸质异议", "物业每日巡查，有记录")
    with village.ctx.sessions() as tx:
        said = {row.kind: row.statement for row in tx.scalars(select(Evidence))}
    assert said["late_photos"] == "物业每日巡查，有记录"
    assert {"kind": "late_photos", "sha256": None} in steps(village, purchase)[-1].evidence
    assert_sound(village)


def test_a_photo_in_time_beside_a_late_one_needs_no_explanation(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-24 09:00"))
    village.photograph(notice, "end")
    for unit in village.units:
        for framing in ("wide", "close"):
            in_time = {"unit_id": unit, "framing": framing, "captured_at": at("2025-03-10 08:00")}
            hand_in(village, notice, "end", **in_time)
    assert clear(village, purchase).state == "cleared"


def test_photos_of_an_earlier_end_prove_nothing_after_the_notice_ran_on(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-10 20:00"))
    village.photograph(notice, "end")
    objection = objections.file_objection(
        village.ctx, village.actor("owner0"), notice, "price", "保费偏高"
    )
    village.clock.set(at("2025-03-13 10:00"))
    objections.withdraw(village.ctx, village.actor("owner0"), objection.id)
    assert notice_of(village, notice).ends_on == date(2025, 3, 14)
    village.clock.set(at("2025-03-15 09:00"))
    with pytest.raises(Refused) as refused:
        clear(village, purchase)
    assert codes(refused) == ["end_photo_missing"] * 4
    village.photograph(notice, "end")
    assert clear(village, purchase).state == "cleared"


def test_only_the_clerk_clears(village: Village) -> None:
    purchase, _ = village.posted()
    with pytest.raises(Refused, match="role_required"):
        notices.clear(village.ctx, village.actor("manager"), purchase.id, "无")
