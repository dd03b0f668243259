"""Whether someone may object to a notice, what leads there, and what became of verifications."""

import pytest
from sqlalchemy import update

from backend.domain.errors import Refused
from backend.services.people import roster
from backend.services.people.own_verifications import own_verifications
from backend.services.public.lifts import place_of_lift
from backend.services.public_notice import objections
from backend.services.public_notice.eligibility import part_in_notice
from backend.store.registry import LiftToken
from tests.build.looking import add_building, codes, suspended
from tests.build.village import Village


def ask_verification(village: Village, name: str) -> None:
    roster.open_owner_verification(
        village.ctx, village.actor(name), "E1", "1栋", "2单元", "201", "王小明"
    )


def test_a_verified_owner_behind_the_account_may_object(village: Village) -> None:
    _, notice = village.posted()
    part = part_in_notice(village.ctx, village.actor("owner0"), notice)
    assert (part.eligibility, part.filed) == ("affected", None)
    assert part.homes == ["示例小区1栋1单元101"]


def test_who_is_not_on_the_roster_is_led_on_with_the_places_to_choose_from(
    village: Village,
) -> None:
    _, notice = village.posted()
    part = part_in_notice(village.ctx, village.actor("stranger"), notice)
    assert (part.eligibility, part.homes) == ("unknown", [])
    assert [(place.estate_code, place.building, place.unit) for place in part.places] == [
        ("E1", "1栋", "1单元"),
        ("E1", "1栋", "2单元"),
    ]


def test_whose_home_is_in_another_building_is_told_which_and_what_the_notice_is_about(
    village: Village,
) -> None:
    _, notice = village.posted()
    add_building(village)
    part = part_in_notice(village.ctx, village.actor("neighbour"), notice)
    assert part.eligibility == "elsewhere"
    assert "示例小区2栋1单元101，不在本次公示的范围（1栋1单元、1栋2单元）" in part.words


def test_an_open_claim_is_enough_to_object_and_says_so(village: Village) -> None:
    _, notice = village.posted()
    ask_verification(village, "stranger")
    part = part_in_notice(village.ctx, village.actor("stranger"), notice)
    assert part.eligibility == "waiting"
    filed = village.person("stranger").objects(notice, "need", "没有必要")
    assert filed.status == "received"


def test_the_own_objection_is_found_again_until_it_is_withdrawn(village: Village) -> None:
    _, notice, objection = suspended(village)
    owner = village.actor("owner0")
    part = part_in_notice(village.ctx, owner, notice)
    assert part.filed
    assert (part.filed.id, part.filed.status) == (objection.id, "verified")
    objections.withdraw(village.ctx, owner, objection.id)
    assert part_in_notice(village.ctx, owner, notice).filed is None


def test_others_learn_nothing_of_an_objection_that_was_filed(village: Village) -> None:
    _, notice, _ = suspended(village)
    for name in ("owner1", "stranger", "manager"):
        assert part_in_notice(village.ctx, village.actor(name), notice).filed is None


def test_a_notice_that_does_not_hang_yet_is_not_there(village: Village) -> None:
    drafted = village.manager.drafts_notice(village.approved().id)
    with pytest.raises(Refused) as refused:
        part_in_notice(village.ctx, village.actor("owner0"), drafted.id)
    assert codes(refused) == ["not_found"]


def test_claims_are_listed_with_the_centre_s_word_and_reason(village: Village) -> None:
    ask_verification(village, "stranger")
    (waiting,) = own_verifications(village.ctx, village.actor("stranger"))
    assert (waiting.place, waiting.state_name) == ("示例小区1栋2单元201", "等待中心核验")
    roster.close_verification(
        village.ctx, village.actor("clerk"), waiting.id, verified=False, reason="名册中没有此人"
    )
    (settled,) = own_verifications(village.ctx, village.actor("stranger"))
    assert (settled.state_name, settled.reason) == ("未通过", "名册中没有此人")
    assert own_verifications(village.ctx, village.actor("owner1")) == []


def test_the_code_in_a_cab_says_which_unit_it_hangs_in(village: Village) -> None:
    token = "0123456789abcdefghjkmnpqrs"
    with village.ctx.sessions() as tx:
        row = LiftToken(token=token, lift_id=village.lifts[1], issued_at=village.clock())
        tx.add(row)
        tx.commit()
    place = place_of_lift(village.ctx, token)
    assert (place.estate_code, place.building, place.unit) == ("E1", "1栋", "2单元")
    with village.ctx.sessions() as tx:
        tx.execute(update(LiftToken).values(revoked_at=village.clock()))
        tx.commit()
    for unknown in (token, "x"):
        with pytest.raises(Refused) as refused:
            place_of_lift(village.ctx, unknown)
        assert codes(refused) == ["not_found"]
