"""海报: what was printed, what leads nowhere any more, and orders for one building."""

from datetime import timedelta
from uuid import uuid4

import pytest

from backend.domain.errors import Refused
from backend.domain.posters import PosterKind
from backend.services.printing import poster_lists
from backend.services.printing.print_orders import PrintRequest, order_posters
from backend.services.public.lift_tokens import issue_token
from backend.services.registry import lifts
from backend.store.queries.poster_list import PrintedEstate
from backend.store.registry import Building
from tests.build.looking import codes
from tests.build.players import populate_neighbours
from tests.build.posters import finish_order, print_card
from tests.build.village import Village


def line(village: Village, name: str = "clerk") -> tuple[PrintedEstate, int]:
    found = poster_lists.whole_posters(village.ctx, village.actor(name), "示例")
    [line] = [each for each in found if each.estate.id == village.estate]
    return line.estate, line.dead


def test_a_card_whose_code_was_replaced_is_to_be_printed_anew_until_it_was(
    village: Village,
) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    first, second = village.lifts
    for lift in village.lifts:
        issue_token(ctx, clerk, lift, "首次发码")
        print_card(village, lift)
    estate, dead = line(village)
    assert (estate.lifts, estate.cards, dead) == (2, 2, 0)
    for lift in village.lifts:
        issue_token(ctx, clerk, lift, "被人涂掉")
    assert line(village)[1] == 2
    [row, _] = poster_lists.read_posters(ctx, clerk, village.estate).dead
    assert (row.kind, row.notice) == ("cab_card", None)
    lifts.retire(ctx, clerk, second, village.clock().date(), "报废", None)
    assert line(village)[1] == 1, "a lift that is gone needs no card"
    print_card(village, first, village.clock() + timedelta(minutes=1))
    estate, dead = line(village)
    assert (estate.lifts, estate.cards, dead) == (1, 1, 0)


def test_an_order_for_one_building_makes_its_posters_alone_and_is_followed(
    village: Village,
) -> None:
    village.posted()
    other = populate_neighbours(village)
    ctx, manager = village.ctx, village.actor("manager")
    view = poster_lists.read_posters(ctx, manager, village.estate)
    [(building, name)] = view.buildings
    kinds: tuple[PosterKind, ...] = ("cab_card", "lobby_notice")
    wanted = PrintRequest(village.estate, kinds, building_id=building)
    assert order_posters(ctx, manager, wanted).total == 4
    with pytest.raises(Refused, match="order_open"):
        order_posters(ctx, manager, PrintRequest(village.estate, kinds))
    finish_order(village, b"PK", "二维码读不出来")
    with ctx.sessions() as tx:
        empty = Building(estate_id=village.estate, name="空楼")
        tx.add(empty)
        tx.commit()
        with pytest.raises(Refused, match="该楼栋没有可印的内容"):
            order_posters(ctx, manager, PrintRequest(village.estate, kinds, building_id=empty.id))
    for elsewhere in (uuid4(), other.unit):
        with pytest.raises(Refused, match="not_found"):
            order_posters(ctx, manager, PrintRequest(village.estate, kinds, building_id=elsewhere))
    view = poster_lists.read_posters(ctx, manager, village.estate)
    [order] = view.orders
    assert (order.where, order.what, order.has_file) == (name, "轿厢卡、大堂公示", True)
    assert (order.done, order.total, len(order.failures)) == (4, 4, 4)
    assert len(view.notices) == 1


def test_whoever_prints_sees_their_own_estates_and_nobody_else_any(village: Village) -> None:
    other = populate_neighbours(village)
    ctx = village.ctx
    everywhere = poster_lists.page_of_posters(ctx, village.actor("clerk"), "", 1)
    assert {each.estate.id for each in everywhere.rows} == {village.estate, other.estate}
    [own] = poster_lists.page_of_posters(ctx, village.actor("other_manager"), "", 1).rows
    assert own.estate.id == other.estate
    with pytest.raises(Refused, match="not_found"):
        poster_lists.read_posters(ctx, village.actor("other_manager"), village.estate)
    for name, told in {"auditor": "role_required", "insurer": "not_found"}.items():
        with pytest.raises(Refused) as refused:
            poster_lists.page_of_posters(ctx, village.actor(name), "", 1)
        assert codes(refused) == [told]
