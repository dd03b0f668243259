"""A change is told by what shows it: from the draft to the policy only pages of these lifts go."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select, text

from backend.http.lift_pages import LiftPages, made
from backend.services.public import lift_tokens
from backend.services.public.lifts import read_public_lift, read_public_notice
from backend.services.public_notice import objections
from backend.store.notices import PublicNotice
from tests.build.databases import Database
from tests.build.village import Village
from tests.build.waiting import PATIENCE_SECONDS, eventually

OVER = "over"


@pytest.fixture
def heard(village: Village, database: Database) -> Iterator[Callable[[], set[str]]]:
    """What the API was told since it was last asked; every step is taken here."""
    database.create()
    village.copies = None
    url = database.url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("LISTEN lift_changed")

        def since() -> set[str]:
            with village.ctx.sessions() as tx:
                tx.execute(text("SELECT pg_notify('lift_changed', :over)"), {"over": OVER})
                tx.commit()
            found = set[str]()
            for note in listener.notifies(timeout=PATIENCE_SECONDS):
                if note.payload == OVER:
                    return found
                found.add(note.payload)
            raise AssertionError("not even our own word was heard")

        yield since


def notice_of(village: Village) -> UUID:
    with village.ctx.sessions() as tx:
        return tx.scalars(select(PublicNotice.id)).one()


def test_from_draft_to_policy_only_these_lifts_are_told(
    village: Village, heard: Callable[[], set[str]]
) -> None:
    purchase = village.insured()
    concerned = {*village.lifts, village.pool, notice_of(village), purchase.id}
    assert heard() == set(map(str, concerned))


def test_the_page_of_another_lift_stays_from_draft_to_policy(
    village: Village, fresh: LiftPages
) -> None:
    tomorrow = village.clock() + timedelta(days=100)
    other = made(b"{}", "application/json", "", [uuid4()], village.clock(), tomorrow)
    own = made(b"{}", "application/json", "", village.lifts[:1], village.clock(), tomorrow)
    fresh.get("/other", lambda: other)
    fresh.get("/own", lambda: own)
    village.copies = None
    village.insured()
    eventually(lambda: "/own" not in fresh._pages)
    assert fresh._pages["/other"][0] is other


def test_a_notice_that_begins_is_told_by_its_lifts_whose_pages_do_not_know_it(
    village: Village, heard: Callable[[], set[str]]
) -> None:
    purchase = village.approved()
    notice = village.manager.drafts_notice(purchase.id)
    heard()
    village.photograph(notice.id, "start")
    assert heard() == {str(notice.id), str(purchase.id), *map(str, village.lifts)}


def test_what_is_said_about_a_notice_is_told_by_the_notice(
    village: Village, heard: Callable[[], set[str]]
) -> None:
    _, notice = village.posted()
    heard()
    filed = objections.file_objection(village.ctx, village.actor("owner0"), notice, "price", "偏高")
    assert str(notice) in heard()
    village.clerk.answers(filed.id, "报价已经公布")
    assert str(notice) in heard()


def test_a_page_knows_every_row_that_it_shows(village: Village) -> None:
    purchase, notice = village.posted()
    lift, ctx = village.lifts[0], village.ctx
    token = lift_tokens.issue_token(ctx, village.actor("clerk"), lift, "首次张贴").token
    with ctx.sessions() as tx:
        number = tx.get_one(PublicNotice, notice).number
    of_notice, of_lift = read_public_notice(ctx, number), read_public_lift(ctx, token)
    assert of_notice
    assert of_notice.about == {notice, purchase.id}
    assert of_lift
    assert of_lift.about == {lift, notice, purchase.id, village.pool}
