"""Consents are counted, taken and lost; what goes along when two people prove to be one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.services.messages import channels, consents, follows
from backend.services.people import identities, phones, rectification_requests, whoami
from backend.store.messages import Consent
from backend.store.people import Identity
from tests.build.in_parts import verify_phone
from tests.build.looking import codes
from tests.build.no_platform import NoPlatform
from tests.build.residents import KEYS, TOKEN, agree, follow_us, left, messages_to, token
from tests.build.village import Village


class OneNumber(NoPlatform):
    """The platform, for which every code stands for the same number."""

    def phone_number(self, code: str) -> str:
        return "13800000001"


def test_consents_and_follows_go_along_when_two_people_prove_to_be_one(
    village: Village,
) -> None:
    agree(village, "stranger", *KEYS)
    follow_us(village, "owner0")
    token(village)
    for name in ("stranger", "owner0"):
        follows.follow_lift(village.ctx, village.actor(name), TOKEN)
    with village.ctx.sessions() as tx:
        mini = tx.scalars(select(Identity).where(Identity.appid == "wx-mini")).one()
        service = tx.scalars(select(Identity).where(Identity.appid == "wx-service")).one()
        identities.join_apps(tx, village.ctx, mini, service)
        tx.commit()
    assert left(village, "owner0") == dict.fromkeys(KEYS, 1)
    assert left(village, "stranger") == {}
    followed = follows.mine(village.ctx, village.actor("owner0")).follows
    assert [follow.id for follow in followed] == [TOKEN]


def test_the_proved_number_goes_along_to_the_one_who_stays(village: Village) -> None:
    ctx = replace(village.ctx, platform=OneNumber())
    agree(village, "stranger")
    follow_us(village, "owner0")
    verify_phone(ctx, village.actor("stranger"), "code")
    rectification_requests.open_request(ctx, village.actor("stranger"), "手机号", "换了号码")
    with ctx.sessions() as tx:
        mini = tx.scalars(select(Identity).where(Identity.appid == "wx-mini")).one()
        service = tx.scalars(select(Identity).where(Identity.appid == "wx-service")).one()
        identities.join_apps(tx, ctx, mini, service)
        tx.commit()
    me = whoami.who_am_i(ctx, village.actor("owner0"))
    assert (me.phone_masked, me.phone_verified) == ("138****0001", True)
    assert verify_phone(ctx, village.actor("owner0"), "code").verified
    with ctx.sessions() as tx:
        assert len(rectification_requests.of_person(tx, village.actor("owner0").person_id)) == 1
    # A request that still means the other one is told to sign in again.
    with pytest.raises(Refused) as refused:
        phones.type_phone(ctx, village.actor("stranger"), "13900000002")
    assert codes(refused) == ["session_invalid"]


def test_a_typed_number_does_not_take_the_place_of_a_proved_one(village: Village) -> None:
    ctx = replace(village.ctx, platform=OneNumber())
    agree(village, "stranger")
    follow_us(village, "owner0")
    phones.type_phone(ctx, village.actor("stranger"), "13900000002")
    verify_phone(ctx, village.actor("owner0"), "code")
    with ctx.sessions() as tx:
        mini = tx.scalars(select(Identity).where(Identity.appid == "wx-mini")).one()
        service = tx.scalars(select(Identity).where(Identity.appid == "wx-service")).one()
        identities.join_apps(tx, ctx, mini, service)
        tx.commit()
    me = whoami.who_am_i(ctx, village.actor("owner0"))
    assert (me.phone_masked, me.phone_verified) == ("138****0001", True)


# --- switched off in the settings ---


def test_an_accept_from_before_they_were_switched_off_is_worth_nothing(village: Village) -> None:
    agree(village, "stranger")
    off = village.clock()
    with village.ctx.sessions() as tx:
        for happens, hours in (
            (consents.accepted, -2),
            (consents.switched_off, 0),
            (consents.switched_off, -3),  # late, and older than what we know
            (consents.accepted, -1),
        ):
            at_last = off + timedelta(hours=hours)
            happens(tx, village.ctx, "mini-of-stranger", "cover_changed", at_last)
        tx.commit()
    assert left(village, "stranger") == {"cover_changed": 0}
    with village.ctx.sessions() as tx:
        later = off + timedelta(hours=1)
        consents.accepted(tx, village.ctx, "mini-of-stranger", "cover_changed", later)
        tx.commit()
    assert left(village, "stranger") == {"cover_changed": 1}


def test_switching_off_is_remembered_before_the_first_consent(village: Village) -> None:
    agree(village, "stranger")
    now = village.clock()
    with village.ctx.sessions() as tx:
        consents.switched_off(tx, village.ctx, "mini-of-stranger", "cover_changed", now)
        earlier = now - timedelta(minutes=1)
        consents.accepted(tx, village.ctx, "mini-of-stranger", "cover_changed", earlier)
        tx.commit()
    assert left(village, "stranger") == {"cover_changed": 0}


def test_nothing_is_given_back_after_they_were_switched_off(village: Village) -> None:
    agree(village, "stranger", "cover_changed")
    who = village.actor("stranger").person_id
    with village.ctx.sessions() as tx:
        assert consents.take_each(tx, village.ctx, [who], "cover_changed")
        now = village.clock()
        consents.switched_off(tx, village.ctx, "mini-of-stranger", "cover_changed", now)
        consents.give_back(tx, village.ctx, who, "cover_changed")
        tx.commit()
    assert left(village, "stranger") == {"cover_changed": 0}


def test_the_count_never_falls_below_nothing(village: Village) -> None:
    agree(village, "stranger", "cover_changed")
    who = village.actor("stranger").person_id
    with village.ctx.sessions() as tx:
        taken = [consents.take_each(tx, village.ctx, [who], "cover_changed") for _ in range(3)]
        tx.commit()
    assert taken == [{who}, set(), set()]
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(Consent.quota)).all() == [0]


def test_many_writers_share_the_consents_that_there_are(village: Village) -> None:
    agree(village, "stranger", *["cover_changed"] * 3)
    who = village.actor("stranger").person_id

    def write(number: int) -> bool:
        with village.ctx.sessions() as tx:
            row_id = channels.write(
                tx,
                village.ctx,
                natural_key=f"race/{number // 2}",  # two writers for each cause
                person_id=who,
                template="cover_changed",
                data={"estate": "示例小区"},
                subject=None,
            )
            tx.commit()
            return row_id is not None

    with ThreadPoolExecutor(8) as pool:
        written = sum(pool.map(write, range(16)))
    assert written == 3
    assert len(messages_to(village, "stranger", "cover_changed")) == 3
    assert left(village, "stranger") == {"cover_changed": 0}


def test_two_causes_that_concern_the_same_people_do_not_block_each_other(
    village: Village,
) -> None:
    names = ["owner0", "owner1", "owner2", "stranger"]
    for name in names:
        agree(village, name, *["cover_changed"] * 20)
    people = [village.actor(name).person_id for name in names]

    def take(turn: int) -> int:
        with village.ctx.sessions() as tx:
            order = people if turn % 2 else people[::-1]
            taken = consents.take_each(tx, village.ctx, order, "cover_changed")
            tx.commit()
            return len(taken)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(24))) == 20 * len(people)
