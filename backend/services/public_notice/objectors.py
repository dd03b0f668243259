"""Whose objection it is: who may object, who wrote it, and who may handle it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, false, func, or_, select, true
from sqlalchemy.orm import Session

from backend.domain.errors import refuse
from backend.domain.objection import (
    MOST_PHONE_WITHDRAWALS,
    ON_PAPER_NOW,
    ObjectionStatus,
    Source,
)
from backend.domain.purchase import officer_refusals
from backend.domain.roles import OFFICERS, Role
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.case import (
    Case,
    act_as_officer,
    case_of_objection,
    check_officer,
    open_case,
    open_for_the_house,
    see_case,
)
from backend.store.notices import Objection, PublicNotice
from backend.store.queries import area
from backend.store.registry import Household, Owner


def wrote(tx: Session, objection_id: UUID, person_id: UUID) -> bool:
    """Whether the objection is this person's, as `Objection.author` says."""
    return tx.scalar(select(Objection.author()).where(Objection.id == objection_id)) == person_id


def objection_for(
    tx: Session,
    ctx: Context,
    actor: Actor,
    objection_id: UUID,
    *allowed: Role,
    notes: bool = True,
) -> tuple[Objection, Case]:
    """The objection with its case, locked, for its author (if an owner is allowed) or an officer,
    whose part in the case is noted; whoever only looks locks nothing.

    Raises Refused `not_found` for everybody else, `same_officer`, `officer_is_party`.
    """
    purchase_id = case_of_objection(objection_id)
    if Role.OWNER in allowed and wrote(tx, objection_id, actor.person_id):
        case = open_for_the_house(tx, ctx, purchase_id)
    else:
        case = (open_case if notes else see_case)(tx, ctx, actor, purchase_id, "异议")
        parts = [role for role in allowed if role in OFFICERS & case.held]
        if not parts:
            raise nothing_there("异议")
        # Somebody who was granted two offices is here in the one that they may have in this case.
        part = next((role for role in parts if not officer_refusals(case.facts, role)), parts[0])
        (act_as_officer if notes else check_officer)(case, part)
    of_case = (
        select(Objection, PublicNotice)
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .where(Objection.id == objection_id)
    )
    locked = of_case.with_for_update(of=Objection).execution_options(populate_existing=True)
    objection, notice = tx.execute(locked if notes else of_case).one()
    case.saw(notice)
    return objection, case


def check_affected(tx: Session, circle: area.Units, owner_id: UUID, received_at: datetime) -> None:
    """Raises Refused `owner_unknown` unless the flat is in the circle, and was still the owner's
    when the objection came: who sold later had the right to it."""
    theirs = (
        select(Owner.id)
        .join(Household, Household.id == Owner.household_id)
        .where(
            Owner.id == owner_id,
            Household.unit_id.in_(circle),
            or_(Owner.ended_at.is_(None), Owner.ended_at > received_at),
        )
    )
    if tx.scalar(theirs) is None:
        raise refuse("owner_unknown", "该业主不在本次公示范围内，请核对名册。", "owner_id")


def check_author(tx: Session, objection: Objection, owner_id: UUID) -> None:
    """What came through the mini-program is of the person who sent it, and of nobody else.

    Raises Refused `owner_is_not_the_author` for any owner whom the roster does not bind to them.
    """
    owner = tx.get_one(Owner, owner_id, populate_existing=True)
    bound_to = owner.person_id or owner.former_person_id
    if objection.source == Source.MINI_PROGRAM and bound_to != objection.entered_by:
        message = "该业主不是异议提交人本人，请先办结提交人的业主身份核验，再核实异议。"
        raise refuse("owner_is_not_the_author", message, "owner_id")


@dataclass(frozen=True)
class FiledBefore:
    """How each objection to a notice stands that came before, and the number of one that is live
    already: of this person, or of this owner."""

    statuses: Sequence[ObjectionStatus]
    own: str | None
    of_owner: str | None


@dataclass(frozen=True)
class Author:
    """Who is about to object: which owner in the circle, or whether the centre is still to say."""

    owner_id: UUID | None
    waits: bool
    before: FiledBefore


def author_of(case: Case, notice_id: UUID, person_id: UUID) -> tuple[PublicNotice, Author]:
    """The notice of a (locked) case and who this person is to it, by one query."""
    circle = area.circle(case.purchase.id)
    owns = area.roll(circle).where(Owner.person_id == person_id).with_only_columns(Owner.id)
    owner_id = owns.limit(1).scalar_subquery()
    filed = _filed(notice_id, owner_id, person_id).subquery()
    notice, owner, waits, *before = case.tx.execute(
        select(PublicNotice, owner_id, area.waiting_to_own(circle, person_id).exists())
        .add_columns(*filed.c)
        .join(filed, true())
        .where(PublicNotice.id == notice_id)
    ).one()
    return notice, Author(owner, waits, _found(*before))


def filed_before(tx: Session, notice_id: UUID, owner_id: UUID | None) -> FiledBefore:
    """What came to a notice before something that a clerk has of this owner, if it is one."""
    return _found(*tx.execute(_filed(notice_id, owner_id, None)).one())


def _filed(
    notice_id: UUID, owner_id: UUID | ScalarSelect[UUID] | None, person_id: UUID | None
) -> Select[Sequence[ObjectionStatus], str, str]:
    live = Objection.status != ObjectionStatus.WITHDRAWN
    same_person = (Objection.source == Source.MINI_PROGRAM) & (Objection.entered_by == person_id)
    same_owner = false() if owner_id is None else Objection.owner_id == owner_id
    first = func.min(Objection.number)
    return select(
        func.array_agg(Objection.status).label("statuses"),
        first.filter(live & same_person).label("own"),
        first.filter(live & same_owner).label("of_owner"),
    ).where(Objection.notice_id == notice_id)


def _found(statuses: Sequence[str] | None, own: str | None, of_owner: str | None) -> FiledBefore:
    return FiledBefore([ObjectionStatus(each) for each in statuses or ()], own, of_owner)


def check_first(before: FiledBefore, by_clerk: bool = False) -> None:
    """One live objection per owner, and per person whose place on the roster is still open.

    Raises Refused `objection_already_filed`, in words for the author or for the clerk.
    """
    number = before.own or before.of_owner
    if not number:
        return
    if by_clerk:
        message = f"该业主已就本次公示提出异议（{number}），无需重复登记。"
    elif before.own:
        message = f"您已就本次公示提出异议（{number}），无需重复提交；如有变化，可先撤回再提交。"
    else:
        message = "您的房屋已有人就本次公示提出异议，不能重复提交；如不是您提出的，请联系中心。"
    raise refuse("objection_already_filed", message, kind="conflict")


def check_withdrawals(tx: Session, objection: Objection, person_id: UUID) -> None:
    """Raises Refused `withdrawals_used_up` when its author took back enough on the phone."""
    before = tx.scalar(
        select(func.count()).where(
            Objection.notice_id == objection.notice_id,
            Objection.written_by(person_id),
            Objection.status == ObjectionStatus.WITHDRAWN,
            Objection.settled_by == person_id,
        )
    )
    if (before or 0) >= MOST_PHONE_WITHDRAWALS:
        raise refuse("withdrawals_used_up", ON_PAPER_NOW, kind="conflict")
