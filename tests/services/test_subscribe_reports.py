"""What the platform reports of a subscribe message: told by its id, or the only one it can be."""

from uuid import UUID

import pytest
from sqlalchemy import select, update

from backend.domain.channels import SUBSCRIBE
from backend.domain.messages import SET_UP
from backend.services.messages import delivery_results, leases
from backend.services.messages.delivery_results import Outcome
from backend.services.messages.inbox import NotYet
from backend.store.messages import Outbox
from backend.store.people import Identity
from tests.build.followers import known_follower, row, write_reminder
from tests.build.residents import KEYS, agree, left
from tests.build.village import Village

OPENID = "mini-of-clerk"
TEMPLATE = "deadline_reminder"


def written(village: Village, count: int = 1) -> list[UUID]:
    """Subscribe messages to the clerk, who uses the mini-program."""
    agree(village, "clerk", *KEYS)
    ctx, clerk = village.ctx, village.actor("clerk").person_id
    with ctx.sessions() as tx:
        rows = [write_reminder(tx, ctx, clerk) for _ in range(count)]
        theirs = update(Outbox).where(Outbox.id.in_(rows))
        tx.execute(theirs.values(channel=SUBSCRIBE.name, role="clerk"))
        tx.commit()
    return rows


def ends(village: Village, one: UUID, outcome: Outcome) -> None:
    (taken,) = leases.take(village.ctx, [one])
    delivery_results.record_outcomes(village.ctx, [(taken, outcome)])


def reports(village: Village, msgid: str, status: str) -> None:
    with village.ctx.sessions() as tx:
        delivery_results.finish_subscribe(tx, village.ctx, OPENID, TEMPLATE, msgid, status)
        tx.commit()


def state(village: Village, one: UUID) -> tuple[str, str | None, str | None]:
    now = row(village.ctx, one)
    return now.state, now.outcome, now.msgid


def test_a_report_with_a_known_id_settles_its_message(village: Village) -> None:
    (one,) = written(village)
    ends(village, one, Outcome("sent", "accepted", msgid="77"))
    reports(village, "77", "success")
    assert state(village, one) == ("sent", "delivered", "77")
    reports(village, "77", "failed:user reject")
    assert state(village, one) == ("failed", "failed:user reject", "77")
    reports(village, "77", "failed:again")
    assert state(village, one) == ("failed", "failed:user reject", "77"), "settled by the first"


def test_a_message_whose_answer_got_lost_is_the_only_one_that_can_be_meant(
    village: Village,
) -> None:
    (one,) = written(village)
    ends(village, one, Outcome("unknown", "no_answer"))
    reports(village, "78", "success")
    assert state(village, one) == ("sent", "delivered", "78")
    two = written(village, 2)
    for each in two:
        ends(village, each, Outcome("unknown", "no_answer"))
    reports(village, "79", "success")
    assert [state(village, each)[2] for each in two] == [None, None], "either may be meant"


def test_while_one_is_being_sent_the_report_waits(village: Village) -> None:
    (one,) = written(village)
    leases.take(village.ctx, [one])
    with pytest.raises(NotYet):
        reports(village, "80", "success")
    assert state(village, one)[0] == "sending"


def test_what_waits_for_our_set_up_is_counted_by_the_platforms_code(village: Village) -> None:
    ctx = village.ctx
    anna = known_follower(ctx, "甲", "a")
    with ctx.sessions() as tx:
        rows = [write_reminder(tx, ctx, anna.person_id) for _ in range(3)]
        tx.commit()
    for each, code in zip(rows, ("40037", "40037", "not_reached"), strict=True):
        reason = SET_UP + code if code.isdecimal() else code
        ends(village, each, Outcome("later", reason))
    with ctx.sessions() as tx:
        assert delivery_results.waiting(tx) == {"40037": 2}
        assert tx.scalars(select(Identity.reachable).where(Identity.openid == "a")).all() == [True]
    assert left(village, "clerk") == {}
