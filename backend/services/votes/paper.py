"""Ballots on paper: a clerk enters them from their scan, and they count once another clerk compared
them. Whoever voted on the phone is counted by that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import Select, or_, select

from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.normal import normal_name, normal_place
from backend.domain.paper_entries import PaperKind
from backend.domain.roles import Role
from backend.domain.voting import Choice, for_too_many
from backend.domain.wording import last_minute, minute
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, act_as_officer
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.purchase.paper_entries import (
    PaperEntryView,
    Scanned,
    check_scan,
    keep_scan,
    put_down,
)
from backend.services.votes.ballots import (
    ON_THE_PHONE,
    NewBallot,
    at_hand,
    check_open,
    latest_of,
    put,
)
from backend.services.votes.people import people_of
from backend.store.proposals import PaperEntry
from backend.store.registry import Building, Household, Owner, Unit
from backend.store.votes import Ballot, Vote, VoteProperty

Last = Mapping[tuple[UUID, UUID | None], Ballot]


@dataclass(frozen=True)
class PaperBallot:
    """A ballot as the paper has it: whose flat and whole name, what they say, and who signed for
    them, if somebody did (受托人, an owner on the roll)."""

    owner: SignedOnPaper
    choice: Choice
    proxy: SignedOnPaper | None = None


def enter(
    ctx: Context, actor: Actor, vote_id: UUID, ballots: Sequence[PaperBallot], paper: Scanned
) -> PaperEntryView:
    """The clerk enters ballots from paper; another clerk compares them, then they count. All that
    is wrong is told at once, and then nothing is entered.

    Raises Refused: not_found, role_required, same_officer, officer_is_party, vote_closed,
    case_closed, file_unknown, paper_reused, received_at_invalid, ballot_too_late,
    paper_entry_waiting, flat_not_on_roll, name_not_on_roster, ballot_repeated, ballot_cast_here,
    later_ballot_counted, proxy_not_on_roll, proxy_is_owner, proxy_for_too_many.
    """
    with ctx.sessions() as tx:
        vote, case = at_hand(tx, ctx, actor, vote_id)
        case.require_role(Action.ENTER_BALLOTS)
        check_open(case, vote, Action.ENTER_BALLOTS)
        act_as_officer(case, Role.CLERK)
        check_scan(case, PaperKind.BALLOTS, paper.file_sha256)
        assert vote.closes_at is not None
        if paper.received_at >= vote.closes_at:
            message = f"表决{last_minute(vote.closes_at)}截止，之后收到的票不计，请写明拒收并退回。"
            raise refuse("ballot_too_late", message, "received_at", "conflict")
        read = _Reading(case, vote, ballots, paper.received_at).ballots()
        content = {
            "ballots": [
                {
                    "household_id": str(one.household_id),
                    "owner_id": str(one.owner_id) if one.owner_id else None,
                    "choice": one.choice,
                    "proxy_id": str(one.proxy_id) if one.proxy_id else None,
                }
                for one in read
            ]
        }
        entry = put_down(case, PaperKind.BALLOTS, (vote.id, vote.opened_at), paper, content)
        tx.commit()
        return entry


def count_entered(case: Case, entry: PaperEntry) -> None:
    """What was entered was compared: each ballot counts whose owner owns the flat still, or which
    the developer has not sold since, and who has not voted on the phone. Raises Refused:
    vote_closed, case_closed."""
    vote = case.tx.get_one(Vote, entry.about_id)
    check_open(case, vote, Action.ENTER_BALLOTS)
    keep_scan(case, entry)
    entered = [_from(each) for each in entry.content["ballots"]]
    last = latest_of(case.tx, vote, [one.household_id for one in entered])
    ids = {one.owner_id for one in entered if one.owner_id}
    there = select(Owner.id).where(Owner.id.in_(ids), Owner.ended_at.is_(None))
    owners = set(case.tx.scalars(there))
    bought = set(case.tx.scalars(_bought(vote)))
    counting = [
        one
        for one in entered
        if (one.owner_id in owners if one.owner_id else one.household_id not in bought)
        and not _on_the_phone(last.get((one.household_id, one.owner_id)))
    ]
    put(case, vote, counting, last, entry.file_sha256)
    facts = {
        "vote_id": str(vote.id),
        "flats": len(counting),
        "left_out": len(entered) - len(counting),
        "file_sha256": entry.file_sha256,
    }
    subject = ("purchase", case.purchase.id)
    action = AuditAction.PURCHASE_ENTER_BALLOT
    audit.append(case.tx, case.now, case.person_id, action, subject, facts)


def _bought(vote: Vote) -> Select[UUID]:
    """The flats on the roll that somebody owns, or did at some moment of the vote: none of them is
    the developer's to speak for."""
    during = or_(Owner.ended_at.is_(None), Owner.ended_at > vote.opened_at)
    return (
        select(Owner.household_id)
        .join(VoteProperty, VoteProperty.household_id == Owner.household_id)
        .where(VoteProperty.vote_id == vote.id, during)
        .distinct()
    )


def _from(entered: Mapping[str, str | None]) -> NewBallot:
    owner, proxy = entered["owner_id"], entered["proxy_id"]
    return NewBallot(
        UUID(str(entered["household_id"])),
        UUID(owner) if owner else None,
        Choice(str(entered["choice"])),
        UUID(proxy) if proxy else None,
    )


def _on_the_phone(last: Ballot | None) -> bool:
    return last is not None and last.medium == ON_THE_PHONE


class _Reading:
    """A list of ballots held against the roll."""

    def __init__(
        self, case: Case, vote: Vote, ballots: Sequence[PaperBallot], received_at: datetime
    ) -> None:
        self.case = case
        self.vote = vote
        self.written = ballots
        self.received_at = received_at
        self.wrong: list[Refusal] = []
        self.met: set[tuple[UUID, UUID | None]] = set()

    def ballots(self) -> Sequence[NewBallot]:
        """Each with its flat and owner; raises Refused with everything that is wrong."""
        read = [self._ballot(f"ballots.{at}.", one) for at, one in enumerate(self.written)]
        found = [one for one in read if isinstance(one, NewBallot)]
        self.wrong += [one for one in read if isinstance(one, Refusal)]
        self._check_proxies(found)
        if self.wrong:
            raise Refused(*self.wrong, kind="conflict")
        return found

    def _ballot(self, field: str, one: PaperBallot) -> NewBallot | Refusal:
        flat = self._flat(one.owner)
        if flat is None:
            message = "参加表决的名册里没有这套房屋，请核对楼栋、单元和房号。"
            return Refusal("flat_not_on_roll", message, f"{field}room")
        owner = self._owner(flat, one.owner.name)
        if owner is None and flat in self._bought:
            message = "名册中该房屋没有这个姓名，请核对。"
            return Refusal("name_not_on_roster", message, f"{field}name")
        key = flat, owner
        if key in self.met:
            message = "同一业主的同一套房屋写了两次，只计一票，请删去一行。"
            return Refusal("ballot_repeated", message, f"{field}room")
        self.met.add(key)
        if _on_the_phone(self._last.get(key)):
            message = "这位业主已经在手机上投票，以本人投的为准，请删去这一行。"
            return Refusal("ballot_cast_here", message, f"{field}name")
        if later := self._later(self._last.get(key)):
            message = f"这位业主{minute(later)}交来的纸质票已经计入，以后交的为准，请删去这一行。"
            return Refusal("later_ballot_counted", message, f"{field}name")
        proxy = self._proxy(one, owner, field) if one.proxy else None
        return NewBallot(flat, owner, one.choice, proxy)

    def _proxy(self, one: PaperBallot, owner: UUID | None, field: str) -> UUID | None:
        assert one.proxy is not None
        flat = self._flat(one.proxy)
        proxy = self._owner(flat, one.proxy.name) if flat else None
        if proxy is None:
            message = "受托人须是参加本次表决的业主，名册里没有这个房号和姓名，请核对。"
            self.wrong.append(Refusal("proxy_not_on_roll", message, f"{field}proxy"))
        elif owner and self._who(proxy) == self._who(owner):
            message = "受托人就是业主本人，不用填受托人。"
            self.wrong.append(Refusal("proxy_is_owner", message, f"{field}proxy"))
        return proxy

    def _check_proxies(self, read: Sequence[NewBallot]) -> None:
        """Whoever casts for others does so for few, over all papers of the vote [D]."""
        rules = self.case.profile.voting
        assert rules is not None
        most = rules.proxies_at_most.value
        now = {(one.household_id, one.owner_id): one.proxy_id for one in read}
        before = {
            key: ballot.proxy_id for key, ballot in self._last.items() if ballot.choice is not None
        }
        of: dict[str, set[str]] = {}
        for (_, owner), proxy in {**before, **now}.items():
            if proxy:
                of.setdefault(self._who(proxy), set()).add(self._who(owner))
        over = for_too_many(of, most)
        message = f"一名受托人在本次表决中最多代{most}名业主投票，请核对委托书。"
        if most == 0:
            message = "本市的表决不能委托他人投票，请由业主本人签名。"
        for number, one in enumerate(read):
            if one.proxy_id and self._who(one.proxy_id) in over:
                self.wrong.append(Refusal("proxy_for_too_many", message, f"ballots.{number}.proxy"))

    def _who(self, owner: UUID | None) -> str:
        """The person behind an entry of the roster; the developer is one, of whatever flats."""
        return self._people.get(owner, str(owner)) if owner else ""

    def _flat(self, written: SignedOnPaper) -> UUID | None:
        place = tuple(map(normal_place, (written.building, written.unit, written.room)))
        return self._places.get(place)

    def _owner(self, flat: UUID, name: str) -> UUID | None:
        there = self._owned.get(flat, {})
        digests = self.case.ctx.cipher.digests("name", normal_name(name))
        return next((there[each] for each in digests if each in there), None)

    def _later(self, last: Ballot | None) -> datetime | None:
        """When the paper was received that counts already, if that was after this one."""
        scan = last.file_sha256 if last and last.choice else None
        counted = self._received[scan] if scan else self.received_at
        return counted if counted > self.received_at else None

    @cached_property
    def _received(self) -> Mapping[str, datetime]:
        """By scan when the papers were received that count already."""
        papers = select(PaperEntry.file_sha256, PaperEntry.received_at).where(
            PaperEntry.about_id == self.vote.id,
            PaperEntry.kind == PaperKind.BALLOTS,
            PaperEntry.confirmed.is_(True),
        )
        return dict(self.case.tx.execute(papers).all())

    @cached_property
    def _places(self) -> Mapping[tuple[str, ...], UUID]:
        rows = self.case.tx.execute(
            select(Building.name, Unit.name, Household.room, Household.id)
            .join(Unit, Unit.id == Household.unit_id)
            .join(Building, Building.id == Unit.building_id)
            .join(VoteProperty, VoteProperty.household_id == Household.id)
            .where(VoteProperty.vote_id == self.vote.id)
        )
        return {tuple(map(normal_place, names)): flat for *names, flat in rows}

    @cached_property
    def _owners(self) -> Sequence[Owner]:
        """The owners of now."""
        return self.case.tx.scalars(
            select(Owner)
            .join(VoteProperty, VoteProperty.household_id == Owner.household_id)
            .where(VoteProperty.vote_id == self.vote.id, Owner.ended_at.is_(None))
        ).all()

    @cached_property
    def _owned(self) -> Mapping[UUID, Mapping[bytes, UUID]]:
        """By flat its owners of now, each by the digest of the name."""
        owned: dict[UUID, dict[bytes, UUID]] = {}
        for owner in self._owners:
            owned.setdefault(owner.household_id, {})[owner.name_hash] = owner.id
        return owned

    @cached_property
    def _people(self) -> Mapping[UUID, str]:
        return people_of(self.case.ctx.cipher, self._owners)

    @cached_property
    def _bought(self) -> set[UUID]:
        return set(self.case.tx.scalars(_bought(self.vote)))

    @cached_property
    def _last(self) -> Last:
        return latest_of(self.case.tx, self.vote, list(self._places.values()))
