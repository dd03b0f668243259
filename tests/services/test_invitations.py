"""邀请: the code says which right, the number says who; nobody else gets it."""

from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused
from backend.domain.invitations import LASTS
from backend.domain.roles import Role
from backend.services.base import access
from backend.services.base.context import Actor
from backend.services.base.own_words import name_of
from backend.services.people import grants, invitations, lockouts
from backend.services.people.grants import Granted
from backend.services.people.invitations import Accepted, InvitationView
from backend.store.audit import AuditEntry
from backend.store.desk import Invitation
from backend.store.people import AccessGrant, Person
from tests.build.clock import ManualClock
from tests.build.looking import add_person, codes
from tests.build.village import Village
from tests.build.waiting import InBetween


@pytest.fixture(autouse=True)
def administrator(village: Village, real_time: ManualClock) -> Actor:
    return add_person(village, "administrator", "administrator")


def invites(
    village: Village, granted: Granted | None = None, by: str = "administrator"
) -> InvitationView:
    keeper = village.actor(by)
    wanted = granted or Granted(Role.REVIEWER)
    one = invitations.invite(village.ctx, keeper, "新同事", wanted)
    return invitations.read(village.ctx, keeper, one)


def scans(village: Village, code: str, name: str = "stranger") -> Accepted:
    return invitations.accept(village.ctx, village.actor(name), code)


def compares(village: Village, one: UUID, number: str, by: str = "administrator") -> bool:
    return invitations.confirm(village.ctx, village.actor(by), one, number)


def read(village: Village, one: UUID) -> InvitationView:
    return invitations.read(village.ctx, village.actor("administrator"), one)


def held(village: Village, name: str = "stranger") -> list[str]:
    mine = AccessGrant.person_id == village.actor(name).person_id
    with village.ctx.sessions() as tx:
        return list(tx.scalars(select(AccessGrant.role).where(mine)))


def links(village: Village, action: AuditAction) -> int:
    with village.ctx.sessions() as tx:
        counted = select(func.count()).where(AuditEntry.action == action)
        return tx.scalar(counted.select_from(AuditEntry)) or 0


def test_who_scans_gets_the_right_when_the_number_was_compared(village: Village) -> None:
    until = village.clock() + timedelta(days=30)
    one = invites(village, Granted(Role.REVIEWER, until=until))
    assert (one.name, one.role_name, one.scope_name) == ("新**", "中心复核", "全市")
    assert (one.state, one.valid_until, one.is_mine) == ("open", until, True)
    assert [(each.id, each.name) for each in waiting(village)] == [(one.id, "新**")]
    with pytest.raises(Refused, match="invitation_not_accepted"):
        compares(village, one.id, "0000")
    accepted = scans(village, one.code)
    assert scans(village, one.code) == accepted, "again it says the same"
    assert (accepted.role_name, accepted.scope_name) == ("中心复核", "全市")
    seen = read(village, one.id)
    assert (seen.state, seen.code, held(village)) == ("accepted", "", [])
    assert compares(village, one.id, f" {accepted.number} ")
    assert held(village) == ["reviewer"]
    settled = read(village, one.id)
    assert (settled.state, settled.name, settled.over) == ("granted", "", False)
    assert waiting(village) == []
    with village.ctx.sessions() as tx:
        person = tx.get_one(Person, village.actor("stranger").person_id)
        assert name_of(village.ctx.cipher, person) == "新同事"
    assert links(village, AuditAction.INVITATION_ACCEPT) == 1


def test_who_scans_again_while_the_number_is_compared_gets_the_right(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = invites(village)
    accepted = scans(village, one.code)
    compared = InBetween(village.ctx.sessions, lambda: compares(village, one.id, accepted.number))
    here = access.still_here

    def then_it_is_compared(tx: Session, actor: Actor) -> Person:
        person = here(tx, actor)
        compared.begin()
        return person

    monkeypatch.setattr(invitations, "still_here", then_it_is_compared)
    assert scans(village, one.code) == accepted
    assert compared.result()
    assert held(village) == ["reviewer"]


def waiting(village: Village, by: str = "administrator") -> list[InvitationView]:
    return list(invitations.waiting(village.ctx, village.actor(by)))


def test_a_relayed_code_gives_nothing_and_another_number_ends_it(village: Village) -> None:
    one = invites(village)
    theirs = scans(village, one.code)
    for name in ("owner0", "administrator"):
        with pytest.raises(Refused, match="invitation_invalid"):
            scans(village, one.code, name)
    assert links(village, AuditAction.INVITATION_REFUSE) == 2
    wrong = str((int(theirs.number) + 1) % 10_000).zfill(4)
    assert not compares(village, one.id, wrong)
    assert codes_of(invitations.wrong_number()) == ["invitation_number_wrong"]
    assert (read(village, one.id).state, held(village)) == ("refused", [])
    with pytest.raises(Refused, match="invitation_not_accepted"):
        compares(village, one.id, theirs.number)
    with pytest.raises(Refused, match="invitation_invalid"):
        scans(village, one.code)


def codes_of(refused: Refused) -> list[str]:
    return [each.code for each in refused.refusals]


def test_a_late_forged_or_withdrawn_code_is_none(village: Village, real_time: ManualClock) -> None:
    ctx, keeper = village.ctx, village.actor("administrator")
    one, scanned = invites(village), invites(village)
    number = scans(village, scanned.code).number
    forged = one.code[:-2] + ("AA" if one.code[-2:] != "AA" else "BB")
    gone = invites(village)
    for _ in range(2):
        invitations.withdraw(ctx, keeper, gone.id)
    assert links(village, AuditAction.INVITATION_WITHDRAW) == 1
    assert read(village, gone.id).state == "withdrawn"
    for code in (forged, gone.code, "x", "邀请", "A" * 48):
        with pytest.raises(Refused, match="invitation_invalid"):
            scans(village, code)
    real_time.advance(seconds=LASTS.total_seconds())
    with pytest.raises(Refused, match="invitation_invalid"):
        scans(village, one.code)
    with pytest.raises(Refused, match="invitation_not_accepted"):
        compares(village, scanned.id, number)
    assert waiting(village) == []
    seen = read(village, one.id)
    assert (seen.state, seen.over, seen.code, seen.name) == ("open", True, "", "新**")
    real_time.advance(seconds=1)
    invitations.forget_over(ctx)
    assert read(village, one.id).name == ""
    with ctx.sessions() as tx:
        assert set(tx.scalars(select(Invitation.name_sealed))) == {None}


def test_a_clerk_lets_in_companies_alone_and_sees_no_others(village: Village) -> None:
    add_person(village, "second clerk", "clerk")
    officers = invites(village)
    for role, scope, name in (
        (Role.PROPERTY_MANAGER, village.estate, "示例小区"),
        (Role.INSURER, village.insurer, "示例保险"),
    ):
        one = invites(village, Granted(role, scope), "clerk")
        assert one.scope_name == name
        assert scans(village, one.code).scope_name == name
        (seen,) = waiting(village, "second clerk")
        assert (seen.id, seen.scope_name, seen.is_mine) == (one.id, name, False)
        number = scans(village, one.code).number
        assert compares(village, one.id, number, "second clerk")
    assert held(village) == ["property_manager", "insurer"]
    clerk = village.actor("clerk")
    for act in (invitations.read, invitations.withdraw):
        with pytest.raises(Refused) as refused:
            act(village.ctx, clerk, officers.id)
        assert codes(refused) == ["role_required"]
    for granted, code in (
        (Granted(Role.REVIEWER), "role_required"),
        (Granted(Role.PROPERTY_MANAGER), "scope_mismatch"),
        (Granted(Role.INSURER, uuid4()), "not_found"),
        (Granted(Role.INSURER, village.insurer, village.clock()), "until_past"),
        (Granted(Role.OWNER), "role_not_granted"),
    ):
        with pytest.raises(Refused, match=code):
            invites(village, granted, "clerk")


def test_who_keeps_no_rights_reads_none_and_who_is_kept_out_gets_none(village: Village) -> None:
    one = invites(village)
    for name, code in (("auditor", "role_required"), ("manager", "not_found")):
        for act in (
            partial(waiting, village, name),
            partial(invitations.read, village.ctx, village.actor(name), one.id),
        ):
            with pytest.raises(Refused, match=code):
                act()
    with pytest.raises(Refused, match="not_found"):
        read(village, uuid4())
    number = scans(village, one.code).number
    lockouts.lock_out(village.ctx, None, village.actor("stranger").person_id, "手机丢失")
    with pytest.raises(Refused, match="locked_out"):
        compares(village, one.id, number)
    assert held(village) == []


def test_nobody_invites_themselves_through_another(village: Village) -> None:
    """Who was invited by one keeper is not given the right by themselves."""
    add_person(village, "another", "administrator")
    one = invites(village, Granted(Role.CASHIER))
    number = scans(village, one.code, "another").number
    with pytest.raises(Refused, match="grant_to_self"):
        compares(village, one.id, number, "another")
    assert compares(village, one.id, number)
    with pytest.raises(Refused, match="invitation_invalid"):
        scans(village, one.code, "another")
    assert grants.list_grants(village.ctx, None)[-1].role == Role.CASHIER
