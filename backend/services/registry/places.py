"""Buildings and units get other names; what hangs and was signed keeps the one of its day."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.normal import normal_place
from backend.domain.roles import Role
from backend.domain.texts import PLACE_LIMIT, REASON_LIMIT, required
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.store.registry import Building, Unit

KEEPERS = (Role.CLERK, Role.ADMINISTRATOR)


def rename_building(ctx: Context, actor: Actor, building_id: UUID, name: str, reason: str) -> None:
    """Another name for a building (栋); its former one is never another building's.

    Raises Refused: not_found, role_required, text_required, text_too_long, place_name_taken.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *KEEPERS)
        building = tx.get(Building, building_id, with_for_update=True)
        if building is None:
            raise nothing_there("楼栋")
        others = tx.scalars(
            select(Building).where(
                Building.estate_id == building.estate_id, Building.id != building_id
            )
        ).all()
        _rename(tx, ctx, actor, building, others, name, reason)
        tx.commit()


def rename_unit(ctx: Context, actor: Actor, unit_id: UUID, name: str, reason: str) -> None:
    """Another name for a unit (单元). Raises Refused as `rename_building`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *KEEPERS)
        unit = tx.get(Unit, unit_id, with_for_update=True)
        if unit is None:
            raise nothing_there("单元")
        others = tx.scalars(
            select(Unit).where(Unit.building_id == unit.building_id, Unit.id != unit_id)
        ).all()
        _rename(tx, ctx, actor, unit, others, name, reason)
        tx.commit()


def _rename(
    tx: Session,
    ctx: Context,
    actor: Actor,
    place: Building | Unit,
    others: Sequence[Building | Unit],
    name: str,
    reason: str,
) -> None:
    name = required(name, PLACE_LIMIT, "name", "新的名称")
    reason = required(reason, REASON_LIMIT, "reason", "改名的原因")
    if name == place.name:
        return
    form, before = normal_place(name), normal_place(place.name)
    taken = {known for each in others for known in (normal_place(each.name), *each.former_names)}
    if form in taken:
        message = f"“{name}”是另一处的名称，或曾是它的，请换一个。"
        raise refuse("place_name_taken", message, "name", kind="conflict")
    facts = {"before": place.name, "after": name, "reason": reason}
    former = {*place.former_names, before} - {form}
    place.name, place.former_names = name, sorted(former)
    subject = (place.__tablename__, place.id)
    audit.append(tx, ctx.clock(), actor.person_id, AuditAction.PLACE_RENAME, subject, facts)
