"""消息 at the desk: a list that is its address, a message sent again by a form, dead letters."""

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from backend.domain.outages import Closing
from backend.services.base.context import Context
from backend.services.messages import inbox
from backend.services.messages.channel_states import close, open_again
from backend.store.audit import AuditEntry
from backend.store.messages import Inbox, Outbox
from backend.store.people import Identity
from tests.build.counting import Counter
from tests.build.office import Office
from tests.build.players import appoint, change
from tests.build.village import Village

At = Callable[[str], Office]
LIST = "/desk/messages"
MOST_STATEMENTS = 12


def test_a_list_is_its_address_and_what_did_not_arrive_is_sent_again_from_it(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase = village.payable()
    with ctx.sessions() as tx:
        row = tx.scalars(select(Outbox).where(Outbox.natural_key.startswith("progress/"))).first()
        assert row is not None
        words = next(value for name, value in row.data.items() if name == "next")
        tx.add(
            Identity(
                person_id=row.person_id,
                platform="service_account",
                appid=ctx.platform.service_appid,
                openid="openid",
                reachable=True,
                seen_at=village.clock(),
            )
        )
        tx.commit()
    failed = update(Outbox).where(Outbox.id == row.id)
    change(ctx, failed.values(state="failed", outcome="unreachable"))
    clerk = at_desk("clerk")
    page = clerk.open(LIST)
    assert "first=" in page.whole_address
    assert "last=" in page.whole_address
    address = f"{LIST}?state=failed&number={purchase.number}"
    with ctx.sessions() as tx:
        before = tx.scalar(select(func.count()).select_from(AuditEntry))
    with Counter(ctx) as counter:
        page = clerk.open(address)
    assert counter.queries <= MOST_STATEMENTS
    assert "共1条" in page.text
    assert "收件人没有关注公众号" in page.words
    assert "这件案件的收件人" in page.words
    assert words not in page.text, "what it says stays out of the list"
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(AuditEntry)) == before

    form = clerk.open(f"{LIST}/{row.id}")
    assert words not in form.text
    assert "请填写“理由”" in clerk.submit(form, reason="").text
    for _ in range(2):
        page = clerk.submit(form, reason="对方已重新关注")
        assert "已安排重发" in page.text
    offered = clerk.open(f"{LIST}/{row.id}").text
    assert "已经重发过" in offered
    assert "重发这条消息" not in offered
    sheet = clerk.browser.get(f"{LIST}/workbook?state=failed")
    rows = list(load_workbook(BytesIO(sheet.data)).worksheets[0].iter_rows(values_only=True))
    assert [row[1:4] for row in rows[1:]] == [("办理进度通知", "中心经办", "服务号通知")]
    for nonsense in ("number=SQ-0", "first=2099-01-01", "estate=没有"):
        assert "没有符合条件的消息" in clerk.open(f"{LIST}?{nonsense}").text
    assert "共1000多条" not in clerk.open(f"{LIST}?first=1&state=x&event=y").text


def test_the_list_says_which_channel_is_closed_since_when_why_and_when_it_is_tried(
    at_desk: At, ctx: Context
) -> None:
    clerk = at_desk("clerk")
    assert "发不出去的途径" not in clerk.open(LIST).text
    close(ctx, "template", Closing("no_answer"), tried=False)
    close(ctx, "chat", Closing("set_up/40164", 40164, ours=True), tried=False)
    page = clerk.open(LIST)
    assert {"发不出去的途径", "服务号通知", "服务号聊天", "微信没有回答"} <= set(page.words)
    assert "微信不接受我们的设置：40164，请系统管理员处理" in page.words
    open_again(ctx, "template")
    assert "微信没有回答" not in clerk.open(LIST).text


def test_a_dead_letter_is_read_without_its_words_and_taken_up_by_an_administrator(
    at_desk: At, village: Village, ctx: Context
) -> None:
    body = '{"kind": "event", "event": "subscribe", "text": "我是冯样零"}'
    row = inbox.receive(ctx, ctx.platform.mini_appid, "once", body)
    change(ctx, update(Inbox).values(state="dead", attempts=7, error="KeyError"))
    inbox.keep_unreadable_callback(ctx, "wx-unknown", "?", "BadSignature")
    appoint(village, "supervisor", "administrator")
    keeper = at_desk("supervisor")
    page = keeper.open(f"{LIST}/dead")
    assert {"subscribe", "KeyError", "BadSignature"} <= set(page.words)
    assert "冯样零" not in page.text
    auditor = at_desk("auditor")
    assert "重新处理" not in auditor.open(f"{LIST}/dead").links
    assert "由系统管理员重新处理" in auditor.open(f"{LIST}/dead/{row}").text
    form = keeper.open(page.links["重新处理"])
    assert "请填写“理由”" in keeper.submit(form, reason="").text
    assert "已安排重新处理" in keeper.submit(form, reason="已排除故障").text
    assert "没有搁置的回调" in keeper.open(f"{LIST}/dead").text


@pytest.mark.parametrize(
    ("who", "status", "of_dead"),
    [
        ("supervisor", 200, 403),
        ("reviewer", 403, 403),
        ("insurer", 404, 404),
        ("manager", 404, 404),
    ],
)
def test_those_who_watch_over_messages_read_them_and_companies_find_nothing(
    at_desk: At, village: Village, who: str, status: int, of_dead: int
) -> None:
    office = at_desk(who)
    one = village.estate  # nothing of this id: refused before anybody looks
    for address in (f"{LIST}?state=failed", f"{LIST}/workbook"):
        assert office.browser.get(address).status_code == status, address
    assert office.browser.get(f"{LIST}/{one}").status_code == (404 if status == 200 else status)
    assert office.browser.get(f"{LIST}/dead").status_code == of_dead
    assert (LIST in office.open("/desk/").links.values()) == (status == 200)
