"""送达: a letter that says how a case stands was given to those who applied on paper.

Each letter is of one step of the case (its version): printed again it is the same one. Which was
given is said by whoever enters it, since the case may have moved on between printing and giving.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.letters import HOW_NAMES, Given, check_given
from backend.domain.local_time import local_date
from backend.domain.purchase import officer_refusals
from backend.domain.roles import Role
from backend.domain.routes.catalogue import action_name, state_name
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.case.case import Case, act_as_officer, open_case, see_case
from backend.services.files.handed_in import check_upload
from backend.services.purchase.duplicates import SLIP, check_scan_fresh
from backend.store.people import Person
from backend.store.queries.case_letters import LetterRow, last_given, letters_of
from backend.store.rulings import CaseLetter, CaseLetterDelivery


@dataclass(frozen=True)
class CaseLetterView:
    """A letter that was printed: of which case (its number) and step (`version`), by whom (masked),
    when; and how it was given, if it was. `waits` while that can be entered: no later one was
    given."""

    id: UUID
    number: str
    version: int
    step_name: str
    state_name: str
    printed_by: str
    printed_at: datetime
    how: str | None
    how_name: str
    given_on: date | None
    file_sha256: str | None
    entered_by: str
    entered_at: datetime | None
    waits: bool


@dataclass(frozen=True)
class CaseLetters:
    """What was printed for a case, the latest first; `due` while its last step was not told."""

    due: bool
    items: Sequence[CaseLetterView]


def note_printed(case: Case) -> None:
    """The letter of the case's last step is on record; printed again, it is already."""
    version = case.purchase.version
    letter = insert(CaseLetter).values(
        purchase_id=case.purchase.id,
        version=version,
        printed_by=case.person_id,
        printed_at=case.now,
    )
    case.tx.execute(letter.on_conflict_do_nothing())
    _write_down(case, AuditAction.PURCHASE_PRINT_LETTER, version)


def deliver(
    ctx: Context, actor: Actor, purchase_id: UUID, letter_id: UUID, given: Given
) -> CaseLetterView:
    """The clerk enters that those who applied were given this letter of the case.

    Raises Refused: not_found, version_conflict, role_required, same_officer, officer_is_party,
    letter_not_due, delivery_way_invalid, delivery_day_invalid, file_unknown, paper_reused.
    """
    with ctx.sessions() as tx:
        case = _opened(tx, ctx, actor, purchase_id)
        letter = _of_case(case, letter_id)
        if _given(tx, letter) or letter.version < case.purchase.letter_version:
            message = "这份告知书不用再录入送达：它或者它以后的一份已经送达。"
            raise refuse("letter_not_due", message, kind="conflict")
        check_given(given, local_date(letter.printed_at), case.today)
        check_upload(tx, actor, given.file_sha256, "file_sha256")
        check_scan_fresh(tx, purchase_id, SLIP, given.file_sha256)
        delivery = CaseLetterDelivery(
            letter_id=letter.id,
            how=given.how,
            given_on=given.given_on,
            file_sha256=given.file_sha256,
            entered_by=actor.person_id,
            entered_at=case.now,
        )
        tx.add(delivery)
        case.purchase.letter_version = letter.version
        _write_down(case, AuditAction.PURCHASE_DELIVER_LETTER, letter.version)
        tx.flush()
        view = _view_of(case, letter_id)
        tx.commit()
        return view


def undo(
    ctx: Context, actor: Actor, purchase_id: UUID, letter_id: UUID, reason: str
) -> CaseLetterView:
    """The letter was not given after all: it waits again, if no later one was given.

    Raises Refused: not_found, version_conflict, role_required, same_officer, officer_is_party,
    not_delivered, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        case = _opened(tx, ctx, actor, purchase_id)
        letter = _of_case(case, letter_id)
        delivery = _given(tx, letter)
        if delivery is None:
            message = "这份告知书没有录入过送达，无需撤销。"
            raise refuse("not_delivered", message, kind="conflict")
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "理由")
        delivery.undone_by, delivery.undone_at = actor.person_id, case.now
        delivery.undone_because = why
        tx.flush()
        case.purchase.letter_version = last_given(tx, purchase_id) or 1
        _write_down(case, AuditAction.PURCHASE_UNDO_LETTER, letter.version)
        view = _view_of(case, letter_id)
        tx.commit()
        return view


def read_letters(ctx: Context, actor: Actor, purchase_id: UUID) -> CaseLetters:
    """What was printed for those who applied on paper. Raises Refused `not_found`, also for whoever
    does not print it."""
    found = letters_at_hand(ctx, actor, purchase_id)
    if found is None:
        raise nothing_there("告知书")
    return found


def letters_at_hand(ctx: Context, actor: Actor, purchase_id: UUID) -> CaseLetters | None:
    """The same to a clerk who prints and delivers it; None for anybody else who sees the case, and
    where nobody applied on paper. Raises Refused `not_found`."""
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        if not _prints(case):
            return None
        return CaseLetters(
            due=case.purchase.version > case.purchase.letter_version,
            items=_views(case, letters_of(tx, purchase_id)),
        )


def _write_down(case: Case, action: AuditAction, version: int) -> None:
    facts = {"version": version}
    subject = ("purchase", case.purchase.id)
    audit.append(case.tx, case.now, case.person_id, action, subject, facts)


def _opened(tx: Session, ctx: Context, actor: Actor, purchase_id: UUID) -> Case:
    case = open_case(tx, ctx, actor, purchase_id)
    case.require_role(Action.ENTER_WORD)
    act_as_officer(case, Role.CLERK)
    return case


def _prints(case: Case) -> bool:
    clerk = case.purchase.on_paper and Role.CLERK in case.held
    return clerk and not officer_refusals(case.facts, Role.CLERK)


def _of_case(case: Case, letter_id: UUID) -> CaseLetter:
    letter = case.tx.get(CaseLetter, letter_id)
    if letter is None or letter.purchase_id != case.purchase.id:
        raise nothing_there("告知书")
    return letter


def _given(tx: Session, letter: CaseLetter) -> CaseLetterDelivery | None:
    """How it was given, if it was."""
    return tx.scalar(
        select(CaseLetterDelivery).where(
            CaseLetterDelivery.letter_id == letter.id, CaseLetterDelivery.undone_at.is_(None)
        )
    )


def _view_of(case: Case, letter_id: UUID) -> CaseLetterView:
    views = _views(case, letters_of(case.tx, case.purchase.id))
    return next(view for view in views if view.id == letter_id)


def _views(case: Case, rows: Sequence[LetterRow]) -> Sequence[CaseLetterView]:
    ids = {who for row in rows for who in (row.printed_by, row.entered_by) if who}
    people = case.tx.scalars(select(Person).where(Person.id.in_(ids))) if ids else ()
    names = {person.id: shown_name(case.ctx.cipher, person) for person in people}
    return [
        CaseLetterView(
            id=row.id,
            number=case.purchase.number,
            version=row.version,
            step_name=action_name(row.action),
            state_name=state_name(row.state),
            printed_by=names[row.printed_by],
            printed_at=row.printed_at,
            how=row.how,
            how_name=HOW_NAMES[row.how] if row.how else "",
            given_on=row.given_on,
            file_sha256=row.file_sha256,
            entered_by=names[row.entered_by] if row.entered_by else "",
            entered_at=row.entered_at,
            waits=row.how is None and row.version >= case.purchase.letter_version,
        )
        for row in rows
    ]
