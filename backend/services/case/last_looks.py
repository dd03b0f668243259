"""What has changed since a sweep looked last: it looks at that, and once a day at everything.

Whatever moves a case, or gives somebody a part or takes it, is in the audit chain, whose links are
numbered as they are committed: what came later has a higher number. Parts that end by themselves
end with a day, such as a term of office, or at the moment that a grant says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.local_time import local_date
from backend.domain.verification import VerificationKind
from backend.services.base.context import Context
from backend.store.audit import AuditEntry, LastLook
from backend.store.notices import Objection, PublicNotice
from backend.store.people import AccessGrant, OwnerVerification

# Who has more to look at than this looks at everything.
MOST_LINKS = 1000
# What is done to these leaves everybody in their part, or itself tells whoever gets one; of
# whatever else is not done with a case nobody knows.
LEAVE_PARTS = {
    *(
        "account",
        "audit",
        "balances",
        "bank_line",
        "bank_statement",
        "bank_agreement",
        "bank_transfer",
        "callback",
        "channel",
        "data",
        "deposit",
        "leading_decision",
        "past_income",
    ),
    *("deposit_interest", "desk", "desk_account", "file", "fund_books", "household", "insurer"),
    *("invitation", "lift", "lift_token"),
    *("message", "objection", "opening", "payment", "period_lock"),
    *("phone", "place", "plan", "poster", "print_order", "public_notice", "publication"),
    "ordered_file",
    *("purchase", "rectification_request", "second_factor", "session", "survey"),
    *("workbook", "year_close"),
}


@dataclass(frozen=True)
class Changes:
    """What a sweep has to look at: `day_began` says that it has not looked today, `parts_changed`
    that somebody may have got or lost a part since, `cases` in which something was done. `seq` is
    the number of the last link it knows then."""

    sweep: str
    now: datetime
    seq: int
    day_began: bool
    parts_changed: bool
    cases: Sequence[UUID]
    is_new: bool

    @property
    def today(self) -> date:
        """The day of the look."""
        return local_date(self.now)

    @property
    def everywhere(self) -> bool:
        """Whether any case may have to do with it."""
        return self.day_began or self.parts_changed


def since_last_look(tx: Session, ctx: Context, sweep: str) -> Changes:
    """What the sweep of this name has to look at now; it must `note` that it did."""
    now = ctx.clock()
    looked = tx.execute(_last_look(sweep, now)).one_or_none()
    last, a_grant_ended = looked or (None, False)
    day_began = last is None or local_date(last.looked_at) != local_date(now)
    links = tx.execute(
        select(AuditEntry.seq, AuditEntry.action, AuditEntry.subject_kind, AuditEntry.subject_id)
        .where(AuditEntry.seq > (last.seq if last else 0))
        .order_by(AuditEntry.seq.desc())
        .limit(MOST_LINKS + 1 if last else 1)
    ).all()
    by_kind: dict[str, set[UUID]] = {"purchase": set(), "objection": set()}
    verified: set[UUID] = set()
    parts_changed = len(links) > MOST_LINKS
    for _, action, kind, subject_id in links:
        if kind in by_kind:
            by_kind[kind].add(UUID(subject_id))
        elif kind == "owner_verification":
            verified.add(UUID(subject_id))
        elif action.partition(".")[0] not in LEAVE_PARTS:
            parts_changed = True
    return Changes(
        sweep=sweep,
        now=now,
        seq=links[0].seq if links else (last.seq if last else 0),
        day_began=day_began,
        parts_changed=parts_changed or a_grant_ended or _members_among(tx, verified),
        cases=sorted(by_kind["purchase"] | _cases_of(tx, by_kind["objection"])),
        is_new=bool(links) or day_began or a_grant_ended,
    )


def note(tx: Session, changes: Changes) -> None:
    """That these were looked at. Does not commit."""
    if changes.is_new:
        values = {"looked_at": changes.now, "seq": changes.seq}
        row = insert(LastLook).values(sweep=changes.sweep, **values)
        tx.execute(row.on_conflict_do_update(index_elements=["sweep"], set_=values))


def _last_look(sweep: str, now: datetime) -> Select[LastLook, bool]:
    """How far it has looked, and whether a grant ended by itself meanwhile: at the moment it says,
    of which no link tells."""
    ended = exists().where(AccessGrant.ended_within(LastLook.looked_at, now))
    return select(LastLook, ended.correlate(LastLook)).where(LastLook.sweep == sweep)


def _members_among(tx: Session, verifications: Iterable[UUID]) -> bool:
    """Whether one of these may have made somebody a member of a committee: who is found to own a
    flat has no part in a case before they sign."""
    ids = list(verifications)
    members = select(OwnerVerification.id).where(
        OwnerVerification.id.in_(ids), OwnerVerification.kind != VerificationKind.OWNER
    )
    return bool(ids) and tx.scalar(select(members.exists())) is True


def _cases_of(tx: Session, objections: Iterable[UUID]) -> set[UUID]:
    ids = list(objections)
    if not ids:
        return set()
    of_notice = select(PublicNotice.purchase_id).join(
        Objection, Objection.notice_id == PublicNotice.id
    )
    return set(tx.scalars(of_notice.where(Objection.id.in_(ids))))
