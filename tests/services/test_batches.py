"""拨付批次: one file for the bank, its answers line by line, and nobody is paid twice.

`TIBAO_DEEP=7` clicks a thousand times at least.
"""

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from backend.domain.audit_actions import of_step
from backend.domain.bank_answers import Verdict
from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, PaymentState
from backend.domain.roles import Role
from backend.services.base.context import Actor
from backend.services.batches import answers, batches, due
from backend.services.batches.answers import Taken
from backend.services.batches.batches import BatchView
from backend.services.books import ledger
from backend.services.case.case import open_case
from backend.services.purchase import payees, payments
from backend.services.workbooks.templates import file_of
from backend.store.audit import AuditEntry
from backend.store.batches import BankAnswer
from backend.store.people import AccessGrant
from backend.store.purchases import Payment, Purchase
from tests.build.banks import second_bank
from tests.build.looking import codes
from tests.build.premiums import DUE_FEN, premiums_due
from tests.build.village import POOL_FEN, Village

DEEP = int(os.environ.get("TIBAO_DEEP", "1"))
NAMED = "C:\\银行\\明\0细\a\u202e.xlsx"  # as no person would
Row = tuple[str, int, str, str, str]


def made(village: Village, cases: list[UUID], name: str = "cashier") -> BatchView:
    batch = uuid4()
    batches.make(village.ctx, village.actor(name), batch, cases, None)
    return batches.read(village.ctx, village.actor(name), batch)


def answered(rows: list[Row]) -> BytesIO:
    """The bank's statement: reference, fen, number, outcome, reason."""
    book = Workbook()
    page = book.worksheets[0]
    page.append(["示例银行 交易明细"])
    page.append(["交易流水号", "金额", "收款户名", "用途", "处理结果", "失败原因"])
    for reference, fen, number, outcome, reason in rows:
        yuan = f"{fen // 100:,}.{fen % 100:02d}"
        page.append([reference, yuan, "示例保险", f"{number} 保险费", outcome, reason])
    return BytesIO(file_of(book))


def take(village: Village, view: BatchView, rows: list[Row]) -> BatchView:
    ctx, cashier = village.ctx, village.actor("cashier")
    batches.submit(ctx, cashier, view.batch.id)
    answers.take(ctx, cashier, view.batch.id, NAMED, answered(rows))
    return batches.read(ctx, cashier, view.batch.id)


def settled(view: BatchView) -> dict[str, int]:
    states = [each.payment.state for each in view.payments]
    return {str(state): states.count(state) for state in dict.fromkeys(states)}


def another_cashier(village: Village) -> Actor:
    """Somebody of the village who becomes a cashier too."""
    village.people.setdefault("cashier2", village.people["stranger"])
    actor = village.actor("cashier2")
    with village.ctx.sessions() as tx:
        grant = tx.scalars(
            select(AccessGrant).where(
                AccessGrant.person_id == village.actor("cashier").person_id,
                AccessGrant.role == Role.CASHIER,
            )
        ).one()
        values = {
            column.name: getattr(grant, column.name)
            for column in AccessGrant.__table__.columns
            if column.name != "id"
        }
        tx.add(AccessGrant(**{**values, "person_id": actor.person_id}))
        tx.commit()
    return actor


def test_fifty_with_three_blocked_are_forty_seven_in_the_file_and_every_answer_is_explained(
    village: Village,
) -> None:
    ctx, cashier = village.ctx, village.actor("cashier")
    places = (7, 21, 33)  # the insurer has another account than these contracts name
    cases = premiums_due(village, 50, elsewhere=places)
    blocked = {cases[place] for place in places}
    page = due.page_of_due(ctx, cashier, 1)
    assert {each.row.purchase.id for each in page.rows if each.reasons} == blocked
    assert (page.total, len(page.rows)) == (50, 50)

    view = made(village, cases)
    assert len(view.payments) == 47
    assert {UUID(each["case"]) for each in view.batch.left_out} == blocked
    assert all("更换了收款账户" in each["reasons"][0] for each in view.batch.left_out)
    number, content = batches.bank_file(ctx, cashier, view.batch.id)
    sheet = load_workbook(BytesIO(content)).worksheets[0]
    assert (number, sheet.max_row) == (view.batch.number, 48)
    first = {str(head.value): cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (first["收款账号"].value, first["收款账号"].data_type) == ("6222000000000001", "s")
    assert (first["金额"].value, first["金额"].number_format) == (DUE_FEN / 100, "0.00")
    assert str(first["用途"].value).startswith(view.payments[0].payment.number)

    numbers = [each.payment.number for each in view.payments]
    rows: list[Row] = [(f"R{n}", DUE_FEN, each, "成功", "") for n, each in enumerate(numbers[:44])]
    rows += [(f"R{n}", DUE_FEN, numbers[n], "失败", "户名不符") for n in (44, 45)]
    rows += [("R46", DUE_FEN + 1, numbers[46], "成功", "")]
    view = take(village, view, rows)
    verdicts = [each.judged.verdict for each in view.answers]
    assert [verdicts.count(each) for each in (Verdict.PAID, Verdict.RETURNED)] == [44, 2]
    assert verdicts[46] is Verdict.AMOUNT_DIFFERS
    assert all(each.judged.words for each in view.answers)

    ticked = [each.answer.id for each in view.answers]
    for again in (False, True):
        outcomes = answers.confirm(ctx, cashier, view.batch.id, ticked)
        assert sum(not each.reasons for each in outcomes) == 44, again
    for each in view.answers[44:46]:
        answers.send_back(
            ctx, cashier, view.batch.id, each.answer.id, "户名不符", account_unusable=False
        )
    view = batches.read(ctx, cashier, view.batch.id)
    assert settled(view) == {"confirmed": 44, "rejected": 2, "ordered": 1}
    assert batches.bank_file(ctx, cashier, view.batch.id) == (number, content)
    with ctx.sessions() as tx:
        left = ledger.trial_balance(tx).by_kind[AccountKind.BANK]
    assert left == POOL_FEN + 49 * DUE_FEN - 44 * DUE_FEN


def test_a_batch_is_made_once_and_a_case_is_in_one(village: Village) -> None:
    ctx, cashier = village.ctx, village.actor("cashier")
    cases, batch = premiums_due(village, 3), uuid4()
    for _ in range(2):
        batches.make(ctx, cashier, batch, cases[:2], village.bank)
    with pytest.raises(Refused) as refused:  # the same form with other ticks
        batches.make(ctx, cashier, batch, cases, village.bank)
    assert codes(refused) == ["idempotency_key_reused"]
    with pytest.raises(Refused) as refused:
        made(village, cases[:2])
    assert codes(refused) == ["batch_empty", "batch_empty"]
    other = made(village, cases)
    assert [each.payment.purchase_id for each in other.payments] == [cases[2]]
    assert len(other.batch.left_out) == 2
    first, second = due.page_of_batches(ctx, village.actor("auditor"), 1).rows
    assert {first.batch.id, second.batch.id} == {batch, other.batch.id}
    assert second.amount_fen == 2 * DUE_FEN
    assert (second.open, second.paid) == (2, 0)


def test_a_batch_orders_no_fen_more_than_lies_at_its_bank(village: Village) -> None:
    cases = premiums_due(village, 3)
    bank, batch = UUID(second_bank(village, "BANK-2", 3 * DUE_FEN - 1)), uuid4()
    batches.make(village.ctx, village.actor("cashier"), batch, cases, bank)
    view = batches.read(village.ctx, village.actor("cashier"), batch)
    assert len(view.payments) == 2
    [left_out] = view.batch.left_out
    assert "已扣除通知银行、尚未付出的款项" in left_out["reasons"][0]


def test_who_may_and_what_is_refused(village: Village) -> None:
    ctx, cashier = village.ctx, village.actor("cashier")
    [case] = premiums_due(village, 1)
    for name, code in (("reviewer", "role_required"), ("manager", "not_found")):
        with pytest.raises(Refused) as refused:
            made(village, [case], name)
        assert codes(refused) == [code]
    for cases, code in (([], "batch_empty"), ([uuid4() for _ in range(201)], "batch_too_long")):
        with pytest.raises(Refused) as refused:
            made(village, cases)
        assert codes(refused) == [code]
    with pytest.raises(Refused) as refused:
        batches.make(ctx, cashier, uuid4(), [case], uuid4())
    assert codes(refused) == ["bank_required"]
    view = made(village, [case])
    with pytest.raises(Refused) as refused:
        answers.take(ctx, cashier, view.batch.id, "明细.xlsx", answered([]))
    assert codes(refused) == ["batch_not_submitted"]
    batches.submit(ctx, cashier, view.batch.id)
    batches.submit(ctx, cashier, view.batch.id)
    empty = Workbook()
    for content, code in (
        (b"", "upload_empty"),
        (b"no workbook", "file_unreadable"),
        (file_of(empty), "bank_headings_missing"),
        (b"x" * (20 * 2**20 + 1), "upload_too_large"),
    ):
        with pytest.raises(Refused) as refused:
            answers.take(ctx, cashier, view.batch.id, "明细.xlsx", BytesIO(content))
        assert codes(refused) == [code]
    assert answers.take(ctx, cashier, view.batch.id, "明细.xlsx", answered([])) == Taken(0, 0)
    for ask in (
        lambda: batches.read(ctx, cashier, uuid4()),
        lambda: batches.bank_file(ctx, cashier, uuid4()),
        lambda: batches.submit(ctx, cashier, uuid4()),
        lambda: batches.void(ctx, cashier, uuid4(), "没有交"),
        lambda: answers.take(ctx, cashier, uuid4(), "明细.xlsx", answered([])),
        lambda: answers.send_back(
            ctx, cashier, view.batch.id, uuid4(), "退回", account_unusable=False
        ),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert codes(refused) == ["not_found"]


def test_an_answer_about_a_settled_order_pays_nothing_of_the_next_one(village: Village) -> None:
    ctx, cashier = village.ctx, village.actor("cashier")
    [case] = premiums_due(village, 1)
    first = made(village, [case])
    number = first.payments[0].payment.number
    first = take(village, first, [("R1", DUE_FEN, number, "成功", "")])
    payments.reject_payment(ctx, cashier, case, "户名不符")
    second = made(village, [case])
    [outcome] = answers.confirm(ctx, cashier, first.batch.id, [first.answers[0].answer.id])
    assert "已登记退回" in outcome.reasons[0]
    with pytest.raises(Refused) as refused:  # whoever saw the first order means that one
        payments.confirm_payment(
            ctx, cashier, case, "R1", village.upload("cashier"), first.payments[0].payment.id
        )
    assert codes(refused) == ["payment_not_open"]
    with pytest.raises(Refused) as refused:
        answers.send_back(ctx, cashier, second.batch.id, uuid4(), "退回", account_unusable=False)
    assert settled(batches.read(ctx, cashier, second.batch.id)) == {"ordered": 1}


def test_a_premium_leaves_a_file_that_the_bank_has_not_only_with_the_whole_file(
    village: Village,
) -> None:
    ctx, cashier = village.ctx, village.actor("cashier")
    cases = premiums_due(village, 2)
    first = made(village, cases)
    here = first.batch.id
    receipt = village.upload("cashier")
    acts: list[Callable[[], object]] = [
        lambda: payments.reject_payment(ctx, cashier, cases[0], "户名不符"),
        lambda: payments.confirm_payment(ctx, cashier, cases[0], "R1", receipt),
    ]
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == ["batch_not_submitted"]
        assert first.batch.number in refused.value.refusals[0].message
    with pytest.raises(Refused):
        batches.void(ctx, cashier, here, "")
    assert settled(batches.read(ctx, cashier, here)) == {"ordered": 2}
    for _ in range(2):
        batches.void(ctx, cashier, here, "文件没有交给银行")
    view = batches.read(ctx, cashier, here)
    assert view.void
    assert settled(view) == {"rejected": 2}
    for give in (batches.bank_file, batches.submit):
        with pytest.raises(Refused) as refused:
            give(ctx, cashier, here)
        assert codes(refused) == ["batch_not_whole"]
        assert all(each.case_number in str(refused.value) for each in view.payments)
    second = made(village, cases)
    old = first.payments[0].payment.number
    second = take(village, second, [("R1", DUE_FEN, old, "成功", "")])
    [told] = second.answers
    assert (told.judged.verdict, told.judged.number) == (Verdict.CONTRADICTS, old)
    [outcome] = answers.confirm(ctx, cashier, second.batch.id, [told.answer.id])
    assert "银行已付，但我们已登记退回" in outcome.reasons[0]
    with pytest.raises(Refused) as refused:
        batches.void(ctx, cashier, second.batch.id, "没有交")
    assert codes(refused) == ["batch_submitted"]
    assert settled(batches.read(ctx, cashier, second.batch.id)) == {"ordered": 2}


def test_a_file_that_holds_a_settled_payment_never_reaches_the_bank(village: Village) -> None:
    ctx, cashier = village.ctx, village.actor("cashier")
    cases = premiums_due(village, 2)
    view = made(village, cases)
    with ctx.sessions() as tx:  # as it was before whole batches were made void
        payments.reject(open_case(tx, ctx, cashier, cases[0]), "户名不符")
        tx.commit()
    for give in (batches.bank_file, batches.submit):
        with pytest.raises(Refused) as refused:
            give(ctx, cashier, view.batch.id)
        assert codes(refused) == ["batch_not_whole"]
    view = batches.read(ctx, cashier, view.batch.id)
    assert [each.payment.purchase_id for each in view.due_again] == [cases[0]]
    batches.void(ctx, cashier, view.batch.id, "重新做")
    assert settled(batches.read(ctx, cashier, view.batch.id)) == {"rejected": 2}


def test_a_file_that_pays_where_nobody_should_be_paid_any_more_is_not_given_out(
    village: Village,
) -> None:
    ctx, cashier = village.ctx, village.actor("cashier")
    view = made(village, premiums_due(village, 2))
    batches.bank_file(ctx, cashier, view.batch.id)
    letter = village.upload("clerk")
    change = payees.enter(
        ctx, village.actor("clerk"), village.insurer, "示例银行", "622-9", letter, "原账户已停用"
    )
    payees.confirm(ctx, village.actor("reviewer"), change.id)
    with pytest.raises(Refused) as refused:
        batches.bank_file(ctx, cashier, view.batch.id)
    assert codes(refused) == ["batch_overtaken"] * 3  # each case, and what to do
    assert "更换了收款账户" in str(refused.value)
    batches.submit(ctx, cashier, view.batch.id)  # the bank had it before: what was told, was told
    assert batches.bank_file(ctx, cashier, view.batch.id)


def test_a_file_that_lay_until_cover_had_begun_is_not_given_out(village: Village) -> None:
    view = made(village, premiums_due(village, 1))
    village.clock.set(village.clock().replace(month=4, day=9))
    with pytest.raises(Refused) as refused:
        batches.bank_file(village.ctx, village.actor("cashier"), view.batch.id)
    assert codes(refused) == ["batch_overtaken"] * 2
    assert "保障期从" in str(refused.value)


def test_without_our_number_a_line_means_the_only_order_of_the_house_that_is_like_it(
    village: Village,
) -> None:
    ctx, cashier = village.ctx, village.actor("cashier")
    cases = premiums_due(village, 2)
    first, second = made(village, cases[:1]), made(village, cases[1:])
    row: Row = ("R1", first.payments[0].payment.amount_fen, "保费", "成功", "")
    amounts = {each.payments[0].payment.amount_fen for each in (first, second)}
    first = take(village, first, [row])
    assert len(amounts) == 1
    assert first.answers[0].judged.verdict is Verdict.UNKNOWN
    batches.void(ctx, cashier, second.batch.id, "没有交")
    first = batches.read(ctx, cashier, first.batch.id)
    assert first.answers[0].judged.verdict is Verdict.ALIKE
    for _ in range(2):
        [outcome] = answers.confirm(ctx, cashier, first.batch.id, [first.answers[0].answer.id])
        assert not outcome.reasons
    assert settled(batches.read(ctx, cashier, first.batch.id)) == {"confirmed": 1}


def test_of_a_long_statement_only_the_lines_of_the_batch_are_kept(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answers.AT_ONCE * len(BankAnswer.__table__.columns) < 65_535
    monkeypatch.setattr(answers, "AT_ONCE", 50)
    ctx, cashier = village.ctx, village.actor("cashier")
    view = made(village, premiums_due(village, 1))
    batches.submit(ctx, cashier, view.batch.id)
    number = view.payments[0].payment.number
    rows: list[Row] = [(f"R{n}", n, number, "成功", "") for n in range(1, 102)]
    rows += [(f"S{n}", 100, "工资", "成功", "") for n in range(7)]
    for new in (101, 0):
        taken = answers.take(ctx, cashier, view.batch.id, "明细.xlsx", answered(rows))
        assert taken == Taken(new, 7)


def test_a_second_cashier_who_confirms_the_same_line_at_once_is_told_that_it_is_done(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, cashier = village.ctx, village.actor("cashier")
    view = made(village, premiums_due(village, 1))
    number = view.payments[0].payment.number
    view = take(village, view, [("R1", DUE_FEN, number, "成功", "")])
    confirm = payments.confirm_payment

    def colleague_first(*asked: Any) -> Purchase:
        confirm(*asked)
        return confirm(*asked)

    monkeypatch.setattr(payments, "confirm_payment", colleague_first)
    [outcome] = answers.confirm(ctx, cashier, view.batch.id, [view.answers[0].answer.id])
    assert outcome.reasons == ()
    with ctx.sessions() as tx:
        step = AuditEntry.action == of_step("confirm_payment")
        [body] = tx.scalars(select(AuditEntry.body).where(step))
    assert json.loads(body)["facts"]["bank_reference"] == "R1"


def test_what_is_known_to_be_in_the_way_stands_beside_what_is_due(village: Village) -> None:
    [case] = premiums_due(village, 1)
    village.clock.set(village.clock().replace(month=4, day=9))
    [found] = due.page_of_due(village.ctx, village.actor("cashier"), 1).rows
    assert "保障期从" in found.reasons[0]
    village.clock.set(village.clock().replace(year=2026))
    seen = due.page_of_due(village.ctx, village.actor("auditor"), 1)
    assert [each.reasons for each in seen.rows] == [["保障期已经结束，不再拨付。"]]
    assert not seen.may_pay
    assert case == seen.rows[0].row.purchase.id


ACTIONS = ["make", "order", "submit", "answer", "confirm", "back", "reject", "void", "return"]
ACTS = some.lists(
    some.tuples(
        some.sampled_from(ACTIONS),
        some.integers(0, 2),
        some.booleans(),
    ),
    min_size=12,
    max_size=30,
)


@dataclass
class Clicks:
    """Two cashiers before the same cases; `known` are the batches that they made."""

    village: Village
    cases: list[UUID]
    people: tuple[Actor, Actor]
    known: list[UUID] = field(default_factory=list)
    told: dict[str, UUID] = field(default_factory=dict)  # what submitted files hold, by number
    tried: int = 0

    def act(self, what: str, which: int, *, second: bool) -> None:
        ctx, actor = self.village.ctx, self.people[second]
        self.tried += 1
        if what == "make":
            fresh = uuid4()
            for _ in range(2):  # a double click
                batches.make(ctx, actor, fresh, self.cases[: which + 1], None)
            self.known.append(fresh)
        elif what == "order":
            payments.order_payment(ctx, actor, self.cases[which])
        elif what == "reject":
            payments.reject_payment(ctx, actor, self.cases[which], "退回")
        elif what == "return":
            receipt = self.village.upload("cashier")
            payments.return_payment(ctx, self.people[0], self.cases[which], receipt, "退票")
        elif self.known:
            latest = self.known[-3:]
            self.with_batch(batches.read(ctx, actor, latest[-1 - which % len(latest)]), what)

    def with_batch(self, view: BatchView, what: str) -> None:
        ctx, actor, batch = self.village.ctx, self.people[0], view.batch.id
        ticked = [each.answer.id for each in view.answers]
        if what == "submit":
            batches.submit(ctx, actor, batch)
            if view.batch.submitted_at is None:
                self.look_at_file(batch)
        elif what == "void":
            batches.void(ctx, actor, batch, "没有交")
        elif what == "answer":
            numbers = [each.payment.number for each in view.payments]
            rows: list[Row] = [(f"R{each}", DUE_FEN, each, "成功", "") for each in numbers]
            answers.take(ctx, actor, batch, "明细.xlsx", answered(rows))
        elif what == "confirm":
            answers.confirm(ctx, actor, batch, ticked + ticked)
        elif ticked:
            answers.send_back(ctx, actor, batch, ticked[0], "退回", account_unusable=False)

    def look_at_file(self, batch: UUID) -> None:
        """No case of the file stands in another one whose order may still be paid."""
        _, content = batches.bank_file(self.village.ctx, self.people[0], batch)
        rows = load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True)
        words = " ".join(str(value) for row in rows for value in row)
        fresh = set(re.findall(r"BF-\d{4}-\d{6}", words))
        with self.village.ctx.sessions() as tx:
            query = select(Payment).where(Payment.number.in_(fresh | set(self.told)))
            known = {each.number: each for each in tx.scalars(query)}
        self.told |= {number: known[number].purchase_id for number in fresh}
        live = (PaymentState.ORDERED, PaymentState.CONFIRMED)
        may_be_paid = [case for number, case in self.told.items() if known[number].state in live]
        assert len(may_be_paid) == len(set(may_be_paid))
        assert all(known[number].state in live for number in fresh)

    def check(self) -> None:
        with self.village.ctx.sessions() as tx:
            live = Payment.state.in_((PaymentState.ORDERED, PaymentState.CONFIRMED))
            query = select(Payment.purchase_id, func.count()).where(live)
            counted: Any = tx.execute(query.group_by(Payment.purchase_id)).all()
            assert all(count == 1 for _, count in counted)
            confirmed = Payment.state == PaymentState.CONFIRMED
            paid = tx.scalar(select(func.count()).select_from(Payment).where(confirmed)) or 0
            left = ledger.trial_balance(tx).by_kind[AccountKind.BANK]
            assert left == POOL_FEN + 2 * DUE_FEN - paid * DUE_FEN
            states = tx.scalars(select(Purchase.state).where(Purchase.id.in_(self.cases))).all()
            assert states.count("paid") == paid


@pytest.mark.deep
def test_nobody_is_paid_twice_whatever_two_cashiers_click_in_whatever_order(
    village: Village,
) -> None:
    cases = premiums_due(village, 3)
    clicks = Clicks(village, cases, (village.actor("cashier"), another_cashier(village)))

    @settings(
        max_examples=12 * DEEP,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
    )
    @given(ACTS)
    def clicked(acts: list[tuple[str, int, bool]]) -> None:
        for what, which, second in acts:
            with suppress(Refused):
                clicks.act(what, which, second=second)
        clicks.check()

    clicked()
    assert clicks.tried >= 12 * 12 * DEEP
