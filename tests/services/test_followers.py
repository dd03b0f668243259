"""What residents hear, who of them, and that nobody hears without having agreed."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backend.domain.errors import Refused
from backend.services.case import followers, steps
from backend.services.messages import follows
from backend.services.messages.follows import SUBSCRIPTIONS
from backend.store.messages import Outbox
from backend.store.notices import PublicNotice
from backend.store.registry import LiftToken
from backend.wechat.templates import SUBSCRIBE_TEMPLATES, TEMPLATES
from tests.build.counting import Counter
from tests.build.looking import at, codes, notice_of, suspended
from tests.build.objecting import dismissed
from tests.build.residents import TOKEN, agree, follow_us, left, messages_to, token
from tests.build.village import Village


def messages(village: Village) -> int:
    with village.ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(Outbox)) or 0


def test_every_subscription_has_its_templates() -> None:
    assert set(SUBSCRIPTIONS) == set(SUBSCRIBE_TEMPLATES)
    assert set(SUBSCRIPTIONS) <= set(TEMPLATES)


# --- an objection is answered ---


def test_the_author_of_an_objection_hears_of_the_answer(village: Village) -> None:
    _, _, objection = suspended(village)
    agree(village, "owner0", "objection_answered")
    village.clerk.answers(objection.id, "已比选三家")
    [row] = messages_to(village, "owner0", "objection_answered")
    assert row.channel == "subscribe"
    assert row.data["number"] == objection.number
    assert row.data["page"] == f"pages/receipt/receipt?id={objection.id}"
    assert left(village, "owner0") == {"objection_answered": 0}


def test_closing_it_with_reasons_is_told_again_if_there_is_another_consent(
    village: Village,
) -> None:
    _, _, objection = suspended(village)
    agree(village, "owner0", "objection_answered", "objection_answered")
    dismissed(village, objection.id, "已比选三家")
    states = [row.data["state"] for row in messages_to(village, "owner0", "objection_answered")]
    assert states == ["已答复", "经复核，异议不予采纳"]


def test_nobody_hears_without_a_consent_or_our_service_account(village: Village) -> None:
    _, _, objection = suspended(village)
    agree(village, "owner0", "notice_ending")  # something else
    village.clerk.answers(objection.id, "已比选三家")
    assert messages_to(village, "owner0", "objection_answered") == []
    assert left(village, "owner0") == {"notice_ending": 1}


def test_followers_of_the_service_account_hear_there(village: Village) -> None:
    follow_us(village, "owner0")
    _, _, objection = suspended(village)
    village.clerk.answers(objection.id, "已比选三家")
    [row] = messages_to(village, "owner0", "objection_answered")
    assert row.channel == "template"


# --- a notice is about to end ---


def test_followers_hear_from_nine_on_the_day_before_the_last(village: Village) -> None:
    _, notice_id = village.posted()
    agree(village, "stranger", "notice_ending")
    agree(village, "owner1", "notice_ending")
    follows.follow_notice(village.ctx, village.actor("stranger"), notice_id)
    ends_before = notice_of(village, notice_id).ends_before
    assert ends_before is not None
    village.clock.set(ends_before - timedelta(hours=39, seconds=1))
    assert followers.sweep_endings(village.ctx) == 0
    village.clock.set(ends_before - timedelta(hours=39))
    assert followers.sweep_endings(village.ctx) == 1
    assert followers.sweep_endings(village.ctx) == 0
    [row] = messages_to(village, "stranger", "notice_ending")
    assert row.data["left"] == "还有1天截止"
    assert row.data["due"].endswith("23:59")
    assert messages_to(village, "owner1", "notice_ending") == []


def test_who_agrees_on_the_last_day_hears_that_it_ends_today(village: Village) -> None:
    _, notice_id = village.posted()
    follows.follow_notice(village.ctx, village.actor("stranger"), notice_id)
    ends_before = notice_of(village, notice_id).ends_before
    assert ends_before is not None
    village.clock.set(ends_before - timedelta(hours=2))
    assert followers.sweep_endings(village.ctx) == 0
    agree(village, "stranger", "notice_ending")
    assert followers.sweep_endings(village.ctx) == 1
    [row] = messages_to(village, "stranger", "notice_ending")
    assert row.data["left"] == "今天截止"


def test_what_could_not_be_sent_before_the_end_is_not_sent_after_it(village: Village) -> None:
    _, notice_id = village.posted()
    agree(village, "stranger", "notice_ending")
    follows.follow_notice(village.ctx, village.actor("stranger"), notice_id)
    ends_before = notice_of(village, notice_id).ends_before
    assert ends_before is not None

    def message() -> str:
        followers.sweep_endings(village.ctx)
        [row] = messages_to(village, "stranger", "notice_ending")
        return row.state

    village.clock.set(ends_before - timedelta(seconds=1))
    assert message() == "created"
    village.clock.set(ends_before)
    assert message() == "superseded"


def test_what_waited_since_yesterday_says_that_it_ends_today(village: Village) -> None:
    _, notice_id = village.posted()
    agree(village, "stranger", "notice_ending")
    follows.follow_notice(village.ctx, village.actor("stranger"), notice_id)
    ends_before = notice_of(village, notice_id).ends_before
    assert ends_before is not None
    for hours, said in ((39, "还有1天截止"), (25, "还有1天截止"), (23, "今天截止")):
        village.clock.set(ends_before - timedelta(hours=hours))
        followers.sweep_endings(village.ctx)
        [row] = messages_to(village, "stranger", "notice_ending")
        assert row.data["left"] == said


def test_a_clerk_is_not_asked_to_see_to_an_objection_that_is_gone(village: Village) -> None:
    _, _, objection = suspended(village)
    assert [row.state for row in messages_to(village, "clerk", "objection_received")] == ["created"]
    village.clerk.answers(objection.id, "已比选三家")
    states = [row.state for row in messages_to(village, "clerk", "objection_received")]
    assert states == ["superseded"]


def test_nothing_is_said_of_a_notice_that_is_over_or_suspended(village: Village) -> None:
    _, notice_id, _ = suspended(village)
    agree(village, "stranger", "notice_ending")
    follows.follow_notice(village.ctx, village.actor("stranger"), notice_id)
    ends_before = notice_of(village, notice_id).ends_before
    assert ends_before is not None
    for moment in (ends_before - timedelta(hours=2), ends_before):
        village.clock.set(moment)
        assert followers.sweep_endings(village.ctx) == 0


# --- cover begins and ends ---


def test_followers_of_a_lift_hear_when_its_cover_begins_and_ends(village: Village) -> None:
    agree(village, "stranger", "cover_changed", "cover_changed")
    follow_us(village, "owner1")
    follows.follow_lift(village.ctx, village.actor("stranger"), token(village))
    follows.follow_lift(village.ctx, village.actor("owner1"), TOKEN)
    village.insured()
    village.clock.set(at("2025-04-01 00:05"))
    assert steps.sweep(village.ctx) == 1
    village.clock.set(at("2026-04-01 00:05"))
    assert steps.sweep(village.ctx) == 1
    begun, ended = messages_to(village, "stranger", "cover_changed")
    assert (begun.data["state"], begun.data["on"]) == ("开始保障", "2025年4月1日")
    assert (ended.data["state"], ended.data["on"]) == ("保障结束", "2026年3月31日")
    assert begun.data["lift"] == "1栋1单元1号梯"
    assert begun.data["page"] == f"pages/lift/lift?scene={TOKEN}"
    assert [row.channel for row in messages_to(village, "owner1", "cover_changed")] == [
        "template",
        "template",
    ]


def test_who_follows_lift_and_notice_hears_once(village: Village) -> None:
    agree(village, "stranger", "cover_changed", "cover_changed")
    follows.follow_lift(village.ctx, village.actor("stranger"), token(village))
    village.insured()
    with village.ctx.sessions() as tx:
        notice_id = tx.scalar(select(PublicNotice.id))
    assert notice_id is not None
    follows.follow_notice(village.ctx, village.actor("stranger"), notice_id)
    village.clock.set(at("2025-04-01 00:05"))
    assert steps.sweep(village.ctx) == 1
    assert len(messages_to(village, "stranger", "cover_changed")) == 1
    assert left(village, "stranger") == {"cover_changed": 1}


def test_however_many_follow_they_are_told_in_a_few_statements(village: Village) -> None:
    people = [f"member{n}" for n in range(3)] + ["owner0", "owner1", "stranger"]
    token(village)
    for name in people:
        agree(village, name, "cover_changed")
        follows.follow_lift(village.ctx, village.actor(name), TOKEN)
    village.insured()
    village.clock.set(at("2025-04-01 00:05"))
    with Counter(village.ctx) as counter:
        assert steps.sweep(village.ctx) == 1
    # One for those who follow the lift, one for those who work on the case.
    assert sum("INSERT INTO outbox" in words for words in counter.statements) == 2
    assert sum("consent" in words for words in counter.statements) == 2
    assert all(len(messages_to(village, name, "cover_changed")) == 1 for name in people)


# --- following ---


def test_what_one_follows_is_listed_and_given_up(village: Village) -> None:
    _, notice_id = village.posted()
    who = village.actor("stranger")
    token(village)
    for _ in range(2):
        follows.follow_notice(village.ctx, who, notice_id)
        follows.follow_lift(village.ctx, who, TOKEN)
    mine = follows.mine(village.ctx, who)
    assert [offer.quota for offer in mine.offers] == [0, 0, 0]
    titles = {followed.kind: (followed.id, followed.title) for followed in mine.follows}
    assert titles["lift"] == (TOKEN, "示例小区1栋1单元1号梯")
    assert titles["notice"][0] == str(notice_id)
    for _ in range(2):
        follows.unfollow_notice(village.ctx, who, notice_id)
        follows.unfollow_lift(village.ctx, who, TOKEN)
    assert follows.mine(village.ctx, who).follows == []


def reissued(village: Village) -> str:
    """The lift's code was replaced by a fresh one; the fresh one."""
    with village.ctx.sessions() as tx:
        tx.get_one(LiftToken, TOKEN).revoked_at = village.clock()
        tx.flush()
        fresh = TOKEN[::-1]
        tx.add(LiftToken(token=fresh, lift_id=village.lifts[0], issued_at=village.clock()))
        tx.commit()
    return fresh


def test_a_fresh_code_is_known_to_those_alone_who_stood_in_the_cab(village: Village) -> None:
    agree(village, "stranger", "cover_changed")
    agree(village, "owner1", "cover_changed")
    who = village.actor("stranger")
    follows.follow_lift(village.ctx, who, token(village))
    fresh = reissued(village)
    follows.follow_lift(village.ctx, village.actor("owner1"), fresh)
    assert [followed.id for followed in follows.mine(village.ctx, who).follows] == [TOKEN]
    village.insured()
    village.clock.set(at("2025-04-01 00:05"))
    assert steps.sweep(village.ctx) == 1
    [told] = messages_to(village, "stranger", "cover_changed")
    assert told.data["page"] == "pages/mine/mine"
    [told] = messages_to(village, "owner1", "cover_changed")
    assert told.data["page"] == f"pages/lift/lift?scene={fresh}"
    # Whoever scans the fresh one goes on with it.
    follows.follow_lift(village.ctx, who, fresh)
    assert [followed.id for followed in follows.mine(village.ctx, who).follows] == [fresh]


def test_giving_up_a_lift_does_not_tell_which_codes_there_were(village: Village) -> None:
    follows.unfollow_lift(village.ctx, village.actor("stranger"), "0" * 26)


def test_a_revoked_code_starts_nothing_but_still_ends_it(village: Village) -> None:
    who = village.actor("stranger")
    follows.follow_lift(village.ctx, who, token(village))
    with village.ctx.sessions() as tx:
        tx.get_one(LiftToken, TOKEN).revoked_at = village.clock()
        tx.commit()
    with pytest.raises(Refused) as refused:
        follows.follow_lift(village.ctx, village.actor("owner0"), TOKEN)
    assert codes(refused) == ["not_found"]
    follows.unfollow_lift(village.ctx, who, TOKEN)
    assert follows.mine(village.ctx, who).follows == []


def test_a_notice_that_does_not_hang_yet_cannot_be_followed(village: Village) -> None:
    for unknown in (UUID(int=1), village.estate):
        with pytest.raises(Refused) as refused:
            follows.follow_notice(village.ctx, village.actor("stranger"), unknown)
        assert codes(refused) == ["not_found"]
