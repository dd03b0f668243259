"""Personal data ends when its period is over, and the books and the chain stay whole."""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.domain.channels import CHAT
from backend.domain.city.schema import RetentionRules
from backend.domain.imports import ImportKind
from backend.domain.local_time import SHANGHAI, local_date
from backend.domain.retention import GONE, ended_before, periods
from backend.domain.roles import Role
from backend.domain.routes.catalogue import closed_states
from backend.domain.typed_table import Sourced
from backend.services.base import audit, batches
from backend.services.base.context import Actor
from backend.services.base.own_words import keep_name, keep_phone
from backend.services.messages import inbox, outbox
from backend.services.messages.conversations import Turn, remember
from backend.services.people import (
    desk_drafts,
    idempotency,
    invitations,
    lockouts,
    ownership,
    rectification_requests,
    second_factors,
    sessions,
)
from backend.services.people.grants import Granted
from backend.services.people.idempotency import Answer
from backend.services.people.kept_too_long import kept_too_long
from backend.services.people.retention import end_what_is_over
from backend.services.public import city_facts
from backend.services.public_notice import objections
from backend.services.public_notice.objections import PaperObjection
from backend.services.public_notice.own_objections import my_objections
from backend.services.reconciling.bank_statements import words_of
from backend.services.workbooks import imports, old_imports
from backend.services.workbooks.import_work import Compared
from backend.store.audit import AuditEntry
from backend.store.bank_statements import BankStatement, BankStatementLine
from backend.store.messages import Inbox, InboxState, Outbox, OutboxState
from backend.store.notices import Objection, PublicNotice
from backend.store.people import (
    AccessGrant,
    Person,
    RectificationRequest,
)
from backend.store.purchases import Plan, Purchase, Transition
from backend.store.registry import Committee, CommitteeMember, Owner
from backend.store.sealed import SEALED
from backend.wechat.channels.chat import sealed_words
from tests.build.bank_statements import FIRST, BankDesk
from tests.build.looking import add_person, assert_sound, case
from tests.build.office import Authenticator
from tests.build.village import Village

YEARS = RetentionRules()
PHONE = "13900000077"


@dataclass
class Passing:
    """Time that goes by: the village's calendar, and the real time that some things are kept by."""

    village: Village
    monkeypatch: pytest.MonkeyPatch

    def years(self, years: int, days: int = 3) -> None:
        now = self.village.clock()
        later = now.replace(year=now.year + years) + timedelta(days=days)
        self.village.clock.set(later)
        for module in (sessions, idempotency, inbox, desk_drafts, invitations):
            self.monkeypatch.setattr(
                module, "system_clock", lambda: system_clock() + timedelta(days=400 * years)
            )
        sweep(self.village)


@pytest.fixture
def passing(village: Village, monkeypatch: pytest.MonkeyPatch) -> Passing:
    return Passing(village, monkeypatch)


def sweep(village: Village) -> None:
    """What the hourly sweep does about people."""
    for forget in (
        sessions.forget_ended,
        desk_drafts.forget_old,
        invitations.forget_over,
        old_imports.forget_old,
        idempotency.forget_old,
        inbox.forget_old,
        end_what_is_over,
    ):
        forget(village.ctx)


def readable(village: Village) -> dict[str, set[str]]:
    """All that still opens, by where it is sealed, but for the words that say it is gone."""
    cipher = village.ctx.cipher
    found: dict[str, set[str]] = {}
    with village.ctx.sessions() as tx:
        for place in SEALED:
            rows = tx.execute(
                select(place.row_id, place.value).where(place.value.is_not(None))
            ).all()
            words = {cipher.open(place.column, row_id, bytes(value)) for row_id, value in rows}
            found[place.name] = {each for each in words if GONE not in each}
    return found


def everything(village: Village) -> UUID:
    """Something of each kind that is kept about people; the notice that was objected to."""
    ctx, owner0 = village.ctx, village.actor("owner0")
    purchase, notice = village.posted()
    with ctx.sessions() as tx:
        for owner in tx.scalars(select(Owner)):
            keep_phone(ctx.cipher, owner, PHONE)
        for member in tx.scalars(select(CommitteeMember)):
            keep_phone(ctx.cipher, member, PHONE)
        person = tx.get_one(Person, owner0.person_id)
        keep_name(ctx.cipher, person, "冯样零")
        keep_phone(ctx.cipher, person, "13800000001")
        turn = Turn("confirm", tx.scalars(select(Plan.id)).one(), village.clock(), "太贵")
        remember(tx, ctx.cipher, owner0.person_id, turn)
        message = uuid7()
        words = sealed_words(ctx.cipher, message, {"text": "已记录"})
        said = outbox.Message("reply/1/0", owner0.person_id, "x", CHAT, "text", words, id=message)
        outbox.write(tx, village.clock(), said)
        tx.commit()
    bank_line(village)
    objections.file_objection(ctx, owner0, notice, "price", "保费偏高")
    paper = PaperObjection("need", "还在质保期", "路人甲", village.clock(), None)
    village.clerk.enters_paper(notice, paper)
    asked = rectification_requests.open_request(ctx, owner0, "房屋", "应为 102 室")
    rectification_requests.close_request(ctx, village.actor("clerk"), asked, True, "已更正")
    lockout = lockouts.lock_out(ctx, None, village.actor("owner1").person_id, "手机丢了")
    lockouts.let_in(ctx, None, lockout, "找回了")
    app = Authenticator(second_factors.new_secret(ctx, "session"))
    second_factors.enrol(ctx, village.actor("clerk"), "session", app.code())
    desk_drafts.keep(ctx, village.actor("clerk"), "/desk/", {"reason": "路人甲说"})
    keeper = add_person(village, "keeper", "administrator")
    invitations.invite(ctx, keeper, "冯样零", Granted(Role.CLERK))
    imports.hand_in(
        ctx,
        village.actor("clerk"),
        ImportKind.REGISTRY,
        "台账.xlsx",
        BytesIO(b"-"),
        Compared(),
    )
    inbox.receive(ctx, "wx01", "msg:1", "<xml>一</xml>")
    inbox.keep_unreadable_callback(ctx, "wx01", "<xml>half", "not XML")
    idempotency.answer_once(ctx, owner0, "key-00000001", "hash", lambda _: Answer(201, "{}"))
    village.manager.withdraws(purchase.id, "不办了")
    assert case(village, purchase).state == "withdrawn"
    return notice


def bank_line(village: Village) -> None:
    """The bank says to whom money went today."""
    today = local_date(village.clock())
    statement = BankStatement(
        bank_id=village.bank,
        from_on=today,
        until_on=today,
        opening_fen=1,
        closing_fen=0,
        lines=1,
        digest="",
        file_name="",
        imported_by=village.actor("clerk").person_id,
        imported_at=village.clock(),
    )
    line_id, said = uuid7(), json.dumps(["冯样零", "6222000000000001", "退款"], ensure_ascii=False)
    sealed = village.ctx.cipher.seal(BankStatementLine.words_sealed, line_id, said)
    with village.ctx.sessions() as tx:
        tx.add(statement)
        tx.flush()
        whose = {"statement_id": statement.id, "bank_id": village.bank, "words_sealed": sealed}
        what = {"row": 1, "day": today, "amount_fen": -1, "reference": "B-1"}
        tx.add(BankStatementLine(id=line_id, **whose, **what))
        tx.commit()


def everybody_goes(village: Village) -> None:
    """Flats are sold, terms and roles end, every message is sent."""
    ctx, now = village.ctx, village.clock()
    with ctx.sessions() as tx:
        bound = tx.scalars(select(Owner).where(Owner.person_id.is_not(None))).all()
    for owner in bound:
        assert owner.person_id
        ownership.give_up_home(ctx, Actor(owner.person_id), owner.id)
    with ctx.sessions() as tx:
        tx.execute(update(Owner).where(Owner.ended_at.is_(None)).values(ended_at=now))
        tx.execute(update(Committee).values(term_until=now.date() + timedelta(days=1)))
        tx.execute(update(AccessGrant).values(valid_until=now + timedelta(seconds=1)))
        tx.execute(update(Inbox).values(state=InboxState.DONE))
        tx.execute(update(Outbox).values(state=OutboxState.SENT, settled_at=now))
        tx.commit()


def test_when_every_period_is_over_nothing_that_is_sealed_says_who_it_was(
    village: Village,
    passing: Passing,
) -> None:
    everything(village)
    everybody_goes(village)
    before = readable(village)
    assert all(before.values()), "something of every kind"
    passing.years(3)
    sweep(village)
    left = {place for place, words in readable(village).items() if words}
    assert left == {"bank_line.words_sealed"}, "which the law keeps longer"
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(Person.id).where(Person.left_at.is_(None))).all() == []
        erased = AuditEntry.action == AuditAction.PERSON_DELETE_ACCOUNT
        assert set(tx.scalars(select(AuditEntry.actor_id).where(erased))) == {None}
        assert tx.scalars(select(Owner.id).where(Owner.phone_hash.is_not(None))).all() == []
        assert tx.scalars(select(RectificationRequest.id)).all() == []
        assert tx.scalars(select(Outbox.data).where(Outbox.data != {})).all() == []
        ended = select(func.count()).where(AuditEntry.action == "data.end")
        assert (tx.scalar(ended) or 0) > 8
    assert_sound(village)


def test_a_day_before_its_period_is_over_everything_is_there(
    village: Village, passing: Passing
) -> None:
    everything(village)
    everybody_goes(village)
    names = ("objection.text_sealed", "owner.name_sealed", "person.name_sealed", "lockout.reason")
    before = readable(village)
    passing.years(3, days=-1)
    after = readable(village)
    for place in (each for each in before if each.startswith(names)):
        assert after[place] == before[place], place


def test_of_an_ended_objection_its_number_kind_and_answer_stay(
    village: Village, passing: Passing
) -> None:
    everything(village)
    passing.years(3)
    own = my_objections(village.ctx, village.actor("owner0"))
    assert [(each.kind, each.text) for each in own] == [("price", GONE)]
    assert own[0].number


def test_a_case_that_goes_on_keeps_its_objections_however_long_it_takes(
    village: Village, passing: Passing
) -> None:
    _, notice = village.posted()
    objections.file_objection(village.ctx, village.actor("owner0"), notice, "price", "保费偏高")
    passing.years(4)
    assert my_objections(village.ctx, village.actor("owner0"))[0].text == "保费偏高"


def test_who_sold_stays_the_author_of_a_paper_while_its_case_goes_on(
    village: Village, passing: Passing
) -> None:
    """On a paper nothing but the roster says whose it is."""
    purchase, notice = village.posted()
    paper = PaperObjection("need", "还在质保期", "业主", village.clock(), village.owners[0])
    village.clerk.enters_paper(notice, paper)
    seller = village.actor("owner0")
    ownership.give_up_home(village.ctx, seller, village.owners[0])
    passing.years(4)
    (own,) = my_objections(village.ctx, seller)
    assert own.text == "还在质保期"
    with village.ctx.sessions() as tx:
        sold = tx.get_one(Owner, village.owners[0])
        assert (sold.former_person_id, sold.name_ended_at) == (seller.person_id, None)
    case_closed(village, purchase)
    sweep(village)
    with village.ctx.sessions() as tx:
        sold = tx.get_one(Owner, village.owners[0])
        assert sold.former_person_id is None
        assert sold.name_ended_at is not None
    assert my_objections(village.ctx, seller) == []


def case_closed(village: Village, purchase: Purchase) -> None:
    """The property company gave up, whoever manages the estate by now."""
    with village.ctx.sessions() as tx:
        tx.execute(update(AccessGrant).values(valid_until=None))
        tx.commit()
    village.manager.withdraws(purchase.id, "不办了")


def test_who_still_has_a_part_here_is_not_erased_for_not_coming(
    village: Village, passing: Passing
) -> None:
    with village.ctx.sessions() as tx:
        tx.execute(update(AccessGrant).values(valid_until=None))
        tx.commit()
    stays = {"clerk", "owner0", "member0"} & village.people.keys()
    rules = replace(YEARS, accounts=Sourced(1, "default"))
    village.ctx = replace(village.ctx, city=replace(village.ctx.city, retention=rules))
    passing.years(2)
    with village.ctx.sessions() as tx:
        for name in stays:
            assert tx.get_one(Person, village.actor(name).person_id).left_at is None, name


def refund_after_the_end(village: Village, objection_id: UUID) -> None:
    """What came back of the premium is booked now, and moves the closed case nowhere."""
    of_case = select(PublicNotice.purchase_id).join(
        Objection, Objection.notice_id == PublicNotice.id
    )
    with village.ctx.sessions() as tx:
        purchase_id = tx.scalars(of_case.where(Objection.id == objection_id)).one()
        purchase = tx.get_one(Purchase, purchase_id)
        purchase.version += 1
        tx.add(
            Transition(
                id=uuid7(),
                subject=purchase.subject,
                seq=purchase.version,
                action="receive_refund",
                from_state=purchase.state,
                to_state=purchase.state,
                role="reviewer",
                at=village.clock(),
                evidence=[],
            )
        )
        tx.commit()


def words_end(village: Village) -> list[bool]:
    """Of each objection, whether its words are gone."""
    with village.ctx.sessions() as tx:
        ended = select(Objection.words_ended_at.is_not(None)).order_by(Objection.received_at)
        return list(tx.scalars(ended))


def test_a_refund_after_the_end_keeps_no_words(village: Village) -> None:
    entered = closed_with_a_paper(village)
    village.clock.advance(days=1000)
    refund_after_the_end(village, entered)
    village.clock.advance(days=100)
    end_what_is_over(village.ctx)
    assert words_end(village) == [True]
    assert_sound(village)


def test_words_end_by_a_clock_that_runs(village: Village) -> None:
    """Each look at it finds it later, and business time is ahead of the machine's."""
    closed_with_a_paper(village)
    village.clock.advance(days=4000)
    looks = count(1)
    village.ctx = replace(
        village.ctx, clock=lambda: village.clock() + timedelta(seconds=next(looks))
    )
    end_what_is_over(village.ctx)
    assert words_end(village) == [True]


def test_words_that_the_database_refuses_to_end_stop_no_others(
    village: Village, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    purchase, notice = village.posted()
    for words in ("还在质保期", "太贵", "没有必要"):
        paper = PaperObjection("need", words, words, village.clock(), None)
        village.clerk.enters_paper(notice, paper)
        village.clock.advance(minutes=1)
    village.manager.withdraws(purchase.id, "不办了")
    village.clock.advance(days=4000)
    sealed = village.ctx.cipher.seal
    first: list[UUID] = []

    def seal(column: Any, row_id: UUID, words: str) -> bytes | None:
        if words == GONE and row_id == (first or [row_id])[0]:
            first[:] = [row_id]
            return None  # the database takes no row without words
        return bytes(sealed(column, row_id, words))

    monkeypatch.setattr(batches, "AT_ONCE", 2)
    monkeypatch.setattr(village.ctx.cipher, "seal", seal)
    end_what_is_over(village.ctx)
    assert words_end(village) == [False, True, True]
    assert f"the words of objection {first[0]} do not end" in caplog.text
    with village.ctx.sessions() as tx:
        ended = AuditEntry.action == AuditAction.DATA_END, AuditEntry.subject_kind == "objection"
        assert len(tx.scalars(select(AuditEntry.id).where(*ended)).all()) == 2
        assert kept_too_long(tx, village.ctx) == ["objection"]
    monkeypatch.undo()
    end_what_is_over(village.ctx)
    assert words_end(village) == [True] * 3
    with village.ctx.sessions() as tx:
        assert kept_too_long(tx, village.ctx) == []
    assert_sound(village)


def refused_by_database(village: Village, objection_id: UUID, **values: Any) -> str:
    """What the database says to these values; nothing if it takes them."""
    try:
        with village.ctx.sessions() as tx:
            tx.execute(update(Objection).where(Objection.id == objection_id).values(values))
            tx.commit()
    except DBAPIError as error:
        return str(error.orig)
    return ""


def closed_with_a_paper(village: Village) -> UUID:
    """The objection on paper of somebody unknown, to a case that was given up afterwards."""
    purchase, notice = village.posted()
    paper = PaperObjection("need", "还在质保期", "路人甲", village.clock(), None)
    entered = village.clerk.enters_paper(notice, paper)
    village.manager.withdraws(purchase.id, "不办了")
    return entered.id


def end_of(village: Village, objection_id: UUID) -> dict[str, Any]:
    """What ends the words now."""
    gone = village.ctx.cipher.seal(Objection.text_sealed, objection_id, GONE)
    return {"text_sealed": gone, "words_ended_at": village.clock(), "objector_sealed": None}


def in_the_chain(village: Village) -> None:
    """Something is on record at the time of now."""
    with village.ctx.sessions() as tx:
        audit.append(tx, village.clock(), None, AuditAction.DATA_END, ("person", uuid7()), {})
        tx.commit()


def test_ended_words_stay_ended_and_others_cannot_be_ended_by_halves(village: Village) -> None:
    entered = closed_with_a_paper(village)
    village.clock.advance(days=400)
    in_the_chain(village)
    other = village.ctx.cipher.seal(Objection.text_sealed, entered, "别的话")
    ended = end_of(village, entered)
    assert refused_by_database(village, entered, text_sealed=other)
    by_half = {name: value for name, value in ended.items() if name != "objector_sealed"}
    assert refused_by_database(village, entered, **by_half), "the name on the paper stands yet"
    assert not refused_by_database(village, entered, **ended)
    assert refused_by_database(village, entered, words_ended_at=None)
    again = village.ctx.cipher.seal(Objection.text_sealed, entered, "又")
    assert refused_by_database(village, entered, text_sealed=again)
    assert refused_by_database(village, entered, published_text="话", publication="published")


def test_the_database_ends_no_words_of_a_case_that_goes_on_or_before_a_year(
    village: Village,
) -> None:
    _, notice = village.posted()
    paper = PaperObjection("need", "还在质保期", "路人甲", village.clock(), None)
    goes_on = village.clerk.enters_paper(notice, paper).id
    village.clock.advance(days=900)
    in_the_chain(village)
    assert "goes on" in refused_by_database(village, goes_on, **end_of(village, goes_on))


def test_the_database_counts_the_year_from_the_last_step_and_by_no_clock_ahead_of_the_chain(
    village: Village,
) -> None:
    entered = closed_with_a_paper(village)
    a_year_later = village.clock().replace(year=village.clock().year + 1)
    for now in (a_year_later - timedelta(days=1), a_year_later):
        village.clock.set(now)
        in_the_chain(village)
        assert "not over" in refused_by_database(village, entered, **end_of(village, entered))
    ahead = end_of(village, entered) | {"words_ended_at": system_clock() + timedelta(days=4000)}
    assert "not over" in refused_by_database(village, entered, **ahead)
    village.clock.advance(seconds=1)
    in_the_chain(village)
    assert not refused_by_database(village, entered, **end_of(village, entered))


def test_the_database_knows_which_states_are_closed(village: Village) -> None:
    with village.ctx.sessions() as tx:
        body = tx.scalar(text("SELECT prosrc FROM pg_proc WHERE proname = 'refuse_early_end'"))
    assert body
    (states,) = re.findall(r"NOT IN \(([^)]+)\)", body)
    assert set(re.findall("'([a-z_]+)'", states)) == closed_states()


def test_everybody_reads_how_long_what_is_kept(village: Village) -> None:
    rules = replace(
        YEARS, objections=Sourced(10, "档案规定（虚构）"), messages=Sourced(1, "default")
    )
    paragraph = periods(rules)
    assert "案件办结后10年" in paragraph
    assert "发给您的消息1年" in paragraph
    assert "为系统默认" in paragraph
    assert periods(village.ctx.city.retention) in city_facts.privacy(village.ctx.city)


def test_three_years_end_on_the_same_day_of_the_year() -> None:
    assert ended_before(datetime(2028, 3, 3, tzinfo=UTC), 3).date().isoformat() == "2025-03-03"
    leap = datetime(2028, 2, 29, 9, tzinfo=SHANGHAI)
    assert ended_before(leap, 1) == datetime(2027, 2, 28, 9, tzinfo=SHANGHAI)


def test_the_words_of_a_bank_s_lines_end_ten_years_after_their_year(
    village: Village, passing: Passing
) -> None:
    village.clock.set(datetime(2025, 4, 1, 9, tzinfo=SHANGHAI))
    desk = BankDesk(village)
    statement = desk.takes([(FIRST, 5_00, "B-1", "冯样的退款")]).id
    line = BankStatementLine.statement_id == statement

    def words() -> tuple[str, str, str]:
        with village.ctx.sessions() as tx:
            return words_of(village.ctx.cipher, tx.scalars(select(BankStatementLine)).one())

    passing.years(10)
    assert words() == ("示例保险", "6222000000000001", "冯样的退款")
    with village.ctx.sessions() as tx, pytest.raises(DBAPIError, match="are kept"):
        tx.execute(update(BankStatementLine).where(line).values(words_sealed=None))
    passing.years(1)
    assert words() == ("", "", GONE)
    [view] = desk.lines(statement)
    assert (view.line.reference, view.line.amount_fen) == ("B-1", 5_00)
    sweep(village)
    with village.ctx.sessions() as tx:
        assert tx.get_one(BankStatement, statement).words_ended_at == village.clock()
