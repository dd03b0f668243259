"""The notice: posted with photos, money held from then on, cleared when nothing stands against it."""

from datetime import date, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest

from backend.domain.errors import Refused
from backend.services import applications, notices, objections
from backend.services.notices import Photo
from backend.store.purchases import Purchase
from tests.services.looking import (
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
from tests.village import POOL_FEN, PREMIUM_FEN, Village


def hand_in(village: Village, notice: UUID, moment: str, **changed: object) -> Purchase:
    """One photo by the manager: the first unit's wide one, taken now, unless said otherwise."""
    values: dict[str, object] = {
        "unit_id": village.units[0],
        "moment": moment,
        "framing": "wide",
        "file_sha256": village.upload("manager"),
        "captured_at": village.clock(),
    }
    photo = Photo(**{**values, **changed})  # type: ignore[arg-type]
    return notices.add_photo(village.ctx, village.actor("manager"), notice, photo)


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
        "text": "可用10,000.00元,本次使用2,600.00元,使用后结余7,400.00元",
    }
    assert content["cover"]["text"] == "2025年4月1日（周二）0时至2026年3月31日（周二）24时"
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


def test_a_notice_needs_an_approved_plan(village: Village) -> None:
    with pytest.raises(Refused) as refused:
        notices.draft_notice(village.ctx, village.actor("manager"), village.planned().id)
    assert codes(refused) == ["notice_not_possible"]


def test_a_notice_starts_the_day_the_last_place_has_its_last_start_photo(village: Village) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id).id
    places = [(unit, framing) for unit in village.units for framing in ("wide", "close")]
    for unit, framing in places[:-1]:
        hand_in(village, notice, "start", unit_id=unit, framing=framing)
        assert notice_of(village, notice).starts_on is None
        assert pool(village) == (POOL_FEN, 0)
    village.clock.set(at("2025-03-05 16:00"))
    unit, framing = places[-1]
    assert hand_in(village, notice, "start", unit_id=unit, framing=framing).state == "publicised"
    posted = notice_of(village, notice)
    assert (posted.starts_on, posted.ends_on) == (date(2025, 3, 5), date(2025, 3, 12))
    assert posted.ends_before == at("2025-03-13 00:00")
    assert posted.explanation[0]["rule"] == "limit"
    assert pool(village) == (POOL_FEN, 2 * PREMIUM_FEN)
    assert covers(village, purchase) == [("reserved", date(2025, 4, 1), date(2026, 4, 1))] * 2
    assert set(limits(village, purchase)) == {"publicity"}


def test_the_same_photo_again_changes_nothing(village: Village) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id).id
    file = village.upload("manager")
    for _ in range(2):
        assert hand_in(village, notice, "start", file_sha256=file).state == "approved"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"unit_id": uuid4()}, "place_unknown"),
        ({"file_sha256": "0" * 64}, "file_unknown"),
        ({"captured_at": at("2025-03-03 08:59")}, "photo_time_invalid"),
        ({"captured_at": at("2025-03-03 09:01")}, "photo_time_invalid"),
        ({"moment": "end"}, "photo_not_possible"),
    ],
)
def test_a_photo_that_proves_nothing_is_refused(
    village: Village, changed: dict[str, object], code: str
) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id).id
    with pytest.raises(Refused) as refused:
        hand_in(village, notice, **{"moment": "start", **changed})  # type: ignore[arg-type]
    assert codes(refused) == [code]


def test_photos_are_for_those_who_post(village: Village) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id).id
    photo = Photo(village.units[0], "start", "wide", village.upload("insurer"), village.clock())
    for name, code in (("insurer", "role_required"), ("stranger", "not_found")):
        with pytest.raises(Refused) as refused:
            notices.add_photo(village.ctx, village.actor(name), notice, photo)
        assert codes(refused) == [code]


# --- money and lifts ---


def test_two_cases_race_for_one_balance_and_one_gets_it(village: Village) -> None:
    """Both plans fit the account alone; both last photos arrive at the same moment."""
    most = POOL_FEN * 2 // 3
    cases = [planned_for(village, [lift], most) for lift in village.lifts]
    notices_of = []
    for purchase in cases:
        approve(village, purchase)
        notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id)
        notices_of.append(notice.id)
    village.photograph_all_but_one(notices_of)
    outcomes = at_once([lambda n=n: last_photo(village, n) for n in notices_of])
    assert sorted(outcomes) == ["premium_above_available", "publicised"]
    assert sorted(case(village, purchase).state for purchase in cases) == ["approved", "publicised"]
    assert pool(village) == (POOL_FEN, most)
    assert_sound(village)
