"""The hashes by which rosters are searched, made anew when the normal form of names has changed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from backend.domain.normal import NAME_FORM, normal_name
from backend.services.base.context import Context
from backend.store.registry import CommitteeMember, NameForm, Owner

BATCH = 2000
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Renewed:
    """How many entries are found by another hash now.

    `doubles` are those that stay as they were, because an entry beside them has the same name now:
    the centre decides which of the two is right.
    """

    changed: int
    doubles: int


def renew_name_hashes(ctx: Context) -> Renewed:
    """Bring every owner and committee member to today's `NAME_FORM`; once done, nothing to do.

    Goes in batches, each committed: what breaks off begins again, and comes to the same.
    """
    with ctx.sessions() as tx:
        if tx.scalar(select(NameForm.form)) == NAME_FORM:
            return Renewed(0, 0)
    changed = doubles = 0
    for model in (Owner, CommitteeMember):
        last: UUID | None = NOBODY
        while last is not None:
            batch, last = _renew_batch(ctx, model, last)
            changed, doubles = changed + batch.changed, doubles + batch.doubles
    with ctx.sessions() as tx:
        tx.execute(update(NameForm).values(form=NAME_FORM))
        tx.commit()
    return Renewed(changed, doubles)


def _renew_batch(
    ctx: Context, model: type[Owner | CommitteeMember], after: UUID
) -> tuple[Renewed, UUID | None]:
    """The next entries, and the last one's id, or None when there were none."""
    changed, doubles, last = 0, 0, None
    with ctx.sessions() as tx:
        rows = tx.execute(
            select(model.id, model.name_sealed, model.name_hash)
            .where(model.id > after)
            .order_by(model.id)
            .limit(BATCH)
        ).all()
        for last, sealed, before in rows:
            name = ctx.cipher.open(model.name_sealed, last, sealed)
            digest = ctx.cipher.digest("name", normal_name(name))
            if digest == before:
                continue
            try:
                with tx.begin_nested():
                    tx.execute(update(model).where(model.id == last).values(name_hash=digest))
                changed += 1
            except IntegrityError:
                doubles += 1
        tx.commit()
    return Renewed(changed, doubles), last
