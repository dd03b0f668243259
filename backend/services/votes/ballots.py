"""An owner votes on the phone: the same word for every flat on the roll that they own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused, refuse
from backend.domain.voting import Choice
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, open_case
from backend.store.registry import Owner
from backend.store.votes import Ballot, Vote, VoteProperty

ON_THE_PHONE, ON_PAPER, BY_SALE = "mini_program", "paper", "sale"


@dataclass(frozen=True)
class NewBallot:
    """What is cast for one flat by (or for) one owner; None: by the developer."""

    household_id: UUID
    owner_id: UUID | None
    choice: Choice
    proxy_id: UUID | None = None


def cast(ctx: Context, actor: Actor, vote_id: UUID, choice: Choice) -> int:
    """Vote, or vote otherwise, until the last day is over; what was said last counts. The same word
    again changes nothing, unless somebody who sold one of the flats still speaks for it. Returns
    for how many flats.

    Raises Refused: not_found, not_on_roll, vote_closed, case_closed.
    """
    with ctx.sessions() as tx:
        vote, case = at_hand(tx, ctx, actor, vote_id)
        mine = _mine(tx, vote, actor.person_id)
        if not mine:
            message = "您名下没有列入本次表决的房屋，不能投票。刚买房的，请先完成业主核验。"
            raise refuse("not_on_roll", message, kind="forbidden")
        check_open(case, vote, Action.CAST_BALLOT)
        if vote.closes_at is None or case.now >= vote.closes_at:
            raise _closed()
        last = latest_of(tx, vote, [owner.household_id for owner in mine])
        all_ = [NewBallot(owner.household_id, owner.id, choice) for owner in mine]
        sold = _sold(case, all_, last)
        new = [
            one
            for one in all_
            if one.household_id in sold
            or not _says(last.get((one.household_id, one.owner_id)), choice)
        ]
        if new:
            put(case, vote, new, last)
            facts = {"vote_id": str(vote.id), "flats": len(new)}
            _write_down(case, AuditAction.PURCHASE_CAST_BALLOT, facts)
        tx.commit()
        return len(mine)


def at_hand(tx: Session, ctx: Context, actor: Actor, vote_id: UUID) -> tuple[Vote, Case]:
    """The vote and its case, locked; raises Refused `not_found` for whoever has no part there."""
    vote = tx.get(Vote, vote_id)
    if vote is None:
        raise nothing_there("表决")
    case = open_case(tx, ctx, actor, vote.purchase_id, "表决")
    tx.refresh(vote)
    return vote, case


def check_open(case: Case, vote: Vote, action: Action) -> None:
    """Raises Refused: vote_closed, case_closed."""
    if vote.outcome is not None or vote.plan_id != case.purchase.plan_id:
        raise _closed()
    case.require_place(action)


def _closed() -> Refused:
    return refuse("vote_closed", "这次表决已经结束，不能再投票。", kind="conflict")


def _mine(tx: Session, vote: Vote, person_id: UUID) -> Sequence[Owner]:
    return tx.scalars(
        select(Owner)
        .join(VoteProperty, VoteProperty.household_id == Owner.household_id)
        .where(
            VoteProperty.vote_id == vote.id,
            Owner.person_id == person_id,
            Owner.ended_at.is_(None),
        )
        .order_by(Owner.id)
    ).all()


def _says(last: Ballot | None, choice: Choice) -> bool:
    return last is not None and (last.medium, last.choice) == (ON_THE_PHONE, choice)


def latest_of(
    tx: Session, vote: Vote, flats: Sequence[UUID]
) -> Mapping[tuple[UUID, UUID | None], Ballot]:
    """For these flats what each owner cast last."""
    rows = tx.scalars(
        select(Ballot)
        .where(Ballot.vote_id == vote.id, Ballot.household_id.in_(flats))
        .order_by(Ballot.seq)
    )
    return {(each.household_id, each.owner_id): each for each in rows}


def put(
    case: Case,
    vote: Vote,
    new: Sequence[NewBallot],
    last: Mapping[tuple[UUID, UUID | None], Ballot],
    file_sha256: str | None = None,
) -> None:
    """Write these ballots; what somebody cast for the flat who has sold it since counts no more."""
    tx = case.tx
    seq = tx.scalar(select(func.max(Ballot.seq)).where(Ballot.vote_id == vote.id)) or 0
    rows: list[Ballot] = []

    def add(one: NewBallot, choice: Choice | None, medium: str, scan: str | None) -> None:
        rows.append(
            Ballot(
                vote_id=vote.id,
                seq=seq + len(rows) + 1,
                household_id=one.household_id,
                owner_id=one.owner_id,
                choice=choice,
                medium=medium,
                proxy_id=one.proxy_id if choice else None,
                file_sha256=scan,
                cast_by=case.person_id,
                cast_at=case.now,
            )
        )

    sold = _sold(case, new, last)
    for one in new:
        for former in sold.get(one.household_id, ()):
            add(NewBallot(one.household_id, former, one.choice), None, BY_SALE, None)
        add(one, one.choice, ON_PAPER if file_sha256 else ON_THE_PHONE, file_sha256)
    tx.add_all(rows)
    tx.flush()


def _sold(
    case: Case, new: Sequence[NewBallot], last: Mapping[tuple[UUID, UUID | None], Ballot]
) -> Mapping[UUID, Sequence[UUID | None]]:
    """By flat, whose ballots for it count no more: those who sold it, and the developer."""
    counting = {key for key, ballot in last.items() if ballot.choice is not None}
    ids = {owner for _, owner in counting if owner}
    ended = select(Owner.id).where(Owner.id.in_(ids), Owner.ended_at.is_not(None))
    gone: set[UUID | None] = set(case.tx.scalars(ended)) if ids else set()
    bought = {one.household_id for one in new if one.owner_id is not None}
    found: dict[UUID, list[UUID | None]] = {}
    for flat, owner in counting:
        if flat in bought and (owner in gone or owner is None):
            found.setdefault(flat, []).append(owner)
    return found


def _write_down(case: Case, action: AuditAction, facts: Mapping[str, object]) -> None:
    subject = ("purchase", case.purchase.id)
    audit.append(case.tx, case.now, case.person_id, action, subject, dict(facts))
