"""导入 at the desk: a workbook is handed in and checked; what has no fault is written by a second
word, once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased, undefer
from uuid_utils.compat import uuid7

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.imports import (
    AT_WORK,
    IMPORTERS,
    MOST_AT_ONCE,
    ImportKind,
    ImportState,
)
from backend.domain.personal import masked_name
from backend.domain.roles import Role
from backend.domain.texts import file_name, optional
from backend.services.base import audit
from backend.services.base.access import granted_roles, nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.base.proof import require_recent_proof
from backend.services.case.conflicts_of_interest import books_officer
from backend.services.files.line import HANDED_IN
from backend.services.workbooks.import_work import (
    Compared,
    check,
    check_another,
    content_of,
    in_short,
    is_own,
    note,
    seal,
    write,
)
from backend.services.workbooks.looked import Looked, looked
from backend.services.workbooks.package import MAX_FILE_BYTES
from backend.services.workbooks.templates import template
from backend.services.workbooks.workbook import Counts
from backend.store.imports import WorkbookImport
from backend.store.people import Person

READERS = (*sorted({role for roles in IMPORTERS.values() for role in roles}), Role.AUDITOR)
ROWS = 50
MOST_PAGES = 20
NAME_LIMIT = 80
UNWRITTEN = (ImportState.WAITS, ImportState.CHECKED, ImportState.ORDERED)
TOO_LARGE = f"文件超过 {MAX_FILE_BYTES // 1024 // 1024} MB，请拆分后重新上传。"


@dataclass(frozen=True)
class HandedIn:
    """A workbook that was handed in, and how far it is."""

    id: UUID
    state: ImportState


@dataclass(frozen=True)
class ImportLine:
    """One workbook of the list: who handed it in and who wrote it, in masked names; `is_kept`: what
    was found in it can still be looked at."""

    record: WorkbookImport
    counts: Mapping[str, Counts]
    handed_in_by: str
    applied_by: str
    is_kept: bool

    @property
    def changes(self) -> int:
        """How many records it adds or changes, or has."""
        return sum(each.added + each.changed for each in self.counts.values())

    @property
    def added(self) -> int:
        """How many of them were not there before."""
        return sum(each.added for each in self.counts.values())

    @property
    def preview(self) -> str:
        """What of it would change, in short: who writes it says by this what they looked at."""
        return in_short(self.record.counts)


@dataclass(frozen=True)
class ImportPage:
    """A page of the list, the latest first."""

    rows: Sequence[ImportLine]
    total: int
    page: int
    pages: int
    more: bool = False


@dataclass(frozen=True)
class ImportView:
    """One workbook: `found` is None once it is written, or too old; `may_apply` says whether this
    person may write it, `needs_another` that it must be somebody else."""

    line: ImportLine
    found: Looked | None
    may_apply: bool
    needs_another: bool


def hand_in(
    ctx: Context,
    actor: Actor,
    kind: ImportKind,
    name: str,
    file: IO[bytes],
    compared: Compared,
) -> HandedIn:
    """Check a workbook, and keep it with what was found; nothing of it is written. A large one is
    only kept, and a worker checks it. The same file again, compared with the same papers, is the
    same import, checked anew.

    Raises Refused: not_found, role_required, busy, upload_empty, upload_too_large,
    text_too_long, text_characters_invalid.
    """
    paper = optional(compared.mandate_paper, NAME_LIMIT, "mandate_paper", "委托书或合同的编号")
    compared = Compared(compared.filed, paper or "")
    with HANDED_IN.turn(actor.person_id):
        with ctx.sessions() as tx:
            role = require_officer(tx, ctx, actor, *IMPORTERS[kind])
            in_stead_of = books_officer(tx, ctx, (), actor.person_id).stands_in_for.get(role)
        content = file.read(MAX_FILE_BYTES + 1)
        if not content:
            raise refuse("upload_empty", "文件是空的，请重新选择文件。", "file")
        if len(content) > MAX_FILE_BYTES:
            raise refuse("upload_too_large", TOO_LARGE, "file", kind="too_large")
        at_once = len(content) <= MOST_AT_ONCE
        report = check(ctx, kind, content, compared) if at_once else None
    with ctx.sessions() as tx:
        sha256 = hashlib.sha256(content).hexdigest()
        waiting = _waiting(kind, sha256, compared, actor)
        record = tx.scalar(waiting)
        if record is None:
            record = _new(ctx, actor, kind, content, compared)
            record.file_name, record.in_stead_of = file_name(name, NAME_LIMIT), in_stead_of
            record = _first(tx, record, waiting)
        record.handed_in_at = ctx.clock()  # again: kept for a month from now
        if report is not None:
            note(ctx, record, report)
        elif record.state is ImportState.CHECKED:  # again: checked anew
            record.state, record.failure = ImportState.WAITS, None
        tx.flush()
        facts = {"kind": kind, "sha256": sha256}
        subject = ("workbook_import", record.id)
        audit.append(tx, ctx.clock(), actor.person_id, AuditAction.WORKBOOK_HAND_IN, subject, facts)
        tx.commit()
        return HandedIn(record.id, record.state)


def apply(ctx: Context, actor: Actor, import_id: UUID, preview: str) -> ImportState:
    """正式导入: write a workbook that was checked, all of it or nothing. What changed since it was
    checked is checked again: with faults nothing is written, and they stand in it; nor where it
    would change something else by now than the `preview` said (`ImportLine.preview`). A large one
    is only ordered, and a worker writes it. Again nothing happens. The state that it has now.

    Raises Refused: not_found, role_required, own_import, import_has_problems, import_gone, and as
    `require_recent_proof`: accounts that are paid, mandates and rosters come in so.
    """
    with HANDED_IN.turn(actor.person_id), ctx.sessions() as tx:
        record = tx.get(WorkbookImport, import_id)
        if record is None:
            raise nothing_there("导入")
        require_officer(tx, ctx, actor, *IMPORTERS[record.kind])
        require_recent_proof(actor)
        if record.state not in AT_WORK:  # the row of one that is, a worker may hold for long
            tx.refresh(record, with_for_update=True)
        if record.state is not ImportState.CHECKED:
            return record.state
        check_another(tx, ctx, actor, record)
        if record.problems:
            message = f"还有{record.problems}处问题，没有导入。请改好后重新上传。"
            raise refuse("import_has_problems", message, kind="conflict")
        if record.size_bytes <= MOST_AT_ONCE:
            write(tx, ctx, record, actor.person_id, preview)
        elif in_short(record.counts) == preview:
            content_of(ctx, record)  # or it is gone
            record.state, record.ordered_by = ImportState.ORDERED, actor.person_id
            record.failure = None
        tx.commit()
        return record.state


def read(ctx: Context, actor: Actor, import_id: UUID) -> ImportView:
    """One workbook with everything that was found in it; names and phones of people stand in it
    for whoever handed it in. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        query = _lines().where(WorkbookImport.id == import_id)
        row = tx.execute(query.options(undefer(WorkbookImport.found_sealed))).one_or_none()
        if row is None:
            raise nothing_there("导入")
        record: WorkbookImport = row[0]
        held = granted_roles(tx, ctx, actor, None, None)
        own = is_own(tx, ctx, actor, record)
        sealed = record.found_sealed
        found = None
        if sealed is not None:
            text = ctx.cipher.open(WorkbookImport.found_sealed, record.id, sealed)
            found = looked(record.kind, text, names=record.handed_in_by == actor.person_id)
        checked = record.state is ImportState.CHECKED and found is not None
        can = checked and not record.problems and held & set(IMPORTERS[record.kind])
        return ImportView(_line(ctx, *row), found, bool(can) and not own, bool(can) and own)


def page_of(ctx: Context, actor: Actor, page: int) -> ImportPage:
    """Fifty a page. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        some = select(WorkbookImport.id).limit(ROWS * MOST_PAGES).subquery()
        total = tx.scalar(select(func.count()).select_from(some)) or 0
        pages = max(1, -(-total // ROWS))
        page = min(max(page, 1), pages)
        query = _lines().order_by(WorkbookImport.handed_in_at.desc(), WorkbookImport.id.desc())
        rows = tx.execute(query.offset((page - 1) * ROWS).limit(ROWS))
        return ImportPage([_line(ctx, *row) for row in rows], total, page, pages)


def kinds_of(ctx: Context, actor: Actor) -> Sequence[ImportKind]:
    """What this person may hand in."""
    with ctx.sessions() as tx:
        held = granted_roles(tx, ctx, actor, None, None)
        return [kind for kind in ImportKind if held & set(IMPORTERS[kind])]


def blank(ctx: Context, actor: Actor, kind: ImportKind) -> bytes:
    """The empty workbook to fill in. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
    return template(kind.value)


def _new(
    ctx: Context, actor: Actor, kind: ImportKind, content: bytes, compared: Compared
) -> WorkbookImport:
    at_once = len(content) <= MOST_AT_ONCE
    record = WorkbookImport(
        id=uuid7(),
        kind=kind,
        state=ImportState.CHECKED if at_once else ImportState.WAITS,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        filed=compared.filed,
        mandate_paper=compared.mandate_paper,
        problems=0,
        counts={},
        handed_in_by=actor.person_id,
        handed_in_at=ctx.clock(),
    )
    seal(ctx, record, content)
    return record


def _waiting(
    kind: ImportKind, sha256: str, compared: Compared, actor: Actor
) -> Select[WorkbookImport]:
    return (
        select(WorkbookImport)
        .where(
            WorkbookImport.kind == kind,
            WorkbookImport.sha256 == sha256,
            WorkbookImport.filed == compared.filed,
            WorkbookImport.mandate_paper == compared.mandate_paper,
            WorkbookImport.handed_in_by == actor.person_id,
            WorkbookImport.state.in_(UNWRITTEN),
            WorkbookImport.content_sealed.is_not(None),
        )
        .with_for_update()
    )


def _first(tx: Session, record: WorkbookImport, waiting: Select[WorkbookImport]) -> WorkbookImport:
    """This one or, where the same file came at the same moment, the one that was kept."""
    try:
        with tx.begin_nested():
            tx.add(record)
    except IntegrityError:
        other = tx.scalar(waiting)
        if other is None:
            raise
        return other
    return record


HANDED, APPLIED = aliased(Person), aliased(Person)


def _lines() -> Select[WorkbookImport, Person, Person | None, bool]:
    return (
        select(WorkbookImport, HANDED, APPLIED, WorkbookImport.found_sealed.is_not(None))
        .join(HANDED, HANDED.id == WorkbookImport.handed_in_by)
        .outerjoin(APPLIED, APPLIED.id == WorkbookImport.applied_by)
    )


def _line(
    ctx: Context, record: WorkbookImport, handed: Person, applied: Person | None, is_kept: bool
) -> ImportLine:
    counts = {name: Counts(**each) for name, each in record.counts.items()}
    return ImportLine(record, counts, _called(ctx, handed), _called(ctx, applied), is_kept)


def _called(ctx: Context, person: Person | None) -> str:
    if person is None:
        return ""
    name = name_of(ctx.cipher, person)
    return masked_name(name) if name else "未登记姓名"
