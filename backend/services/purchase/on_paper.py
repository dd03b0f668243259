"""Owners who applied without a phone (`applications.draft_on_paper`): a clerk enters what they want
next, and prints for them what others read in messages."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.letters import CASE_PROOF_WORDS
from backend.domain.limits import LIMIT_TITLES
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.routes.catalogue import action_name, state_name
from backend.domain.steps import EvidenceKind
from backend.domain.wording import minute, until
from backend.pictures.letter import Letter, letter_pdf
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.case.case import Case, act_as_officer, check_officer, open_case, see_case
from backend.services.case.steps import give_evidence
from backend.services.purchase.case_letters import note_printed
from backend.services.purchase.duplicates import check_scan_fresh
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Purchase, Transition
from backend.store.queries.cases import deadlines_of, transitions_of
from backend.store.queries.places import places_of
from backend.store.registry import Owner
from backend.store.signatures import Cosignature


def enter_word(ctx: Context, actor: Actor, purchase_id: UUID, file_sha256: str) -> Purchase:
    """The clerk enters what the owners ask for in writing: the next step for them rests on it.

    Raises Refused: not_found, role_required, same_officer, officer_is_party, case_closed,
    not_on_paper, file_unknown, paper_reused.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require(Action.ENTER_WORD)
        _require_paper(case)
        act_as_officer(case, Role.CLERK)
        check_scan_fresh(tx, purchase_id, EvidenceKind.APPLICANTS_WORD, file_sha256)
        give_evidence(case, EvidenceKind.APPLICANTS_WORD, file_sha256)
        subject = ("purchase", purchase_id)
        facts = {"file_sha256": file_sha256}
        audit.append(tx, case.now, case.person_id, AuditAction.PURCHASE_ENTER_WORD, subject, facts)
        tx.commit()
        return case.purchase


def letter_of(ctx: Context, actor: Actor, purchase_id: UUID) -> tuple[str, bytes]:
    """The case's number and a letter that says how it stands, as a PDF; that it was made is on
    record, since it names the owners, and until it is given to them (`case_letters.deliver`).

    Raises Refused: not_found, role_required, same_officer, officer_is_party, not_on_paper.
    """
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.ENTER_WORD)
        _require_paper(case)
        check_officer(case, Role.CLERK)
        letter = _letter(case)
        note_printed(case)
        tx.commit()
    return letter.number, letter_pdf(letter, ctx.document_fonts)


def _require_paper(case: Case) -> None:
    if not case.purchase.on_paper:
        message = "这件申请不是在纸上提出的，申请人在手机上办理、看消息，不用书面告知。"
        raise refuse("not_on_paper", message, kind="conflict")


def _letter(case: Case) -> Letter:
    purchase, centre = case.purchase, case.profile.centre
    last = transitions_of(case.tx, purchase.id)[-1]
    open_ones = [row for row in deadlines_of(case.tx, purchase.id) if row.state == "open"]
    return Letter(
        title="申请办理情况告知书",
        number=purchase.number,
        made_at=case.now,
        centre=centre.name.value,
        phone=centre.phone.value,
        facts=[("申请人", "；".join(_signers(case))), ("小区", case.estate.name)],
        sections=[("办理情况", _stands(last)), ("接下来", _then(case, open_ones))],
        proofs=CASE_PROOF_WORDS,
    )


def _stands(last: Transition) -> list[str]:
    why = f"理由：{last.reason}" if last.reason else ""
    now = f"{minute(last.at)}，{action_name(last.action)}，现在{state_name(last.to_state)}。"
    return [now, why] if why else [now]


def _then(case: Case, running: Sequence[DeadlineRecord]) -> list[str]:
    words = []
    for row in running:
        roles = case.table.answering(row.kind, case.purchase.state)
        who = "、".join("申请人" if role is Role.APPLICANT else ROLE_NAMES[role] for role in roles)
        words.append(f"{LIMIT_TITLES[row.kind]}：由{who}在{until(row.ends_before)}前办理。")
    words = words or [f"{case.table.next_words(case.purchase.state)}。"]
    if not case.is_closed:
        words.append("需要您办的事，请把签名的书面要求和材料交到中心，由经办录入。")
    return words


def _signers(case: Case) -> list[str]:
    """Those who applied, by flat and name, as a letter is addressed."""
    owners = case.tx.scalars(
        select(Owner)
        .join(Cosignature, Cosignature.owner_id == Owner.id)
        .where(
            Cosignature.purchase_id == case.purchase.id,
            Cosignature.counts,
            Owner.ended_at.is_(None),
        )
        .order_by(Owner.id)
    ).all()
    flats = places_of(case.tx, [owner.household_id for owner in owners])
    return [f"{flats[owner.household_id]} {name_of(case.ctx.cipher, owner)}" for owner in owners]
