"""A seat on the committee is bound by the centre, or by a phone and a name on a list that the
committee filed; nobody manages an estate and sits on its committee."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from backend.domain.errors import Refused
from backend.domain.local_time import local_date
from backend.domain.normal import normal_name
from backend.domain.roles import Role
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import keep_phone
from backend.services.people import grants, phones, roster, whoami
from backend.services.purchase import applications
from backend.services.workbooks import registry_sheets as sheets
from backend.services.workbooks.registry_import import import_registry
from backend.services.workbooks.registry_known import NOT_AS_FILED
from backend.services.workbooks.workbook import Column
from backend.store.people import OwnerVerification
from backend.store.registry import Committee, CommitteeMember, Estate
from tests.build.in_parts import verify_phone
from tests.build.looking import add_person, also, application, case, codes, letters, vote
from tests.build.no_platform import NoPlatform
from tests.build.village import Village, called
from tests.build.workbooks import PAPER, registry_file, registry_rows

PHONE = "13800000001"
NAME = called("陈样", 0)


class OnePhone(NoPlatform):
    """The platform, which vouches for one number."""

    def phone_number(self, _code: str) -> str:
        return PHONE


@pytest.fixture
def ctx(ctx: Context) -> Context:
    return replace(ctx, platform=OnePhone())


def free_seat(village: Village, filed: bool = True, left_on: date | None = None) -> UUID:
    """The first seat is nobody's yet; its member's phone is on the list."""
    with village.ctx.sessions() as tx:
        member = tx.scalars(select(CommitteeMember).order_by(CommitteeMember.id)).first()
        assert member
        member.person_id, member.filed, member.left_on = None, filed, left_on
        keep_phone(village.ctx.cipher, member, PHONE)
        tx.commit()
        return member.id


def holder(village: Village, member_id: UUID) -> UUID | None:
    with village.ctx.sessions() as tx:
        return tx.get_one(CommitteeMember, member_id).person_id


def phone_then_name(ctx: Context, actor: Actor, name: str) -> None:
    verify_phone(ctx, actor, "code")
    roster.open_member_verification(ctx, actor, "E1", name)


def name_then_phone(ctx: Context, actor: Actor, name: str) -> None:
    roster.open_member_verification(ctx, actor, "E1", name)
    verify_phone(ctx, actor, "code")


BOTH_WAYS = pytest.mark.parametrize("proves", [phone_then_name, name_then_phone])
Proves = Callable[[Context, Actor, str], None]


@BOTH_WAYS
def test_phone_and_typed_name_on_a_filed_list_bind_the_seat(
    village: Village, ctx: Context, proves: Proves
) -> None:
    seat, who = free_seat(village), village.actor("stranger")
    proves(ctx, who, NAME)
    assert holder(village, seat) == who.person_id
    assert [each.position for each in whoami.who_am_i(ctx, who).seats] == ["委员"]
    with ctx.sessions() as tx:
        assert tx.scalars(select(OwnerVerification.state)).all() == ["verified"]


@BOTH_WAYS
def test_a_list_that_only_the_company_brought_binds_nobody(
    village: Village, ctx: Context, proves: Proves
) -> None:
    seat, who = free_seat(village, filed=False), village.actor("stranger")
    proves(ctx, who, NAME)
    assert holder(village, seat) is None
    with ctx.sessions() as tx:
        assert tx.scalars(select(OwnerVerification.state)).all() == ["open"]


@BOTH_WAYS
def test_the_phone_with_another_name_binds_no_seat(
    village: Village, ctx: Context, proves: Proves
) -> None:
    seat = free_seat(village)
    proves(ctx, village.actor("stranger"), called("陈样", 1))
    assert holder(village, seat) is None


def test_the_phone_alone_binds_no_seat(village: Village, ctx: Context) -> None:
    seat = free_seat(village)
    kept = verify_phone(ctx, village.actor("stranger"), "code")
    assert (kept.seats, kept.message) == ([], phones.NOT_ON_ROSTER)
    assert holder(village, seat) is None


def test_the_name_alone_waits_for_the_centre(village: Village, ctx: Context) -> None:
    seat = free_seat(village)
    roster.open_member_verification(ctx, village.actor("stranger"), "E1", NAME)
    assert holder(village, seat) is None


@pytest.mark.parametrize(("days", "sits"), [(0, False), (1, True)])
def test_who_has_left_by_that_day_is_not_bound(
    village: Village, ctx: Context, days: int, sits: bool
) -> None:
    """`left_on` is the first day without: the rule of every other place."""
    seat = free_seat(village, left_on=local_date(village.clock()) + timedelta(days=days))
    phone_then_name(ctx, village.actor("stranger"), NAME)
    assert (holder(village, seat) is not None) is sits


# --- the workbook ---


def brought(ctx: Context, phone: str | None, filed: bool) -> bool:
    """Whether the first member counts as filed after this workbook, which has nothing wrong."""
    rows = registry_rows()
    rows["业委会"][0][4] = phone
    report = import_registry(ctx, registry_file(rows), False, filed, mandate_paper=PAPER)
    assert not report.problems, report.lines()
    with ctx.sessions() as tx:
        digest = ctx.cipher.digest("name", normal_name(rows["业委会"][0][2]))
        member = select(CommitteeMember.filed).where(CommitteeMember.name_hash == digest)
        return tx.scalars(member).one()


def test_a_seat_is_filed_when_the_centre_says_so_and_stays_so(ctx: Context) -> None:
    assert not brought(ctx, PHONE, filed=False)
    assert brought(ctx, PHONE, filed=True)
    assert brought(ctx, PHONE, filed=False)
    assert brought(ctx, None, filed=False)
    assert brought(ctx, "13800000009", filed=True)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (sheets.MEMBER_PHONE, "13800000009"),
        (sheets.LEFT_ON, date(2025, 2, 1)),
        (sheets.RECUSED, "是"),
    ],
    ids=lambda given: getattr(given, "heading", ""),
)
def test_what_the_committee_filed_of_a_member_no_other_list_changes(
    ctx: Context, column: Column[object], value: object
) -> None:
    """Neither who sits nor who may decide follows from the property company's list."""
    rows = registry_rows()
    rows["业委会"][0][4] = PHONE
    assert not import_registry(ctx, registry_file(rows), False, True, mandate_paper=PAPER).problems
    rows["业委会"][0][sheets.COMMITTEE.columns.index(column)] = value
    (problem,) = import_registry(
        ctx, registry_file(rows), False, False, mandate_paper=PAPER
    ).problems
    assert (problem.sheet, problem.heading) == ("业委会", column.heading)
    assert problem.message == NOT_AS_FILED
    assert not import_registry(ctx, registry_file(rows), False, True, mandate_paper=PAPER).problems


# --- manager and member ---


def verified_as_member(village: Village, ctx: Context, name: str) -> None:
    actor = village.actor(name)
    verification = roster.open_member_verification(ctx, actor, "E1", NAME)
    roster.close_verification(ctx, village.actor("clerk"), verification, True, "当面核对")


def test_a_seat_that_ended_while_the_centre_looked_is_bound_to_nobody(
    village: Village, ctx: Context
) -> None:
    seat = free_seat(village, filed=False)
    verification = roster.open_member_verification(ctx, village.actor("stranger"), "E1", NAME)
    with ctx.sessions() as tx:
        tx.get_one(CommitteeMember, seat).left_on = local_date(village.clock())
        tx.commit()
    (waiting,) = roster.open_verifications(ctx, village.actor("clerk"))
    assert not waiting.on_roster
    with pytest.raises(Refused) as refused:
        roster.close_verification(ctx, village.actor("clerk"), verification, True, "当面核对")
    assert codes(refused) == ["name_not_on_roster"]
    assert holder(village, seat) is None


def test_a_committee_whose_term_is_over_gets_no_member_any_more(
    village: Village, ctx: Context
) -> None:
    seat = free_seat(village, filed=False)
    verification = roster.open_member_verification(ctx, village.actor("stranger"), "E1", NAME)
    with ctx.sessions() as tx:
        tx.execute(update(Committee).values(term_until=local_date(village.clock())))
        tx.commit()
    with pytest.raises(Refused) as refused:
        roster.close_verification(ctx, village.actor("clerk"), verification, True, "当面核对")
    assert codes(refused) == ["name_not_on_roster"]
    assert holder(village, seat) is None


def test_a_manager_of_the_estate_gets_no_seat(village: Village, ctx: Context) -> None:
    seat = free_seat(village, filed=False)
    with pytest.raises(Refused) as refused:
        verified_as_member(village, ctx, "manager")
    assert codes(refused) == ["manager_and_member"]
    assert holder(village, seat) is None


@BOTH_WAYS
def test_nor_by_a_phone_and_a_name(village: Village, ctx: Context, proves: Proves) -> None:
    seat = free_seat(village)
    proves(ctx, village.actor("manager"), NAME)
    assert holder(village, seat) is None


def test_a_member_is_not_let_in_as_manager_of_the_estate(village: Village, ctx: Context) -> None:
    member, clerk = village.actor("member0"), village.actor("clerk")
    with pytest.raises(Refused) as refused:
        grants.grant(ctx, clerk, member.person_id, Role.PROPERTY_MANAGER, village.estate)
    assert codes(refused) == ["manager_and_member"]


def test_who_has_left_the_committee_may_become_manager(village: Village, ctx: Context) -> None:
    member = village.actor("member0")
    with ctx.sessions() as tx:
        seats = select(CommitteeMember).where(CommitteeMember.person_id == member.person_id)
        tx.scalars(seats).one().left_on = local_date(village.clock())
        tx.commit()
    clerk = village.actor("clerk")
    grants.grant(ctx, clerk, member.person_id, Role.PROPERTY_MANAGER, village.estate)
    assert [right.role for right in whoami.who_am_i(ctx, member).grants] == ["property_manager"]


def both_afterwards(village: Village, name: str = "member0") -> None:
    """A later list prolongs the seat of somebody who had left it and manages the estate since."""
    also(village, name, "property_manager", village.estate)


def test_a_seat_that_became_a_managers_does_not_vote(village: Village) -> None:
    purchase = village.planned()
    vote(village, purchase, "member0", "approve")
    both_afterwards(village)
    with pytest.raises(Refused) as refused:
        vote(village, purchase, "member0", "refuse")
    assert codes(refused) == ["recused"]
    assert vote(village, purchase, "member1", "approve").approvals == 1
    assert case(village, purchase).state == "planned"
    vote(village, purchase, "member2", "approve")
    assert case(village, purchase).state == "approved"


def test_nor_is_it_invited_nor_does_it_apply_for_the_committee(village: Village) -> None:
    both_afterwards(village)
    with pytest.raises(Refused) as refused:
        applications.draft(
            village.ctx, village.actor("member0"), application(village, applicant="committee")
        )
    assert codes(refused) == ["recused"]
    told = letters(village, village.planned())
    invited = {name for name, template, _ in told if template == "approval_invitation"}
    assert invited == {"member1", "member2"}


def test_a_manager_of_another_estate_may_sit(village: Village, ctx: Context) -> None:
    who = add_person(village, "elsewhere")
    seat = free_seat(village, filed=False)
    with ctx.sessions() as tx:
        other = Estate(code="E2", name="另一小区", address="示例路2号", district="示例区")
        tx.add(other)
        tx.commit()
    clerk = village.actor("clerk")
    grants.grant(ctx, clerk, who.person_id, Role.PROPERTY_MANAGER, other.id)
    verified_as_member(village, ctx, "elsewhere")
    assert holder(village, seat) == who.person_id
