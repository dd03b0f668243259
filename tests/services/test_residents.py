"""What residents hear, who of them, and that nobody hears without having agreed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.services import consents, contacts, objections, purchases, residents, subscriptions
from backend.services.subscriptions import SUBSCRIPTIONS
from backend.store.messages import Consent, Outbox
from backend.store.notices import Notice
from backend.store.people import Identity
from backend.store.registry import LiftToken
from backend.wechat.templates import SUBSCRIBE_TEMPLATES, TEMPLATES
from tests.services.looking import at, codes, notice_of, suspended
from tests.village import Village

TOKEN = "0123456789ABCDEFGHJKMNPQRS"
KEYS = tuple(SUBSCRIPTIONS)


def agree(village: Village, name: str, *keys: str) -> None:
    """The person uses the mini-program and accepted these popups."""
    openid = f"mini-of-{name}"
    with village.ctx.sessions() as tx:
        if tx.scalar(select(Identity.id).where(Identity.openid == openid)) is None:
            tx.add(identity(village, name, "mini_program", "wx-mini", openid))
            tx.flush()
        for key in keys:
            consents.accepted(tx, village.ctx, openid, key)
        tx.commit()


def follow_us(village: Village, name: str) -> None:
    """The person follows the service account."""
    with village.ctx.sessions() as tx:
        tx.add(identity(village, name, "service_account", "wx-service", f"fan-{name}"))
        tx.commit()


def identity(village: Village, name: str, platform: str, appid: str, openid: str) -> Identity:
    return Identity(
        person_id=village.actor(name).person_id,
        platform=platform,
        appid=appid,
        openid=openid,
        reachable=platform == "service_account",
        seen_at=village.clock(),
    )


def letters_to(village: Village, name: str, template: str) -> list[Outbox]:
    with village.ctx.sessions() as tx:
        person_id = village.actor(name).person_id
        rows = select(Outbox).where(Outbox.person_id == person_id, Outbox.template == template)
        return list(tx.scalars(rows.order_by(Outbox.id)))


def left(village: Village, name: str) -> dict[str, int]:
    with village.ctx.sessions() as tx:
        return dict(consents.left(tx, village.ctx, village.actor(name).person_id))


def token(village: Village) -> str:
    with village.ctx.sessions() as tx:
        tx.add(LiftToken(token=TOKEN, lift_id=village.lifts[0], issued_at=village.clock()))
        tx.commit()
    return TOKEN


def test_every_subscription_has_its_templates() -> None:
    assert set(SUBSCRIPTIONS) == set(SUBSCRIBE_TEMPLATES)
    assert set(SUBSCRIPTIONS) <= set(TEMPLATES)


# --- an objection is answered ---


def test_the_author_of_an_objection_hears_of_the_answer(village: Village) -> None:
    _, _, objection = suspended(village)
    agree(village, "owner0", "objection_answered")
    objections.answer(village.ctx, village.actor("clerk"), objection.id, "已比选三家", False)
    [row] = letters_to(village, "owner0", "objection_answered")
    assert row.channel == "subscribe"
    assert row.data["number"] == objection.number
    assert row.data["page"] == f"pages/receipt/receipt?id={objection.id}"
    assert left(village, "owner0") == {"objection_answered": 0}


def test_closing_it_with_reasons_is_told_again_if_there_is_another_consent(
    village: Village,
) -> None:
    _, _, objection = suspended(village)
    agree(village, "owner0", "objection_answered", "objection_answered")
    clerk = village.actor("clerk")
    objections.answer(village.ctx, clerk, objection.id, "已比选三家", False)
    objections.answer(village.ctx, clerk, objection.id, "理由不成立", True)
    states = [row.data["state"] for row in letters_to(village, "owner0", "objection_answered")]
    assert states == ["已答复", "已答复：异议不成立"]


def test_nobody_hears_without_a_consent_or_our_service_account(village: Village) -> None:
    _, _, objection = suspended(village)
    agree(village, "owner0", "notice_ending")  # something else
    objections.answer(village.ctx, village.actor("clerk"), objection.id, "已比选三家", False)
    assert letters_to(village, "owner0", "objection_answered") == []
    assert left(village, "owner0") == {"notice_ending": 1}


def test_followers_of_the_service_account_hear_there(village: Village) -> None:
    follow_us(village, "owner0")
    _, _, objection = suspended(village)
    objections.answer(village.ctx, village.actor("clerk"), objection.id, "已比选三家", False)
    [row] = letters_to(village, "owner0", "objection_answered")
    assert row.channel == "template"


# --- a notice is about to end ---


def test_followers_hear_from_nine_on_the_day_before_the_last(village: Village) -> None:
    _, notice_id = village.publicised()
    agree(village, "stranger", "notice_ending")
    agree(village, "owner1", "notice_ending")
    subscriptions.follow_notice(village.ctx, village.actor("stranger"), notice_id)
    ends_before = notice_of(village, notice_id).ends_before
    assert ends_before is not None
    village.clock.set(ends_before - timedelta(hours=39, seconds=1))
    assert residents.sweep_endings(village.ctx) == 0
    village.clock.set(ends_before - timedelta(hours=39))
    assert residents.sweep_endings(village.ctx) == 1
    assert residents.sweep_endings(village.ctx) == 0
    [row] = letters_to(village, "stranger", "notice_ending")
    assert row.data["left"] == "还有1天截止"
    assert row.data["due"].endswith("23:59")
    assert letters_to(village, "owner1", "notice_ending") == []


def test_who_agrees_on_the_last_day_hears_that_it_ends_today(village: Village) -> None:
    _, notice_id = village.publicised()
    subscriptions.follow_notice(village.ctx, village.actor("stranger"), notice_id)
    ends_before = notice_of(village, notice_id).ends_before
    assert ends_before is not None
    village.clock.set(ends_before - timedelta(hours=2))
    assert residents.sweep_endings(village.ctx) == 0
    agree(village, "stranger", "notice_ending")
    assert residents.sweep_endings(village.ctx) == 1
    [row] = letters_to(village, "stranger", "notice_ending")
    assert row.data["left"] == "今天截止"


def test_nothing_is_said_of_a_notice_that_is_over_or_suspended(village: Village) -> None:
    _, notice_id, _ = suspended(village)
    agree(village, "stranger", "notice_ending")
    subscriptions.follow_notice(village.ctx, village.actor("stranger"), notice_id)
    ends_before = notice_of(village, notice_id).ends_before
    assert ends_before is not None
    for moment in (ends_before - timedelta(hours=2), ends_before):
        village.clock.set(moment)
        assert residents.sweep_endings(village.ctx) == 0


# --- cover begins and ends ---


def test_followers_of_a_lift_hear_when_its_cover_begins_and_ends(village: Village) -> None:
    agree(village, "stranger", "cover_changed", "cover_changed")
    follow_us(village, "owner1")
    subscriptions.follow_lift(village.ctx, village.actor("stranger"), token(village))
    subscriptions.follow_lift(village.ctx, village.actor("owner1"), TOKEN)
    village.insured()
    village.clock.set(at("2025-04-01 00:05"))
    assert purchases.sweep(village.ctx) == 1
    village.clock.set(at("2026-04-01 00:05"))
    assert purchases.sweep(village.ctx) == 1
    begun, ended = letters_to(village, "stranger", "cover_changed")
    assert (begun.data["state"], begun.data["on"]) == ("开始保障", "2025年4月1日")
    assert (ended.data["state"], ended.data["on"]) == ("保障结束", "2026年3月31日")
    assert begun.data["lift"] == "1栋1单元1号梯"
    assert begun.data["page"] == f"pages/lift/lift?scene={TOKEN}"
    assert [row.channel for row in letters_to(village, "owner1", "cover_changed")] == [
        "template",
        "template",
    ]


def test_who_follows_lift_and_notice_hears_once(village: Village) -> None:
    agree(village, "stranger", "cover_changed", "cover_changed")
    subscriptions.follow_lift(village.ctx, village.actor("stranger"), token(village))
    village.insured()
    with village.ctx.sessions() as tx:
        notice_id = tx.scalar(select(Notice.id))
    assert notice_id is not None
    subscriptions.follow_notice(village.ctx, village.actor("stranger"), notice_id)
    village.clock.set(at("2025-04-01 00:05"))
    assert purchases.sweep(village.ctx) == 1
    assert len(letters_to(village, "stranger", "cover_changed")) == 1
    assert left(village, "stranger") == {"cover_changed": 1}


# --- following ---


def test_what_one_follows_is_listed_and_given_up(village: Village) -> None:
    _, notice_id = village.publicised()
    who = village.actor("stranger")
    token(village)
    for _ in range(2):
        subscriptions.follow_notice(village.ctx, who, notice_id)
        subscriptions.follow_lift(village.ctx, who, TOKEN)
    mine = subscriptions.mine(village.ctx, who)
    assert [offer.quota for offer in mine.offers] == [0, 0, 0]
    titles = {followed.kind: (followed.id, followed.title) for followed in mine.follows}
    assert titles["lift"] == (TOKEN, "示例小区1栋1单元1号梯")
    assert titles["notice"][0] == str(notice_id)
    for _ in range(2):
        subscriptions.unfollow_notice(village.ctx, who, notice_id)
        subscriptions.unfollow_lift(village.ctx, who, TOKEN)
    assert subscriptions.mine(village.ctx, who).follows == []


def test_a_revoked_code_starts_nothing_but_still_ends_it(village: Village) -> None:
    who = village.actor("stranger")
    subscriptions.follow_lift(village.ctx, who, token(village))
    with village.ctx.sessions() as tx:
        tx.get_one(LiftToken, TOKEN).revoked_at = village.clock()
        tx.commit()
    with pytest.raises(Refused) as refused:
        subscriptions.follow_lift(village.ctx, village.actor("owner0"), TOKEN)
    assert codes(refused) == ["not_found"]
    subscriptions.unfollow_lift(village.ctx, who, TOKEN)
    assert subscriptions.mine(village.ctx, who).follows == []


def test_a_notice_that_does_not_hang_yet_cannot_be_followed(village: Village) -> None:
    for unknown in (UUID(int=1), village.estate):
        with pytest.raises(Refused) as refused:
            subscriptions.follow_notice(village.ctx, village.actor("stranger"), unknown)
        assert codes(refused) == ["not_found"]


# --- consents and the two apps ---


def test_consents_and_follows_go_along_when_two_people_prove_to_be_one(
    village: Village,
) -> None:
    agree(village, "stranger", *KEYS)
    follow_us(village, "owner0")
    token(village)
    for name in ("stranger", "owner0"):
        subscriptions.follow_lift(village.ctx, village.actor(name), TOKEN)
    with village.ctx.sessions() as tx:
        mini = tx.scalars(select(Identity).where(Identity.appid == "wx-mini")).one()
        service = tx.scalars(select(Identity).where(Identity.appid == "wx-service")).one()
        contacts.join_apps(tx, village.ctx, mini, service)
        tx.commit()
    assert left(village, "owner0") == dict.fromkeys(KEYS, 1)
    assert left(village, "stranger") == {}
    followed = subscriptions.mine(village.ctx, village.actor("owner0")).follows
    assert [follow.id for follow in followed] == [TOKEN]


def test_the_count_never_falls_below_nothing(village: Village) -> None:
    agree(village, "stranger", "cover_changed")
    who = village.actor("stranger").person_id
    with village.ctx.sessions() as tx:
        taken = [consents.take(tx, village.ctx, who, "cover_changed") for _ in range(3)]
        tx.commit()
    assert taken == [True, False, False]
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(Consent.quota)).all() == [0]


def test_many_writers_share_the_consents_that_there_are(village: Village) -> None:
    agree(village, "stranger", *["cover_changed"] * 3)
    who = village.actor("stranger").person_id

    def write(number: int) -> bool:
        with village.ctx.sessions() as tx:
            row_id = residents.write(
                tx,
                village.ctx,
                natural_key=f"race/{number // 2}",  # two writers for each cause
                person_id=who,
                template="cover_changed",
                data={"estate": "示例小区"},
                purchase_id=None,
            )
            tx.commit()
            return row_id is not None

    with ThreadPoolExecutor(8) as pool:
        written = sum(pool.map(write, range(16)))
    assert written == 3
    assert len(letters_to(village, "stranger", "cover_changed")) == 3
    assert left(village, "stranger") == {"cover_changed": 0}
