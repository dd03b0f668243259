"""What is done with a workbook that was handed in: it is checked, and it is written.

A small one at once. A large one by a worker, under a lease: one that is killed costs an attempt,
and the next begins anew when the lease is over, three times at most.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.errors import Refused, refuse
from backend.domain.imports import AT_WORK, IMPORTERS, NEED_ANOTHER, ImportKind, ImportState
from backend.seldom import logger_of
from backend.services.base.access import check_let_in, require_officer
from backend.services.base.context import Actor, Context
from backend.services.case.conflicts_of_interest import books_officer
from backend.services.workbooks.balances_import import bring_balances
from backend.services.workbooks.looked import kept_text
from backend.services.workbooks.registry_import import bring_registry
from backend.services.workbooks.workbook import ImportReport
from backend.store.files import NO_ROOM
from backend.store.imports import WorkbookImport

logger = logger_of(__name__)

LEASE = timedelta(minutes=3)  # of real time: longer than a job may take
MOST_ATTEMPTS = 3
GIVEN_UP = "试了三次都没有做完，请把工作簿拆成几份再上传；还是不行的，请联系系统管理员。"
OVERTAKEN = "您看过以后系统里的登记有变化，没有导入。请再核对下面的改动，再点“正式导入”。"
ACCIDENT = "出了意外，没有做完，请再试一次；还是不行的，请联系系统管理员。"


@dataclass(frozen=True)
class Compared:
    """With which of the committee's own papers the centre compared a workbook: `filed`, the members
    with what was filed (备案表); `mandate_paper`, the mandates with the paper of this name."""

    filed: bool = False
    mandate_paper: str = ""


def check(ctx: Context, kind: ImportKind, content: bytes, compared: Compared) -> ImportReport:
    """What is wrong with a workbook, and what it would change; nothing is written."""
    with ctx.sessions() as tx:  # let go of without a commit: a dry run
        return _bring(tx, ctx, kind, content, dry_run=True, compared=compared, by=None)


def write(tx: Session, ctx: Context, record: WorkbookImport, by: UUID, preview: str) -> bool:
    """Write all of a checked workbook, or nothing: what changed since is found, and stands in it;
    so is what would change something else than the `preview` said (`in_short`). Whether it is
    written.

    Raises Refused `import_gone`.
    """
    compared = Compared(record.filed, record.mandate_paper)
    content = content_of(ctx, record)
    with tx.begin_nested() as part:
        report = _bring(tx, ctx, record.kind, content, dry_run=False, compared=compared, by=by)
        as_seen = in_short(_counted(report)) == preview
        if not as_seen:
            part.rollback()
    note(ctx, record, report)
    record.state = ImportState.CHECKED
    if report.applied and as_seen:
        record.state, record.applied_by = ImportState.APPLIED, by
        record.applied_at = ctx.clock()
        record.content_sealed = record.found_sealed = None
    return report.applied and as_seen


def seal(ctx: Context, record: WorkbookImport, content: bytes) -> None:
    """Keep the file with its record."""
    text = content.decode("latin-1")  # every byte is a letter of it
    record.content_sealed = ctx.cipher.seal(WorkbookImport.content_sealed, record.id, text)


def content_of(ctx: Context, record: WorkbookImport) -> bytes:
    """The file. Raises Refused `import_gone`."""
    sealed = record.content_sealed
    if sealed is None:
        raise _gone()
    return ctx.cipher.open(WorkbookImport.content_sealed, record.id, sealed).encode("latin-1")


def is_own(tx: Session, ctx: Context, actor: Actor, record: WorkbookImport) -> bool:
    """Whether this is a workbook that another officer must write, for this one is who handed it in,
    or one of the two stands in for the other (代办)."""
    if record.kind not in NEED_ANOTHER:
        return False
    fact = books_officer(tx, ctx, (), actor.person_id)
    return fact.is_own(record.handed_in_by, record.in_stead_of)


def check_another(tx: Session, ctx: Context, actor: Actor, record: WorkbookImport) -> None:
    """Raises Refused `own_import` where it is."""
    if is_own(tx, ctx, actor, record):
        message = "这份账目是您本人、您代办的人或替您代办的人交来的，请由另一位工作人员导入。"
        raise refuse("own_import", message, kind="forbidden")


def note(ctx: Context, record: WorkbookImport, report: ImportReport) -> None:
    """Keep what was found this time."""
    text = kept_text(report)
    record.found_sealed = ctx.cipher.seal(WorkbookImport.found_sealed, record.id, text)
    record.problems = len(report.problems)
    record.counts = _counted(report)


def in_short(counts: Mapping[str, Mapping[str, int]]) -> str:
    """What somebody saw that a workbook changes, as a text of some letters."""
    written = json.dumps(counts, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _counted(report: ImportReport) -> dict[str, dict[str, int]]:
    return {name: asdict(counts) for name, counts in report.counts.items()}


def carry_on(ctx: Context, import_id: UUID, ending: tuple[type[Exception], ...] = ()) -> bool:
    """Check or write a workbook that waits for it; whether it was one that nobody worked on.

    An error is the workbook's own, but those of `ending`, and a full disk (OSError), end the work:
    when the lease is over, another run begins.
    """
    record = _lease(ctx, import_id)
    if record is None:
        return False
    if record.attempts > MOST_ATTEMPTS:
        _fail(ctx, import_id, GIVEN_UP)
        return True
    work = _check if record.state is ImportState.WAITS else _write
    try:
        work(ctx, import_id)
    except Refused as refused:
        _fail(ctx, import_id, "；".join(refusal.message for refusal in refused.refusals))
    except ending:
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        _accident(ctx, import_id)
    except Exception:  # one that cannot be read must not hold up the others
        _accident(ctx, import_id)
    return True


def _lease(ctx: Context, import_id: UUID) -> WorkbookImport | None:
    now = system_clock()
    with ctx.sessions() as tx:
        record = tx.get(WorkbookImport, import_id, with_for_update={"skip_locked": True})
        if record is None or record.state not in AT_WORK:
            return None
        if record.leased_until is not None and record.leased_until > now:
            return None
        record.leased_until, record.attempts = now + LEASE, record.attempts + 1
        tx.commit()
        return record


def _check(ctx: Context, import_id: UUID) -> None:
    with ctx.sessions() as tx:
        record = tx.get_one(WorkbookImport, import_id)
        content = content_of(ctx, record)
        compared = Compared(record.filed, record.mandate_paper)
    report = check(ctx, record.kind, content, compared)
    with ctx.sessions() as tx:
        record = tx.get_one(WorkbookImport, import_id, with_for_update=True)
        if record.state is not ImportState.WAITS:
            return
        if record.content_sealed is None:  # its month was over meanwhile
            raise _gone()
        note(ctx, record, report)
        record.state = ImportState.CHECKED
        _let_go(record)
        tx.commit()


def _write(ctx: Context, import_id: UUID) -> None:
    """In the name of whoever said so, who must still be one who may: neither kept out nor gone, and
    nobody's stand-in in this since."""
    with ctx.sessions() as tx:
        record = tx.get_one(WorkbookImport, import_id, with_for_update=True)
        if record.state is not ImportState.ORDERED:
            return
        assert record.ordered_by is not None
        by = Actor(record.ordered_by)
        check_let_in(tx, by.person_id)
        require_officer(tx, ctx, by, *IMPORTERS[record.kind])
        check_another(tx, ctx, by, record)
        written = write(tx, ctx, record, by.person_id, in_short(record.counts))
        _let_go(record)
        if not written and not record.problems:
            record.failure = OVERTAKEN
        tx.commit()


def _gone() -> Refused:
    message = "文件已过一个月，不再保存，没有导入。请重新上传。"
    return refuse("import_gone", message, kind="conflict")


def _accident(ctx: Context, import_id: UUID) -> None:
    logger.exception("workbook %s comes to nothing", import_id)
    _fail(ctx, import_id, ACCIDENT)


def _fail(ctx: Context, import_id: UUID, why: str) -> None:
    """What was to be written stays as it was checked, and can be written again."""
    with ctx.sessions() as tx:
        record = tx.get_one(WorkbookImport, import_id, with_for_update=True)
        if record.state not in AT_WORK:
            return
        if record.state is ImportState.ORDERED:
            record.state = ImportState.CHECKED
        else:
            record.state, record.content_sealed = ImportState.FAILED, None
        _let_go(record)
        record.failure = why
        tx.commit()


def _let_go(record: WorkbookImport) -> None:
    record.leased_until, record.attempts, record.failure = None, 0, None


def _bring(
    tx: Session,
    ctx: Context,
    kind: ImportKind,
    content: bytes,
    *,
    dry_run: bool,
    compared: Compared,
    by: UUID | None,
) -> ImportReport:
    if kind is ImportKind.BALANCES:
        return bring_balances(tx, ctx, content, dry_run=dry_run, by=by)
    return bring_registry(
        tx,
        ctx,
        content,
        dry_run=dry_run,
        filed=compared.filed,
        mandate_paper=compared.mandate_paper,
        by=by,
    )
