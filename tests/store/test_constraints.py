"""What the database itself refuses, whoever asks."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine, Table, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.domain.ledger import HoldState, PaymentState
from backend.domain.public_notice import NoticeState
from backend.domain.subject import Subject
from backend.services.base.numbers import next_number
from backend.store.audit import NumberSeries
from backend.store.database import make_sessions
from backend.store.ledger import Account, Entry, Hold, Posting
from backend.store.notices import PublicNotice
from backend.store.purchases import CoveragePeriod, Payment
from backend.store.registry import Lift, LiftToken, Maintainer
from backend.store.tables import Base
from tests.build.sample_case import (
    NOTICE_ENDS_BEFORE,
    NOW,
    TODAY,
    SampleCase,
    fill_pool,
    refused_by_database,
    sample_case,
    sample_notice,
    sample_plan,
    sample_purchase,
)
from tests.build.waiting import PATIENCE_SECONDS, at_once

APPEND_ONLY = [
    "approval",
    "audit_entry",
    "contract",
    "policy",
    "entry",
    "evidence",
    "file",
    "household_balance",
    "household_movement",
    "invoice",
    "public_notice_photo",
    "objection_photo",
    "photo",
    "plan",
    "plan_lift",
    "posting",
    "screening_finding",
    "registration",
    "survey",
    "transition",
]
KEPT = [
    "account",
    "hold",
    "public_notice",
    "number_series",
    "objection",
    "payment",
    "purchase",
]


@pytest.fixture
def case(tx: Session) -> SampleCase:
    return sample_case(tx)


def add_entry(tx: Session, case: SampleCase, lines: int, *amounts_fen: int) -> UUID:
    """Write an entry past the service; amounts go to bank and pool in turn."""
    entry = Entry(
        natural_key=str(uuid4()), kind="test", booked_on=TODAY, memo="", lines=lines, created_at=NOW
    )
    tx.add(entry)
    tx.flush()
    for place, fen in enumerate(amounts_fen):
        account = (case.bank, case.pool)[place % 2]
        tx.execute(insert(Posting).values(entry_id=entry.id, account_id=account, amount_fen=fen))
    return entry.id


def add_hold(tx: Session, case: SampleCase, amount_fen: int, state: str = "pending") -> Hold:
    hold = Hold(
        account_id=case.pool,
        subject=case.subject,
        amount_fen=amount_fen,
        state=state,
        placed_at=NOW,
        settled_at=None if state == "pending" else NOW,
    )
    tx.add(hold)
    tx.flush()
    return hold


def add_cover(
    tx: Session, case: SampleCase, starts: date, ends: date, state: str = "reserved"
) -> None:
    cover = CoveragePeriod(
        lift_id=case.lift,
        purchase_id=case.purchase,
        insurer_id=case.insurer,
        period=Range(starts, ends),
        state=state,
    )
    tx.add(cover)
    tx.flush()


def figures(tx: Session, account: UUID) -> tuple[int, int]:
    row = tx.execute(
        select(Account.balance_fen, Account.held_fen).where(Account.id == account)
    ).one()
    return row.balance_fen, row.held_fen


def table_of(name: str) -> Table:
    return Base.metadata.tables[name]


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_append_only_rows_are_never_changed_or_removed(tx: Session, name: str) -> None:
    table = table_of(name)
    column = next(iter(table.columns))
    for statement in (
        update(table).values({column: column}),
        delete(table),
        text(f"TRUNCATE {name} CASCADE"),
    ):
        with refused_by_database(tx) as refusal:
            tx.execute(statement)
        assert refusal.rule.endswith("_append_only")


@pytest.mark.parametrize("name", KEPT)
def test_rows_that_change_are_still_never_removed(tx: Session, name: str) -> None:
    with refused_by_database(tx) as refusal:
        tx.execute(delete(table_of(name)))
    assert refusal.rule == f"{name}_kept"
    with refused_by_database(tx):
        tx.execute(text(f"TRUNCATE {name} CASCADE"))


@pytest.mark.parametrize(
    ("lines", "amounts_fen"),
    [
        pytest.param(2, (), id="no postings"),
        pytest.param(2, (100,), id="one posting"),
        pytest.param(2, (100, -99), id="one fen short"),
        pytest.param(4, (100, -100), id="fewer postings than lines"),
    ],
)
def test_an_entry_that_does_not_balance_is_refused_at_commit(
    tx: Session, case: SampleCase, lines: int, amounts_fen: tuple[int, ...]
) -> None:
    fill_pool(tx, case, 1000)
    with refused_by_database(tx) as refusal:
        add_entry(tx, case, lines, *amounts_fen)
    assert refusal.rule == "entry_balanced"


def test_an_entry_of_one_line_is_refused(tx: Session, case: SampleCase) -> None:
    with refused_by_database(tx) as refusal:
        add_entry(tx, case, 1)
    assert refusal.rule == "ck_entry_lines"


def test_a_booked_entry_takes_no_further_postings(tx: Session, case: SampleCase) -> None:
    entry = add_entry(tx, case, 2, 100, -100)
    tx.commit()
    with refused_by_database(tx) as refusal:
        for account, fen in ((case.bank, 7), (case.pool, -7)):
            tx.execute(insert(Posting).values(entry_id=entry, account_id=account, amount_fen=fen))
    assert refusal.rule == "posting_fits_entry"


def test_postings_move_both_balances_in_their_natural_sign(tx: Session, case: SampleCase) -> None:
    add_entry(tx, case, 2, 100, -100)
    assert figures(tx, case.bank) == (100, 0)
    assert figures(tx, case.pool) == (100, 0)


@pytest.mark.parametrize("column", ["balance_fen", "held_fen"])
def test_figures_of_an_account_cannot_be_set_by_hand(
    tx: Session, case: SampleCase, column: str
) -> None:
    with refused_by_database(tx) as refusal:
        tx.execute(update(Account).where(Account.id == case.pool).values({column: 1}))
    assert refusal.rule == "account_figures_follow"


def test_an_account_starts_empty(tx: Session) -> None:
    with refused_by_database(tx) as refusal:
        tx.add(
            Account(number="x", kind="bank", normal="debit", name="x", balance_fen=1, held_fen=0)
        )
    assert refusal.rule == "account_starts_empty"


def test_an_account_never_becomes_another(tx: Session, case: SampleCase) -> None:
    with refused_by_database(tx) as refusal:
        tx.execute(update(Account).where(Account.id == case.pool).values(kind="bank"))
    assert refusal.rule == "account_frozen"
    tx.execute(update(Account).where(Account.id == case.pool).values(name="新名"))


def test_more_than_available_cannot_be_held(tx: Session, case: SampleCase) -> None:
    fill_pool(tx, case, 100)
    with refused_by_database(tx) as refusal:
        add_hold(tx, case, 101)
    assert refusal.rule == "ck_account_available"


def test_held_money_cannot_be_booked_away(tx: Session, case: SampleCase) -> None:
    fill_pool(tx, case, 100)
    add_hold(tx, case, 60)
    assert figures(tx, case.pool) == (100, 60)
    with refused_by_database(tx) as refusal:
        add_entry(tx, case, 2, -41, 41)
    assert refusal.rule == "ck_account_available"


@pytest.mark.parametrize("state", ["posted", "voided"])
def test_a_hold_settles_once(tx: Session, case: SampleCase, state: str) -> None:
    fill_pool(tx, case, 100)
    hold = add_hold(tx, case, 100)
    hold.state, hold.settled_at = HoldState(state), NOW
    tx.flush()
    assert figures(tx, case.pool) == (100, 0)
    for again in ("pending", "posted", "voided"):
        with refused_by_database(tx) as refusal:
            tx.execute(update(Hold).where(Hold.id == hold.id).values(state=again))
        assert refusal.rule == "hold_settles_once"


def test_a_hold_is_born_pending_and_keeps_its_amount(tx: Session, case: SampleCase) -> None:
    fill_pool(tx, case, 100)
    with refused_by_database(tx) as refusal:
        add_hold(tx, case, 50, state="posted")
    assert refusal.rule == "hold_starts_pending"
    hold = add_hold(tx, case, 50)
    with refused_by_database(tx) as refusal:
        tx.execute(update(Hold).where(Hold.id == hold.id).values(amount_fen=1))
    assert refusal.rule == "hold_frozen"


def test_two_sessions_cannot_hold_the_same_money(engine: Engine) -> None:
    """Without the service's lock: the database alone must see to it."""
    sessions = make_sessions(engine)
    with sessions() as tx:
        case = sample_case(tx)
        fill_pool(tx, case, 100)
        other = sample_purchase(tx, case.estate, {case.pool: 1}, case.insurer, case.person).subject
        tx.commit()

    def hold(subject: Subject) -> str:
        with sessions() as tx:
            try:
                tx.execute(
                    insert(Hold).values(
                        account_id=case.pool,
                        subject=subject,
                        amount_fen=100,
                        state="pending",
                        placed_at=NOW,
                    )
                )
                tx.commit()
            except IntegrityError as error:
                return str(error.orig)
        return "held"

    outcomes = at_once([partial(hold, subject) for subject in (case.subject, other)])
    with sessions() as tx:
        assert figures(tx, case.pool) == (100, 100)
    assert outcomes.count("held") == 1
    assert "ck_account_available" in str(outcomes)


def test_covers_of_one_lift_never_overlap(tx: Session, case: SampleCase) -> None:
    add_cover(tx, case, date(2025, 4, 1), date(2026, 4, 1))
    with refused_by_database(tx) as refusal:
        add_cover(tx, case, date(2026, 3, 31), date(2027, 3, 31))
    assert refusal.rule == "ex_coverage_period_overlap"
    add_cover(tx, case, date(2026, 4, 1), date(2027, 4, 1))
    add_cover(tx, case, date(2025, 4, 1), date(2027, 4, 1), state="released")
    with refused_by_database(tx) as refusal:
        tx.execute(
            update(CoveragePeriod)
            .where(CoveragePeriod.state == "released")
            .values(state="reserved")
        )
    assert refusal.rule == "ex_coverage_period_overlap"


@pytest.mark.parametrize(
    "change",
    [{"content": {"text": "别的"}}, {"content_hash": "other"}, {"number": "GS-x"}],
    ids=lambda change: next(iter(change)),
)
def test_a_notice_keeps_its_words(tx: Session, case: SampleCase, change: dict[str, object]) -> None:
    notice = sample_notice(tx, case)
    with refused_by_database(tx) as refusal:
        for column, value in change.items():
            setattr(notice, column, value)
    assert refusal.rule == "public_notice_frozen"


@pytest.mark.parametrize(
    "change",
    [
        {"ends_before": NOTICE_ENDS_BEFORE - timedelta(microseconds=1)},
        {"ends_before": None},
        {"ends_on": date(2025, 3, 9)},
        {"starts_on": date(2025, 3, 2)},
    ],
)
def test_a_notice_never_becomes_shorter(
    tx: Session, case: SampleCase, change: dict[str, object]
) -> None:
    notice = sample_notice(tx, case)
    with refused_by_database(tx) as refusal:
        tx.execute(update(PublicNotice).values(change))
    assert refusal.rule == "public_notice_only_longer"
    notice.ends_before = NOTICE_ENDS_BEFORE + timedelta(days=1)
    tx.flush()


def test_a_notice_that_is_over_stays_over(tx: Session, case: SampleCase) -> None:
    notice = sample_notice(tx, case)
    notice.state = NoticeState.VOID
    tx.flush()
    with refused_by_database(tx) as refusal:
        notice.state = NoticeState.OPEN
    assert refusal.rule == "public_notice_over"


def test_the_premiums_of_the_lifts_add_up_to_the_plan(tx: Session, case: SampleCase) -> None:
    sample_plan(tx, case, 100, 100)
    with refused_by_database(tx) as refusal:
        sample_plan(tx, case, 100, 99)
    assert refusal.rule == "plan_adds_up"


def test_a_payment_settles_once_and_keeps_its_payee(tx: Session, case: SampleCase) -> None:
    payment = Payment(
        number="BF-1",
        purchase_id=case.purchase,
        amount_fen=100,
        payee_name="示例保险",
        payee_bank="示例银行",
        payee_account="1",
        state="ordered",
        ordered_by=case.person,
        ordered_at=NOW,
    )
    tx.add(payment)
    tx.flush()
    with refused_by_database(tx) as refusal:
        payment.payee_account = "2"
    assert refusal.rule == "payment_frozen"
    tx.refresh(payment)
    payment.state, payment.settled_at = PaymentState.CONFIRMED, NOW
    payment.bank_reference = "B-1"
    tx.flush()
    with refused_by_database(tx) as refusal:  # ordered once more it has no reference
        payment.state, payment.settled_at = PaymentState.ORDERED, None
    assert refusal.rule == "payment_settles_once"
    tx.refresh(payment)
    payment.state, payment.settled_at, payment.bank_reference = PaymentState.ORDERED, None, None
    tx.flush()
    payment.state, payment.settled_at = PaymentState.REJECTED, NOW
    tx.flush()
    with refused_by_database(tx) as refusal:
        payment.state = PaymentState.CONFIRMED
    assert refusal.rule == "payment_settles_once"


def test_a_revoked_code_stays_revoked(tx: Session, case: SampleCase) -> None:
    token = LiftToken(token="t", lift_id=case.lift, issued_at=NOW, revoked_at=NOW)
    tx.add(token)
    tx.flush()
    with refused_by_database(tx) as refusal:
        token.revoked_at = None
    assert refusal.rule == "lift_token_revoked_for_good"


def test_a_number_series_moves_by_one(tx: Session) -> None:
    with refused_by_database(tx) as refusal:
        tx.add(NumberSeries(kind="purchase", year=2025, last=7))
    assert refusal.rule == "number_series_starts_at_one"
    next_number(tx, "purchase", TODAY)
    for last in (0, 1, 3):
        with refused_by_database(tx) as refusal:
            tx.execute(update(NumberSeries).values(last=last))
        assert refusal.rule == "number_series_steps_by_one"


def test_whoever_shows_a_lift_hears_of_changes_at_commit(
    tx: Session, case: SampleCase, database_url: str
) -> None:
    tx.commit()
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as listener:
        listener.execute("LISTEN lift_changed")

        def heard() -> set[str]:
            return {
                note.payload for note in listener.notifies(timeout=PATIENCE_SECONDS, stop_after=1)
            }

        tx.add(LiftToken(token="t", lift_id=case.lift, issued_at=NOW))
        tx.commit()
        assert heard() == {str(case.lift)}
        tx.execute(delete(LiftToken).where(LiftToken.token == "t"))
        tx.commit()
        assert heard() == {str(case.lift)}
        add_cover(tx, case, date(2025, 4, 1), date(2026, 4, 1))
        tx.commit()
        assert heard() == {str(case.lift)}
        tx.execute(update(Lift).where(Lift.id == case.lift).values(name="2号梯"))
        tx.commit()
        assert heard() == {str(case.lift)}
        maintainer = Maintainer(name="示例维保")
        tx.add(maintainer)  # which no page can show yet
        tx.commit()
        maintainer.phone = "0743-7654321"
        tx.commit()
        assert heard() == {"*"}
        notice = sample_notice(tx, case)
        tx.commit()
        found = heard()
        while len(found) < 2:
            found |= heard()
        assert found == {str(notice.id), str(case.lift)}
