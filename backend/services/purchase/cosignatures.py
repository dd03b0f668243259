"""Owners apply together (联名): they sign on the phone, or on the form on paper, which a clerk
enters at the counter; both count alike, once for each flat and each person (JS annex 一.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.normal import normal_name
from backend.domain.paper_entries import PaperKind
from backend.domain.roles import Role
from backend.domain.steps import EvidenceKind
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import normal_name_of
from backend.services.case.case import Case, act_as_officer, open_case
from backend.services.case.conflicts_of_interest import count_cosigners, has_cosigned
from backend.services.case.notifications import tell_cosigner, tell_signature_gone
from backend.services.case.steps import give_evidence
from backend.services.purchase.duplicates import check_scan_fresh
from backend.services.purchase.paper_entries import (
    PaperEntryView,
    Scanned,
    check_scan,
    keep_scan,
    put_down,
)
from backend.store.proposals import PaperEntry
from backend.store.queries import area
from backend.store.queries.places import household_at
from backend.store.registry import Household, Owner
from backend.store.signatures import Cosignature


@dataclass(frozen=True)
class SignedOnPaper:
    """Who signed, as the form says it: the flat, and the whole name."""

    building: str
    unit: str
    room: str
    name: str


def require_affected(tx: Session, circle: area.Units, person_id: UUID) -> Owner:
    """The person's first roster entry in the circle; raises Refused `not_an_affected_owner`."""
    for owner in area.owners_of(tx, circle, person_id):
        return owner
    raise refuse(
        "not_an_affected_owner",
        "只有本楼栋（单元）经核验的业主可以联名申请，请先完成业主核验。",
        kind="forbidden",
    )


def cosign(ctx: Context, actor: Actor, purchase_id: UUID) -> int:
    """Sign a draft together with others (联名); a person signs once, whatever they own.

    Returns how many people have signed. Raises Refused: not_found, not_an_affected_owner,
    not_open_for_cosigning, case_closed, flat_already_signed, namesake_signed.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        _require_open(case, Action.COSIGN)
        circle = area.circle(case.purchase.id)
        require_affected(tx, circle, actor.person_id)
        if not has_cosigned(tx, case.purchase, actor.person_id):
            taken = _flats_signed(case)
            mine = area.owners_of(tx, circle, actor.person_id)
            free = [owner for owner in mine if owner.household_id not in taken]
            if not free:
                message = "这套房屋已有人联名，只计一名。不是您家的人签的，请联系中心撤回。"
                raise refuse("flat_already_signed", message, kind="conflict")
            _check_signed_no_paper(case, mine)
            sign(case, free[0])
        count = tx.scalars(count_cosigners(case.purchase)).one()
        tx.commit()
        return count


def sign(case: Case, owner: Owner) -> None:
    """The signature of an owner who is here in person."""
    _put(case, owner, None)
    _write_down(case, AuditAction.PURCHASE_COSIGN, owner)


def enter(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    signed: Sequence[SignedOnPaper],
    paper: Scanned,
    namesakes_checked: bool = False,
) -> PaperEntryView:
    """The clerk enters who signed the form on paper; another clerk compares it, then it counts.

    Everybody is looked for on the roster, flat and name, as somebody who proves to be an owner
    would be; all that is wrong is told at once, and then nothing is entered. With
    `namesakes_checked` the clerk saw that people of one name in several flats are not one person.

    Raises Refused: not_found, role_required, same_officer, officer_is_party,
    not_open_for_cosigning, case_closed, file_unknown, paper_reused, place_unknown,
    name_not_on_roster, not_in_circle, flat_already_signed, namesake_signed, received_at_invalid,
    paper_entry_waiting.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.ENTER_COSIGNATURES)
        _require_open(case, Action.ENTER_COSIGNATURES)
        act_as_officer(case, Role.CLERK)
        check_scan(case, PaperKind.COSIGNATURES, paper.file_sha256)
        owners = _checked(case, signed, namesakes_checked)
        content = {
            "owners": [str(owner.id) for owner in owners],
            "namesakes_checked": namesakes_checked,
        }
        about = purchase_id, case.purchase.started_at
        entry = put_down(case, PaperKind.COSIGNATURES, about, paper, content)
        tx.commit()
        return entry


def count_entered(case: Case, entry: PaperEntry) -> None:
    """What was entered was compared: everybody on the list signed who is an owner still, did not
    sign or take it back since, and whose flat nobody else signed for meanwhile; whoever has an
    account is told. Raises Refused: not_open_for_cosigning, case_closed, namesake_signed."""
    _require_open(case, Action.ENTER_COSIGNATURES)
    keep_scan(case, entry)
    taken, names = _flats_signed(case), _names_signed(case)
    for owner_id in entry.content["owners"]:
        owner = case.tx.get_one(Owner, UUID(owner_id))
        if owner.ended_at is not None or owner.household_id in taken:
            continue
        if _acted_since(case, owner, entry):
            continue
        name = normal_name_of(case.ctx.cipher, owner)
        if name in names and not entry.content["namesakes_checked"]:
            message = (
                "录入以后，另一套房屋的同名业主也联名了；同一个人有几套房屋也只计一名。"
                "请退回，核对证件以后重新录入。"
            )
            raise refuse("namesake_signed", message, kind="conflict")
        _enter(case, owner, entry.entered_by, entry.file_sha256)


def _acted_since(case: Case, owner: Owner, entry: PaperEntry) -> bool:
    """Whether whoever this is signed for any flat, or took a signature back since it was entered:
    what they did last stands before the paper."""
    same = Owner.person_id == owner.person_id if owner.person_id else Owner.id == owner.id
    theirs = select(Cosignature.owner_id).join(Owner, Owner.id == Cosignature.owner_id)
    found = theirs.where(
        Cosignature.purchase_id == case.purchase.id,
        same,
        or_(Cosignature.counts, Cosignature.withdrawn_at > entry.entered_at),
    )
    return case.tx.scalar(found.limit(1)) is not None


def put_on_record(
    case: Case, signed: Sequence[SignedOnPaper], file_sha256: str, namesakes_checked: bool
) -> None:
    """Everybody on the list signed, as the scan shows; raises Refused as `enter`."""
    check_scan_fresh(case.tx, case.purchase.id, EvidenceKind.COSIGNED_FORM, file_sha256)
    give_evidence(case, EvidenceKind.COSIGNED_FORM, file_sha256)
    for owner in _checked(case, signed, namesakes_checked):
        _enter(case, owner, case.person_id, file_sha256)


def _enter(case: Case, owner: Owner, entered_by: UUID | None, file_sha256: str) -> None:
    _put(case, owner, entered_by)
    _write_down(case, AuditAction.PURCHASE_ENTER_COSIGNATURE, owner, file_sha256)
    tell_cosigner(case, owner)


def withdraw_own(ctx: Context, actor: Actor, purchase_id: UUID) -> int:
    """An owner takes the own signature back, or says that it was not theirs; until the application
    is handed in. Returns how many people have signed.

    Raises Refused: not_found, cosignature_unknown, cosignature_counted, case_closed.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_place(Action.WITHDRAW_COSIGNATURE)
        mine = _signatures(case, Owner.person_id == actor.person_id)
        if not mine:
            raise _no_signature("purchase_id")
        for row, owner in mine:
            _take_back(case, row, owner)
        return _done(case)


def withdraw_on_paper(
    ctx: Context, actor: Actor, purchase_id: UUID, signed: SignedOnPaper, file_sha256: str
) -> int:
    """The clerk enters that an owner took the signature back in writing, wherever they signed.

    Returns how many people have signed. Raises Refused as `enter`, and cosignature_unknown,
    cosignature_counted.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.WITHDRAW_COSIGNATURE)
        case.require_place(Action.WITHDRAW_COSIGNATURE)
        act_as_officer(case, Role.CLERK)
        check_scan_fresh(tx, purchase_id, EvidenceKind.COSIGNATURE_WITHDRAWAL, file_sha256)
        give_evidence(case, EvidenceKind.COSIGNATURE_WITHDRAWAL, file_sha256)
        found = on_roster(case, signed, "")
        if isinstance(found, Refusal):
            raise Refused(found, kind="conflict")
        mine = _signatures(case, Owner.id == found.id)
        if not mine:
            raise _no_signature("name")
        _take_back(case, *mine[0], file_sha256)
        tell_cosigner(case, found, withdrew=True)
        return _done(case)


def _require_open(case: Case, action: str) -> None:
    case.require_place(action)
    if case.purchase.applicant != "owners":
        raise case.out_of_place(action)


def _checked(case: Case, signed: Sequence[SignedOnPaper], namesakes_checked: bool) -> list[Owner]:
    """The owners who signed; raises Refused with everything that is wrong with the list."""
    taken, names = _flats_signed(case), _names_signed(case)
    owners: list[Owner] = []
    wrong: list[Refusal] = []
    for number, one in enumerate(signed):
        field = f"signatures.{number}."
        owner = on_roster(case, one, field)
        if isinstance(owner, Refusal):
            wrong.append(owner)
            continue
        name = normal_name(one.name)
        if owner.household_id in taken:
            message = "该房屋已有人联名，一套房屋只计一名，请删去这一行。"
            wrong.append(Refusal("flat_already_signed", message, f"{field}room"))
        elif name in names and not namesakes_checked:
            wrong.append(_namesake(f"{field}name"))
        taken.add(owner.household_id)
        names.add(name)
        owners.append(owner)
    if wrong:
        raise Refused(*wrong, kind="conflict")
    return owners


def _namesake(field: str) -> Refusal:
    message = (
        "另一套房屋的同名业主已经联名；同一个人有几套房屋也只计一名，请删去这一行。"
        "核对过证件、确为同名的两个人的，勾选后再提交。"
    )
    return Refusal("namesake_signed", message, field)


def on_roster(
    case: Case, one: SignedOnPaper, field: str, *, former: bool = False
) -> Owner | Refusal:
    """The owner of this name in this flat, in the circle of the case; with `former` also one who
    sold it since, where nobody of the name owns it now."""
    tx, ctx = case.tx, case.ctx
    flat = household_at(tx, case.estate.code, one.building, one.unit, one.room)
    if flat is None:
        message = "没有找到该房屋，请核对楼栋、单元和房号。"
        return Refusal("place_unknown", message, f"{field}room")
    owner = tx.scalar(
        select(Owner)
        .where(
            Owner.household_id == flat,
            Owner.name_hash.in_(ctx.cipher.digests("name", normal_name(one.name))),
            true() if former else Owner.ended_at.is_(None),
        )
        .order_by(Owner.ended_at.desc().nulls_first())
        .limit(1)
    )
    if owner is None:
        message = "名册中该房屋没有这个姓名，请核对。"
        return Refusal("name_not_on_roster", message, f"{field}name")
    inside = select(Household.id).where(
        Household.id == flat, Household.unit_id.in_(area.circle(case.purchase.id))
    )
    if tx.scalar(inside) is None:
        message = "该房屋不在这件申请的范围里，其业主不能联名，请删去这一行。"
        return Refusal("not_in_circle", message, f"{field}room")
    return owner


def _signatures(case: Case, whose: ColumnElement[bool]) -> Sequence[tuple[Cosignature, Owner]]:
    rows = case.tx.execute(
        select(Cosignature, Owner)
        .join(Owner, Owner.id == Cosignature.owner_id)
        .where(Cosignature.purchase_id == case.purchase.id, Cosignature.counts, whose)
        .order_by(Owner.id)
    )
    return [(row, owner) for row, owner in rows]


def _flats_signed(case: Case) -> set[UUID]:
    signed = _signatures(case, Owner.ended_at.is_(None))
    return {owner.household_id for _, owner in signed}


def _names_signed(case: Case) -> set[str]:
    signed = _signatures(case, Owner.ended_at.is_(None))
    return {normal_name_of(case.ctx.cipher, owner) for _, owner in signed}


def _check_signed_no_paper(case: Case, mine: Sequence[Owner]) -> None:
    """Whoever signed on paper for another flat, on whose entry there is no account, may be this
    person: only a clerk who saw both can say that they are two."""
    cipher = case.ctx.cipher
    unknown = _signatures(case, Owner.ended_at.is_(None) & Owner.person_id.is_(None))
    names = {normal_name_of(cipher, owner) for _, owner in unknown}
    if not names.isdisjoint(normal_name_of(cipher, owner) for owner in mine):
        message = (
            "与您同名的业主已为另一套房屋在纸上联名；同一个人有几套房屋也只计一名，不用再签。"
            "确是两个人的，请带证件到中心在纸上联名，由经办核对录入。"
        )
        raise refuse("namesake_signed", message, kind="conflict")


def _put(case: Case, owner: Owner, entered_by: UUID | None) -> None:
    key = {"purchase_id": case.purchase.id, "owner_id": owner.id}
    row = case.tx.get(Cosignature, tuple(key.values())) or Cosignature(**key)
    row.signed_at, row.entered_by, row.withdrawn_at = case.now, entered_by, None
    case.tx.add(row)
    case.tx.flush()


def _take_back(case: Case, row: Cosignature, owner: Owner, file_sha256: str | None = None) -> None:
    row.withdrawn_at = case.now
    case.tx.flush()
    _write_down(case, AuditAction.PURCHASE_WITHDRAW_COSIGNATURE, owner, file_sha256)


def _done(case: Case) -> int:
    count = case.tx.scalars(count_cosigners(case.purchase)).one()
    tell_signature_gone(case, count)
    case.tx.commit()
    return count


def _no_signature(field: str) -> Refused:
    return refuse("cosignature_unknown", "这件申请里没有有效的这个联名，请核对。", field)


def _write_down(
    case: Case, action: AuditAction, owner: Owner, file_sha256: str | None = None
) -> None:
    facts = {"owner_id": str(owner.id)} | ({"file_sha256": file_sha256} if file_sha256 else {})
    subject = ("purchase", case.purchase.id)
    audit.append(case.tx, case.now, case.person_id, action, subject, facts)
