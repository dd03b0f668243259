"""A session ends in the middle of a long form: nothing is lost, and nobody else reads it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from backend.clock import system_clock
from backend.domain.actions import Action
from backend.services.base.context import Context
from backend.services.people import account_deletion, desk_drafts
from backend.store.desk import DeskDraft
from backend.store.people import LoginSession, Person
from backend.store.purchases import Transition
from tests.build.banks import statement
from tests.build.office import Office, Page
from tests.build.papers import pdf
from tests.build.premiums import DUE_FEN, premiums_due
from tests.build.village import TOKEN, Village

At = Callable[[str], Office]
LETTERS = ("物业管理规范，维保记录逐月齐全，2月28日到现场核对过。" * 99)[:2_000]
PAPER = pdf()
TYPED = {"upkeep_statement": LETTERS}


@pytest.fixture
def form(village: Village) -> str:
    """The address of a form that asks for a long statement and a paper."""
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    return f"/desk/cases/{purchase.id}/{Action.QUERY_FUNDS}"


def its_session_ends(ctx: Context) -> None:
    """As after half an hour without use."""
    with ctx.sessions() as tx:
        over = update(LoginSession).where(LoginSession.at_desk)
        tx.execute(over.values(expires_at=system_clock() - timedelta(seconds=1)))
        tx.commit()


def done(ctx: Context) -> int:
    with ctx.sessions() as tx:
        taken = select(func.count()).where(Transition.action == Action.QUERY_FUNDS)
        return tx.scalar(taken) or 0


def test_signed_in_again_the_words_are_there_and_one_submission_does_it_once(
    at_desk: At, ctx: Context, form: str
) -> None:
    place = at_desk("clerk")
    opened = place.open(form)
    its_session_ends(ctx)
    answer = place.submit(opened, **TYPED, upkeep_record_sha256=PAPER)
    assert "用手机登录" in answer.text
    assert "只有您本人看得到" in answer.text
    assert LETTERS not in answer.text
    again = place.sign_in(TOKEN.format("clerk"), answer.whole_address)
    assert again.address == form
    assert LETTERS in again.text
    assert "没有提交成" in again.text
    for _ in range(2):  # a double click
        assert "已办理" in place.submit(again, **TYPED, upkeep_record_sha256=PAPER).text
    assert done(ctx) == 1
    with ctx.sessions() as tx:
        assert tx.scalars(select(DeskDraft)).all() == []


def test_what_was_looked_for_is_not_kept_since_it_may_be_a_phone(at_desk: At, ctx: Context) -> None:
    place = at_desk("clerk")
    box = place.open("/desk/").form("/desk/search")
    its_session_ends(ctx)
    answer = place.browser.post(box.action, data={**box.values, "q": "13812345678"})
    assert answer.location == "/desk/sign-in?next=/desk/search"
    with ctx.sessions() as tx:
        assert tx.scalars(select(DeskDraft)).all() == []


def test_words_of_a_step_that_others_took_meanwhile_are_shown_to_be_copied(
    at_desk: At, village: Village, ctx: Context, form: str
) -> None:
    place = at_desk("clerk")
    opened = place.open(form)
    its_session_ends(ctx)
    asked = place.submit(opened, **TYPED)
    village.clerk.queries_funds(UUID(form.split("/")[3]), "维保正常")
    late = place.sign_in(TOKEN.format("clerk"), asked.whole_address)
    assert (late.status, late.address) == (409, form)
    assert "这一步您现在不能办理" in late.text
    assert LETTERS in late.words
    assert "看案件现在的情况" in late.links


def test_words_of_somebody_who_had_begun_anew_come_back_too(
    at_desk: At, ctx: Context, form: str
) -> None:
    place = at_desk("clerk")
    opened = place.open(f"{form}?fresh=1")
    its_session_ends(ctx)
    asked = place.submit(opened, **TYPED)
    assert LETTERS in place.sign_in(TOKEN.format("clerk"), asked.whole_address).text


def test_another_person_at_that_pc_reads_none_of_it(at_desk: At, ctx: Context, form: str) -> None:
    place = at_desk("clerk")
    opened = place.open(form)
    its_session_ends(ctx)
    place.submit(opened, **TYPED)
    other = place.sign_in(TOKEN.format("reviewer"), f"/desk/sign-in?next={form}")
    assert LETTERS[:20] not in other.text
    assert LETTERS[:20] not in place.open(form).text
    place.sign_in(TOKEN.format("clerk"))
    assert LETTERS in place.open(form).text


def test_nothing_is_lost_where_the_session_was_ended_from_elsewhere_and_its_cookie_is_gone(
    at_desk: At, ctx: Context, form: str
) -> None:
    place = at_desk("clerk")
    opened = place.open(form)
    page = place.open("/desk/")
    place.fill(page, page.form("/desk/sign-out"))
    asked = place.submit(opened, **TYPED)
    assert LETTERS in place.sign_in(TOKEN.format("clerk"), asked.whole_address).text


def test_who_is_asked_for_a_code_again_finds_the_words_afterwards(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = village.reviewed().id
    place = at_desk("cashier")
    opened = place.open(f"/desk/cases/{case}/{Action.RETURN_PAPERS}")
    with ctx.sessions() as tx:
        tx.execute(update(LoginSession).where(LoginSession.at_desk).values(proved_at=None))
        tx.commit()
    asked = place.submit(opened, reason="发票的抬头不对")
    assert "二次验证" in asked.text
    restored = place.prove(asked)
    assert "发票的抬头不对" in restored.text
    assert "已办理" in place.submit(restored, reason="发票的抬头不对").text


def test_words_that_are_not_wanted_are_left_out_and_end_after_a_day(
    at_desk: At, village: Village, ctx: Context, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = village.actor("clerk")
    desk_drafts.keep(ctx, clerk, form, {"upkeep_statement": "不要了"})
    place = at_desk("clerk")
    assert "不要了" in place.open(form).text
    assert "不要了" not in place.open(f"{form}?fresh=1").text
    later = system_clock() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(desk_drafts, "system_clock", lambda: later)
    assert desk_drafts.draft_at(ctx, clerk, form).words == {}
    desk_drafts.forget_old(ctx)
    with ctx.sessions() as tx:
        assert tx.scalars(select(DeskDraft)).all() == []


def test_a_page_that_cannot_show_the_form_shows_all_that_was_written_and_no_secret(
    at_desk: At, form: str
) -> None:
    place = at_desk("clerk")
    sent = place.open(form).forms[-1].values
    answer = place.browser.post(
        form.replace(form.split("/")[3], str(uuid4())),
        data={**sent, "reason": ["先写的", "后写的"], "amount": "88,000.00", "secret": "口令"},
    )
    shown = Page(answer)
    assert (shown.status, "数字和日期请重新填写" in shown.text) == (404, True)
    assert [
        words for words in shown.words if words in ("先写的", "后写的", "88,000.00", "口令")
    ] == [
        "先写的",
        "后写的",
    ]


def test_a_form_that_is_too_much_to_read_is_told_so_whatever_else_is_wrong_with_it(
    at_desk: At, ctx: Context, form: str
) -> None:
    """Figures before: 500, from the page that says what is wrong."""
    place, kind = at_desk("clerk"), "multipart/form-data"
    many = {f"x{number}": "x" for number in range(1_001)}
    for _ in ("signed in", "not any more"):
        answer = place.browser.post(form, data=many, content_type=kind)
        assert (answer.status_code, "没有办理" in answer.text) == (413, True)
        its_session_ends(ctx)


def test_a_form_that_was_made_for_nobody_keeps_nothing(
    at_desk: At, ctx: Context, form: str
) -> None:
    place = at_desk("clerk")
    opened = place.open(form)
    its_session_ends(ctx)
    hidden = opened.forms[-1].values
    someone, _, _ = hidden["form_word"].partition(".")
    for word in ("", "x", f"{someone}.x.x", "电.梯.保", f"{hidden['form_word']}0"):
        opened.forms[-1].values = {**hidden, "form_word": word}
        assert place.submit(opened, **TYPED).status == 401
    with ctx.sessions() as tx:
        assert tx.scalars(select(DeskDraft)).all() == []


def test_it_lies_sealed_and_nobody_keeps_without_end(village: Village, ctx: Context) -> None:
    clerk = village.actor("clerk")
    for number in range(desk_drafts.MOST):
        assert desk_drafts.keep(ctx, clerk, f"/desk/{number}", {"reason": "写给别人的话"})
    assert not desk_drafts.keep(ctx, clerk, "/desk/more", TYPED)
    assert desk_drafts.keep(ctx, clerk, "/desk/0", TYPED)  # in place of what was there
    with ctx.sessions() as tx:
        rows = tx.scalars(select(DeskDraft)).all()
        assert len(rows) == desk_drafts.MOST
        assert not any("写给".encode() in row.words_sealed for row in rows)


def test_it_ends_with_the_person(village: Village, ctx: Context) -> None:
    clerk = village.actor("clerk")
    desk_drafts.keep(ctx, clerk, "/desk/", TYPED)
    with ctx.sessions() as tx:
        account_deletion.erase(tx, ctx, tx.get_one(Person, clerk.person_id), None)
        tx.commit()
    assert not desk_drafts.keep(ctx, clerk, "/desk/", TYPED)
    with ctx.sessions() as tx:
        assert tx.scalars(select(DeskDraft)).all() == []


def test_rows_of_a_table_and_boxes_that_were_cleared_come_back_too(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = village.contracted().id
    manager = at_desk("manager")
    opened = manager.open(f"/desk/cases/{case}/amend_contract")
    assert opened.forms[-1].values.pop(f"lift_codes.{village.codes[0]}") == "yes"
    its_session_ends(ctx)
    manager.submit(opened, number="HT-2", reason="少写了一台")
    manager.sign_in(TOKEN.format("manager"))
    again = manager.open(f"/desk/cases/{case}/amend_contract")
    assert "没有提交成" in again.text
    values = again.forms[-1].values
    assert (values["number"], values["reason"]) == ("HT-2", "少写了一台")
    boxes = [name for name in values if name.startswith("lift_codes.")]
    assert boxes == [f"lift_codes.{village.codes[1]}"]


def ticks_of(batch: Page) -> list[str]:
    """The boxes that are ticked beside the bank's answers."""
    return [name for name in batch.form_to("/confirm").values if name.startswith("answers.")]


def test_ticks_beside_rows_and_a_reason_beside_a_button_come_back_too(
    at_desk: At, village: Village, ctx: Context
) -> None:
    """Figure before: whoever took the tick off one of fifty found it there again."""
    premiums_due(village, 2)
    cashier = at_desk("cashier")

    def out_and_in_again(page: Page, end: str, **typed: str) -> Page:
        its_session_ends(ctx)
        asked = Page(cashier.fill(page, page.form_to(end), **typed))
        return cashier.sign_in(TOKEN.format("cashier"), asked.whole_address)

    due = cashier.open("/desk/payments")
    cases = {name: "yes" for name in due.forms[-1].names if name.startswith("cases.")}
    batch = cashier.submit(due, **cases)
    again = out_and_in_again(batch, "/void", reason="没有交给银行")
    assert again.address == batch.address
    assert "没有交给银行" in again.words
    assert "没有交给银行" not in cashier.open(batch.address).words
    batch = Page(cashier.fill(again, again.form_to("/submit")))
    numbers = sorted(word for word in batch.words if word.startswith("BF-"))
    rows = [(f"R{n}", DUE_FEN, number, "成功") for n, number in enumerate(numbers)]
    batch = Page(cashier.fill(batch, batch.form_to("/answers"), file=statement(rows)))
    ticked = ticks_of(batch)
    del batch.form_to("/confirm").values[ticked[0]]
    batch = out_and_in_again(batch, "/confirm")
    assert ticks_of(batch) == ticked[1:]
    without_a_file = Page(cashier.fill(batch, batch.form_to("/answers")))
    assert (without_a_file.status, ticks_of(without_a_file)) == (422, ticked[1:])
    del batch.form_to("/confirm").values[ticked[1]]
    its_session_ends(ctx)
    cashier.fill(batch, batch.form_to("/confirm"))
    cashier.sit_down(ctx, TOKEN.format("cashier"))
    batch = cashier.open(batch.address)
    assert ticks_of(batch) == []
    batch = Page(cashier.fill(batch, batch.form_to("/confirm"), **{ticked[1]: "yes"}))
    assert batch.words.count("已付款") == 1
    with ctx.sessions() as tx:
        assert tx.scalars(select(DeskDraft)).all() == []
