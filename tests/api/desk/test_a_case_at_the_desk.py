"""A case is worked on by forms only: what may be done, why not, by whom, and what follows."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from backend.desk.gate import COOKIE
from backend.domain.local_time import SHANGHAI
from backend.services.base.context import Context
from backend.store.audit import AuditEntry
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase, Transition
from tests.build.office import Office
from tests.build.papers import pdf
from tests.build.players import appoint
from tests.build.village import Village
from tests.build.waiting import at_once

At = Callable[[str], Office]


def state_of(ctx: Context, purchase_id: UUID) -> str:
    with ctx.sessions() as tx:
        return tx.get_one(Purchase, purchase_id).state


def steps_of(ctx: Context, purchase_id: UUID, action: str) -> int:
    counted = select(func.count()).where(
        Transition.subject_id == purchase_id, Transition.action == action
    )
    with ctx.sessions() as tx:
        return tx.scalar(counted) or 0


def applied(village: Village) -> UUID:
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    return purchase.id


def test_from_the_list_of_today_to_a_step_that_is_taken(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = applied(village)
    clerk = at_desk("clerk")
    with ctx.sessions() as tx:
        number = tx.get_one(Purchase, case).number
    page = clerk.open(clerk.open("/desk/").links[number])
    form = clerk.open(page.links["受理并查询资金"])
    assert "案件转为“资金已查询”" in form.text
    done = clerk.submit(
        form, upkeep_statement="物业管理和维保正常，2月28日看过记录", upkeep_record_sha256=pdf()
    )
    assert "已办理：受理并查询资金" in done.text
    assert state_of(ctx, case) == "funds_queried"


def test_a_step_that_is_not_possible_yet_says_all_reasons(at_desk: At, village: Village) -> None:
    purchase, _ = village.posted()
    page = at_desk("clerk").open(f"/desk/cases/{purchase.id}")
    assert "确认公示无异议 还不能办理" in page.text
    assert "公示期还没有结束" in page.text or "公示" in page.text
    assert re.search("结束.*照片", page.text)


def test_a_step_of_others_says_whose_it_is(at_desk: At, village: Village) -> None:
    purchase = village.cleared()
    page = at_desk("clerk").open(f"/desk/cases/{purchase.id}")
    assert "登记备案 由中心复核办理" in page.text


@pytest.mark.parametrize(
    ("stage", "shown"),
    [
        ("drafted", ""),
        ("planned", "付保费以后还剩 7,400元"),
        ("posted", "付保费以后还剩（已冻结2,600元） 7,400元"),
        ("paid", ""),
    ],
)
def test_a_case_says_what_its_account_has_left_beside_it(
    at_desk: At, village: Village, stage: str, shown: str
) -> None:
    made = getattr(village, stage)()
    case = made[0] if isinstance(made, tuple) else made
    text = at_desk("clerk").open(f"/desk/cases/{case.id}").text
    assert (shown in text, "付保费以后还剩" in text) == (True, bool(shown))


def test_who_was_the_clerk_of_a_case_is_not_offered_the_reviewers_step(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase = village.payable()
    page = at_desk("reviewer").open(f"/desk/cases/{purchase.id}")
    assert page.links["复核拨付资料"]
    others = at_desk("cashier").open(f"/desk/cases/{purchase.id}")
    assert "复核拨付资料 由中心复核办理" in others.text


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = applied(village)
    clerk = at_desk("clerk")
    form = clerk.open(f"/desk/cases/{case}/query_funds")
    again = clerk.submit(form, upkeep_statement="维保正常")
    assert again.status == 422
    assert "请选择“维保单位的说明或最近一次维保记录”的文件" in again.text
    assert "维保正常" in again.text
    wrong = clerk.submit(again, upkeep_statement="维保正常", upkeep_record_sha256=b"no paper")
    assert wrong.status == 422
    assert state_of(ctx, case) == "applied"
    clerk.submit(wrong, upkeep_statement="维保正常", upkeep_record_sha256=pdf())
    assert state_of(ctx, case) == "funds_queried"


def test_a_form_that_is_sent_twice_is_done_once(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = applied(village)
    clerk = at_desk("clerk")
    form = clerk.open(f"/desk/cases/{case}/return_application")
    for _ in range(2):
        assert "已办理：退回补正" in clerk.submit(form, reason="缺第二页").text
    assert steps_of(ctx, case, "return_application") == 1


def test_whoever_comes_second_reads_that_the_case_moved_on_and_keeps_the_text(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = applied(village)
    first, second = at_desk("clerk"), at_desk("clerk")
    form = second.open(f"/desk/cases/{case}/reject")
    first.submit(first.open(f"/desk/cases/{case}/return_application"), reason="缺第二页")
    page = second.submit(form, reason="不在本市范围，写了很久的理由")
    assert page.status == 409
    assert "写了很久的理由" in page.text
    assert "中心经办办理了“退回补正”，案件转为“申请准备中”" in page.text
    assert state_of(ctx, case) == "drafted"


def test_of_two_officers_and_two_tabs_at_the_same_moment_one_does_it_once(
    at_desk: At, desk: Flask, client: FlaskClient, village: Village, ctx: Context
) -> None:
    case = applied(village)
    appoint(village, "auditor", "clerk")
    clerk, colleague = at_desk("clerk"), at_desk("auditor")
    cookie = clerk.browser.get_cookie(COOKIE)
    assert cookie is not None
    tab = Office(desk.test_client(), client)
    tab.browser.set_cookie(COOKIE, cookie.value)
    form = clerk.open(f"/desk/cases/{case}/return_application")
    theirs = colleague.open(f"/desk/cases/{case}/reject")
    back, again, rejected = at_once(
        [
            partial(clerk.submit, form, reason="缺第二页"),
            partial(tab.submit, form, reason="缺第二页"),
            partial(colleague.submit, theirs, reason="不在本市范围内"),
        ]
    )
    taken = steps_of(ctx, case, "return_application"), steps_of(ctx, case, "reject")
    first = taken == (1, 0)
    assert first or taken == (0, 1)
    for page, own, words in (
        (back, first, "缺第二页"),
        (again, first, "缺第二页"),
        (rejected, not first, "不在本市范围内"),
    ):
        if own:
            assert "已办理：" in page.text or "正在办理" in page.text
        elif "刚才的表单正在办理" not in page.text:  # of two tabs, one waits for what the other did
            assert (page.status, words in page.text) == (409, True)
            assert "您打开这张表单以后" in page.text


def test_a_form_of_another_session_is_not_believed_and_its_words_stand_in_a_new_one(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = applied(village)
    clerk, other = at_desk("clerk"), at_desk("clerk")
    form = other.open(f"/desk/cases/{case}/reject")
    answer = clerk.submit(form, reason="理由")
    assert answer.address == f"/desk/cases/{case}/reject"
    assert "理由" in answer.text
    assert "没有提交成" in answer.text
    assert state_of(ctx, case) == "applied"


def test_a_form_that_another_site_sends_is_not_believed(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = applied(village)
    clerk = at_desk("clerk")
    form = clerk.open(f"/desk/cases/{case}/reject").forms[-1]
    answer = clerk.browser.post(
        f"/desk/cases/{case}/reject",
        data={**form.values, "reason": "理由"},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 401
    assert state_of(ctx, case) == "applied"


def test_looking_at_a_case_leaves_no_link_and_shows_no_words_of_objectors(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase, notice = village.posted()
    village.person("owner0").objects(notice, "price", "这是异议人的原话")
    clerk = at_desk("clerk")
    counted = select(func.count()).select_from(AuditEntry)
    with ctx.sessions() as tx:
        before = tx.scalar(counted)
    for address in ("/desk/", "/desk/cases", f"/desk/cases/{purchase.id}"):
        assert "这是异议人的原话" not in clerk.open(address).text
    with ctx.sessions() as tx:
        assert tx.scalar(counted) == before


def test_an_auditor_is_offered_no_step(at_desk: At, village: Village) -> None:
    purchase = village.payable()
    page = at_desk("auditor").open(f"/desk/cases/{purchase.id}")
    writing = [form.action for form in page.forms if form.method == "post"]
    assert writing == ["/desk/sign-out"]
    ours = [link for link in page.links.values() if f"/desk/cases/{purchase.id}/" in link]
    assert all("/files/" in link for link in ours)


def test_another_estates_manager_finds_nothing(at_desk: At, village: Village) -> None:
    purchase = village.payable()
    manager = at_desk("manager")
    assert manager.open(f"/desk/cases/{purchase.id}").status == 200
    assert manager.open("/desk/cases/00000000-0000-0000-0000-000000000000").status == 404


def test_a_payment_goes_through_by_forms(at_desk: At, village: Village, ctx: Context) -> None:
    case = village.payable().id
    reviewer, cashier = at_desk("reviewer"), at_desk("cashier")
    page = reviewer.open(f"/desk/cases/{case}/review_payment")
    for words in ("6222000000000001", "示例银行", "新账户", "还没有付过该保险机构"):
        assert words in page.text
    assert "收款账户" in reviewer.open(f"/desk/cases/{case}").text
    assert "收款账户" not in at_desk("insurer").open(f"/desk/cases/{case}").text
    reviewer.submit(page)
    cashier.submit(cashier.open(f"/desk/cases/{case}/order_payment"))
    form = cashier.open(f"/desk/cases/{case}/confirm_payment")
    cashier.submit(form, bank_reference="BANK-7", receipt_sha256=pdf())
    assert state_of(ctx, case) == "paid"


def test_the_address_of_a_list_says_all_that_narrows_it(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = applied(village)
    clerk = at_desk("clerk")
    with ctx.sessions() as tx:
        number = tx.get_one(Purchase, case).number
    assert number in clerk.open("/desk/cases?state=applied&words=示例").links
    assert number not in clerk.open("/desk/cases?state=drafted").links
    assert number not in clerk.open("/desk/cases?words=%25").links
    assert number not in clerk.open("/desk/cases?overdue=1").links
    village.clock.set(datetime(2025, 6, 2, 9, tzinfo=SHANGHAI))
    assert number in clerk.open("/desk/cases?overdue=1").links
    assert "清除条件" in clerk.open("/desk/cases?overdue=1").text


def test_with_a_notice_that_is_over_nobody_is_late(at_desk: At, village: Village) -> None:
    case, _ = village.posted()
    clerk, here = at_desk("clerk"), f"/desk/cases/{case.id}"
    assert re.search(r"截至\S+ 还有\d+天", clerk.open(here).text)
    village.clock.set(datetime(2025, 6, 2, 9, tzinfo=SHANGHAI))
    assert "没有符合条件的案件" in clerk.open("/desk/cases?overdue=1").text
    assert re.search(r"公示已满\d+天\b", clerk.open(here).text)


@pytest.mark.parametrize(
    "address",
    [
        "/desk/cases?page=9999999999999999999",
        f"/desk/cases?page={'9' * 5000}",
        "/desk/cases?page=-1",
        "/desk/cases?sort=x&state=x",
    ],
)
def test_an_address_that_makes_no_sense_shows_the_list(at_desk: At, address: str) -> None:
    assert at_desk("clerk").open(address).status == 200


def test_nothing_on_the_desk_runs_or_comes_from_elsewhere(at_desk: At, village: Village) -> None:
    case = applied(village)
    clerk = at_desk("clerk")
    for address in ("/desk/", "/desk/cases", f"/desk/cases/{case}", f"/desk/cases/{case}/reject"):
        answer = clerk.browser.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'; " in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        text = answer.text.replace('<script src="/desk/static/keys.js" defer></script>', "", 1)
        assert not re.search(r"<script|style=|https?://", text)


def test_letters_that_no_database_keeps_are_refused(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = applied(village)
    clerk = at_desk("clerk")
    assert clerk.open("/desk/cases?words=%00").status == 400
    form = clerk.open(f"/desk/cases/{case}/reject")
    assert clerk.submit(form, reason="a\0b").status == 422
    form.forms[-1].values["version"] = "9" * 5000
    assert clerk.submit(form, reason="理由").status == 422
    assert state_of(ctx, case) == "applied"


def test_whose_office_ended_over_a_form_reads_their_own_words_once_more(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = applied(village)
    clerk = at_desk("clerk")
    form = clerk.open(f"/desk/cases/{case}/reject")
    with ctx.sessions() as tx:
        mine = AccessGrant.person_id == village.actor("clerk").person_id
        tx.execute(update(AccessGrant).where(mine).values(role="supervisor"))
        tx.commit()
    answer = clerk.submit(form, reason="写了很久的理由")
    assert "写了很久的理由" in answer.text
    assert "这一步您现在不能办理" in answer.text


def test_what_is_proposed_first_is_not_offered_as_a_step(at_desk: At, village: Village) -> None:
    purchase = village.paid()
    page = at_desk("reviewer").open(f"/desk/cases/{purchase.id}")
    assert "退保" not in page.text
