"""原文审核 at the desk: one after the other by forms, never a name, and each look one link."""

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from backend.services.base.context import Context
from backend.store.audit import AuditEntry
from backend.store.notices import Objection
from tests.build.counting import Counter
from tests.build.objecting import WORDS, object_to
from tests.build.office import Office, Page
from tests.build.players import appoint
from tests.build.village import Village

At = Callable[[str], Office]
LIST = "/desk/moderation"
LOOKS = select(func.count()).where(AuditEntry.action == "purchase.read_objections")
MOST_STATEMENTS = 12


def looks(ctx: Context) -> int:
    with ctx.sessions() as tx:
        return tx.scalar(LOOKS) or 0


def sent(office: Office, page: Page, end: str, **typed: str) -> Page:
    return Page(office.fill(page, page.form_to(end), **typed))


def test_words_are_opened_published_refused_one_after_the_other_taken_down_and_restored(
    at_desk: At, village: Village, ctx: Context
) -> None:
    _, notice = village.posted()
    first = object_to(village, notice, publish=True)
    second = object_to(village, notice, who="owner1", publish=True)
    clerk = at_desk("clerk")
    with Counter(ctx) as counter:
        listed = clerk.open(LIST)
    assert counter.queries <= MOST_STATEMENTS
    assert "共2件" in listed.text
    assert WORDS[-12:] not in listed.text
    here = clerk.open(listed.links["从第一件开始审核"])
    assert here.address.endswith(f"{first.id}")
    assert "公布选过程" not in here.text
    opened = sent(clerk, here, "/words")
    assert "请公布比选过程" in opened.text
    assert "没有给出结果" in opened.words
    assert "一共3处" in opened.text
    assert "13812345678" not in opened.text
    assert "冯样" not in opened.text
    again = sent(clerk, here, "/words")
    assert "这次查看已经记录过" in again.text
    assert "请公布比选过程" not in again.text
    clerk.open(here.address)
    assert looks(ctx) == 1

    following = sent(clerk, opened, "/publication")
    assert "上一件已公布" in following.text
    assert following.address.endswith(f"{second.id}")
    opened = sent(clerk, following, "/words")
    refused = sent(clerk, opened, "/withholding", reason="")
    assert refused.status == 422
    assert "请填写“理由”" in refused.text
    done = sent(clerk, refused, "/withholding", reason="有人身攻击")
    assert "没有待审核的原文" in done.text
    assert "有人身攻击" in clerk.open(f"{LIST}?publication=refused").text

    address = f"{LIST}/{first.id}"
    published = clerk.open(address)
    assert "请公布比选过程" in published.text
    taken = sent(clerk, published, "/takedown", reason="提到了邻居")
    assert "已撤下（提到了邻居）" in taken.text
    assert "请由另一位" in sent(clerk, taken, "/restore", reason="误撤").text
    other = at_desk("reviewer")
    assert "请公布比选过程" in sent(other, other.open(address), "/restore", reason="误撤").text
    sheet = clerk.browser.get(f"{LIST}/workbook?publication=published")
    rows = list(load_workbook(BytesIO(sheet.data)).worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == [first.number]


@pytest.mark.parametrize(("who", "status"), [("reviewer", 200), ("cashier", 403), ("manager", 404)])
def test_who_handles_no_objections_finds_none_and_who_reviews_them_opens_none(
    at_desk: At, village: Village, ctx: Context, who: str, status: int
) -> None:
    _, notice = village.posted()
    asked = object_to(village, notice, publish=True)
    office = at_desk(who)
    one = f"{LIST}/{asked.id}"
    for address in (LIST, f"{LIST}/workbook", one):
        assert office.browser.get(address).status_code == status, address
    assert (LIST in office.open("/desk/").links.values()) == (status == 200)
    form = office.open("/desk/").forms[-1].values
    data = {"form_word": form["form_word"], "key": "0123456789abcdef"}
    for end in ("words", "publication"):
        assert office.browser.post(f"{one}/{end}", data=data).status_code in (403, 404)
    assert looks(ctx) == 0
    with ctx.sessions() as tx:
        assert tx.get_one(Objection, asked.id).publication == "held"


def test_of_a_case_in_which_they_have_another_part_a_clerk_reads_why_they_judge_nothing(
    at_desk: At, village: Village
) -> None:
    _, notice = village.posted()
    asked = object_to(village, notice, publish=True)
    appoint(village, "manager", "clerk")
    page = at_desk("manager").open(f"{LIST}/{asked.id}")
    assert "打开原文审核" not in page.text
    assert "由中心经办审核" not in page.text
