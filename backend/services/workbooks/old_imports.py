"""What nobody wrote of the workbooks that were handed in; apart from what reads workbooks, which
takes memory."""

from datetime import timedelta

from sqlalchemy import or_, update

from backend.services.base.context import Context
from backend.store.imports import WorkbookImport

KEPT = timedelta(days=30)


def forget_old(ctx: Context) -> None:
    """Of a workbook that nobody wrote within a month stays that it was handed in, and no word of
    it (个人信息保护法 19)."""
    old = WorkbookImport.handed_in_at < ctx.clock() - KEPT
    sealed = WorkbookImport.content_sealed, WorkbookImport.found_sealed
    there = or_(*(column.is_not(None) for column in sealed))
    nothing = {"content_sealed": None, "found_sealed": None}
    with ctx.sessions() as tx:
        tx.execute(update(WorkbookImport).where(old, there).values(nothing))
        tx.commit()
