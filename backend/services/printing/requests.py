"""What somebody may ask to be printed; nothing here draws."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.posters import FileFormat, NoticePaper, PosterKind
from backend.domain.roles import Role
from backend.services.base.access import nothing_there, require, roles_in_estate
from backend.services.base.context import Actor, Context

PRINTERS = (Role.CLERK, Role.ADMINISTRATOR, Role.PROPERTY_MANAGER)


@dataclass(frozen=True)
class PosterRequest:
    """A poster: of a lift (cab card, about sheet), or of a notice for one of its units."""

    kind: PosterKind
    lift_id: UUID | None = None
    notice_id: UUID | None = None
    unit_id: UUID | None = None
    paper: NoticePaper = "A4"
    format: FileFormat = "png"
    bleed: bool = False


def check_printer(
    tx: Session, ctx: Context, actor: Actor, estate_id: UUID, what: str = "小区"
) -> None:
    """Raises Refused unless the person prints for this estate; strangers find no such `what`."""
    held = roles_in_estate(tx, ctx, actor, estate_id)
    if not held:
        raise nothing_there(what)
    require(held, PRINTERS)
