"""看板: a figure is the count of the list that it leads to."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update

from backend.domain.local_time import SHANGHAI
from backend.domain.money import yuan
from backend.services.base.context import Context
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.purchases import Payment, Purchase
from tests.build.counting import Counter
from tests.build.many_cases import copy_case, give_limits
from tests.build.objecting import object_to
from tests.build.office import Office
from tests.build.players import appoint, change
from tests.build.village import Village

At = Callable[[str], Office]
MOST_STATEMENTS = 12
COUNTED = re.compile("共([0-9]+)[件个项条]")


def _three_messages(ctx: Context) -> Sequence[UUID]:
    with ctx.sessions() as tx:
        return tx.scalars(select(Outbox.id).order_by(Outbox.id).limit(3)).all()


def test_every_figure_is_the_count_of_the_list_behind_it(
    at_desk: At, village: Village, ctx: Context
) -> None:
    posted, notice = village.posted()
    object_to(village, notice)
    object_to(village, notice, who="owner1")
    change(ctx, update(Outbox).where(Outbox.id.in_(_three_messages(ctx))).values(state="failed"))
    village.clock.set(datetime(2025, 3, 11, 9, tzinfo=SHANGHAI))
    copies = copy_case(ctx, posted.id, 7)
    change(ctx, update(Purchase).where(Purchase.id.in_(copies[5:])).values(state="applied"))
    give_limits(ctx, datetime(2025, 3, 8, tzinfo=SHANGHAI))
    change(ctx, update(DeadlineRecord).where(DeadlineRecord.kind == "copied").values(kind="policy"))
    appoint(village, "clerk", "administrator")
    clerk = at_desk("clerk")
    answer = clerk.browser.get("/desk/dashboard").text
    main = answer[answer.index("<main") :]
    figures = re.findall('<a href="([^"]+)"[^>]*>([0-9]+)</a>', main)
    lists = {address.partition("?")[0].rpartition("/")[2] for address, _ in figures}
    assert lists == {"cases", "estates", "people", "messages", "objections"}
    for narrowed in ("state=", "district=", "insurer=", "limit=", "still=", "owed=", "overdue="):
        assert any(narrowed in address for address, _ in figures), narrowed
    assert {figure for _, figure in figures} - {"0", "1"}
    for address, figure in figures:
        page = clerk.open(address.replace("&amp;", "&"))
        found = COUNTED.search(page.text)
        assert found is not None, address
        assert found[1] == figure, address


@pytest.mark.parametrize(
    ("who", "status"), [("reviewer", 200), ("supervisor", 200), ("manager", 404), ("insurer", 404)]
)
def test_officers_see_it_and_nobody_else(
    at_desk: At, village: Village, who: str, status: int
) -> None:
    office = at_desk(who)
    assert office.browser.get("/desk/dashboard").status_code == status
    assert ("看板" in office.open("/desk/").links) == (status == 200)


def test_only_keepers_of_rights_read_how_many_there_are(at_desk: At, village: Village) -> None:
    assert "有效的授权" in at_desk("auditor").open("/desk/dashboard").words
    assert "有效的授权" not in at_desk("cashier").open("/desk/dashboard").words


def test_it_asks_the_same_few_questions_whatever_there_is(
    at_desk: At, village: Village, ctx: Context
) -> None:
    copy_case(ctx, village.posted()[0].id, 30)
    clerk = at_desk("clerk")
    with Counter(ctx) as counter:
        clerk.open("/desk/dashboard")
    assert counter.queries <= MOST_STATEMENTS


def test_the_money_is_what_is_there_what_is_held_and_what_was_paid(
    at_desk: At, village: Village, ctx: Context
) -> None:
    village.paid()
    with ctx.sessions() as tx:
        paid = tx.scalars(select(Payment.amount_fen)).one()
    assert yuan(paid) in at_desk("cashier").open("/desk/dashboard").words
    change(ctx, update(Payment).values(state="returned"))
    assert yuan(paid) not in at_desk("cashier").open("/desk/dashboard").words


def test_only_who_reads_messages_is_told_how_many_did_not_arrive(
    at_desk: At, village: Village
) -> None:
    assert "最近7天没有送达的消息" in at_desk("supervisor").open("/desk/dashboard").words
    assert "最近7天没有送达的消息" not in at_desk("cashier").open("/desk/dashboard").words
