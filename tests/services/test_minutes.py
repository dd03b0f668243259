"""A committee without smartphones decides by the minutes of its meeting."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from backend.domain.approval import Answer, counts_from
from backend.domain.errors import Refused
from backend.domain.local_time import local_date, midnight_after
from backend.services.case import steps
from backend.services.files.uploads import read_file
from backend.services.purchase.minutes import Minutes, SeatAnswer
from backend.services.purchase.paper_entries import Scanned
from backend.services.reads.committee import answers_given
from backend.store.messages import Outbox
from backend.store.purchases import Purchase
from backend.store.registry import Committee, CommitteeMember
from backend.store.signatures import Approval
from tests.build.looking import case, codes, limits, today, vote
from tests.build.village import Village, called


def said(*answers: str) -> list[SeatAnswer]:
    """What the minutes say that the members, in their order, answered; nothing for a blank."""
    return [
        SeatAnswer(called("陈样", number), Answer(answer))
        for number, answer in enumerate(answers)
        if answer
    ]


def enter(village: Village, purchase: Purchase, *answers: str, held_on: date | None = None) -> None:
    assert purchase.plan_id
    scan = village.upload("clerk")
    minutes = Minutes(held_on or today(village), said(*answers), Scanned(scan, village.clock()))
    village.clerk.enters_minutes(purchase.plan_id, minutes)


def without_phone(village: Village, *members: str) -> None:
    """These members never came to the mini-program."""
    with village.ctx.sessions() as tx:
        for name in members:
            theirs = CommitteeMember.person_id == village.actor(name).person_id
            tx.execute(update(CommitteeMember).where(theirs).values(person_id=None))
        tx.commit()


def told(village: Village, name: str) -> list[str]:
    """What this member was told that the minutes say."""
    with village.ctx.sessions() as tx:
        person = Outbox.person_id == village.actor(name).person_id
        rows = tx.scalars(select(Outbox).where(person).order_by(Outbox.id))
        return [row.data["state"] for row in rows if "会议纪要" in row.data.get("state", "")]


def test_members_without_phones_decide_by_minutes_at_once(village: Village) -> None:
    purchase = village.planned()
    without_phone(village, "member0", "member1")
    enter(village, purchase, "approve", "approve")
    assert case(village, purchase).state == "approved"


def test_a_committee_elected_after_the_meeting_did_not_hold_it(village: Village) -> None:
    purchase = village.planned()
    without_phone(village, "member0", "member1")
    held_on = today(village)
    village.clock.advance(days=1)
    with village.ctx.sessions() as tx:
        tx.execute(update(Committee).values(term_from=today(village)))
        tx.commit()
    with pytest.raises(Refused) as refused:
        enter(village, purchase, "approve", "approve", held_on=held_on)
    assert codes(refused) == ["member_unknown", "member_unknown"]


def test_the_majority_is_the_same_as_on_phones(village: Village) -> None:
    purchase = village.planned()
    without_phone(village, "member0", "member1")
    enter(village, purchase, "approve")
    assert case(village, purchase).state == "planned"
    assert vote(village, purchase, "member2", "approve").decided == "approve"
    assert case(village, purchase).state == "approved"


def test_a_refusal_in_the_minutes_is_one(village: Village) -> None:
    purchase = village.planned()
    without_phone(village, "member0", "member1")
    enter(village, purchase, "refuse", "refuse")
    assert case(village, purchase).state == "refused"


def test_a_member_with_a_phone_is_told_and_counts_once_the_time_for_answers_is_over(
    village: Village,
) -> None:
    purchase = village.planned()
    due = limits(village, purchase, "open")["approval"].ends_before
    enter(village, purchase, "approve", "approve")
    assert told(village, "member0") == ["会议纪要记您同意"]
    assert case(village, purchase).state == "planned"
    (given,) = answers_given(village.ctx, village.actor("member0"))
    assert (given.medium, given.counts) == ("会议纪要", False)
    village.clock.set(due - timedelta(minutes=1))
    steps.sweep(village.ctx)
    assert case(village, purchase).state == "planned"
    village.clock.set(due)
    steps.sweep(village.ctx)
    assert case(village, purchase).state == "approved"


def test_what_a_member_says_on_the_phone_stands_before_the_minutes(village: Village) -> None:
    purchase = village.planned()
    due = limits(village, purchase, "open")["approval"].ends_before
    enter(village, purchase, "approve", "approve")
    vote(village, purchase, "member0", "refuse", "我没有同意")
    village.clock.set(due)
    steps.sweep(village.ctx)
    assert case(village, purchase).state == "planned"
    with pytest.raises(Refused) as refused:
        enter(village, purchase, "approve")
    assert codes(refused) == ["member_answered"]


def test_a_member_who_says_the_same_on_the_phone_counts_from_then_on(village: Village) -> None:
    purchase = village.planned()
    enter(village, purchase, "approve", "approve")
    vote(village, purchase, "member0", "approve", "")
    assert vote(village, purchase, "member1", "approve", "").decided == "approve"


def test_minutes_entered_again_put_right_what_was_wrong_and_no_seat_counts_twice(
    village: Village,
) -> None:
    purchase = village.planned()
    without_phone(village, "member0")
    enter(village, purchase, "refuse")
    enter(village, purchase, "approve")
    with village.ctx.sessions() as tx:
        rows = tx.scalars(select(Approval).order_by(Approval.seq)).all()
        assert [(row.seq, row.answer) for row in rows] == [(1, "refuse"), (2, "approve")]
    assert vote(village, purchase, "member1", "approve").approvals == 2


def test_all_that_is_wrong_with_the_minutes_is_told_at_once(village: Village) -> None:
    purchase = village.planned()
    with village.ctx.sessions() as tx:
        theirs = CommitteeMember.person_id == village.actor("member2").person_id
        tx.execute(update(CommitteeMember).where(theirs).values(recused=True))
        tx.commit()
    assert purchase.plan_id
    names = ["不在册", called("陈样", 0), called("陈样", 0), called("陈样", 2)]
    lines = [SeatAnswer(name, Answer.APPROVE) for name in names]
    minutes = Minutes(today(village), lines, Scanned(village.upload("clerk"), village.clock()))
    with pytest.raises(Refused) as refused:
        village.clerk.enters_minutes(purchase.plan_id, minutes)
    assert [(one.code, one.field) for one in refused.value.refusals] == [
        ("member_unknown", "answers.0.name"),
        ("member_repeated", "answers.2.name"),
        ("member_stands_aside", "answers.3.name"),
    ]
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(Approval)).all() == []


def test_a_meeting_is_held_between_the_plan_and_today(village: Village) -> None:
    purchase = village.planned()
    for day in (today(village) + timedelta(days=1), date(2024, 12, 31)):
        with pytest.raises(Refused) as refused:
            enter(village, purchase, "approve", held_on=day)
        assert codes(refused) == ["minutes_date_invalid"]


def test_minutes_do_not_reach_the_centre_before_the_day_of_the_meeting(village: Village) -> None:
    purchase = village.planned()
    assert purchase.plan_id
    village.clock.advance(days=1)
    paper = Scanned(village.upload("clerk"), village.clock() - timedelta(days=1, minutes=-1))
    answers = [SeatAnswer(called("陈样", 0), Answer.APPROVE)]
    with pytest.raises(Refused) as refused:
        village.clerk.enters_minutes(purchase.plan_id, Minutes(today(village), answers, paper))
    assert codes(refused) == ["received_at_invalid"]


def test_only_a_clerk_enters_minutes_and_only_of_the_plan_that_waits(village: Village) -> None:
    purchase = village.planned()
    assert purchase.plan_id
    for name in ("member0", "manager"):
        minutes = Minutes(
            today(village), said("approve"), Scanned(village.upload(name), village.clock())
        )
        with pytest.raises(Refused) as refused:
            village.person(name).enters_minutes(purchase.plan_id, minutes)
        assert codes(refused) == ["role_required"]
    vote(village, purchase, "member0", "approve")
    vote(village, purchase, "member1", "approve")
    with pytest.raises(Refused) as refused:
        enter(village, purchase, "", "", "approve")
    assert codes(refused) == ["already_decided"]


def test_the_scan_is_for_officers_alone(village: Village) -> None:
    purchase = village.planned()
    enter(village, purchase, "approve")
    with village.ctx.sessions() as tx:
        (scan,) = tx.scalars(select(Approval.minutes_sha256)).all()
    assert scan
    assert read_file(village.ctx, village.actor("reviewer"), scan)
    with pytest.raises(Refused):
        read_file(village.ctx, village.actor("insurer"), scan)


def test_a_member_always_has_a_whole_day_to_say_otherwise(village: Village) -> None:
    day = local_date(village.clock())
    assert counts_from(midnight_after(day + timedelta(days=5)), day) == day + timedelta(days=6)
    assert counts_from(midnight_after(day), day) == day + timedelta(days=2)
    assert counts_from(None, day) == day + timedelta(days=2)
