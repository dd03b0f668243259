"""Signing in at the desk: a code for one PC, the number that stands on it, one session."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from backend.domain import desk
from backend.domain.audit_actions import AuditAction
from backend.domain.desk import SignInOutcome
from backend.domain.errors import Refused
from backend.services.base.context import Actor
from backend.services.people import account_deletion, desk_sessions, lockouts, own_sessions
from backend.services.people.desk_sessions import Code
from backend.store.audit import AuditEntry
from backend.store.desk import DeskSignIn
from backend.store.people import LoginSession, Person
from tests.build.clock import ManualClock
from tests.build.sessions import desk_session_of, session_of
from tests.build.village import Village


@pytest.fixture(autouse=True)
def stands_still(real_time: ManualClock) -> None:
    """No code is over because a test took long."""


def shown(village: Village) -> tuple[str, Code]:
    secret = desk_sessions.new_secret()
    return secret, desk_sessions.new_code(village.ctx, secret)


def confirms(village: Village, code: Code, name: str = "clerk", by: int = 0) -> None:
    actor = village.actor(name)
    desk_sessions.confirm(village.ctx, actor, code.text, by or code.number)


def signed_in(village: Village, name: str = "clerk") -> str:
    _, code = shown(village)
    confirms(village, code, name)
    return desk_sessions.sign_in(village.ctx, code, "10.0.0.*，Windows")


def works(village: Village, token: str) -> bool:
    try:
        desk_sessions.authenticate(village.ctx, token)
    except Refused as refused:
        return refused.refusals[0].code != "session_invalid"
    return True


def links(village: Village, action: AuditAction) -> list[str]:
    with village.ctx.sessions() as tx:
        rows = tx.scalars(select(AuditEntry).where(AuditEntry.action == action))
        return [json.loads(row.body)["facts"].get("why", "") for row in rows]


def test_the_phone_chooses_the_number_on_the_screen_and_the_code_opens_one_session(
    village: Village,
) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    secret, code = shown(village)
    assert desk_sessions.read_code(ctx, secret, code.text) == code
    assert desk_sessions.read_code(ctx, desk_sessions.new_secret(), code.text) is None
    numbers = desk_sessions.offered_numbers(ctx, clerk, code.text)
    assert len({*numbers}) == 3
    assert code.number in numbers
    assert desk_sessions.outcome_of(ctx, code) is None
    with pytest.raises(Refused, match="desk_code_invalid"):
        desk_sessions.sign_in(ctx, code, "10.0.0.*")
    for _ in range(2):
        confirms(village, code)
    assert desk_sessions.outcome_of(ctx, code) == SignInOutcome.CONFIRMED
    with pytest.raises(Refused, match="desk_code_invalid"):
        confirms(village, code, "reviewer")
    token = desk_sessions.sign_in(ctx, code, "10.0.0.*")
    assert desk_sessions.authenticate(ctx, token).person_id == clerk.person_id
    with pytest.raises(Refused, match="desk_code_invalid"):
        desk_sessions.sign_in(ctx, code, "10.0.0.*")
    assert links(village, AuditAction.DESK_SIGN_IN) == [""]
    assert links(village, AuditAction.DESK_REFUSE_SIGN_IN) == ["used"]


def test_a_wrong_number_ends_the_code(village: Village) -> None:
    _, code = shown(village)
    offered = desk_sessions.offered_numbers(village.ctx, village.actor("clerk"), code.text)
    wrong = next(each for each in offered if each != code.number)
    with pytest.raises(Refused, match="desk_number_wrong"):
        confirms(village, code, by=wrong)
    with pytest.raises(Refused, match="desk_code_invalid"):
        confirms(village, code)
    assert desk_sessions.outcome_of(village.ctx, code) == SignInOutcome.WRONG_NUMBER
    assert links(village, AuditAction.DESK_REFUSE_SIGN_IN) == ["wrong_number"]


def test_who_has_neither_office_nor_seat_is_refused_and_that_is_written_down(
    village: Village,
) -> None:
    _, code = shown(village)
    with pytest.raises(Refused, match="desk_not_entitled"):
        confirms(village, code, "owner1")
    with pytest.raises(Refused, match="desk_code_invalid"):
        confirms(village, code)
    assert links(village, AuditAction.DESK_REFUSE_SIGN_IN) == ["not_entitled"]
    assert works(village, signed_in(village, "member0"))


def test_a_code_is_over_after_two_minutes_and_one_of_others_is_none(
    village: Village, real_time: ManualClock
) -> None:
    secret, code = shown(village)
    real_time.advance(seconds=desk.CODE_LASTS.total_seconds())
    assert desk_sessions.read_code(village.ctx, secret, code.text) is None
    for text in (code.text, "x", "A" * 48, "-" * 48, "电" * 48):
        assert desk_sessions.read_code(village.ctx, secret, text) is None
        with pytest.raises(Refused, match="desk_code_invalid"):
            desk_sessions.offered_numbers(village.ctx, village.actor("clerk"), text)


def test_no_session_begins_or_lasts_for_who_left_or_is_kept_out(village: Village) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    token = signed_in(village)
    _, code = shown(village)
    confirms(village, code)
    with ctx.sessions() as tx:
        account_deletion.erase(tx, ctx, tx.get_one(Person, clerk.person_id), None)
        tx.commit()
    with pytest.raises(Refused, match="session_invalid"):
        desk_sessions.sign_in(ctx, code, "10.0.0.*")
    assert not works(village, token)
    token = signed_in(village, "reviewer")
    lockouts.lock_out(ctx, None, village.actor("reviewer").person_id, "手机丢失")
    assert not works(village, token)
    assert not works(village, desk_session_of(ctx, village.actor("reviewer").person_id))


def test_half_an_hour_without_use_ends_a_session_and_twelve_hours_any(
    village: Village, real_time: ManualClock
) -> None:
    idle, busy, began = signed_in(village), signed_in(village, "reviewer"), real_time()
    for minutes, there in ((29, True), (58, True), (89, False)):
        real_time.set(began + timedelta(minutes=minutes))
        assert works(village, idle) == there
        assert works(village, busy) == (minutes < 89)
    assert not works(village, busy), "nobody used it for 31 minutes"
    busy, began = signed_in(village, "reviewer"), real_time()
    for times in range(1, 30):
        real_time.set(began + times * timedelta(minutes=25))
        assert works(village, busy) == (real_time() < began + desk.LONGEST)


def test_each_use_is_kept_to_the_minute(village: Village, real_time: ManualClock) -> None:
    token, first = signed_in(village), real_time()

    def used() -> float:
        assert works(village, token)
        with village.ctx.sessions() as tx:
            at_desk = select(LoginSession.used_at).where(LoginSession.at_desk)
            return (tx.scalars(at_desk).one() or first).timestamp() - first.timestamp()

    real_time.advance(seconds=59)
    assert used() == 0
    real_time.advance(seconds=2)
    assert used() == 61


def test_signing_out_ends_it_and_what_is_long_over_is_forgotten(
    village: Village, real_time: ManualClock
) -> None:
    ctx, token = village.ctx, signed_in(village)
    assert desk_sessions.is_known(ctx, token)
    for _ in range(2):
        desk_sessions.sign_out(ctx, token)
    for unknown in (token, "short"):
        assert not desk_sessions.is_known(ctx, unknown)
        assert not works(village, unknown)
    assert links(village, AuditAction.DESK_SIGN_OUT) == [""]
    desk_sessions.forget_answers(ctx)
    with ctx.sessions() as tx:
        assert tx.scalars(select(DeskSignIn)).one().used_at is not None
    real_time.advance(days=1, seconds=1)
    desk_sessions.forget_answers(ctx)
    with ctx.sessions() as tx:
        assert tx.scalars(select(DeskSignIn)).all() == []


def test_somebody_reads_where_they_are_signed_in_and_ends_what_is_theirs(
    village: Village,
) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    with ctx.sessions() as tx:
        mine = LoginSession.person_id == clerk.person_id
        tx.execute(update(LoginSession).where(mine).values(expires_at=LoginSession.created_at))
        tx.commit()
    phone, token = session_of(ctx, clerk.person_id), signed_in(village)
    desk_session_of(ctx, clerk.person_id, "10.0.1.*")
    here = desk_sessions.authenticate(ctx, token)
    seen = own_sessions.my_sessions(ctx, here)
    assert sorted(each.place or "手机" for each in seen) == [
        "10.0.0.*，Windows",
        "10.0.1.*",
        "手机",
    ]
    assert [each.place for each in seen if each.here] == ["10.0.0.*，Windows"]
    at_desks = own_sessions.my_sessions(ctx, Actor(clerk.person_id), desk_only=True)
    assert len(at_desks) == 2
    assert not any(each.here for each in at_desks)
    for actor, one in ((village.actor("reviewer"), seen[0].id), (here, uuid4())):
        with pytest.raises(Refused, match="not_found"):
            own_sessions.end_session(ctx, actor, one)
    for each in seen:
        if not each.here:
            own_sessions.end_session(ctx, here, each.id)
    assert [each.here for each in own_sessions.my_sessions(ctx, here)] == [True]
    assert phone
    assert links(village, AuditAction.DESK_SIGN_OUT) == ["ended_from_list"]
    assert links(village, AuditAction.SESSION_CLOSE) == ["ended_from_list"]
