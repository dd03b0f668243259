"""纸质材料: what one clerk enters from a paper waits until another one compared it with the scan.

What it says is judged when it is entered, so that the clerk at the counter hears at once what is
wrong, and counts only as it stands when it is compared (`public_notice/second_looks.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.domain.approval import ANSWER_NAMES
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.paper_entries import PAPER_KIND_NAMES, PaperKind, check_received
from backend.domain.personal import masked_name
from backend.domain.roles import Role
from backend.domain.voting import CHOICE_NAMES, Choice
from backend.domain.wording import plain_day
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.base.own_words import name_of
from backend.services.case.case import Case
from backend.services.case.notifications import tell_clerks
from backend.services.case.recipients import holders
from backend.services.files.handed_in import check_upload
from backend.services.purchase.duplicates import SCANS, check_scan_fresh
from backend.store.notices import Evidence, Objection
from backend.store.proposals import PaperEntry
from backend.store.purchases import Purchase
from backend.store.queries.places import places_of
from backend.store.registry import CommitteeMember, Estate, Owner


@dataclass(frozen=True)
class Scanned:
    """A paper: its scan, and when the centre got it."""

    file_sha256: str
    received_at: datetime


@dataclass(frozen=True)
class PaperEntryView:
    """What was entered, line by line with names in part; `entered_by` is who must leave it to
    somebody else, `confirmed` is None while it waits."""

    id: UUID
    purchase_id: UUID
    number: str
    estate: str
    kind: str
    kind_name: str
    lines: Sequence[str]
    file_sha256: str
    received_at: datetime
    entered_by: UUID
    entered_at: datetime
    decided_at: datetime | None
    confirmed: bool | None
    turned_down_because: str | None


def check_scan(case: Case, kind: PaperKind, file_sha256: str) -> None:
    """Raises Refused: file_unknown, paper_reused."""
    assert case.actor is not None
    check_scan_fresh(case.tx, case.purchase.id, SCANS[kind], file_sha256)
    check_upload(case.tx, case.actor, file_sha256, "file_sha256")


def put_down(
    case: Case,
    kind: PaperKind,
    about: tuple[UUID, datetime],
    paper: Scanned,
    content: Mapping[str, Any],
) -> PaperEntryView:
    """Let it wait for another clerk, who is asked; `about` is what it is about, and since when
    there is that. The scan was checked before.

    Raises Refused: received_at_invalid, paper_entry_waiting.
    """
    about_id, since = about
    check_received(paper.received_at, since, case.now)
    waits = PaperEntry.decided_at.is_(None)
    same = (PaperEntry.about_id == about_id) & (PaperEntry.kind == kind)
    if case.tx.scalar(select(PaperEntry.id).where(same, waits)):
        message = "同一事项已有一份纸质材料等待核对，请先核对或退回那一份。"
        raise refuse("paper_entry_waiting", message, kind="conflict")
    assert case.person_id is not None
    entry = PaperEntry(
        purchase_id=case.purchase.id,
        kind=kind,
        about_id=about_id,
        received_at=paper.received_at,
        content=dict(content),
        file_sha256=paper.file_sha256,
        entered_by=case.person_id,
        in_stead_of=case.involved.fact.stands_in_for.get(Role.CLERK),
        entered_at=case.now,
    )
    case.tx.add(entry)
    case.tx.flush()
    write_down(case, AuditAction.PURCHASE_ENTER_PAPER, entry)
    words = f"{PAPER_KIND_NAMES[kind]}已录入"
    others = set(holders(case.tx, case.ctx, Role.CLERK)) - {entry.entered_by, entry.in_stead_of}
    tell_clerks(case, f"paper/{entry.id}", others, words, "请对照扫描件核对")
    return view_of(case.tx, case.ctx, entry.id)


def keep_scan(case: Case, entry: PaperEntry) -> None:
    """The case rests on the paper from now on, as of whoever entered it."""
    case.tx.add(
        Evidence(
            subject=case.subject,
            kind=SCANS[entry.kind],
            file_sha256=entry.file_sha256,
            statement=None,
            given_by=entry.entered_by,
            given_at=case.now,
        )
    )


def write_down(case: Case, action: AuditAction, entry: PaperEntry) -> None:
    """A link in the chain. A withdrawal is a name: the chain says that there is one, not which file
    it is."""
    facts = {"kind": entry.kind, "received_at": entry.received_at.isoformat()}
    if entry.kind is not PaperKind.OBJECTION_WITHDRAWAL:
        facts["file_sha256"] = entry.file_sha256
    subject = ("purchase", case.purchase.id)
    audit.append(case.tx, case.now, case.person_id, action, subject, facts)


def view_of(tx: Session, ctx: Context, entry_id: UUID) -> PaperEntryView:
    """This one."""
    (view,) = _views(tx, ctx, PaperEntry.id == entry_id)
    return view


def waiting(tx: Session, ctx: Context) -> Sequence[PaperEntryView]:
    """Those that wait for another clerk, the oldest first."""
    return _views(tx, ctx, PaperEntry.decided_at.is_(None))


def _views(tx: Session, ctx: Context, which: ColumnElement[bool]) -> Sequence[PaperEntryView]:
    rows = tx.execute(
        select(PaperEntry, Purchase.number, Estate.name)
        .join(Purchase, Purchase.id == PaperEntry.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(which)
        .order_by(PaperEntry.id)
    ).all()
    words = _words(tx, ctx, [entry for entry, *_ in rows])
    return [
        PaperEntryView(
            id=entry.id,
            purchase_id=entry.purchase_id,
            number=number,
            estate=estate,
            kind=entry.kind,
            kind_name=PAPER_KIND_NAMES[entry.kind],
            lines=words[entry.id],
            file_sha256=entry.file_sha256,
            received_at=entry.received_at,
            entered_by=entry.entered_by,
            entered_at=entry.entered_at,
            decided_at=entry.decided_at,
            confirmed=entry.confirmed,
            turned_down_because=entry.turned_down_because,
        )
        for entry, number, estate in rows
    ]


def _words(
    tx: Session, ctx: Context, entries: Sequence[PaperEntry]
) -> Mapping[UUID, Sequence[str]]:
    """What each says, line by line; by one query for each kind that there is."""
    signed = [entry for entry in entries if entry.kind is PaperKind.COSIGNATURES]
    met = [entry for entry in entries if entry.kind is PaperKind.MINUTES]
    gone = [entry for entry in entries if entry.kind is PaperKind.OBJECTION_WITHDRAWAL]
    cast = [entry for entry in entries if entry.kind is PaperKind.BALLOTS]
    return _signed(tx, ctx, signed) | _met(tx, ctx, met) | _gone(tx, gone) | _cast(tx, ctx, cast)


def _signed(tx: Session, ctx: Context, entries: Sequence[PaperEntry]) -> dict[UUID, Sequence[str]]:
    ids = {UUID(each) for entry in entries for each in entry.content["owners"]}
    owners = {each.id: each for each in tx.scalars(select(Owner).where(Owner.id.in_(ids)))}
    flats = places_of(tx, [owner.household_id for owner in owners.values()])

    def words(owner: Owner) -> str:
        return f"{flats[owner.household_id]} {masked_name(name_of(ctx.cipher, owner))}"

    return {
        entry.id: [words(owners[UUID(each)]) for each in entry.content["owners"]]
        for entry in entries
    }


def _met(tx: Session, ctx: Context, entries: Sequence[PaperEntry]) -> dict[UUID, Sequence[str]]:
    answers = [answer for entry in entries for answer in entry.content["answers"]]
    ids = {UUID(answer["member_id"]) for answer in answers}
    found = tx.scalars(select(CommitteeMember).where(CommitteeMember.id.in_(ids)))
    names = {str(each.id): masked_name(name_of(ctx.cipher, each)) for each in found}

    def words(answer: Mapping[str, Any]) -> str:
        why = f"：{answer['reason']}" if answer["reason"] else ""
        return f"{names[answer['member_id']]} {ANSWER_NAMES[answer['answer']]}{why}"

    return {
        entry.id: [
            f"{plain_day(date.fromisoformat(entry.content['held_on']))}开会",
            *(words(answer) for answer in entry.content["answers"]),
        ]
        for entry in entries
    }


def _gone(tx: Session, entries: Sequence[PaperEntry]) -> dict[UUID, Sequence[str]]:
    ids = [entry.about_id for entry in entries]
    found = select(Objection.id, Objection.number).where(Objection.id.in_(ids))
    numbers = dict(tx.execute(found).all()) if ids else {}
    return {entry.id: [f"异议 {numbers[entry.about_id]}"] for entry in entries}


def _cast(tx: Session, ctx: Context, entries: Sequence[PaperEntry]) -> dict[UUID, Sequence[str]]:
    ballots = [ballot for entry in entries for ballot in entry.content["ballots"]]
    flats = places_of(tx, [UUID(ballot["household_id"]) for ballot in ballots])
    people = {ballot[key] for ballot in ballots for key in ("owner_id", "proxy_id")} - {None}
    found = tx.scalars(select(Owner).where(Owner.id.in_([UUID(each) for each in people])))
    names = {str(each.id): masked_name(name_of(ctx.cipher, each)) for each in found}

    def words(ballot: Mapping[str, Any]) -> str:
        owner = names.get(ballot["owner_id"], "建设单位")
        by = f"（{names[ballot['proxy_id']]}代）" if ballot["proxy_id"] else ""
        choice = CHOICE_NAMES[Choice(ballot["choice"])]
        return f"{flats[UUID(ballot['household_id'])]} {owner}{by} {choice}"

    return {entry.id: [words(ballot) for ballot in entry.content["ballots"]] for entry in entries}
