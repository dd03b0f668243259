"""海报 at the desk: an order with its progress and its ZIP, and what must be printed anew."""

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from backend.services.base.context import Context
from backend.services.public.lift_tokens import issue_token
from backend.store.audit import AuditEntry
from backend.store.posters import PrintOrder
from tests.build.counting import Counter
from tests.build.office import Office
from tests.build.players import Players, populate_neighbours
from tests.build.posters import finish_order, print_card
from tests.build.village import Village

At = Callable[[str], Office]
LIST = "/desk/posters"
MOST_STATEMENTS = 12


def test_a_dead_code_is_seen_printed_anew_by_an_order_and_fetched(
    at_desk: At, village: Village, ctx: Context
) -> None:
    lift, clerk = village.lifts[0], at_desk("clerk")
    for why in ("首次发码", "被人涂掉"):
        issue_token(ctx, village.actor("clerk"), lift, why)
        if why == "首次发码":
            print_card(village, lift)
    assert "需重贴 1张" in clerk.open(LIST).text
    here = f"{LIST}/{village.estate}"
    with ctx.sessions() as tx:
        before = tx.scalar(select(func.count()).select_from(AuditEntry))
    with Counter(ctx) as counter:
        form = clerk.open(here)
    assert counter.queries <= MOST_STATEMENTS + 2
    sheet = clerk.browser.get(f"{here}/workbook")
    rows = list(load_workbook(BytesIO(sheet.data)).worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["轿厢卡"]
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(AuditEntry)) == before

    no_kind = {f"kinds.{kind}": "" for kind in ("cab_card", "lobby_notice", "about_sheet")}
    refused = clerk.submit(form, **no_kind)
    assert "至少勾选一项" in refused.text
    nothing = clerk.submit(form, **{**no_kind, "kinds.lobby_notice": "yes"})
    assert nothing.status == 409
    assert "没有可印的内容" in nothing.text
    for _ in range(2):
        page = clerk.submit(form, paper="A3")
        assert "正在印制" in page.words
        assert "0/4张" in page.text
    with ctx.sessions() as tx:
        order = tx.scalars(select(PrintOrder)).one()
        assert (order.paper, order.format) == ("A3", "pdf")
    file = f"{LIST}/orders/{order.id}/file"
    assert clerk.browser.get(file).status_code == 404
    finish_order(village, b"PK the posters", "二维码读不出来")
    page = clerk.open(here)
    assert "4/4张" in page.text
    assert "二维码读不出来" in page.text
    with clerk.browser.get(page.links["下载压缩包"]) as fetched:
        assert fetched.data == b"PK the posters"
        assert "attachment" in fetched.headers["Content-Disposition"]
    assert at_desk("auditor").browser.get(file).status_code == 403


@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 200), ("other_manager", 404), ("reviewer", 403), ("insurer", 404)],
)
def test_whoever_prints_for_an_estate_orders_there_and_others_find_nothing_of_it(
    at_desk: At, players: Players, ctx: Context, who: str, status: int
) -> None:
    village = players.village
    populate_neighbours(village)
    office = at_desk(who)
    here = f"{LIST}/{village.estate}"
    for address in (here, f"{here}/workbook"):
        assert office.browser.get(address).status_code == status, address
    prints = who.endswith("manager")
    assert (LIST in office.open("/desk/").links.values()) == prints
    with Counter(ctx) as counter:
        page = office.open(LIST)
    assert counter.queries <= MOST_STATEMENTS
    assert ("示例小区" in page.links) == (who == "manager")
    form = office.open("/desk/").forms[-1].values
    data = {"form_word": form["form_word"], "key": "0123456789abcdef", "kinds.cab_card": "yes"}
    if status != 200:
        assert office.browser.post(here, data=data).status_code == status
