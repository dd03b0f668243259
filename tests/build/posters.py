"""Posters that were printed, as rows: nothing is drawn."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select

from backend.store.notices import StoredFile
from backend.store.posters import Poster, PrintItem, PrintOrder, PrintOrderState
from backend.store.registry import Lift, LiftToken
from tests.build.village import Village


def print_card(village: Village, lift_id: UUID, made_at: datetime | None = None) -> None:
    """A cab card of a lift, with the code that it has now."""
    with village.ctx.sessions() as tx:
        valid = LiftToken.lift_id == lift_id, LiftToken.valid
        token = tx.scalars(select(LiftToken.token).where(*valid)).one()
        at = made_at or village.clock()
        name = sha256(f"{token} {at}".encode()).hexdigest()
        tx.add(StoredFile(sha256=name, media_type="image/png", size_bytes=1, stored_at=at))
        tx.flush()
        tx.add(
            Poster(
                sha256=name,
                kind="cab_card",
                paper="A5",
                format="png",
                bleed=False,
                lift_id=lift_id,
                unit_id=tx.get_one(Lift, lift_id).unit_id,
                token=token,
                missing="",
                made_at=at,
            )
        )
        tx.commit()


def finish_order(village: Village, zip_bytes: bytes, failure: str) -> None:
    """The order that is open is done: its first poster could not be made, the others were."""
    name = village.ctx.files.put(zip_bytes)
    with village.ctx.sessions() as tx:
        order = tx.scalars(select(PrintOrder).where(PrintOrder.state == "open")).one()
        now = village.clock()
        tx.add(
            StoredFile(
                sha256=name,
                media_type="application/zip",
                size_bytes=len(zip_bytes),
                stored_at=now,
            )
        )
        tx.flush()
        for item in tx.scalars(select(PrintItem).where(PrintItem.order_id == order.id)):
            item.failure = failure
        order.state, order.finished_at = PrintOrderState.DONE, now
        order.file_sha256 = name
        tx.commit()
